//! What the picture of schedules shows.

use std::path::Path;

use sched_core::{Node, Schedule};

use super::phases::phases;
use super::sample::{sample, seams};
use crate::error::PlotError;
use crate::figure::{Column, Curve, Figure, Panel, Scale, Style};
use crate::number::{Short, three_digits};
use crate::page;
use crate::terminal::letter;

const LEARNING_RATE: &str = "learning rate";

/// Decades below the highest rate on a logarithmic axis.
const DECADES: i32 = 6;

/// A curve this many times lower than another looks flat beside it.
const FLAT: f64 = 30.0;

/// A picture of schedules: the learning rate over the steps of a run.
///
/// ```
/// use sched_core::Schedule;
/// use sched_plot::{SchedulePlot, Screen};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let plot = SchedulePlot::new(90)
///     .line("cosine", Schedule::cosine_annealing(0.1, 0.0, 90)?)
///     .line("step", Schedule::multi_step(0.1, &[30, 60], 0.1)?)
///     .log();
/// assert!(plot.svg().contains("cosine"));
/// assert!(plot.text(&Screen::new(80, 20)).contains("step"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SchedulePlot {
    pub(super) lines: Vec<Line>,
    /// One more than the last step in the picture; at least 2.
    pub(super) end: u64,
    log: bool,
    normalized: bool,
    steps_per_epoch: Option<f64>,
    pub(super) notes: Vec<String>,
}

/// A schedule and its name.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// What it is a schedule of: names the panel.
    quantity: String,
    pub(super) name: String,
    pub(super) schedule: Schedule,
}

impl Line {
    pub(super) fn is_lr(&self) -> bool {
        self.quantity == LEARNING_RATE
    }
}

impl SchedulePlot {
    /// An empty picture of the steps from 0 up to but not including `steps`, which is raised to 2 if it is less.
    pub fn new(steps: u64) -> Self {
        Self {
            lines: Vec::new(),
            end: steps.max(2),
            log: false,
            normalized: false,
            steps_per_epoch: None,
            notes: Vec::new(),
        }
    }

    /// Adds a learning rate.
    pub fn line(self, name: impl Into<String>, lr: Schedule) -> Self {
        self.below(LEARNING_RATE, name, lr)
    }

    /// Adds a schedule of another quantity, such as the momentum, which has a panel of its own.
    pub fn below(mut self, quantity: impl Into<String>, name: impl Into<String>, schedule: Schedule) -> Self {
        self.lines.push(Line { quantity: quantity.into(), name: name.into(), schedule });
        self
    }

    /// Makes the axis of the learning rate logarithmic. It ends six decades below the highest rate; lower rates, and 0, are
    /// drawn at its end.
    pub fn log(self) -> Self {
        Self { log: true, ..self }
    }

    /// Divides each schedule by its highest value, to compare shapes.
    pub fn normalized(self) -> Self {
        Self { normalized: true, ..self }
    }

    /// Adds an axis of epochs. What is not above 0 adds none.
    pub fn steps_per_epoch(self, steps: f64) -> Self {
        Self { steps_per_epoch: (steps > 0.0 && steps.is_finite()).then_some(steps), ..self }
    }

    /// Says something below the title, such as what the picture cannot show.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The names of the lowest and of the highest learning rate, if on a linear axis the highest makes the lowest look flat.
    #[must_use]
    pub fn flattened(&self) -> Option<(&str, &str)> {
        let peak =
            |line: &Line| sample(&line.schedule, self.end, 1_000).iter().map(|point| point.1).fold(0.0, f64::max);
        let peaks = || self.lrs().map(|line| (peak(line), line.name.as_str()));
        let (highest, high) = peaks().max_by(|a, b| a.0.total_cmp(&b.0))?;
        let (lowest, low) = peaks().filter(|peak| peak.0 > 0.0).min_by(|a, b| a.0.total_cmp(&b.0))?;
        (lowest < highest / FLAT).then_some((low, high))
    }

