//! `sched plot`: a picture of schedules.

mod html;
mod image;
mod terminal;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sched_core::Schedule;
use sched_plot::FARTHEST;

use crate::plan_args::PlanArgs;
use crate::source::Source;

/// Draw schedules, several in one picture.
///
/// Without -o in the terminal, with the rates at the seams below; colours unless NO_COLOR is set or stdout is no terminal.
/// A rule that follows a metric is not in the picture.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The schedule files; `-` is stdin.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// How many steps to draw; by default the whole run, or 1000 where nothing says how long that is.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..))]
    steps: Option<u64>,
    /// A logarithmic axis for the rate; rates of 0 are left out.
    #[arg(long)]
    log: bool,
    /// Where to draw: .svg, .png or .html, which reads off step and rate under the pointer.
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    plan: PlanArgs,
}

/// What is drawn.
struct Picture {
    lines: Vec<Line>,
    /// The run is drawn up to but not including this step.
    end: u64,
    log: bool,
}

/// A schedule and its name in the legend.
struct Line {
    name: String,
    lr: Schedule,
}

/// Where neither the schedule nor a plan says how long the run is.
const SOME_STEPS: u64 = 1_000;

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let sources = args.files.iter().map(|file| Source::read(file, &args.plan)).collect::<anyhow::Result<Vec<_>>>()?;
    let end = args.steps.or_else(|| sources.iter().filter_map(Source::run_steps).max());
    // A constant is over at once, but a picture of one step shows nothing.
    let end = end.filter(|&end| end > 1).unwrap_or(SOME_STEPS);
    let picture = Picture { lines: lines(sources), end, log: args.log };
    match &args.output {
        None => picture.print(),
        Some(path) => picture.save(path).with_context(|| path.display().to_string()),
    }
}

/// A line per parameter group, but one for groups that are the same.
fn lines(sources: Vec<Source>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for source in sources {
        let same = source.groups.windows(2).all(|pair| pair[0].lr == pair[1].lr);
        for (i, group) in source.groups.into_iter().enumerate().take(if same { 1 } else { usize::MAX }) {
            let name = if same { source.name.clone() } else { format!("{} group {i}", source.name) };
            lines.push(Line { name, lr: group.lr });
        }
    }
    lines
}

impl Picture {
    fn save(&self, path: &Path) -> anyhow::Result<()> {
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            Some("svg") => Ok(std::fs::write(path, self.svg()?)?),
            Some("png") => self.save_png(path),
            Some("html") => Ok(std::fs::write(path, self.html()?)?),
            _ => bail!("`--output` must end with .svg, .png or .html"),
        }
    }

    /// The points of a line, without those that a logarithmic axis cannot show; what is beyond every axis is at its edge.
    fn points(&self, line: &Line, buckets: u64) -> Vec<(u64, f64)> {
        let mut points = crate::sample::points(&line.lr, self.end, buckets);
        points.retain(|point| !self.log || point.1 > 0.0);
        let lowest = if self.log { 1.0 / FARTHEST } else { 0.0 };
        points.iter_mut().for_each(|point| point.1 = point.1.clamp(lowest, FARTHEST));
        points
    }

    /// The lowest and the highest rate in the picture, never the same; the axis begins at 0 unless it is logarithmic.
    fn range(&self, points: &[Vec<(u64, f64)>]) -> (f64, f64) {
        let rates = || points.iter().flatten().map(|point| point.1);
        let highest = rates().fold(0.0, f64::max);
        let lowest = if self.log { rates().fold(f64::MAX, f64::min) } else { 0.0 };
        match (highest, lowest) {
            (0.0, _) => (if self.log { 0.1 } else { 0.0 }, 1.0),
            (highest, lowest) if lowest < highest => (lowest, highest),
            (highest, _) => (highest / 10.0, highest),
        }
    }
}
