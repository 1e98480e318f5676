//! The one-cycle policy.

use alloc::vec;
use alloc::vec::Vec;

use crate::schedule::{
    Given, Phase, Ramp, Schedule, ScheduleError, Shape, StepCount, at_least_one, finite, rate, rates, within,
};

/// One cycle over a whole run: PyTorch's `OneCycleLR`.
///
/// From `max_lr / div_factor` at 0 up to `max_lr`, then down to `max_lr / div_factor / final_div_factor`; with `three_phase`
/// down to the first rate in the time that the rise took, then on to the last one. With `N = total_steps` the phases end
/// at steps `pct_start N - 1`, (`2 pct_start N - 2`,) `N - 1`, which need not be whole, so the peak may lie between two
/// steps. The last rate is reached at `N - 1` and held (PyTorch rises or goes negative at `N`). With `p` from 0 to 1 in a
/// phase, the rate is `from + (to - from) (1 - cos(pi p)) / 2`, or `from + (to - from) p` with [`Anneal::Linear`].
///
/// Defaults: `pct_start = 0.3`, [`Anneal::Cos`], `div_factor = 25`, `final_div_factor = 1e4`, two phases.
///
/// Smith and Topin 2017, arXiv 1708.07120; the third phase and the cosine come from fastai.
///
/// ```
/// use sched_core::OneCycle;
///
/// # fn main() -> Result<(), sched_core::ScheduleError> {
/// let one_cycle = OneCycle::new(0.1, 100);
/// let lr = one_cycle.lr()?;
/// assert_eq!([0, 29, 99, 100].map(|t| lr.at(t)), [0.004, 0.1, 4e-7, 4e-7]);
/// let momentum = one_cycle.momentum(0.85, 0.95)?;
/// assert_eq!([0, 29, 99, 100].map(|t| momentum.at(t)), [0.95, 0.85, 0.95, 0.95]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "a builder does nothing until `lr` or `momentum`"]
pub struct OneCycle {
    /// The peak, 0 or more.
    pub max_lr: f64,
    total_steps: Given,
    /// The part of the run that the rise takes, between 0 and 1.
    pub pct_start: f64,
    /// Cosine or linear phases.
    pub anneal: Anneal,
    /// The peak over the first rate, above 0.
    pub div_factor: f64,
    /// The first rate over the last, above 0.
    pub final_div_factor: f64,
    /// Whether the rate falls as slowly as it rose, and then goes on to the last rate.
    pub three_phase: bool,
}

/// How a cycle gets from one rate to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Anneal {
    /// Half a cosine wave.
    #[default]
    Cos,
    /// A straight line.
    Linear,
}

impl OneCycle {
    /// A cycle that peaks at `max_lr` and lasts `total_steps`, 1 or more.
    pub fn new(max_lr: f64, total_steps: impl StepCount) -> Self {
        Self {
            max_lr,
            total_steps: Given::new(total_steps),
            pct_start: 0.3,
            anneal: Anneal::Cos,
            div_factor: 25.0,
            final_div_factor: 1e4,
            three_phase: false,
        }
    }

    /// Sets the part of the run that the rise takes, between 0 and 1; 0.3 by default.
    pub fn pct_start(mut self, pct_start: f64) -> Self {
        self.pct_start = pct_start;
        self
    }

    /// Sets the shape of the phases; cosine by default.
    pub fn anneal(mut self, anneal: Anneal) -> Self {
        self.anneal = anneal;
        self
    }

    /// Sets the peak over the first rate, above 0; 25 by default.
    pub fn div_factor(mut self, div_factor: f64) -> Self {
        self.div_factor = div_factor;
        self
    }

    /// Sets the first rate over the last, above 0; 1e4 by default.
    pub fn final_div_factor(mut self, final_div_factor: f64) -> Self {
        self.final_div_factor = final_div_factor;
        self
    }

    /// Falls as slowly as it rose, and then goes on to the last rate; not by default.
    pub fn three_phase(mut self, three_phase: bool) -> Self {
        self.three_phase = three_phase;
        self
    }

