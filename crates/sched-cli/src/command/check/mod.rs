//! `sched check`: the likely mistakes in a schedule for a run of a given length.

mod change;
mod course;
mod feedback;
mod finding;
mod fix;
mod leaves;
mod length;
mod level;
mod mend;
mod optimizer;
mod other;
mod pieces;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;

use self::course::Course;
pub(super) use self::finding::Finding;
use self::finding::{Kind, Quantity, Severity};
use self::mend::Mender;
use self::optimizer::Usual;
use crate::input::{PlanArgs, Source, rate};
use crate::output::print;
use crate::watch::WatchArgs;

/// Check schedules for likely mistakes, given the length of the run.
///
/// Each finding names the step, the rates and a fix. Fixes have been tried: with one, the next check of the file is quiet about
/// it. The exit code is 1 if there are any findings but notes.
///
/// A momentum and a weight decay that the schedule drives are checked too. If the file names the optimizer, rates that are
/// unusual for it are reported.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  sched check cosine.json\n  sched check cosine.json cycle.json --plan plan.json --allow zero-start\n  sched check cycle.json --steps 1000 --accumulation 4 --json"
)]
pub(crate) struct Args {
    /// Schedule files; `-` is stdin.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Report rates above this [default: what is usual for the optimizer, or else 1].
    #[arg(long, value_name = "LR", value_parser = rate, allow_negative_numbers = true)]
    peak: Option<f64>,
    /// Do not report findings of this kind, because it is intended.
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',', hide_possible_values = true)]
    allow: Vec<Kind>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    plan: PlanArgs,
}

/// What not to report.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Allowed<'a> {
    peak: Option<f64>,
    kinds: &'a [Kind],
}

impl Allowed<'_> {
    /// What only the length of the run can tell.
    pub(super) const LENGTHS: Self = Self {
        peak: None,
        kinds: &[
            Kind::ScheduleTooShort,
            Kind::ScheduleTooLong,
            Kind::WarmupTooLong,
            Kind::NearlyZero,
            Kind::TooManyCycles,
            Kind::CycleCut,
            Kind::PatienceTooLong,
        ],
    };
}

/// Runs up to this length are looked at step by step.
const ALL_STEPS: u64 = 1_000_000;
/// In longer ones and while fixes are tried, fewer steps are enough.
const FEW_STEPS: u64 = 4_096;

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    args.watch.run(&args.files, &args.plan, || once(args))
}

fn once(args: &Args) -> anyhow::Result<ExitCode> {
    let sources = args.files.iter().map(|file| Source::read(file, &args.plan)).collect::<anyhow::Result<Vec<_>>>()?;
    let allowed = Allowed { peak: args.peak, kinds: &args.allow };
    let mut reports = Vec::new();
    for source in &sources {
        let end = source.plan.run_steps().map_err(|_| {
            anyhow!(
                "{}: the length of the run is unknown; give `--steps`, or a plan with `total_steps`, or with `epochs` and `steps_per_epoch`",
                source.name
            )
        })?;
        reports.push((source, end, diagnose(source, end, allowed)));
    }
    if args.json {
        #[derive(serde::Serialize)]
        struct Entry<'a> {
            file: &'a str,
            #[serde(flatten)]
            finding: &'a Finding,
        }
        let entries = reports
            .iter()
            .flat_map(|(source, _, findings)| findings.iter().map(|finding| Entry { file: &source.name, finding }));
        print(&serde_json::to_string_pretty(&entries.collect::<Vec<_>>())?)?;
    }
    for (source, end, findings) in &reports {
        if !args.json && !findings.is_empty() {
            print(&lines(source, findings))?;
        }
        if is_fine(findings) {
            eprintln!("sched: {}", no_problems(source, *end));
        }
    }
    let fine = reports.iter().all(|(_, _, findings)| is_fine(findings));
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What looks wrong in a run of this length, with fixes.
pub(super) fn diagnose(source: &Source, end: u64, allowed: Allowed<'_>) -> Vec<Finding> {
    let mut findings = find(source, end, allowed, if end > ALL_STEPS { FEW_STEPS } else { ALL_STEPS });
    // A fix changes the file, not how long the run is.
    let mender = Mender::new(source, |variant: &Source| {
        let end = if source.plan.run_steps().is_ok() { variant.plan.run_steps().unwrap_or(end) } else { end };
        find(variant, end, allowed, FEW_STEPS)
    });
    let fixes: Vec<_> = findings.iter().map(|finding| mender.fix(finding, &findings)).collect();
    findings.iter_mut().zip(fixes).for_each(|(finding, fix)| finding.fix = fix);
    // A jump that no number of the file mends is a library's own.
    findings.retain(|finding| finding.kind != Kind::Jump || !source.is_of_library() || finding.fix.is_in_file());
    findings
}

fn find(source: &Source, end: u64, allowed: Allowed<'_>, looks: u64) -> Vec<Finding> {
    let usual = Usual::of(&source.value, allowed.peak);
    let mut findings = Vec::new();
    for (index, group) in source.groups.iter().enumerate() {
        let course = Course::new(&group.lr, end, source.plan, looks);
        let mut found = length::findings(&course);
        let levels = level::findings(&course, &usual);
        if levels.iter().any(|finding| finding.kind == Kind::FloorAboveRate) {
            // What goes up is no warmup then.
            found.retain(|finding| finding.kind != Kind::WarmupTooLong);
        }
        found.extend(levels);
        found.extend(group.feedback.as_ref().and_then(|feedback| feedback::finding(&course, feedback)));
        for (schedule, quantity) in
            [(&group.momentum, Quantity::Momentum), (&group.weight_decay, Quantity::WeightDecay)]
        {
            if let Some(schedule) = schedule {
                found.extend(other::findings(&Course::new(schedule, end, source.plan, looks), quantity, &group.lr));
            }
        }
        findings.extend(found.into_iter().map(|finding| Finding { group: index, ..finding }));
    }
    findings.retain(|finding| !allowed.kinds.contains(&finding.kind));
    findings
}

fn is_fine(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity == Severity::Note)
}

/// The findings as text, for a run of this length, if that is known.
pub(super) fn report(source: &Source, end: Option<u64>, findings: &[Finding]) -> String {
    let fine = match end {
        _ if !is_fine(findings) => String::new(),
        Some(end) => no_problems(source, end),
        None => format!("{}: no problems found; with `--steps`, its length is checked too", source.name),
    };
    format!("{}\n{fine}", lines(source, findings)).trim().to_owned()
}

fn no_problems(source: &Source, end: u64) -> String {
    format!("{}: no problems found for a run of {end} steps", source.name)
}

fn lines(source: &Source, findings: &[Finding]) -> String {
    let (name, several) = (&source.name, source.groups.len() > 1);
    let line = |finding: &Finding| {
        let Finding { kind, severity, quantity, group, step, message, fix, .. } = finding;
        let note = if *severity == Severity::Note { "note: " } else { "" };
        let group = if several { format!("group {group}: ") } else { String::new() };
        let quantity = if *quantity == Quantity::Lr { String::new() } else { format!("{}: ", quantity.name()) };
        format!("{name}: {note}{group}{quantity}{} at step {step}: {message}\n  fix: {}", kind.words(), fix.text)
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}
