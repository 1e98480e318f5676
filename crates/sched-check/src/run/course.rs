//! A schedule in the course of a run, as the rules look at it.

use sched_core::{Node, Plan, Schedule};
use sched_plot::sample;

use super::piece::Piece;

/// The smallest change of a rate that is worth reporting, relative to the peak.
pub(crate) const NOTABLE: f64 = 0.05;

/// A schedule and the run it is for.
pub(crate) struct Course<'a> {
    pub(crate) schedule: &'a Schedule,
    /// The length of the run.
    pub(crate) end: u64,
    pub(crate) plan: Plan,
    pub(crate) pieces: Vec<Piece<'a>>,
    /// Steps and rates: every one in a short run, otherwise a sample.
    pub(crate) points: Vec<(u64, f64)>,
    /// The step and the rate of the first maximum.
    pub(crate) peak: (u64, f64),
}

impl<'a> Course<'a> {
    /// The schedule in a run, looked at step by step if that has at most `looks` steps.
    pub(crate) fn new(schedule: &'a Schedule, end: u64, plan: Plan, looks: u64) -> Self {
        let points = sample(schedule, end, looks);
        let first = (0, schedule.at(0));
        let peak = points.iter().fold(first, |peak, point| if point.1 > peak.1 { *point } else { peak });
        Self { schedule, end, plan, pieces: Piece::all(schedule.node(), end), points, peak }
    }

    pub(crate) fn at(&self, step: u64) -> f64 {
        self.schedule.at(step)
    }

    pub(crate) fn last(&self) -> f64 {
        self.at(self.end - 1)
    }

    pub(crate) fn lowest(&self) -> f64 {
        self.points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min)
    }

    /// Whether two rates are so far apart that it is worth reporting.
    pub(crate) fn differ(&self, a: f64, b: f64) -> bool {
        (a - b).abs() > NOTABLE * self.peak.1
    }

    /// Whether a piece still holds when the run ends.
    pub(crate) fn is_last(&self, piece: &Piece<'_>) -> bool {
        piece.stop >= self.end as f64
    }

    /// Whether every node says that the rate stays the same.
    pub(crate) fn is_constant_by_design(&self) -> bool {
        let may_change = |piece: &Piece<'_>| {
            matches!(
                piece.node,
                Node::Ramp(_)
                    | Node::Exponential(_)
                    | Node::PowerLaw(_)
                    | Node::Steps(_)
                    | Node::Repeat(_)
                    | Node::Complement { .. }
                    | Node::Warp { .. }
            )
        };
        !self.pieces.iter().any(may_change)
    }

    /// How many times too long or too short a schedule is that counts something else than updates, and what it counts.
    pub(crate) fn miscounts(&self, ratio: f64) -> Option<String> {
        let Plan { steps_per_epoch, accumulation, devices, epochs, .. } = self.plan;
        let (accumulated, devices) = (accumulation.unwrap_or(1), devices.unwrap_or(1));
        let is = |factor: u64| factor > 1 && (ratio / factor as f64 - 1.0).abs() < 0.02;
        let updates_in_epoch = steps_per_epoch.or_else(|| self.end.checked_div(epochs?));
        if is(accumulated.saturating_mul(devices)) && accumulated > 1 && devices > 1 {
            Some(format!("its lengths seem to count the batches of {devices} devices with {accumulated} per update"))
        } else if is(accumulated) {
            Some(format!("its lengths seem to count batches, of which {accumulated} make an update"))
        } else if is(devices) {
            Some(format!("its lengths seem to count the batches of {devices} devices"))
        } else if updates_in_epoch.is_some_and(is) {
            Some("its lengths seem to count updates where it is stepped once per epoch".to_owned())
        } else {
            None
        }
    }

    /// Updates in an epoch, if a schedule of this length that counted epochs would fit the run.
    pub(crate) fn epochs(&self, length: f64) -> Option<u64> {
        let n = self.plan.steps_per_epoch.or_else(|| self.end.checked_div(self.plan.epochs?)).filter(|&n| n > 1)?;
        let ratio = length * n as f64 / self.end as f64;
        (0.5..=1.02).contains(&ratio).then_some(n)
    }
}
