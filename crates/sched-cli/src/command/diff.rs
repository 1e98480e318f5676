//! `sched diff`: where two schedules differ.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use sched_core::Schedule;
use sched_plot::{Short, sample};
use serde::Serialize;

use super::plot;
use crate::input::{Group, PlanArgs, Source, tolerance};
use crate::output::print;

/// Compare two schedules: the first step at which they differ, the largest difference, and both in one picture.
///
/// The exit code is 1 if they differ.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  sched diff cosine.json cycle.json\n  sched diff cosine.json cosine.yaml --steps 9000 --tolerance 1e-6"
)]
pub(crate) struct Args {
    /// A schedule file; `-` is stdin.
    a: PathBuf,
    /// Another one.
    b: PathBuf,
    /// Take values as equal that differ by at most this, relative to the larger one.
    #[arg(long, value_name = "X", default_value_t = 1e-9, value_parser = tolerance, allow_negative_numbers = true)]
    tolerance: f64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    plan: PlanArgs,
}

/// Runs up to this length are compared step by step.
const ALL_STEPS: u64 = 10_000_000;

#[derive(Serialize)]
struct Report {
    /// How many steps were compared.
    steps: u64,
    /// In words, a parameter group each.
    a: Vec<String>,
    b: Vec<String>,
    differences: Vec<Difference>,
}

#[derive(Serialize)]
struct Difference {
    group: usize,
    quantity: &'static str,
    first: Pair,
    largest: Pair,
}

/// Two values at a step.
#[derive(Clone, Copy, Serialize)]
struct Pair {
    step: u64,
    /// `None` if the schedule does not control it.
    a: Option<f64>,
    b: Option<f64>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let sources = [&args.a, &args.b].into_iter().map(|file| Source::read(file, &args.plan));
    let sources = sources.collect::<anyhow::Result<Vec<_>>>()?;
    let [a, b] = sources.as_slice() else { bail!("two files are compared") };
    if a.groups.len() != b.groups.len() {
        bail!(
            "{} and {} cannot be compared: they have {} and {} parameter groups, and must have the same number",
            a.name,
            b.name,
            a.groups.len(),
            b.groups.len()
        );
    }
    let steps = plot::steps(&sources)?;
    let pairs = a.groups.iter().zip(&b.groups).enumerate();
    let differences: Vec<_> =
        pairs.flat_map(|(group, (a, b))| differences(group, a, b, steps, args.tolerance)).collect();
    let same_rules = a.groups.iter().map(|group| &group.feedback).eq(b.groups.iter().map(|group| &group.feedback));
    let words = |source: &Source| source.groups.iter().map(|group| group.lr.to_string()).collect();
    let report = Report { steps, a: words(a), b: words(b), differences };
    let is_same = report.differences.is_empty() && same_rules;
    if args.json {
        print(&serde_json::to_string_pretty(&report)?)?;
    } else {
        print(&report.text(a, b, same_rules))?;
        print(&format!("\n{}", plot::plot(&sources, steps).terminal()))?;
    }
    Ok(if is_same { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn differences(group: usize, a: &Group, b: &Group, end: u64, tolerance: f64) -> Vec<Difference> {
    let quantities = [
        ("lr", Some(&a.lr), Some(&b.lr)),
        ("momentum", a.momentum.as_ref(), b.momentum.as_ref()),
        ("weight_decay", a.weight_decay.as_ref(), b.weight_decay.as_ref()),
    ];
    let difference = |(quantity, a, b): (&'static str, Option<&Schedule>, Option<&Schedule>)| {
        let pair = |step| Pair { step, a: a.map(|a| a.at(step)), b: b.map(|b| b.at(step)) };
        let (first, largest) = match (a, b) {
            (None, None) => return None,
            (Some(a), Some(b)) => compare(a, b, end, tolerance, &pair)?,
            _ => (pair(0), pair(0)),
        };
        Some(Difference { group, quantity, first, largest })
    };
    quantities.into_iter().filter_map(difference).collect()
}

/// The first difference and the largest one.
fn compare(a: &Schedule, b: &Schedule, end: u64, tolerance: f64, pair: &impl Fn(u64) -> Pair) -> Option<(Pair, Pair)> {
    let gap = |step: u64| {
        let (a, b) = (a.at(step), b.at(step));
        let gap = (a - b).abs();
        (gap > tolerance * a.max(b)).then_some(gap)
    };
    let (mut first, mut largest) = (None, None);
    let mut look = |step: u64| {
        if let Some(gap) = gap(step) {
            first.get_or_insert(step);
            if largest.is_none_or(|(most, _)| gap > most) {
                largest = Some((gap, step));
            }
        }
    };
    if a == b {
        return None;
    }
    if end <= ALL_STEPS {
        (0..end).for_each(&mut look);
    } else {
        let points = |schedule: &Schedule| sample(schedule, end, ALL_STEPS / 10).into_iter().map(|point| point.0);
        let mut steps: Vec<u64> = points(a).chain(points(b)).collect();
        steps.sort_unstable();
        steps.into_iter().for_each(&mut look);
    }
    Some((pair(first?), pair(largest?.1)))
}

impl Report {
    fn text(&self, a: &Source, b: &Source, same_rules: bool) -> String {
        let (a, b, steps) = (&a.name, &b.name, self.steps);
        let mut lines = Vec::new();
        if self.differences.is_empty() {
            lines.push(format!("{a} and {b} have the same values at all of {steps} steps"));
        }
        let value = |value: Option<f64>| value.map_or("none".to_owned(), |value| Short(value).to_string());
        for Difference { group, quantity, first, largest } in &self.differences {
            let of = match (self.a.len(), *quantity) {
                (1, "lr") => "rate".to_owned(),
                (1, quantity) => quantity.replace('_', " "),
                (_, "lr") => format!("rate of group {group}"),
                (_, quantity) => format!("{} of group {group}", quantity.replace('_', " ")),
            };
            let at = |what: &str, pair: &Pair| {
                format!(
                    "{what} difference in the {of}: at step {}, {} in {a} and {} in {b}",
                    pair.step,
                    value(pair.a),
                    value(pair.b)
                )
            };
            let both = [("first", first), ("largest", largest)];
            lines.extend(both.map(|(what, pair)| at(what, pair) + &factor(pair)));
        }
        if !same_rules {
            lines.push(format!("{a} and {b} have different rules that follow a metric"));
        }
        lines.join("\n")
    }
}

/// How many times larger one of the two is, if that can be said.
fn factor(pair: &Pair) -> String {
    match (pair.a, pair.b) {
        (Some(a), Some(b)) if a > 0.0 && b > 0.0 => format!(" (x {})", Short(b / a)),
        _ => String::new(),
    }
}
