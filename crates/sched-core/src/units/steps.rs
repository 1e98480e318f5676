//! How many steps a duration takes.

use super::duration::{Duration, Unit};
use super::plan::{Plan, PlanError};
use super::rounding::Rounding;
use crate::schedule::{Given, LONGEST, StepCount};

impl Plan {
    /// A duration in whole steps: as [`rounding`](Self::rounding) says, or else the nearest number, halves up, and at least 1 for
    /// anything longer than 0.
    ///
    /// # Errors
    ///
    /// The plan lacks a number that the duration needs or contradicts itself, or the result is 2^64 or more.
    pub fn steps(&self, duration: Duration) -> Result<u64, PlanError> {
        let exact = self.exact_steps(duration)?;
        let steps = self.rounding.unwrap_or(Rounding::Nearest).whole(exact);
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

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use crate::{Plan, PlanError, Rounding};

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
    fn nonsense_is_refused() {
        let contradiction = Plan::new().total_steps(1_000).epochs(10).steps_per_epoch(99);
        assert!(steps(contradiction, "5 steps").unwrap_err().to_string().contains("= 990"));
        let huge = Plan::new().total_steps(1).epochs(u64::MAX).steps_per_epoch(u64::MAX);
        assert!(matches!(huge.check(), Err(PlanError::Contradiction { .. })));
        assert_eq!(Plan::new().batch(0).check(), Err(PlanError::Zero { field: "batch" }));
        assert!(matches!(steps(Plan::new(), "1e20 steps"), Err(PlanError::TooLong { .. })));
        assert!(matches!(steps(Plan::new(), "5 apples"), Err(PlanError::NoDuration(_))));
    }
}