    /// The learning rate.
    ///
    /// # Errors
    ///
    /// `max_lr` is negative or not finite, `total_steps` is below 1, `pct_start` is not between 0 and 1, a divisor is not
    /// above 0, or the first or the last rate is too large.
    pub fn lr(&self) -> Result<Schedule, ScheduleError> {
        rate("max_lr", self.max_lr)?;
        within("div_factor", self.div_factor, self.div_factor > 0.0, "above 0")?;
        within("final_div_factor", self.final_div_factor, self.final_div_factor > 0.0, "above 0")?;
        let initial = self.max_lr / self.div_factor;
        let last = initial / self.final_div_factor;
        finite("max_lr / div_factor", initial)?;
        finite("max_lr / div_factor / final_div_factor", last)?;
        if self.three_phase {
            self.through(&[initial, self.max_lr, initial, last])
        } else {
            self.through(&[initial, self.max_lr, last])
        }
    }

    /// The momentum that mirrors the rate: down to `base_momentum` at the peak, and back up to `max_momentum`.
    ///
    /// # Errors
    ///
    /// As for [`lr`](Self::lr), or a momentum is negative or not finite.
    pub fn momentum(&self, base_momentum: f64, max_momentum: f64) -> Result<Schedule, ScheduleError> {
        rate("base_momentum", base_momentum)?;
        rate("max_momentum", max_momentum)?;
        if self.three_phase {
            self.through(&[max_momentum, base_momentum, max_momentum, max_momentum])
        } else {
            self.through(&[max_momentum, base_momentum, max_momentum])
        }
    }

    /// Any values in the phases of this cycle: the first, the one at the peak and the last; with `three_phase` four, of
    /// which the third ends the fall.
    ///
    /// A phase covers the steps from the end of the previous one up to its own, which may lie between two steps; then the
    /// next phase starts between them, too.
    ///
    /// ```
    /// # use sched_core::{Anneal, OneCycle};
    /// let weight_decay = OneCycle::new(0.1, 100).pct_start(0.5).anneal(Anneal::Linear).through(&[0.25, 0.5, 0.0])?;
    /// assert_eq!([0, 49, 99, 100].map(|t| weight_decay.at(t)), [0.25, 0.5, 0.0, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// There are not as many values as that, one is negative or not finite, `total_steps` is below 1, or `pct_start` is not
    /// between 0 and 1.
    pub fn through(&self, values: &[f64]) -> Result<Schedule, ScheduleError> {
        let expected = if self.three_phase { 4 } else { 3 };
        if values.len() != expected {
            return Err(ScheduleError::WrongLength { field: "values", length: values.len(), expected });
        }
        rates("values", values.iter().copied())?;
        let total_steps = self.total_steps.get("total_steps")?;
        at_least_one("total_steps", total_steps)?;
        within("pct_start", self.pct_start, (0.0..=1.0).contains(&self.pct_start), "between 0 and 1")?;
        let last_step = total_steps - 1;
        let rise = self.pct_start * total_steps as f64;
        let ends: &[f64] = if self.three_phase {
            &[rise - 1.0, 2.0 * rise - 2.0, last_step as f64]
        } else {
            &[rise - 1.0, last_step as f64]
        };
        let shape = if self.anneal == Anneal::Cos { Shape::Cosine } else { Shape::Linear };

        let mut phases: Vec<Phase> = vec![];
        let mut begin = 0.0;
        let mut first = 0;
        for (&end, ramp) in ends.iter().zip(values.windows(2)) {
            if end < first as f64 {
                begin = end;
                continue;
            }
            let ramp = Ramp { steps: end - begin, ..Ramp::new(ramp[0], ramp[1], 0).shape(shape) }.build()?;
            let head_start = first as f64 - begin;
            let schedule = if head_start > 0.0 { ramp.advance(head_start)? } else { ramp };
            phases.push(Phase { start: first, schedule });
            begin = end;
            // At a whole step both sides have the same value, and the next phase starts exactly there.
            first = libm::ceil(end) as u64;
            if end >= last_step as f64 {
                break;
            }
        }
        let schedule = Schedule::sequence(phases)?;
        if begin <= last_step as f64 {
            return Ok(schedule);
        }
        // A fall that is longer than the run is cut off at the run's last step.
        let last = Schedule::constant(schedule.at(last_step))?;
        schedule.then_at(last_step, last)
    }
}
