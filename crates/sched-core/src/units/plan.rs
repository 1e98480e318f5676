//! The dimensions of a training run, which turn epochs, percent, samples and tokens into steps.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::duration::{Duration, DurationError};
use super::rounding::Rounding;
use crate::schedule::{Given, StepCount, plain_reader};

/// The dimensions of a training run, which turn a [`Duration`] into steps. Only those that a duration needs must be known.
///
/// One step is one optimizer update, so with gradient accumulation on several devices a step takes
/// `batch * accumulation * devices` samples. All numbers are 1 or more.
///
/// [`steps`](Self::steps) rounds to the nearest whole step, halves up, and anything longer than 0 to at least one step; `rounding`
/// says otherwise. Each duration is rounded by itself, so the same text is the same number of steps wherever a whole number is
/// needed. In a schedule file, [samples and tokens](Self::schedule) need not be whole updates.
///
/// ```
/// use sched_core::{Plan, Schedule};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let plan = Plan::new().steps_per_epoch(390).epochs(90).batch(128).sequence_length(1024);
/// assert_eq!(plan.steps("5 epochs".parse()?)?, 1_950);
/// assert_eq!(plan.steps("10 %".parse()?)?, 3_510);
/// assert_eq!(plan.steps("1e6 samples".parse()?)?, 7_813); // 7812.5
/// assert_eq!(plan.steps("2e9 tokens".parse()?)?, 15_259); // 15258.8
///
/// let schedule = Schedule::cosine_annealing(0.1, 0.0, plan.steps("85 epochs".parse()?)?)?;
/// let schedule = schedule.warmup(0.0, plan.steps("5 epochs".parse()?)?)?;
/// assert_eq!(schedule.horizon(), Some(plan.run_steps()?));
///
/// assert_eq!(plan.to_string(), "90 epochs, 390 steps per epoch, batch 128, sequence length 1024");
/// let error = Plan::new().total_steps(1_000).steps("5 epochs".parse()?).unwrap_err();
/// assert!(error.to_string().contains("`steps_per_epoch`"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, deny_unknown_fields)]
#[must_use]
pub struct Plan {
    /// Optimizer updates in an epoch.
    pub steps_per_epoch: Option<u64>,
    /// Optimizer updates in the whole run.
    pub total_steps: Option<u64>,
    /// Epochs in the whole run.
    pub epochs: Option<u64>,
    /// Samples in a batch, on one device.
    pub batch: Option<u64>,
    /// Batches whose gradients are accumulated for one optimizer update; 1 if not given.
    pub accumulation: Option<u64>,
    /// Devices that each process a batch of their own; 1 if not given.
    pub devices: Option<u64>,
    /// Tokens in a sample.
    pub sequence_length: Option<u64>,
    /// How a duration becomes a whole number of steps; to the nearest if not given.
    pub rounding: Option<Rounding>,
}

plain_reader! { Plan }

/// Why a [`Plan`] cannot turn a duration into steps.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The text is not a duration.
    #[error(transparent)]
    NoDuration(#[from] DurationError),
    /// The plan lacks a number.
    #[error("`{duration}` cannot be turned into steps: the plan does not say {missing}")]
    Missing {
        /// The duration.
        duration: Duration,
        /// What is missing, in words.
        missing: &'static str,
    },
    /// A number of the plan is 0.
    #[error("the plan's `{field}` is 0, but must be at least 1")]
    Zero {
        /// The number.
        field: &'static str,
    },
    /// Numbers of the plan contradict each other.
    #[error(
        "the plan's `total_steps` is {total_steps}, but must be {epochs} `epochs` x {steps_per_epoch} `steps_per_epoch` = {}; \
         leave one of the three out",
        u128::from(*.epochs) * u128::from(*.steps_per_epoch)
    )]
    Contradiction {
        /// `total_steps`.
        total_steps: u64,
        /// `epochs`.
        epochs: u64,
        /// `steps_per_epoch`.
        steps_per_epoch: u64,
    },
    /// The duration takes 2^64 steps or more.
    #[error("`{duration}` is too long: it must be less than 2^64 steps")]
    TooLong {
        /// The duration.
        duration: Duration,
    },
}

/// `90 epochs, 390 steps per epoch, batch 128`; only what is known.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = [
            ("", self.total_steps, " steps"),
            ("", self.epochs, " epochs"),
            ("", self.steps_per_epoch, " steps per epoch"),
            ("batch ", self.batch, ""),
            ("accumulation ", self.accumulation, ""),
            ("", self.devices, " devices"),
            ("sequence length ", self.sequence_length, ""),
        ];
        let mut separator = "";
        for (before, number, after) in known {
            if let Some(number) = number {
                write!(f, "{separator}{before}{number}{after}")?;
                separator = ", ";
            }
        }
        if let Some(rounding) = self.rounding {
            write!(f, "{separator}rounded {}", rounding.words())?;
            separator = ", ";
        }
        if separator.is_empty() { f.write_str("nothing known") } else { Ok(()) }
    }
}

impl Plan {
    /// A plan that says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the number of optimizer updates in an epoch.
    pub fn steps_per_epoch(mut self, steps_per_epoch: impl StepCount) -> Self {
        self.steps_per_epoch = Some(Given::new(steps_per_epoch).or_zero());
        self
    }

    /// Sets the number of optimizer updates in the run.
    pub fn total_steps(mut self, total_steps: impl StepCount) -> Self {
        self.total_steps = Some(Given::new(total_steps).or_zero());
        self
    }

    /// Sets the number of epochs in the run.
    pub fn epochs(mut self, epochs: impl StepCount) -> Self {
        self.epochs = Some(Given::new(epochs).or_zero());
        self
    }

