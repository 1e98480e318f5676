//! The dimensions of a training run, which turn epochs, percent, samples and tokens into steps.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::duration::{Duration, DurationError, Unit};
use crate::schedule::{Given, LONGEST, StepCount, plain_reader};

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

/// How a duration becomes a whole number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rounding {
    /// To the nearest, halves up, and anything longer than 0 to at least 1; sched's own.
    Nearest,
    /// Up, as transformers does with `warmup_ratio`.
    Up,
    /// Down, perhaps to 0, as Composer and NeMo do.
    Down,
}

plain_reader! { Plan Rounding }

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
            let how = match rounding {
                Rounding::Nearest => "to the nearest",
                Rounding::Up => "up",
                Rounding::Down => "down",
            };
            write!(f, "{separator}rounded {how}")?;
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

    /// A duration in whole steps: as [`rounding`](Self::rounding) says, or else the nearest number, halves up, and at least 1 for
    /// anything longer than 0.
    ///
    /// # Errors
    ///
    /// The plan lacks a number that the duration needs or contradicts itself, or the result is 2^64 or more.
    pub fn steps(&self, duration: Duration) -> Result<u64, PlanError> {
        let exact = self.exact_steps(duration)?;
        let steps = match self.rounding.unwrap_or(Rounding::Nearest) {
            Rounding::Nearest if exact > 0.0 => libm::round(exact).max(1.0),
            Rounding::Nearest => 0.0,
            Rounding::Up => libm::ceil(whole_nearby(exact)),
            Rounding::Down => libm::floor(whole_nearby(exact)),
        };
        if steps >= LONGEST { Err(PlanError::TooLong { duration }) } else { Ok(steps as u64) }
    }

    /// A duration in steps, which need not be whole: 183105 samples in batches of 2048 are 89.4 updates.
    ///
    /// ```
    /// use sched_core::Plan;
    ///
    /// # fn main() -> Result<(), sched_core::PlanError> {
    /// let plan = Plan::new().batch(2048);
    /// assert_eq!(plan.exact_steps("183105 samples".parse()?)?, 183_105.0 / 2048.0);
    /// assert_eq!(plan.steps("183105 samples".parse()?)?, 89);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As of [`steps`](Self::steps).
    pub fn exact_steps(&self, duration: Duration) -> Result<f64, PlanError> {
        self.check()?;
        let value = duration.value();
        let missing = |missing| PlanError::Missing { duration, missing };
        let exact = match duration.unit() {
            Unit::Steps => value,
            Unit::Epochs => value * self.epoch().ok_or(missing("`steps_per_epoch`"))?,
            Unit::Percent => value * self.run().ok_or_else(|| missing(self.missing_of_run()))? / 100.0,
            Unit::Samples => value / self.samples().ok_or(missing("`batch`"))?,
            Unit::Tokens => {
                let length = self.sequence_length.ok_or(missing("`sequence_length`"))? as f64;
                value / (self.samples().ok_or(missing("`batch`"))? * length)
            }
        };
        if exact >= LONGEST { Err(PlanError::TooLong { duration }) } else { Ok(exact) }
    }

    /// The number of steps in the whole run.
    ///
    /// # Errors
    ///
    /// The plan does not say or contradicts itself.
    pub fn run_steps(&self) -> Result<u64, PlanError> {
        match self.total_steps {
            Some(total_steps) => self.check().map(|()| total_steps),
            None => self.steps(Duration::WHOLE_RUN),
        }
    }

    /// This plan with the `steps_per_epoch` that follow from the number of samples in an epoch, the last batch and the last
    /// accumulation being as short as they are: `ceil(ceil(samples / (batch * devices)) / accumulation)`.
    ///
    /// That is what PyTorch's loaders and trainers do unless told to drop what is left over, and burn since 0.22. burn 0.21
    /// drops the gradients that are left over at the end of an epoch, so there the number is rounded down where
    /// `PerUpdate` is used.
    ///
    /// ```
    /// use sched_core::Plan;
    ///
    /// let plan = Plan::new().batch(64).accumulation(4).epochs(10).estimated_steps(60_000)?;
    /// assert_eq!(plan.steps_per_epoch, Some(235)); // 938 batches, the last of 32 samples
    /// assert_eq!(plan.run_steps()?, 2_350);
    /// # Ok::<(), sched_core::PlanError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `samples` is 0, the plan does not say `batch`, or it contradicts itself then.
    pub fn estimated_steps(mut self, samples: impl StepCount) -> Result<Self, PlanError> {
        self.check()?;
        let samples = Given::new(samples).or_zero();
        if samples == 0 {
            return Err(PlanError::Zero { field: "samples" });
        }
        let missing = PlanError::Missing { duration: Duration::ONE_EPOCH, missing: "`batch`" };
        let together = self.batch.ok_or(missing)?.saturating_mul(self.devices.unwrap_or(1));
        self.steps_per_epoch = Some(samples.div_ceil(together).div_ceil(self.accumulation.unwrap_or(1)));
        self.check()?;
        Ok(self)
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

    /// Steps in the run.
    fn run(&self) -> Option<f64> {
        match self.total_steps {
            Some(total_steps) => Some(total_steps as f64),
            None => Some(self.epochs? as f64 * self.steps_per_epoch? as f64),
        }
    }

    fn missing_of_run(&self) -> &'static str {
        match (self.epochs, self.steps_per_epoch) {
            (Some(_), _) => "`steps_per_epoch`",
            (None, Some(_)) => "`total_steps` or `epochs`",
            (None, None) => "`total_steps`, or `epochs` and `steps_per_epoch`",
        }
    }

    /// Steps in an epoch, which the length of the run tells too.
    fn epoch(&self) -> Option<f64> {
        match self.steps_per_epoch {
            Some(steps_per_epoch) => Some(steps_per_epoch as f64),
            None => Some(self.total_steps? as f64 / self.epochs? as f64),
        }
    }

    /// Samples in a step.
    fn samples(&self) -> Option<f64> {
        Some(self.batch? as f64 * self.accumulation.unwrap_or(1) as f64 * self.devices.unwrap_or(1) as f64)
    }
}

