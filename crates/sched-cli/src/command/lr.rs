//! `sched lr`: the rate at each step.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sched_core::{Schedule, Scheduler};
use serde::Serialize;

use crate::input::{Group, Length, PlanArgs, Source, Steps, read_metrics, steps, whole};

/// Print the learning rate at each step.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  sched lr cosine.json\n  sched lr cosine.json --at 0,500,1000..9000:1000\n  sched lr cycle.json --steps 1000 --momentum --format json"
)]
pub(crate) struct Args {
    /// Schedule files; `-` is stdin. The rows of several begin with the name of the file.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print only these steps: a list of steps, FROM..TO (without TO) and FROM..TO:STRIDE (every STRIDE-th), such as 0,5,100..1000:10
    /// [default: the whole run, or with --metrics one step more than there are metrics].
    #[arg(long, value_name = "STEPS", value_delimiter = ',', value_parser = steps, allow_hyphen_values = true)]
    at: Option<Vec<Steps>>,
    /// The parameter group, from 0.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole, allow_negative_numbers = true)]
    group: u64,
    /// Print the momentum too: null, or empty in CSV, if the schedule does not control it.
    #[arg(long)]
    momentum: bool,
    /// Print the weight decay too, in the same way.
    #[arg(long)]
    weight_decay: bool,
    /// A JSON array of metrics for a rule that follows one. Element i is observed after step i: a number, "NaN", "Infinity"
    /// or "-Infinity", or null if nothing is observed.
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    /// The output format.
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

/// A limit on memory, far above what anyone reads.
const MAX_ROWS: u64 = 100_000_000;

#[derive(Serialize)]
struct Table {
    /// Of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    steps: Vec<u64>,
    lr: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    momentum: Option<Series>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight_decay: Option<Series>,
}

/// `None` if the schedule does not control it.
type Series = Option<Vec<f64>>;

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let tables = args.files.iter().map(|file| table(args, file)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match (args.format, tables.as_slice()) {
        (Format::Csv, tables) => {
            for (i, table) in tables.iter().enumerate() {
                table.write_csv(&mut out, i == 0)?;
            }
        }
        (Format::Json, [table]) => {
            serde_json::to_writer(&mut out, table)?;
            writeln!(out)?;
        }
        (Format::Json, tables) => {
            serde_json::to_writer(&mut out, tables)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(())
}

fn table(args: &Args, file: &Path) -> anyhow::Result<Table> {
    let source = Source::read(file, &args.plan)?;
    let group = source.group(args.group)?;
    let metrics = match &args.metrics {
        Some(path) => Some(read_metrics(path, args.plan.limit()).with_context(|| path.display().to_string())?),
        None => None,
    };
    let steps = chosen(args, &source, metrics.as_ref().map(Vec::len))?;
    let lr = match &metrics {
        Some(metrics) => replay(group, metrics, &steps).with_context(|| source.name.clone())?,
        None => {
            let scheduler = scheduler(group);
            steps.iter().map(|&step| scheduler.at(step)).collect()
        }
    };
    let series = |is_asked: bool, name: &str, schedule: &Option<Schedule>| {
        if is_asked && schedule.is_none() {
            eprintln!("sched: {}: this schedule does not control the {name}", source.name);
        }
        let values = |schedule: &Schedule| steps.iter().map(|&step| schedule.at(step)).collect();
        is_asked.then(|| schedule.as_ref().map(values))
    };
    let momentum = series(args.momentum, "momentum", &group.momentum);
    let weight_decay = series(args.weight_decay, "weight decay", &group.weight_decay);
    let file = (args.files.len() > 1).then(|| source.name.clone());
    Ok(Table { file, steps, lr, momentum, weight_decay })
}

fn chosen(args: &Args, source: &Source, metrics: Option<usize>) -> anyhow::Result<Vec<u64>> {
    let whole = |count: u64| vec![Steps { from: 0, count, stride: 1 }];
    let chosen = match (&args.at, metrics) {
        (Some(at), _) => at.clone(),
        (None, Some(metrics)) => whole(metrics as u64 + 1),
        (None, None) => {
            let Length { steps, told_by_run } = source.length();
            if !told_by_run {
                source.note_length(steps);
            }
            whole(steps)
        }
    };
    let rows = chosen.iter().map(|steps| steps.count).fold(0, u64::saturating_add);
    if rows > MAX_ROWS {
        bail!(
            "{}: the table has {rows} steps, but must have at most {MAX_ROWS}; use a stride, `--at 0..N:STRIDE`",
            source.name
        );
    }
    Ok(chosen.iter().flat_map(Steps::iter).collect())
}

fn scheduler(group: &Group) -> Scheduler {
    let scheduler = Scheduler::new(group.lr.clone());
    match &group.feedback {
        Some(feedback) => scheduler.with_feedback(feedback.clone()),
        None => scheduler,
    }
}

/// The rates of a run that observes these metrics.
fn replay(group: &Group, metrics: &[Option<f64>], steps: &[u64]) -> anyhow::Result<Vec<f64>> {
    if group.feedback.is_none() {
        bail!("`--metrics` needs a rule that follows a metric, but this schedule has none; leave it out");
    }
    let mut scheduler = scheduler(group);
    let mut past = Vec::with_capacity(metrics.len());
    for (step, metric) in metrics.iter().enumerate() {
        past.push(scheduler.step());
        if let Some(metric) = metric {
            scheduler.observe(*metric).with_context(|| format!("step {step}"))?;
        }
    }
    let rate =
        |&step| usize::try_from(step).ok().and_then(|i| past.get(i).copied()).unwrap_or_else(|| scheduler.at(step));
    Ok(steps.iter().map(rate).collect())
}

impl Table {
    fn write_csv(&self, out: &mut impl Write, with_names: bool) -> io::Result<()> {
        let file = self.file.as_deref().map_or(String::new(), |file| format!("{},", quoted(file)));
        let more = [("momentum", &self.momentum), ("weight_decay", &self.weight_decay)];
        let more = more.map(|(name, series)| series.as_ref().map(|values| (name, values)));
        if with_names {
            out.write_all(if file.is_empty() { b"step,lr" } else { b"file,step,lr" })?;
            for (name, _) in more.iter().flatten() {
                write!(out, ",{name}")?;
            }
            out.write_all(b"\n")?;
        }
        for (i, (step, lr)) in self.steps.iter().zip(&self.lr).enumerate() {
            // As in JSON: the fewest digits that round-trip.
            write!(out, "{file}{step},")?;
            serde_json::to_writer(&mut *out, lr)?;
            for (_, values) in more.iter().flatten() {
                out.write_all(b",")?;
                if let Some(values) = values {
                    serde_json::to_writer(&mut *out, &values[i])?;
                }
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// A text in a table of CSV.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
