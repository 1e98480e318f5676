//! What the picture of schedules shows: the axes and the lines.

use sched_core::Schedule;

use super::sample::sample;
use crate::image::AXIS_LIMIT;

/// A picture of schedules: the learning rate over the steps of a run.
///
/// ```
/// use sched_core::Schedule;
/// use sched_plot::SchedulePlot;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let plot = SchedulePlot::new(90)
///     .line("cosine", Schedule::cosine_annealing(0.1, 0.0, 90)?)
///     .line("step", Schedule::multi_step(0.1, &[30, 60], 0.1)?)
///     .log();
/// assert!(plot.svg()?.contains("cosine"));
/// assert!(plot.text(80, 20, false).contains("step"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SchedulePlot {
    pub(super) lines: Vec<Line>,
    /// One more than the last step in the picture; at least 2.
    pub(super) end: u64,
    pub(super) log: bool,
}

/// A schedule and its name in the legend.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) lr: Schedule,
}

impl SchedulePlot {
    /// An empty picture of the steps from 0 up to but not including `steps`, which is raised to 2 if it is less.
    pub fn new(steps: u64) -> Self {
        Self { lines: Vec::new(), end: steps.max(2), log: false }
    }

    /// Adds a schedule.
    pub fn line(mut self, name: impl Into<String>, lr: Schedule) -> Self {
        self.lines.push(Line { name: name.into(), lr });
        self
    }

    /// Makes the axis of the learning rate logarithmic, which leaves out rates of 0.
    pub fn log(self) -> Self {
        Self { log: true, ..self }
    }

    /// The points of each line, moved to the edge where an axis ends, and those that a logarithmic axis cannot show left out.
    pub(super) fn points(&self, buckets: u64) -> Vec<Vec<(u64, f64)>> {
        let lowest = if self.log { 1.0 / AXIS_LIMIT } else { 0.0 };
        let points = |line: &Line| {
            let mut points = sample(&line.lr, self.end, buckets);
            points.retain(|point| !self.log || point.1 > 0.0);
            points.iter_mut().for_each(|point| point.1 = point.1.clamp(lowest, AXIS_LIMIT));
            points
        };
        self.lines.iter().map(points).collect()
    }

    /// The lowest and the highest rate on the axis, which always differ; a linear axis begins at 0.
    pub(super) fn range(&self, points: &[Vec<(u64, f64)>]) -> (f64, f64) {
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
