//! `sched check`: the likely mistakes in a schedule for a run of a given length.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use sched_check::{Edit, Finding, Instead, Kind, Options, Quantity, Severity, check};
use serde::Serialize;

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
    #[arg(long, value_name = "KIND", value_parser = kinds(), value_delimiter = ',', hide_possible_values = true)]
    allow: Vec<Kind>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    plan: PlanArgs,
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    let value = |kind: &Kind| PossibleValue::new(kind.name()).help(kind.about().trim_end_matches('.'));
    let parser = PossibleValuesParser::new(Kind::ALL.iter().map(value));
    parser.try_map(|name| Kind::ALL.iter().find(|kind| kind.name() == name).copied().ok_or("unknown"))
}

/// A finding in JSON.
#[derive(Serialize)]
struct Entry<'a> {
    file: &'a str,
    kind: Kind,
    severity: Severity,
    quantity: Quantity,
    group: usize,
    step: u64,
    message: String,
    fix: String,
    edits: &'a [Edit],
    /// What to pass if nothing in the file is to change.
    options: Option<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    args.watch.run(&args.files, &args.plan, || once(args))
}

fn once(args: &Args) -> anyhow::Result<ExitCode> {
    let sources = args.files.iter().map(|file| Source::read(file, &args.plan)).collect::<anyhow::Result<Vec<_>>>()?;
    let options = Options { peak: args.peak, allow: args.allow.clone() };
    let mut reports = Vec::new();
    for source in &sources {
        let end = source.plan.run_steps().map_err(|_| {
            anyhow!(
                "{}: the length of the run is unknown; give `--steps`, or a plan with `total_steps`, or with `epochs` and `steps_per_epoch`",
                source.name
            )
        })?;
        reports.push((source, end, check(&source.value, &source.given, &options)?));
    }
    if args.json {
        let entries =
            reports.iter().flat_map(|(source, _, findings)| findings.iter().map(|finding| entry(source, finding)));
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

fn is_fine(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity == Severity::Note)
}

/// What looks wrong with a file, as text.
pub(super) fn report(source: &Source) -> anyhow::Result<String> {
    let findings = check(&source.value, &source.given, &Options::default())?;
    let fine = match source.plan.run_steps() {
        _ if !is_fine(&findings) => String::new(),
        Ok(end) => no_problems(source, end),
        Err(_) => format!("{}: no problems found; with `--steps`, its length is checked too", source.name),
    };
    Ok(format!("{}\n{fine}", lines(source, &findings)).trim().to_owned())
}

fn no_problems(source: &Source, end: u64) -> String {
    format!("{}: no problems found for a run of {end} steps", source.name)
}

fn lines(source: &Source, findings: &[Finding]) -> String {
    let (name, several) = (&source.name, source.groups.len() > 1);
    let line = |finding: &Finding| {
        let Finding { kind, severity, quantity, group, step, .. } = finding;
        let note = if *severity == Severity::Note { "note: " } else { "" };
        let group = if several { format!("group {group}: ") } else { String::new() };
        let quantity = if *quantity == Quantity::Lr { String::new() } else { format!("{}: ", quantity.name()) };
        let (message, (fix, _)) = (message(finding), fix(finding));
        format!("{name}: {note}{group}{quantity}{kind} at step {step}: {message}\n  fix: {fix}")
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn entry<'a>(source: &'a Source, finding: &'a Finding) -> Entry<'a> {
    let Finding { kind, severity, quantity, group, step, .. } = *finding;
    let (message, (fix, options)) = (message(finding), fix(finding));
    Entry {
        file: &source.name,
        kind,
        severity,
        quantity,
        group,
        step,
        message,
        fix,
        edits: &finding.fix.edits,
        options,
    }
}

fn message(finding: &Finding) -> String {
    let give = if finding.needs_steps_per_epoch { " (give `--steps-per-epoch`)" } else { "" };
    format!("{}{give}", finding.message)
}

/// What to do about a finding, and what to pass if nothing in the file is to change.
fn fix(finding: &Finding) -> (String, Option<String>) {
    let instead = finding.fix.instead.map(|instead| match instead {
        Instead::Run(steps) => format!("--steps {steps}"),
        Instead::Peak(peak) => format!("--peak {peak}"),
    });
    match (finding.fix.edits.is_empty(), instead) {
        (true, Some(options)) => (format!("pass `{options}`, if that is what is meant"), Some(options)),
        (true, None) => {
            let intended = format!("--allow {}", finding.kind.name());
            (format!("no number of the file mends it alone; if it is intended, pass `{intended}`"), Some(intended))
        }
        (false, Some(options)) => (format!("{}; or pass `{options}`", finding.fix), None),
        (false, None) => (finding.fix.to_string(), None),
    }
}
