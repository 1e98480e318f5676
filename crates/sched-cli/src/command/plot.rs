//! `sched plot`: a picture of schedules.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sched_plot::{SchedulePlot, Screen};

use crate::input::{Group, Length, PlanArgs, Source, whole as whole_number};
use crate::output::{in_a_folder, print, save, whole};
use crate::watch::WatchArgs;

/// Draw schedules, several in one picture.
///
/// Without -o, draws in the terminal and lists the rates on both sides of the seams. Rules that follow a metric, such as a
/// plateau, are named, but not drawn.
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
    /// Use a logarithmic axis for the learning rate, six decades at most; lower rates, and 0, are drawn at its end.
    #[arg(long)]
    log: bool,
    /// Divide each schedule by its highest value, to compare shapes.
    #[arg(long)]
    normalize: bool,
    /// Write to a .svg, .png or .html file: a picture of 1200 x 630, or a page to point at, zoom and copy from.
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    screen: ScreenArgs,
    #[command(flatten)]
    plan: PlanArgs,
}

/// The picture in the terminal.
#[derive(clap::Args)]
#[command(next_help_heading = "The terminal")]
struct ScreenArgs {
    /// Characters in a line, 40 to 200 [default: as wide as the terminal].
    #[arg(long, value_name = "N", value_parser = width, allow_negative_numbers = true)]
    width: Option<u16>,
    /// Lines of the picture, 6 to 100 [default: two thirds of the terminal].
    #[arg(long, value_name = "N", value_parser = height, allow_negative_numbers = true)]
    height: Option<u16>,
    /// Use colours; `auto` does on a terminal, unless NO_COLOR is set.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Colour,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

impl ScreenArgs {
    fn screen(&self) -> Screen {
        let found = Screen::detect();
        let colours = match self.color {
            Colour::Auto => found.colours,
            Colour::Always => true,
            Colour::Never => false,
        };
        let (width, height) = (self.width.unwrap_or(found.width), self.height.unwrap_or(found.height));
        Screen { width, height, colours, ..found }
    }
}

fn width(text: &str) -> Result<u16, String> {
    within(text, 40..=200)
}

fn height(text: &str) -> Result<u16, String> {
    within(text, 6..=100)
}

fn within(text: &str, range: RangeInclusive<u16>) -> Result<u16, String> {
    let number = whole_number(text)?;
    let fits = u16::try_from(number).ok().filter(|number| range.contains(number));
    fits.ok_or_else(|| format!("must be from {} to {}", range.start(), range.end()))
}

/// The length of the picture if no schedule ever changes.
const DEFAULT_STEPS: u64 = 1_000;

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    args.watch.run(&args.files, &args.plan, || once(args))
}

fn once(args: &Args) -> anyhow::Result<()> {
    let sources = args.files.iter().map(|file| Source::read(file, &args.plan)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut plot = plot(&sources, steps(&sources)?);
    if args.log {
        plot = plot.log();
    }
    if args.normalize {
        plot = plot.normalized();
    } else if !args.log {
        note_scale(&plot);
    }
    match &args.output {
        None => print(&plot.text(&args.screen.screen())),
        Some(path) => draw(&plot, path).with_context(|| path.display().to_string()),
    }
}

/// The picture of all schedules over these steps.
pub(super) fn plot(sources: &[Source], steps: u64) -> SchedulePlot {
    let names = names(sources);
    let plot =
        sources.iter().zip(&names).fold(SchedulePlot::new(steps), |plot, (source, name)| add(plot, source, name));
    let mut per_epoch = sources.iter().map(|source| source.plan.steps_per_epoch);
    // Files that disagree have no axis in common.
    match per_epoch.next().flatten().filter(|first| per_epoch.all(|other| other == Some(*first))) {
        Some(steps) => plot.steps_per_epoch(steps as f64),
        None => plot,
    }
}

/// The names of the files, without folder and extension where they differ without.
fn names(sources: &[Source]) -> Vec<String> {
    let stem = |source: &Source| {
        let stem = Path::new(&source.name).file_stem().and_then(|stem| stem.to_str());
        stem.map_or_else(|| source.name.clone(), str::to_owned)
    };
    let stems: Vec<String> = sources.iter().map(stem).collect();
    let is_unique = |name: &String| stems.iter().filter(|stem| *stem == name).count() == 1;
    sources.iter().zip(&stems).map(|(source, stem)| if is_unique(stem) { stem } else { &source.name }.clone()).collect()
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
fn add(plot: SchedulePlot, source: &Source, name: &str) -> SchedulePlot {
    let alike = source.groups.windows(2).all(|pair| pair[0] == pair[1]);
    let groups = source.groups.iter().enumerate().take(if alike { 1 } else { usize::MAX });
    groups.fold(plot, |plot, (i, group)| {
        let name = if alike { name.to_owned() } else { format!("{name} group {i}") };
        let Group { lr, momentum, weight_decay, feedback } = group;
        let mut plot = plot.line(&name, lr.clone());
        for (quantity, schedule) in [("momentum", momentum), ("weight decay", weight_decay)] {
            if let Some(schedule) = schedule {
                plot = plot.below(quantity, &name, schedule.clone());
            }
        }
        match feedback {
            Some(rule) => plot.note(format!("{name} also follows a metric, which is not drawn: {rule}")),
            None => plot,
        }
    })
}

/// Says how to see all curves, if the highest hides others.
fn note_scale(plot: &SchedulePlot) {
    if let Some((low, high)) = plot.flattened() {
        eprintln!("sched: {low} is flat beside {high}; draw both with `--log`, or their shapes with `--normalize`");
    }
}

fn draw(plot: &SchedulePlot, path: &Path) -> anyhow::Result<()> {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    match extension.as_deref() {
        Some("svg") => save(path, plot.svg().as_bytes()),
        Some("png") => {
            in_a_folder(path)?;
            plot.save_png(path).map_err(whole)
        }
        Some("html") => save(path, plot.html().as_bytes()),
        _ => bail!("`--output` must end with .svg, .png or .html"),
    }
}
