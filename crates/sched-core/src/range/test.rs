//! The learning-rate range test: a rate that grows over some mini-batches, and what the loss does meanwhile.

use alloc::vec::Vec;
use core::ops::ControlFlow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::curve::{RangeCurve, RangeEnd, RangePoint};
use crate::schedule::{Ramp, Schedule, ScheduleError, Shape, count, number, within};

/// A learning-rate range test: the rate grows from `min_lr` to `max_lr` over `steps` mini-batches.
///
/// The rate of mini-batch `t` is `min_lr (max_lr / min_lr)^(t / (steps - 1))`, or with [`Growth::Linear`]
/// `min_lr + (max_lr - min_lr) t / (steps - 1)`: `min_lr` at 0 and `max_lr` at the last, `steps - 1`.
///
/// The smoothed loss is the mean of the losses so far, in which a loss that is `k` steps old has the weight `beta^k`: an
/// exponential moving average with its bias corrected, at 0 the first loss itself. The test stops early where the smoothed
/// loss exceeds `best + (diverge_factor - 1) |best|`, which is `diverge_factor * best` for a loss that is not negative, or
/// where a loss is not finite.
///
/// Defaults: [`Growth::Exponential`], `beta = 0.98`, `diverge_factor = 4`, as in fastai and in PyTorch Lightning.
///
/// Smith 2017, arXiv 1506.01186; the exponential growth, the smoothing and the stop are fastai's `lr_find`.
///
/// ```
/// use sched_core::RangeTest;
///
/// # fn main() -> Result<(), sched_core::ScheduleError> {
/// let test = RangeTest::new(1e-4, 1.0, 41).beta(0.5);
/// let lr = test.schedule()?;
/// assert_eq!([0, 10, 40, 41].map(|t| lr.at(t)), [1e-4, 1e-3, 1.0, 1.0]);
///
/// let mut recorder = test.start()?;
/// while let Some(lr) = recorder.next_lr() {
///     let loss = (1.0 - 10.0 * lr).powi(2) + 0.01; // a training step at this rate
///     recorder.record(loss);
/// }
/// let curve = recorder.finish();
/// let suggestion = curve.suggest_minimum().unwrap();
/// assert!((0.005..0.02).contains(&suggestion.lr), "{suggestion}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
#[must_use = "a range test does nothing until `start`"]
pub struct RangeTest {
    #[serde(deserialize_with = "number::min_lr")]
    pub(crate) min_lr: f64,
    #[serde(deserialize_with = "number::max_lr")]
    pub(crate) max_lr: f64,
    #[serde(deserialize_with = "count::steps")]
    pub(crate) steps: u64,
    #[serde(default)]
    pub(crate) growth: Growth,
    #[serde(default = "default_beta", deserialize_with = "number::beta")]
    beta: f64,
    /// `None` for a test that never stops.
    #[serde(default = "default_diverge_factor")]
    pub(crate) diverge_factor: Option<f64>,
}

/// How the rate of a range test grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Growth {
    /// By the same factor each step, so that every order of magnitude gets as many.
    #[default]
    Exponential,
    /// By the same amount each step.
    Linear,
}

fn default_beta() -> f64 {
    0.98
}

fn default_diverge_factor() -> Option<f64> {
    Some(4.0)
}

impl RangeTest {
    /// From `min_lr`, above 0, to `max_lr`, greater than `min_lr`, over `steps`, 2 or more. fastai tests 1e-7 to 10 over 100.
    pub fn new(min_lr: f64, max_lr: f64, steps: u64) -> Self {
        Self {
            min_lr,
            max_lr,
            steps,
            growth: Growth::default(),
            beta: default_beta(),
            diverge_factor: default_diverge_factor(),
        }
    }

    /// Exponential or linear growth.
    pub fn growth(mut self, growth: Growth) -> Self {
        self.growth = growth;
        self
    }

    /// The weight of the past in the smoothed loss, 0 or more and below 1; with 0 it is the loss itself.
    pub fn beta(mut self, beta: f64) -> Self {
        self.beta = beta;
        self
    }

