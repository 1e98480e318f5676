//! `sched watch`: a training as it runs.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use anyhow::bail;
use sched_plot::RunPlot;

use crate::input::{PlanArgs, RunLog, Source};
use crate::output::{message, print};

/// Watch a training: its learning rates and losses, from the logs in its folder.
///
/// FOLDER holds the .jsonl or .csv files that sched-burn's `ScalarLogger` writes. With a schedule file, the planned rate is
/// dotted ahead of the measured one.
///
/// On a terminal, draws again every second until interrupted; elsewhere, draws once.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  sched watch run\n  sched watch run cosine.json --steps 9000\n  sched watch run/log.jsonl"
)]
pub(crate) struct Args {
    /// The folder of the training, or one of its logs.
    folder: PathBuf,
    /// The schedule that the training follows.
    schedule: Option<PathBuf>,
    #[command(flatten)]
    plan: PlanArgs,
}

/// How often the logs are read: they may be long, and a training writes many times a second.
const EVERY: Duration = Duration::from_secs(1);

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let planned = args.schedule.as_deref().map(|file| Source::read(file, &args.plan)).transpose()?;
    if !io::stdout().is_terminal() {
        return print(&picture(args, planned.as_ref())?);
    }
    loop {
        // The first lines of a training may not be there yet.
        let picture = picture(args, planned.as_ref()).unwrap_or_else(|error| format!("sched: {}", message(&error)));
        // Clears the screen.
        print(&format!("\x1b[2J\x1b[H{picture}"))?;
        io::stdout().flush()?;
        sleep(EVERY);
    }
}

fn picture(args: &Args, planned: Option<&Source>) -> anyhow::Result<String> {
    let log = RunLog::read(&RunLog::files(&args.folder)?, args.plan.limit())?;
    let end = match planned {
        Some(source) => source.length().steps,
        None => args.plan.run()?.run_steps().unwrap_or(0),
    };
    let plot = |title: &str, shows: fn(&str) -> bool| {
        let lines = log.lines.iter().filter(|(name, _)| shows(name));
        lines.fold(None, |plot: Option<RunPlot>, (name, points)| {
            let plot = plot.unwrap_or_else(|| RunPlot::new(title, end));
            Some(plot.line(name, points.iter().map(|(step, value)| (*step, *value))))
        })
    };
    let groups = planned.map_or(&[][..], |source| &source.groups);
    let rates = plot("learning rate", |name| name == "lr" || name.starts_with("lr/"))
        .map(|plot| groups.iter().fold(plot, |plot, group| plot.planned(group.lr.clone())));
    let losses = plot("loss", |name| name.to_lowercase().contains("loss"));
    let pictures: Vec<String> = [rates, losses].into_iter().flatten().map(|plot| plot.terminal()).collect();
    if pictures.is_empty() {
        let names: Vec<&str> = log.lines.keys().map(String::as_str).collect();
        bail!(
            "the logs have no `lr`, no `lr/GROUP` and no loss yet; they have {}",
            if names.is_empty() { "no values".to_owned() } else { names.join(", ") }
        );
    }
    Ok(pictures.join("\n"))
}
