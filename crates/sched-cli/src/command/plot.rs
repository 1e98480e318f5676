//! `sched plot`: a picture of schedules.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sched_plot::SchedulePlot;

use crate::input::{PlanArgs, Source};
use crate::output::{in_a_folder, print, save, whole};

/// Draw schedules, several in one picture.
///
/// Without -o, draws in the terminal and lists the rates on both sides of each seam; in colour if stdout is a terminal and
/// NO_COLOR is not set. Rules that follow a metric are not drawn.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Schedule files; `-` is stdin.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Number of steps to draw [default: the length of the run, or 1000 if unknown].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..))]
    steps: Option<u64>,
    /// Use a logarithmic axis for the learning rate; rates of 0 are left out.
    #[arg(long)]
    log: bool,
    /// Write to a .svg, .png or .html file; the page shows step and rate under the pointer.
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    plan: PlanArgs,
}

/// The length of the picture if neither a schedule nor a plan has one.
const DEFAULT_STEPS: u64 = 1_000;

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let sources = args.files.iter().map(|file| Source::read(file, &args.plan)).collect::<anyhow::Result<Vec<_>>>()?;
    let steps = args.steps.or_else(|| sources.iter().filter_map(Source::run_steps).max());
    // A constant ends at once, but a picture of one step shows nothing.
    let steps = steps.filter(|&steps| steps > 1).unwrap_or(DEFAULT_STEPS);
    let plot = sources.into_iter().fold(SchedulePlot::new(steps), add);
    let plot = if args.log { plot.log() } else { plot };
    match &args.output {
        None => print(&plot.terminal()),
        Some(path) => draw(&plot, path).with_context(|| path.display().to_string()),
    }
}

/// Adds a line for each parameter group, or a single one if all groups are alike.
fn add(plot: SchedulePlot, source: Source) -> SchedulePlot {
    let alike = source.groups.windows(2).all(|pair| pair[0].lr == pair[1].lr);
    let lines = source.groups.into_iter().enumerate().take(if alike { 1 } else { usize::MAX });
    lines.fold(plot, |plot, (i, group)| {
        let name = if alike { source.name.clone() } else { format!("{} group {i}", source.name) };
        plot.line(name, group.lr)
    })
}

fn draw(plot: &SchedulePlot, path: &Path) -> anyhow::Result<()> {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    match extension.as_deref() {
        Some("svg") => save(path, plot.svg()?.as_bytes()),
        Some("png") => {
            in_a_folder(path)?;
            plot.save_png(path).map_err(whole)
        }
        Some("html") => save(path, plot.html()?.as_bytes()),
        _ => bail!("`--output` must end with .svg, .png or .html"),
    }
}
