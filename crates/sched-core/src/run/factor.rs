//! A factor on the rate of a part of the model.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::curve::{Curve, Source};
use super::scheduler::Scheduler;
use crate::eval::RateError;
use crate::schedule::{Schedule, ScheduleError, rate, within};

/// A factor on the rate of a part of the model, relative to the whole: finite and 0 or more.
///
/// ```
/// use sched_core::Factor;
///
/// # fn main() -> Result<(), sched_core::ScheduleError> {
/// assert_eq!(Factor::new(0.5)?.apply(0.1), 0.05);
/// assert_eq!(Factor::new(0.0)?.apply(0.1), 0.0);
/// assert!(Factor::new(-1.0).unwrap_err().to_string().starts_with("`factor` is -1, but must be 0 or more"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Factor(f64);

impl Factor {
    /// Leaves every rate as it is.
    pub const ONE: Self = Self(1.0);

    /// Makes every rate 0.
    pub const ZERO: Self = Self(0.0);

    /// A factor of 0 or more.
    ///
    /// # Errors
    ///
    /// It is negative or not finite.
    pub fn new(factor: f64) -> Result<Self, ScheduleError> {
        rate("factor", factor)?;
        Ok(Self(factor + 0.0)) // -0.0 becomes 0.0
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }

    /// `factor * rate`, at most [`f64::MAX`].
    pub fn apply(self, rate: f64) -> f64 {
        let rate = self.0 * rate;
        // Not `min`, which would turn NaN into a number.
        if rate > f64::MAX { f64::MAX } else { rate }
    }

    /// Layer-wise decay: a factor for each of `layers` layers, from the input to the output.
    ///
    /// Layer `i`, counted from 0, has `max(min_scale, decay^(layers - 1 - i))`, so that the last one has 1; or 0, if that is
    /// below `no_opt_scale`. `decay` is above 0 and at most 1; `min_scale` and `no_opt_scale` are between 0 and 1, where 0
    /// turns them off. The factors are those of timm's `param_groups_layer_decay`, after Bao et al. 2021, BEiT, arXiv
    /// 2106.08254, and Clark et al. 2020, ELECTRA, arXiv 2003.10555.
    ///
    /// ```
    /// # use sched_core::Factor;
    /// let factors = |min_scale, no_opt_scale| -> Result<Vec<f64>, sched_core::ScheduleError> {
    ///     Ok(Factor::layer_decay(0.5, 4, min_scale, no_opt_scale)?.into_iter().map(Factor::get).collect())
    /// };
    /// assert_eq!(factors(0.0, 0.0)?, [0.125, 0.25, 0.5, 1.0]);
    /// assert_eq!(factors(0.2, 0.0)?, [0.2, 0.25, 0.5, 1.0]);
    /// assert_eq!(factors(0.0, 0.2)?, [0.0, 0.25, 0.5, 1.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A number is out of its range or not finite, or `layers` is 0.
    pub fn layer_decay(
        decay: f64,
        layers: usize,
        min_scale: f64,
        no_opt_scale: f64,
    ) -> Result<Vec<Self>, ScheduleError> {
        const PART: &str = "between 0 and 1";
        within("decay", decay, decay > 0.0 && decay <= 1.0, "above 0 and at most 1")?;
        within("min_scale", min_scale, (0.0..=1.0).contains(&min_scale), PART)?;
        within("no_opt_scale", no_opt_scale, (0.0..=1.0).contains(&no_opt_scale), PART)?;
        if layers == 0 {
            return Err(ScheduleError::Empty { field: "layers" });
        }
        let scale = |above: usize| libm::pow(decay, above as f64).max(min_scale);
        let frozen = |scale: f64| if scale < no_opt_scale { Self::ZERO } else { Self(scale) };
        Ok((0..layers).rev().map(scale).map(frozen).collect())
    }
}

/// A function times a factor.
struct Scaled {
    factor: Factor,
    of: Arc<dyn Curve + Send + Sync>,
}

impl Curve for Scaled {
    fn at(&self, step: u64) -> f64 {
        let rate = self.of.at(step);
        // What is no rate is passed on as it is, so that the scheduler's error shows what the function returned.
        if RateError::check(step, rate).is_ok() { self.factor.apply(rate) } else { rate }
    }
}

impl Schedule {
    /// This schedule times `factor`: the schedule of a part of the model.
    ///
    /// ```
    /// # use sched_core::{Factor, Schedule};
    /// let schedule = Schedule::linear(1.0, 0.0, 10)?.scaled(Factor::new(0.25)?)?;
    /// assert_eq!([0, 5, 10].map(|t| schedule.at(t)), [0.25, 0.125, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The schedule would be nested too deeply.
    pub fn scaled(self, factor: Factor) -> Result<Self, ScheduleError> {
        if factor == Factor::ONE { Ok(self) } else { self.times(Schedule::constant(factor.get())?) }
    }
}

impl Scheduler {
    /// A scheduler for a part of the model: this one with its curve times `factor`.
    ///
    /// It is at the same step and has a clone of the rule that follows a metric, with what the rule has seen. The rule's own
    /// bounds, such as a plateau's `min_lr`, are rates and are not multiplied. A closure stays a closure.
    ///
    /// ```
    /// # use sched_core::{Factor, Schedule, Scheduler};
    /// let mut scheduler = Scheduler::new(Schedule::linear(1.0, 0.0, 10)?);
    /// scheduler.step();
    /// let mut half = scheduler.scaled(Factor::new(0.5)?)?;
    /// assert_eq!(half.step(), 0.45);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The schedule would be nested too deeply.
    pub fn scaled(&self, factor: Factor) -> Result<Self, ScheduleError> {
        if factor == Factor::ONE {
            return Ok(self.clone());
        }
        let source = match self.source() {
            Source::Schedule(schedule) => Schedule::clone(schedule).scaled(factor)?.into(),
            Source::Function(function) => Source::Function(Arc::new(Scaled { factor, of: function.clone() })),
        };
        let mut scaled = Self::assemble(source, self.position(), self.feedback().cloned(), None);
        if self.last_rate().is_some() {
            scaled.seek(self.position());
        }
        Ok(scaled)
    }
}
