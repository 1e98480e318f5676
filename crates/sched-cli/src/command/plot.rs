//! `sched plot`: a picture of schedules.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sched_plot::SchedulePlot;

use crate::input::{Length, PlanArgs, Source};
use crate::output::{in_a_folder, print, save, whole};
use crate::watch::WatchArgs;

/// Draw schedules, several in one picture.
///
/// Without -o, draws in the terminal and lists the rates on both sides of each seam; in colour if stdout is a terminal and
/// NO_COLOR is not set. Rules that follow a metric are not drawn.
///
/// The picture is as long as the run; if nothing tells that, as long as it takes to see each schedule whole.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  sched plot cosine.json\n  sched plot cosine.json cycle.json --steps 9000 --log\n  sched plot cycle.json -o cycle.svg"
)]
pub(crate) struct Args {
    /// Schedule files; `-` is stdin.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Use a logarithmic axis for the learning rate; rates of 0 are left out.
    #[arg(long)]
    log: bool,
    /// Write to a .svg, .png or .html file; the page shows step and rate under the pointer.
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    plan: PlanArgs,
}

/// The length of the picture if no schedule ever changes.
const DEFAULT_STEPS: u64 = 1_000;

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    args.watch.run(&args.files, &args.plan, || once(args))
}

fn once(args: &Args) -> anyhow::Result<()> {
    let sources = args.files.iter().map(|file| Source::read(file, &args.plan)).collect::<anyhow::Result<Vec<_>>>()?;
    let plot = plot(&sources, steps(&sources)?);
    let plot = if args.log { plot.log() } else { plot };
    match &args.output {
        None => print(&plot.terminal()),
        Some(path) => draw(&plot, path).with_context(|| path.display().to_string()),
    }
}

/// The picture of all schedules over these steps.
pub(super) fn plot(sources: &[Source], steps: u64) -> SchedulePlot {
    sources.iter().fold(SchedulePlot::new(steps), add)
}

/// As many steps as the longest run has.
pub(super) fn steps(sources: &[Source]) -> anyhow::Result<u64> {
    let lengths = sources.iter().map(|source| (source.length(), source));
    let Some((longest, source)) = lengths.max_by_key(|(length, _)| length.steps) else { return Ok(DEFAULT_STEPS) };
    match longest {
        Length { steps: 1, told_by_run: true } => {
            bail!("{}: the run has 1 step, but a picture needs at least 2", source.name)
        }
        Length { steps, told_by_run: true } => Ok(steps),
        Length { steps, .. } => {
            let steps = if steps == 1 { DEFAULT_STEPS } else { steps };
            source.note_length(steps);
            Ok(steps)
        }
    }
}

/// Adds a line for each parameter group, or a single one if all groups are alike.
fn add(plot: SchedulePlot, source: &Source) -> SchedulePlot {
    let alike = source.groups.windows(2).all(|pair| pair[0].lr == pair[1].lr);
    let lines = source.groups.iter().enumerate().take(if alike { 1 } else { usize::MAX });
    lines.fold(plot, |plot, (i, group)| {
        let name = if alike { source.name.clone() } else { format!("{} group {i}", source.name) };
        plot.line(name, group.lr.clone())
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