/// The whole number next to this one, if only the rounding of its own computation lies between them: 7 % of 100 steps are 7.
fn whole_nearby(steps: f64) -> f64 {
    let nearest = libm::round(steps);
    if (steps - nearest).abs() <= 4.0 * f64::EPSILON * nearest { nearest } else { steps }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::{Plan, PlanError, Rounding};

    fn steps(plan: Plan, text: &str) -> Result<u64, PlanError> {
        plan.steps(text.parse()?)
    }

    #[test]
    fn every_unit_becomes_steps() {
        let plan = Plan::new().steps_per_epoch(100).epochs(10).batch(32).accumulation(4).sequence_length(512);
        for (text, expected) in [
            ("500 steps", 500),
            ("500", 500),
            ("5 epochs", 500),
            ("0.125 epochs", 13), // 12.5: halves up
            ("10 %", 100),
            ("33.34 %", 333),
            ("1280 samples", 10),
            ("1e6 samples", 7_813), // 7812.5
            ("655360 tokens", 10),
            ("1 samples", 1), // 0.0078: longer than nothing
            ("0 epochs", 0),
            ("0 %", 0),
        ] {
            assert_eq!(steps(plan, text), Ok(expected), "{text}");
        }
        assert_eq!(plan.run_steps(), Ok(1_000));
        assert_eq!(steps(Plan::new().total_steps(1_000).epochs(8), "2 epochs"), Ok(250));
        assert_eq!(steps(Plan::new().total_steps(1_000), "100 %"), Ok(1_000));
        assert_eq!(steps(Plan::new().batch(8), "80 samples"), Ok(10));
        assert_eq!(Plan::new().total_steps(u64::MAX).run_steps(), Ok(u64::MAX));
    }

    #[test]
    fn a_plan_chooses_the_rounding() {
        let plan = Plan::new().total_steps(1_000).steps_per_epoch(100).batch(32);
        for (text, [nearest, up, down]) in [
            ("0.125 epochs", [13, 13, 12]), // 12.5
            ("33.34 %", [333, 334, 333]),
            ("0.01 %", [1, 1, 0]),
            ("1 samples", [1, 1, 0]),
            ("0 %", [0, 0, 0]),
            ("7 %", [70, 70, 70]),     // 70.00000000000001
            ("29 %", [290, 290, 290]), // 290 less a bit
            ("12.2 steps", [12, 13, 12]),
            ("320 samples", [10, 10, 10]),
        ] {
            let all = [Rounding::Nearest, Rounding::Up, Rounding::Down].map(|rounding| plan.rounding(rounding));
            assert_eq!(all.map(|plan| steps(plan, text)), [nearest, up, down].map(Ok), "{text}");
            assert_eq!(steps(plan, text), Ok(nearest), "{text}");
        }
        let read: Plan = serde_json::from_str(r#"{"rounding": "down"}"#).unwrap();
        assert_eq!(read, Plan::new().rounding(Rounding::Down));
        assert_eq!(read.to_string(), "rounded down");
        assert_eq!(Plan::new().or(read), read);
    }

    #[test]
    fn what_is_missing_is_named() {
        for (plan, text, missing) in [
            (Plan::new(), "5 epochs", "`steps_per_epoch`"),
            (Plan::new().epochs(5), "5 epochs", "`steps_per_epoch`"),
            (Plan::new(), "5 %", "`total_steps`, or `epochs` and `steps_per_epoch`"),
            (Plan::new().epochs(5), "5 %", "`steps_per_epoch`"),
            (Plan::new().steps_per_epoch(5), "5 %", "`total_steps` or `epochs`"),
            (Plan::new().accumulation(5), "5 samples", "`batch`"),
            (Plan::new().batch(5), "5 tokens", "`sequence_length`"),
            (Plan::new().sequence_length(5), "5 tokens", "`batch`"),
        ] {
            let error = steps(plan, text).unwrap_err();
            assert!(matches!(error, PlanError::Missing { missing: found, .. } if found == missing), "{text}: {error}");
            assert!(error.to_string().ends_with(missing), "{error}");
        }
    }

    #[test]
    fn devices_share_the_samples() {
        assert_eq!(steps(Plan::new().batch(8).devices(2).accumulation(5), "800 samples"), Ok(10));
    }

    /// Expected: `len(DataLoader)` of PyTorch 2, with a `DistributedSampler` on two devices, and Lightning's
    /// `estimated_stepping_batches` with accumulation.
    #[test]
    fn the_last_batch_and_the_last_accumulation_may_be_short() {
        let steps = |plan: Plan, samples: u64| plan.estimated_steps(samples).map(|plan| plan.steps_per_epoch.unwrap());
        assert_eq!(steps(Plan::new().batch(32), 1_000), Ok(32));
        assert_eq!(steps(Plan::new().batch(32), 32), Ok(1));
        assert_eq!(steps(Plan::new().batch(32).devices(2), 1_000), Ok(16));
        assert_eq!(steps(Plan::new().batch(32).accumulation(3), 1_000), Ok(11));
        assert_eq!(steps(Plan::new().batch(u64::MAX).devices(2), 1), Ok(1));
        assert_eq!(steps(Plan::new().batch(32).steps_per_epoch(9), 1_000), Ok(32));
        assert_eq!(steps(Plan::new().batch(32), 0), Err(PlanError::Zero { field: "samples" }));
        assert_eq!(steps(Plan::new().batch(0), 5), Err(PlanError::Zero { field: "batch" }));
        assert!(steps(Plan::new(), 5).unwrap_err().to_string().ends_with("does not say `batch`"));
        let error = steps(Plan::new().batch(10).epochs(2).total_steps(30), 100).unwrap_err();
        assert!(error.to_string().contains("= 20"), "{error}");
    }

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
    fn nonsense_is_refused() {
        let contradiction = Plan::new().total_steps(1_000).epochs(10).steps_per_epoch(99);
        assert!(steps(contradiction, "5 steps").unwrap_err().to_string().contains("= 990"));
        let huge = Plan::new().total_steps(1).epochs(u64::MAX).steps_per_epoch(u64::MAX);
        assert!(matches!(huge.check(), Err(PlanError::Contradiction { .. })));
        assert_eq!(Plan::new().batch(0).check(), Err(PlanError::Zero { field: "batch" }));
        assert!(matches!(steps(Plan::new(), "1e20 steps"), Err(PlanError::TooLong { .. })));
        assert!(matches!(steps(Plan::new(), "5 apples"), Err(PlanError::NoDuration(_))));
    }

    #[test]
    fn a_file_says_only_what_it_knows() {
        let plan: Plan = serde_json::from_str(r#"{"epochs": 3}"#).unwrap();
        assert_eq!(plan, Plan::new().epochs(3));
        assert_eq!(serde_json::from_str::<Plan>(&serde_json::to_string(&plan).unwrap()).unwrap(), plan);
        assert!(serde_json::from_str::<Plan>(r#"{"epoch": 3}"#).unwrap_err().to_string().contains("`epochs`"));
    }
}