    /// The picture as SVG, 1200 x 630: in the reader's colours, light or dark.
    #[must_use]
    pub fn svg(&self) -> String {
        self.figure(IMAGE).svg()
    }

    /// Writes the picture to a PNG file. It replaces an old one as a whole, and creates missing folders.
    ///
    /// # Errors
    ///
    /// [`PlotError::Image`] if there is too little memory, [`PlotError::Write`] if the file cannot be written.
    pub fn save_png(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        self.figure(IMAGE).save_png(path)
    }

    /// The picture as an HTML page that loads nothing, to point at, zoom and copy from.
    #[must_use]
    pub fn html(&self) -> String {
        let mut figure = self.figure(if self.end <= WHOLE { WHOLE } else { PAGE });
        for line in self.lrs() {
            let columns = seams(&line.schedule, self.end).take(MARKED);
            figure.columns.extend(columns.map(|seam| Column { x: seam as f64, label: String::new(), hue: None }));
        }
        page::html(&figure)
    }

    /// The hue of a schedule, which what goes by the same name in other panels has too.
    pub(super) fn hue(&self, line: &Line) -> usize {
        self.lrs().position(|lr| lr.name == line.name).unwrap_or(0)
    }

    pub(super) fn lrs(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.is_lr())
    }

    /// The name of a schedule, with the letter that draws it if there are several.
    pub(super) fn label(&self, line: &Line) -> String {
        let name = if self.lrs().count() == 1 {
            line.name.clone()
        } else {
            format!("{} {}", letter(self.hue(line)), line.name)
        };
        if line.is_lr() { name } else { format!("{name} {}", line.quantity) }
    }

    /// The figure, its curves sampled in `buckets`.
    pub(super) fn figure(&self, buckets: u64) -> Figure {
        let lrs: Vec<&Line> = self.lrs().collect();
        let title = match lrs.as_slice() {
            [line] => arrows(&line.schedule),
            lines => lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>().join(", "),
        };
        let mut figure = Figure::new(title, "step", Scale::steps(self.end));
        figure.steps_per_epoch = self.steps_per_epoch;
        match lrs.as_slice() {
            [line] => {
                figure.spans = phases(&line.schedule, self.end);
                let epochs = self.steps_per_epoch.map_or(String::new(), |steps| {
                    format!(" · {} epochs", Short((self.end as f64 / steps * 100.0).round() / 100.0))
                });
                figure = figure.key(None, format!("{} · {} steps{epochs}", line.name, self.end));
            }
            // More would leave no room for the curves.
            lines if lines.len() <= 5 => {
                for (hue, line) in lines.iter().enumerate() {
                    figure = figure.key(Some(hue), format!("{}: {}", line.name, arrows(&line.schedule)));
                }
            }
            _ => {}
        }
        for note in &self.notes {
            figure = figure.key(None, note.as_str());
        }
        let mut quantities: Vec<&str> = vec![LEARNING_RATE];
        for line in &self.lines {
            if !quantities.contains(&line.quantity.as_str()) {
                quantities.push(&line.quantity);
            }
        }
        quantities.into_iter().fold(figure, |figure, quantity| figure.panel(self.panel(quantity, buckets)))
    }

    fn panel(&self, quantity: &str, buckets: u64) -> Panel {
        let is_lr = quantity == LEARNING_RATE;
        let lines: Vec<&Line> = self.lines.iter().filter(|line| line.quantity == quantity).collect();
        let mut curves: Vec<Vec<(f64, f64)>> = lines
            .iter()
            .map(|line| {
                sample(&line.schedule, self.end, buckets).into_iter().map(|(step, lr)| (step as f64, lr)).collect()
            })
            .collect();
        if self.normalized {
            for points in &mut curves {
                let highest = points.iter().map(|point| point.1).fold(0.0, f64::max);
                points.iter_mut().filter(|_| highest > 0.0).for_each(|point| point.1 /= highest);
            }
        }
        let is_log = self.log && is_lr;
        let y = if is_log { log_scale(&curves) } else { scale(&curves, is_lr) };
        for point in curves.iter_mut().flatten() {
            point.1 = point.1.clamp(y.low(), y.high());
        }
        let mut name = quantity.replace('_', " ");
        if self.normalized {
            name += " / its highest";
        }
        if is_log && lines.iter().any(|line| self.is_below(line, y.low())) {
            name += &format!(" (what is below {} is drawn there)", Short(y.low()));
        }
        let mut panel = Panel::new(name, y);
        panel.share = if is_lr { 2.0 } else { 1.0 };
        let is_alone = self.lrs().count() == 1;
        lines.iter().zip(curves).fold(panel, |panel, (line, points)| {
            let last = line.schedule.at(self.end - 1);
            let name = if is_alone { format!("end {}", Short(three_digits(last))) } else { line.name.clone() };
            let mut curve = Curve::new(name, Style::Steps, self.hue(line), points);
            if is_alone {
                curve = self.mark(curve, line);
            }
            panel.curve(curve)
        })
    }

    fn is_below(&self, line: &Line, low: f64) -> bool {
        !self.normalized && sample(&line.schedule, self.end, 1_000).iter().any(|point| point.1 < low * (1.0 - 1e-9))
    }

    /// Points out the highest value and the last one.
    fn mark(&self, curve: Curve, line: &Line) -> Curve {
        let Some(&(last, end)) = curve.points.last() else { return curve };
        // The first of several.
        let peak = curve.points.iter().copied().reduce(|peak, point| if point.1 > peak.1 { point } else { peak });
        let curve = match peak {
            Some((step, value)) if value > end => {
                let exact = Short(three_digits(line.schedule.at(step as u64)));
                let what = if step == 0.0 { "start" } else { "peak" };
                let place = if step == 0.0 { String::new() } else { format!(" at step {step}") };
                curve.mark(step, value, format!("{what} {exact}{place}"))
            }
            _ => curve,
        };
        curve.mark(last + 1.0, end, "")
    }
}

