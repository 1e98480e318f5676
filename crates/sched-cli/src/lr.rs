//! `sched lr`: the rate at each step.

use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, anyhow, bail};
use sched_core::Scheduler;
use serde::{Deserialize, Serialize};

use crate::plan_args::PlanArgs;
use crate::source::{Group, Source};
use crate::text::read_text;

/// Print the learning rate at each step.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The schedule file, `-` for stdin.
    file: PathBuf,
    /// These steps, such as 0,5,10.
    #[arg(long, value_name = "STEPS", value_delimiter = ',', conflicts_with = "steps")]
    at: Option<Vec<u64>>,
    /// From a step up to but not including another, optionally every so many: 0..1000 or 0..1000:10. The default is the
    /// whole run, or with --metrics the steps that the metrics belong to and the one after them.
    #[arg(long, value_name = "FROM..TO[:STRIDE]")]
    steps: Option<StepRange>,
    /// The parameter group, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    group: usize,
    /// Print the momentum too; null or empty where the schedule does not drive it.
    #[arg(long)]
    momentum: bool,
    /// A JSON array whose i-th element is observed after step i (null: nothing is), for a rule that follows a metric. What is
    /// not finite is "NaN", "Infinity" or "-Infinity".
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    #[command(flatten)]
    plan: PlanArgs,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// step,lr
    Csv,
    /// {"steps": [...], "lr": [...]}
    Json,
}

/// `FROM..TO[:STRIDE]`.
#[derive(Clone)]
struct StepRange {
    range: Range<u64>,
    stride: u64,
}

impl FromStr for StepRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = || {
            let (range, stride) = text.split_once(':').unwrap_or((text, "1"));
            let (from, to) = range.split_once("..")?;
            Some((from.parse().ok()?, to.parse().ok()?, stride.parse().ok()?))
        };
        match parts() {
            Some((from, to, stride)) if from <= to && stride > 0 => Ok(Self { range: from..to, stride }),
            _ => Err("write FROM..TO or FROM..TO:STRIDE, with FROM up to TO and STRIDE at least 1".to_owned()),
        }
    }
}

/// More rows than memory and patience last for.
const MOST_ROWS: u64 = 100_000_000;

#[derive(Serialize)]
struct Table {
    steps: Vec<u64>,
    lr: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    momentum: Option<Momentum>,
}

/// What is driven, or null.
type Momentum = Option<Vec<f64>>;

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let source = Source::read(&args.file, &args.plan)?;
    let group = source.group(args.group)?;
    let metrics = match &args.metrics {
        Some(path) => Some(read_metrics(path).with_context(|| path.display().to_string())?),
        None => None,
    };
    let steps = steps(args, &source, metrics.as_ref().map(Vec::len))?;
    let lr = match &metrics {
        Some(metrics) => replay(group, metrics, &steps).with_context(|| source.name.clone())?,
        None => {
            let scheduler = scheduler(group);
            steps.iter().map(|&step| scheduler.at(step)).collect()
        }
    };
    if args.momentum && group.momentum.is_none() {
        eprintln!("sched: {}: this schedule does not drive the momentum", source.name);
    }
    let momentum = args
        .momentum
        .then(|| group.momentum.as_ref().map(|momentum| steps.iter().map(|&step| momentum.at(step)).collect()));
    let table = Table { steps, lr, momentum };
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match args.format {
        Format::Csv => table.write_csv(&mut out)?,
        Format::Json => {
            serde_json::to_writer(&mut out, &table)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(())
}

fn steps(args: &Args, source: &Source, metrics: Option<usize>) -> anyhow::Result<Vec<u64>> {
    if let Some(at) = &args.at {
        return Ok(at.clone());
    }
    let StepRange { range, stride } = match (&args.steps, metrics) {
        (Some(steps), _) => steps.clone(),
        (None, Some(metrics)) => StepRange { range: 0..metrics as u64 + 1, stride: 1 },
        (None, None) => {
            let end = source.run_steps().ok_or_else(|| {
                anyhow!("{}: this schedule never ends; say which steps with `--steps`, `--at` or a plan", source.name)
            })?;
            StepRange { range: 0..end, stride: 1 }
        }
    };
    let rows = (range.end - range.start).div_ceil(stride);
    if rows > MOST_ROWS {
        bail!(
            "{}: these are {rows} steps, but must be at most {MOST_ROWS}; take a stride: `--steps 0..N:STRIDE`",
            source.name
        );
    }
    // The stride may lead past the largest step, where the range ends.
    Ok((0..rows).map(|row| range.start + row * stride).collect())
}

fn scheduler(group: &Group) -> Scheduler {
    let scheduler = Scheduler::new(group.lr.clone());
    match &group.feedback {
        Some(feedback) => scheduler.with_feedback(feedback.clone()),
        None => scheduler,
    }
}

/// The rates of a run in which these metrics were observed.
fn replay(group: &Group, metrics: &[Option<Metric>], steps: &[u64]) -> anyhow::Result<Vec<f64>> {
    if group.feedback.is_none() {
        bail!("`--metrics` is given, but this schedule has no rule that follows a metric");
    }
    let mut scheduler = scheduler(group);
    let mut past = Vec::with_capacity(metrics.len());
    for (step, metric) in metrics.iter().enumerate() {
        past.push(scheduler.step());
        if let Some(Metric(metric)) = metric {
            scheduler.observe(*metric).with_context(|| format!("step {step}"))?;
        }
    }
    let rate =
        |&step| usize::try_from(step).ok().and_then(|i| past.get(i).copied()).unwrap_or_else(|| scheduler.at(step));
    Ok(steps.iter().map(rate).collect())
}

impl Table {
    fn write_csv(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(if self.momentum.is_some() { b"step,lr,momentum\n" } else { b"step,lr\n" })?;
        for (i, (step, lr)) in self.steps.iter().zip(&self.lr).enumerate() {
            // The same shortest digits as in JSON.
            write!(out, "{step},")?;
            serde_json::to_writer(&mut *out, lr)?;
            match &self.momentum {
                None => {}
                Some(None) => out.write_all(b",")?,
                Some(Some(momentum)) => {
                    out.write_all(b",")?;
                    serde_json::to_writer(&mut *out, &momentum[i])?;
                }
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// A metric as JSON can say it.
struct Metric(f64);

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a number, \"NaN\", \"Infinity\", \"-Infinity\" or null")]
        enum Written {
            Number(f64),
            Name(NotFinite),
        }
        #[derive(Deserialize)]
        enum NotFinite {
            NaN,
            Infinity,
            #[serde(rename = "-Infinity")]
            MinusInfinity,
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Number(metric) => metric,
            Written::Name(NotFinite::NaN) => f64::NAN,
            Written::Name(NotFinite::Infinity) => f64::INFINITY,
            Written::Name(NotFinite::MinusInfinity) => f64::NEG_INFINITY,
        }))
    }
}

fn read_metrics(path: &Path) -> anyhow::Result<Vec<Option<Metric>>> {
    let text = read_text(path)?;
    let mut json = serde_json::Deserializer::from_str(&text);
    let metrics = serde_path_to_error::deserialize(&mut json).context("no array of metrics")?;
    json.end().context("no array of metrics")?;
    Ok(metrics)
}