    /// How many times its best the smoothed loss may become; above 1.
    pub fn diverge_factor(mut self, diverge_factor: f64) -> Self {
        self.diverge_factor = Some(diverge_factor);
        self
    }

    /// Goes on to `max_lr` whatever the loss does, as long as it is finite.
    pub fn never_diverge(mut self) -> Self {
        self.diverge_factor = None;
        self
    }

    /// The number of mini-batches.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The rates of the test: a ramp of `steps` rates that then holds `max_lr`.
    ///
    /// # Errors
    ///
    /// Not `0 < min_lr < max_lr`, fewer than 2 steps, or another number is out of its range or not finite.
    pub fn schedule(&self) -> Result<Schedule, ScheduleError> {
        self.validate()?;
        let shape = match self.growth {
            Growth::Exponential => Shape::Geometric,
            Growth::Linear => Shape::Linear,
        };
        Ramp::new(self.min_lr, self.max_lr, self.steps - 1).shape(shape).build()
    }

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

    fn validate(&self) -> Result<(), ScheduleError> {
        within("min_lr", self.min_lr, self.min_lr > 0.0, "above 0")?;
        within("max_lr", self.max_lr, self.max_lr > self.min_lr, "greater than `min_lr`")?;
        if self.steps < 2 {
            return Err(ScheduleError::StepsOutOfRange { field: "steps", value: self.steps, rule: "at least 2" });
        }
        within("beta", self.beta, (0.0..1.0).contains(&self.beta), "0 or more and below 1")?;
        match self.diverge_factor {
            Some(factor) => within("diverge_factor", factor, factor > 1.0, "above 1"),
            None => Ok(()),
        }
    }
}

impl Serialize for RangeTest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RangeTest::serialize(self, serializer) // the derived one
    }
}

impl<'de> Deserialize<'de> for RangeTest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let test = RangeTest::deserialize(deserializer)?; // the derived one
        test.validate().map_err(D::Error::custom)?;
        Ok(test)
    }
}

/// A range test that is under way: asks for losses one by one and says when it is over.
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
    test: RangeTest,
    schedule: Schedule,
    points: Vec<RangePoint>,
    smoothed: f64,
    /// `beta^n` after `n` losses.
    fading: f64,
    best: Option<f64>,
    end: Option<RangeEnd>,
}

impl RangeRecorder {
    /// The rate of the next mini-batch; `None` when the test is over.
    pub fn next_lr(&self) -> Option<f64> {
        if self.end.is_some() { None } else { Some(self.schedule.at(self.points.len() as u64)) }
    }

    /// Takes in the loss of the mini-batch that was trained on at [`next_lr`](Self::next_lr), and says whether to go on.
    ///
    /// A loss that is not finite is not among the points. Once the test is over, nothing is taken in any more.
    pub fn record(&mut self, loss: f64) -> ControlFlow<RangeEnd> {
        if self.end.is_none() {
            self.end = self.take(loss);
        }
        match self.end {
            Some(end) => ControlFlow::Break(end),
            None => ControlFlow::Continue(()),
        }
    }

    /// What has been recorded so far, step by step.
    pub fn points(&self) -> &[RangePoint] {
        &self.points
    }

    /// The curve; one that is not over yet counts as [interrupted](RangeEnd::Interrupted).
    pub fn finish(self) -> RangeCurve {
        RangeCurve::new(self.test, self.points, self.end.unwrap_or(RangeEnd::Interrupted))
    }

    fn take(&mut self, loss: f64) -> Option<RangeEnd> {
        self.fading *= self.test.beta;
        let weight = (1.0 - self.test.beta) / (1.0 - self.fading);
        // By the difference, so that equal losses have exactly that mean.
        let smoothed = if weight < 1.0 { self.smoothed + weight * (loss - self.smoothed) } else { loss };
        // The difference of enormous losses may overflow where they do not.
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