/// About two to a pixel.
const IMAGE: u64 = 2_000;

/// Up to this many steps the page holds every one; of longer runs it has a sample.
const WHOLE: u64 = 5_000;
const PAGE: u64 = 1_500;

/// More seams of a schedule would hide the curves.
const MARKED: usize = 50;

fn arrows(schedule: &Schedule) -> String {
    match schedule.node() {
        // A number alone would say little.
        Node::Constant(_) => format!("constant {schedule}"),
        _ => schedule.to_string().replace(" -> ", " → "),
    }
}

/// An axis with room for labels above the highest value; from 0 unless the values differ little.
fn scale(curves: &[Vec<(f64, f64)>], from_zero: bool) -> Scale {
    let values = || curves.iter().flatten().map(|point| point.1);
    let highest = values().fold(0.0, f64::max);
    let lowest = values().fold(f64::MAX, f64::min);
    if from_zero || lowest < highest / 2.0 || lowest == highest {
        Scale::linear(0.0, highest * 1.12)
    } else {
        let room = (highest - lowest) * 0.15;
        Scale::linear(lowest - room, highest + room)
    }
}

/// A logarithmic axis: from a decade, and no more than a few of them.
fn log_scale(curves: &[Vec<(f64, f64)>]) -> Scale {
    let values = || curves.iter().flatten().map(|point| point.1).filter(|value| *value > 0.0);
    let highest = values().fold(0.0, f64::max);
    if highest == 0.0 {
        return Scale::log(0.1, 1.0);
    }
    let lowest = values().fold(f64::MAX, f64::min).max(highest * 10_f64.powi(-DECADES)).max(1e-100);
    let decade = 10_f64.powf((lowest.log10() + 1e-9).floor());
    let floor = if lowest < highest { decade.min(lowest) } else { decade.min(highest / 10.0) };
    Scale::log(floor, highest * 2.0)
}