    /// Sets the number of samples in a batch.
    pub fn batch(mut self, batch: impl StepCount) -> Self {
        self.batch = Some(Given::new(batch).or_zero());
        self
    }

    /// Sets the number of batches whose gradients are accumulated for one optimizer update.
    pub fn accumulation(mut self, accumulation: impl StepCount) -> Self {
        self.accumulation = Some(Given::new(accumulation).or_zero());
        self
    }

    /// Sets the number of devices that each process a batch of their own.
    pub fn devices(mut self, devices: impl StepCount) -> Self {
        self.devices = Some(Given::new(devices).or_zero());
        self
    }

    /// Sets the number of tokens in a sample.
    pub fn sequence_length(mut self, sequence_length: impl StepCount) -> Self {
        self.sequence_length = Some(Given::new(sequence_length).or_zero());
        self
    }

    /// Sets how a duration becomes a whole number of steps.
    ///
    /// ```
    /// use sched_core::{Plan, Rounding};
    ///
    /// # fn main() -> Result<(), sched_core::PlanError> {
    /// let plan = Plan::new().total_steps(1_250);
    /// assert_eq!(plan.steps("3 %".parse()?)?, 38); // 37.5
    /// assert_eq!(plan.rounding(Rounding::Up).steps("3 %".parse()?)?, 38);
    /// assert_eq!(plan.rounding(Rounding::Down).steps("3 %".parse()?)?, 37);
    /// # Ok(())
    /// # }
    /// ```
    pub fn rounding(mut self, rounding: Rounding) -> Self {
        self.rounding = Some(rounding);
        self
    }

    /// This plan, with the numbers that it lacks from another. The length of the run is one number, whether told by `total_steps` or
    /// by `epochs`: where the two plans tell different lengths, this one's holds.
    ///
    /// ```
    /// use sched_core::Plan;
    ///
    /// let file = Plan::new().steps_per_epoch(100).epochs(90);
    /// assert_eq!(Plan::new().batch(8).or(file), file.batch(8));
    /// assert_eq!(Plan::new().total_steps(500).or(file), Plan::new().total_steps(500).steps_per_epoch(100));
    /// ```
    pub fn or(self, other: Self) -> Self {
        let mut plan = Self {
            steps_per_epoch: self.steps_per_epoch.or(other.steps_per_epoch),
            total_steps: self.total_steps.or(other.total_steps),
            epochs: self.epochs.or(other.epochs),
            batch: self.batch.or(other.batch),
            accumulation: self.accumulation.or(other.accumulation),
            devices: self.devices.or(other.devices),
            sequence_length: self.sequence_length.or(other.sequence_length),
            rounding: self.rounding.or(other.rounding),
        };
        if let Err(PlanError::Contradiction { .. }) = plan.check() {
            match (self.total_steps, self.epochs) {
                (Some(_), None) => plan.epochs = None,
                (None, Some(_)) => plan.total_steps = None,
                _ => {}
            }
        }
        plan
    }

    /// Checks that no number is 0 and that the numbers do not contradict each other.
    ///
    /// # Errors
    ///
    /// [`PlanError::Zero`] or [`PlanError::Contradiction`].
    pub fn check(&self) -> Result<(), PlanError> {
        for (field, number) in [
            ("steps_per_epoch", self.steps_per_epoch),
            ("total_steps", self.total_steps),
            ("epochs", self.epochs),
            ("batch", self.batch),
            ("accumulation", self.accumulation),
            ("devices", self.devices),
            ("sequence_length", self.sequence_length),
        ] {
            if number == Some(0) {
                return Err(PlanError::Zero { field });
            }
        }
        match (self.total_steps, self.epochs, self.steps_per_epoch) {
            (Some(total_steps), Some(epochs), Some(steps_per_epoch))
                if epochs.checked_mul(steps_per_epoch) != Some(total_steps) =>
            {
                Err(PlanError::Contradiction { total_steps, epochs, steps_per_epoch })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::{Plan, PlanError};

    #[test]
    fn of_two_lengths_the_first_plans_holds() {
        let file = Plan::new().total_steps(1_000).steps_per_epoch(100);
        assert_eq!(Plan::new().epochs(3).or(file), Plan::new().epochs(3).steps_per_epoch(100));
        assert_eq!(Plan::new().epochs(10).or(file), file.epochs(10));
        // Without the steps of an epoch nothing contradicts.
        let plan = Plan::new().epochs(3).or(Plan::new().total_steps(1_000));
        assert_eq!(plan, Plan::new().epochs(3).total_steps(1_000));
        // One plan with two lengths stays wrong.
        let wrong = Plan::new().total_steps(7).epochs(3).or(file);
        assert!(matches!(wrong.check(), Err(PlanError::Contradiction { .. })));
    }

    #[test]
    fn a_plan_says_what_it_knows() {
        let plan = Plan::new().total_steps(1_000).batch(32).accumulation(4).devices(2);
        assert_eq!(plan.to_string(), "1000 steps, batch 32, accumulation 4, 2 devices");
        assert_eq!(Plan::new().to_string(), "nothing known");
    }

    #[test]
    fn a_file_says_only_what_it_knows() {
        let plan: Plan = serde_json::from_str(r#"{"epochs": 3}"#).unwrap();
        assert_eq!(plan, Plan::new().epochs(3));
        assert_eq!(serde_json::from_str::<Plan>(&serde_json::to_string(&plan).unwrap()).unwrap(), plan);
        assert!(serde_json::from_str::<Plan>(r#"{"epoch": 3}"#).unwrap_err().to_string().contains("`epochs`"));
    }
}
