//! A range test that is under way.

use alloc::vec::Vec;
use core::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::test::RangeTest;
use crate::schedule::{Schedule, ScheduleError};

/// One mini-batch of a range test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RangePoint {
    /// Its number, from 0.
    pub step: u64,
    /// The learning rate that it was trained with.
    pub lr: f64,
    /// Its loss, before the update with that rate.
    pub loss: f64,
    /// The smoothed loss.
    pub smoothed: f64,
}

/// How a range test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RangeEnd {
    /// It got through to `max_lr`.
    Completed,
    /// The smoothed loss exceeded `diverge_factor` times its best; the last point is the one that did.
    Diverged,
    /// The loss after the last point was NaN or infinite.
    NotFinite,
    /// It was stopped before its end.
    Interrupted,
}

impl RangeTest {
    /// Starts the test.
    ///
    /// # Errors
    ///
    /// As for [`schedule`](Self::schedule).
    pub fn start(self) -> Result<RangeRecorder, ScheduleError> {
        let schedule = self.schedule()?;
        Ok(RangeRecorder {
            test: self,
            schedule,
            points: Vec::new(),
            smoothed: 0.0,
            fading: 1.0,
            best: None,
            end: None,
        })
    }
}

/// A range test under way: gives the rate of each mini-batch, takes its loss, and says when the test is over.
///
/// ```
/// use core::ops::ControlFlow;
/// use sched_core::{RangeEnd, RangeTest};
///
/// # fn main() -> Result<(), sched_core::ScheduleError> {
/// let mut recorder = RangeTest::new(0.1, 1.0, 10).beta(0.0).start()?;
/// assert_eq!(recorder.next_lr(), Some(0.1));
/// assert_eq!(recorder.record(2.0), ControlFlow::Continue(()));
/// assert_eq!(recorder.record(8.0), ControlFlow::Continue(()));
/// assert_eq!(recorder.record(8.1), ControlFlow::Break(RangeEnd::Diverged)); // more than 4 x 2.0
/// assert_eq!(recorder.next_lr(), None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RangeRecorder {
    pub(super) test: RangeTest,
    schedule: Schedule,
    pub(super) points: Vec<RangePoint>,
    smoothed: f64,
    /// `beta^n` after `n` losses.
    fading: f64,
    best: Option<f64>,
    pub(super) end: Option<RangeEnd>,
}

impl RangeRecorder {
    /// The rate of the next mini-batch, or `None` if the test is over.
    pub fn next_lr(&self) -> Option<f64> {
        if self.end.is_some() { None } else { Some(self.schedule.at(self.points.len() as u64)) }
    }

    /// Records the loss of the mini-batch that was trained with [`next_lr`](Self::next_lr), and says whether to go on.
    ///
    /// A loss that is not finite ends the test and is not among the points. Once the test is over, losses are ignored.
    pub fn record(&mut self, loss: f64) -> ControlFlow<RangeEnd> {
        if self.end.is_none() {
            self.end = self.take(loss);
        }
        match self.end {
            Some(end) => ControlFlow::Break(end),
            None => ControlFlow::Continue(()),
        }
    }

    /// The mini-batches recorded so far, in order.
    pub fn points(&self) -> &[RangePoint] {
        &self.points
    }

    fn take(&mut self, loss: f64) -> Option<RangeEnd> {
        self.fading *= self.test.beta;
        let weight = (1.0 - self.test.beta) / (1.0 - self.fading);
        // By the difference, so that the mean of equal losses is exact.
        let smoothed = if weight < 1.0 { self.smoothed + weight * (loss - self.smoothed) } else { loss };
        // The difference of two huge losses may overflow even if they are finite.
        if !loss.is_finite() || !smoothed.is_finite() {
            return Some(RangeEnd::NotFinite);
        }
        self.smoothed = smoothed;
        let step = self.points.len() as u64;
        self.points.push(RangePoint { step, lr: self.schedule.at(step), loss, smoothed });
        let best = self.best.map_or(smoothed, |best| best.min(smoothed));
        self.best = Some(best);
        if self.test.diverge_factor.is_some_and(|factor| smoothed > best + (factor - 1.0) * best.abs()) {
            Some(RangeEnd::Diverged)
        } else if step + 1 == self.test.steps {
            Some(RangeEnd::Completed)
        } else {
            None
        }
    }
}
