//! `sched check`: the likely mistakes in a schedule for a run of a given length.

mod diagnosis;
mod finding;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;

use self::diagnosis::Diagnosis;
use self::finding::Finding;
use crate::input::{PlanArgs, Source, rate};
use crate::output::print;

/// The highest rate that needs no second look.
pub(super) const DEFAULT_PEAK: f64 = 1.0;

/// Check a schedule for likely mistakes, given the length of the run.
///
/// Each finding names the step, the rates and a fix. The exit code is 1 if there are any.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The schedule file; `-` is stdin.
    file: PathBuf,
    /// Report rates above this.
    #[arg(long, value_name = "LR", default_value_t = DEFAULT_PEAK, value_parser = rate, allow_negative_numbers = true)]
    peak: f64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    plan: PlanArgs,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let source = Source::read(&args.file, &args.plan)?;
    let end = source.plan.run_steps().map_err(|_| {
        anyhow!(
            "{}: the length of the run is unknown; give `--steps`, or a plan with `total_steps`, or with `epochs` and `steps_per_epoch`",
            source.name
        )
    })?;
    let findings = diagnose(&source, end, args.peak)?;
    if args.json {
        print(&serde_json::to_string_pretty(&findings)?)?;
    } else if !findings.is_empty() {
        print(&report(&source, end, &findings))?;
    }
    Ok(match findings.len() {
        0 => {
            eprintln!("sched: {}", report(&source, end, &findings));
            ExitCode::SUCCESS
        }
        _ => ExitCode::from(1),
    })
}

/// What looks wrong in a run of this length.
pub(super) fn diagnose(source: &Source, end: u64, peak: f64) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (index, group) in source.groups.iter().enumerate() {
        let diagnosis = Diagnosis::new(&group.lr, end, source.plan, peak);
        let patience = group.feedback.as_ref().and_then(|feedback| diagnosis.patience_too_long(feedback));
        findings.extend(
            diagnosis.findings().into_iter().chain(patience).map(|finding| Finding { group: index, ..finding }),
        );
    }
    Ok(findings)
}

/// The findings as text.
pub(super) fn report(source: &Source, end: u64, findings: &[Finding]) -> String {
    let name = &source.name;
    if findings.is_empty() {
        return format!("{name}: no problems found for a run of {end} steps");
    }
    let several = source.groups.len() > 1;
    let line = |Finding { kind, group, step, message, fix }: &Finding| {
        let group = if several { format!("group {group}: ") } else { String::new() };
        format!("{name}: {group}{} at step {step}: {message}\n  fix: {fix}", kind.name())
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}
