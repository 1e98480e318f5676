//! Cycles that grow and shrink, then the floor.

use sched_core::{Ramp, Repeat, Schedule, ScheduleError, Shape};

use crate::shared::held_from;

/// Cycles from a peak to `lr_min`.
pub(super) struct Cycles {
    pub(super) steps: u64,
    pub(super) shape: Shape,
    pub(super) k_decay: f64,
    pub(super) mul: f64,
    pub(super) limit: u64,
    /// Each peak over the one before; `lr_min` stays.
    pub(super) decay: f64,
    pub(super) lr_min: f64,
}

impl Cycles {
    pub(super) fn from(&self, peak: f64) -> Result<Schedule, ScheduleError> {
        let floor = Schedule::constant(self.lr_min)?;
        if self.limit == 0 {
            return Ok(floor);
        }
        let cycles = if self.decay == 1.0 || self.lr_min == 0.0 {
            self.repeat(peak, self.lr_min, self.decay)?
        } else {
            self.repeat(peak, 0.0, self.decay)?.plus(self.repeat(0.0, self.lr_min, 1.0)?)?
        };
        let cycles = cycles.then(floor)?;
        // Where shrinking cycles have come to an end, timm takes the logarithm of 0.
        match self.end() {
            Some(end) => held_from(cycles, end),
            None => Ok(cycles),
        }
    }

    pub(super) fn end(&self) -> Option<u64> {
        (self.mul < 1.0).then(|| libm::ceil(self.steps as f64 / (1.0 - self.mul)) as u64)
    }

    fn repeat(&self, from: f64, to: f64, decay: f64) -> Result<Schedule, ScheduleError> {
        // (t / T)^0 is 1: the end of the cycle.
        let ramp = Ramp::new(from, to, if self.k_decay == 0.0 { 0 } else { self.steps }).shape(self.shape).build()?;
        let bent = !matches!(self.k_decay, 0.0 | 1.0);
        let cycle = if bent { ramp.warp(self.steps as f64, self.k_decay)? } else { ramp };
        Repeat::new(cycle, self.steps).growth(self.mul).cycle_scale(decay).limit(self.limit).build()
    }
}
