//! The learning-rate range test: the rates to try.

use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::schedule::{
    Given, Ramp, Rounded, Schedule, ScheduleError, Shape, StepCount, count, number, safe_error, within,
};

/// A learning-rate range test: a rate that grows from `min_lr` to `max_lr` over `steps` mini-batches, while the loss is
/// recorded.
///
/// The rate of mini-batch `t` is `min_lr (max_lr / min_lr)^(t / (steps - 1))`, or with [`Growth::Linear`]
/// `min_lr + (max_lr - min_lr) t / (steps - 1)`: `min_lr` at 0 and `max_lr` at the last, `steps - 1`.
///
/// The smoothed loss is the weighted mean of the losses so far, where a loss `k` steps old has the weight `beta^k`: a
/// bias-corrected exponential moving average, which starts at the first loss. The test stops early when the smoothed loss
/// exceeds `best + (diverge_factor - 1) |best|`, which is `diverge_factor * best` for a positive loss, or when a loss is not
/// finite.
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
    pub(super) min_lr: f64,
    #[serde(deserialize_with = "number::max_lr")]
    pub(super) max_lr: f64,
    #[serde(deserialize_with = "count::steps")]
    pub(super) steps: u64,
    #[serde(default)]
    pub(super) growth: Growth,
    #[serde(default = "default_beta", deserialize_with = "number::beta")]
    pub(super) beta: f64,
    /// `None` for a test that never stops.
    #[serde(default = "default_diverge_factor")]
    pub(super) diverge_factor: Option<f64>,
}

/// How the rate of a range test grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Growth {
    /// By the same factor each step, so that every order of magnitude gets as many steps.
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
    /// From `min_lr`, above 0, to `max_lr`, above `min_lr`, over `steps`, 2 or more. fastai tests 1e-7 to 10 over 100.
    pub fn new(min_lr: f64, max_lr: f64, steps: impl StepCount) -> Self {
        Self {
            min_lr,
            max_lr,
            steps: Given::new(steps).or_zero(),
            growth: Growth::default(),
            beta: default_beta(),
            diverge_factor: default_diverge_factor(),
        }
    }

    /// Sets how the rate grows; exponentially by default.
    pub fn growth(mut self, growth: Growth) -> Self {
        self.growth = growth;
        self
    }

    /// Sets the weight of the past in the smoothed loss, 0 (no smoothing) or more and below 1; 0.98 by default.
    pub fn beta(mut self, beta: f64) -> Self {
        self.beta = beta;
        self
    }

    /// Sets how many times its best the smoothed loss may become, above 1; 4 by default.
    pub fn diverge_factor(mut self, diverge_factor: f64) -> Self {
        self.diverge_factor = Some(diverge_factor);
        self
    }

    /// Goes on to `max_lr` however much the loss grows, as long as it is finite.
    pub fn never_diverge(mut self) -> Self {
        self.diverge_factor = None;
        self
    }

    /// The number of mini-batches.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The rates of the test: `steps` of them, then `max_lr`.
    ///
    /// # Errors
    ///
    /// `min_lr` is not above 0 or `max_lr` not above `min_lr`, `steps` is below 2, or another number is out of range or not
    /// finite.
    pub fn schedule(&self) -> Result<Schedule, ScheduleError> {
        self.validate()?;
        let shape = match self.growth {
            Growth::Exponential => Shape::Geometric,
            Growth::Linear => Shape::Linear,
        };
        Ramp::new(self.min_lr, self.max_lr, self.steps - 1).shape(shape).build()
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
        let test = RangeTest::deserialize(deserializer).map_err(safe_error)?; // the derived one
        test.validate().map_err(D::Error::custom)?;
        Ok(test)
    }
}

/// `exponential 1e-7 to 10 over 100 steps`.
impl fmt::Display for RangeTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let growth = match self.growth {
            Growth::Exponential => "exponential",
            Growth::Linear => "linear",
        };
        write!(f, "{growth} {} to {} over {} steps", Rounded(self.min_lr), Rounded(self.max_lr), self.steps)
    }
}
