//! `sched check`: the likely mistakes in a schedule for a run of a given length.

mod diagnosis;
mod finding;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;

use self::diagnosis::Diagnosis;
use self::finding::Finding;
use crate::input::{PlanArgs, Source};
use crate::output::print;

/// Check a schedule for likely mistakes, given the length of the run.
///
/// Each finding names the step, the rates and a fix. The exit code is 1 if there are any.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The schedule file; `-` is stdin.
    file: PathBuf,
    /// The number of optimizer updates in the run [default: from the plan].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    steps: Option<u64>,
    /// Report rates above this.
    #[arg(long, value_name = "LR", default_value_t = 1.0)]
    peak: f64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    plan: PlanArgs,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let source = Source::read(&args.file, &args.plan)?;
    let end = match args.steps {
        Some(steps) => steps,
        None => source.plan.run_steps().map_err(|_| {
            anyhow!(
                "{}: the length of the run is unknown; give `--steps`, or a plan with `total_steps`, or with `epochs` and `steps_per_epoch`",
                source.name
            )
        })?,
    };
    let mut findings = Vec::new();
    for (index, group) in source.groups.iter().enumerate() {
        let diagnosis = Diagnosis::new(&group.lr, end, source.plan, args.peak);
        let patience = group.feedback.as_ref().and_then(|feedback| diagnosis.patience_too_long(feedback));
        findings.extend(
            diagnosis.findings().into_iter().chain(patience).map(|finding| Finding { group: index, ..finding }),
        );
    }
    if args.json {
        print(&serde_json::to_string_pretty(&findings)?)?;
    } else {
        let several = source.groups.len() > 1;
        for Finding { kind, group, step, message, fix } in &findings {
            let group = if several { format!("group {group}: ") } else { String::new() };
            print(&format!("{}: {group}{} at step {step}: {message}\n  fix: {fix}", source.name, kind.name()))?;
        }
    }
    Ok(match findings.len() {
        0 => {
            eprintln!("sched: {}: no problems found for a run of {end} steps", source.name);
            ExitCode::SUCCESS
        }
        _ => ExitCode::from(1),
    })
}
