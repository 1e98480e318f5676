//! Schedulers that anneal the rate towards another one.

use sched_core::{Anneal, Beyond, Ramp, Schedule, ScheduleError, Shape};

use super::epochs::Epochs;
use super::rule::{Alone, Group, Raised, Resume, Rule};
use crate::declare::{AT_LEAST_0, Context, PerGroup, Refusal, params};
use crate::shared::WarmRestarts;

params! {
    /// `eta_min + (lr - eta_min) (1 + cos(pi t / T_max)) / 2`, up again past `T_max`; `lr` throughout if that is 0.
    /// It need not be whole, and then no epoch is at the lowest point.
    pub(crate) struct CosineAnnealingLR {
        T_max: Epochs,
        eta_min: f64 where AT_LEAST_0 = 0.0,
        .._resume: Resume,
    }
}

impl CosineAnnealingLR {
    fn wave(&self, from: f64, to: f64) -> Result<Schedule, ScheduleError> {
        match self.T_max {
            Epochs::Whole(0) => Schedule::constant(from),
            epochs => {
                let wave = Ramp::new(from, to, 0).shape(Shape::Cosine).beyond(Beyond::Mirror);
                Ramp { steps: epochs.value(), ..wave }.build()
            }
        }
    }
}

impl Rule for CosineAnnealingLR {
    fn check(&self, _: &Context<'_>) -> Result<(), Refusal> {
        // PyTorch divides by 0 where a peak or a low falls between two epochs.
        let is_long = self.T_max.whole().is_some() || self.T_max.value() > 1.0;
        Self::T_max.must(is_long, "be 0, or 1 or more")
    }

    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        self.wave(base, self.eta_min)
    }

    fn target(&self) -> Option<f64> {
        Some(self.eta_min)
    }

    fn weight(&self) -> Result<Schedule, ScheduleError> {
        self.wave(1.0, 0.0)
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        if self.T_max == Epochs::Whole(0) { None } else { epoch.checked_add(1) }
    }

    fn next_error(&self, epoch: u64) -> Option<u64> {
        (self.T_max == Epochs::Whole(0)).then(|| epoch.saturating_add(1))
    }

    fn period(&self) -> Option<u64> {
        match self.T_max {
            Epochs::Whole(epochs) => epochs.checked_mul(2),
            Epochs::Fraction(epochs) => ((epochs * 2.0).fract() == 0.0).then_some((epochs * 2.0) as u64),
        }
    }

    /// Once it has passed its lowest point.
    fn until_rise(&self, epoch: u64) -> Option<u64> {
        let (low, period) = (self.T_max.whole()?, self.period()?);
        let position = epoch.checked_rem(period)?;
        let falling = low.checked_sub(position);
        Some(falling.unwrap_or_else(|| low + (period - position)) + 1)
    }

    fn late(&self, alone: &Alone, lr: f64) -> Result<f64, Raised> {
        if self.T_max == Epochs::Whole(0) {
            return Err(Raised);
        }
        Ok(match alone.weight.at(1) {
            0.0 => lr + (alone.base - self.eta_min),
            before => self.eta_min + (lr - self.eta_min) / before,
        })
    }

    fn restart(&self, alone: &Alone, _: f64) -> Result<f64, Raised> {
        if self.T_max == Epochs::Whole(0) { Err(Raised) } else { Ok(alone.curve.at(0)) }
    }
}

params! {
    /// Half a cosine wave over `T_0`, `T_0 * T_mult`, ... epochs; the first epoch of each has `lr`.
    pub(super) struct CosineAnnealingWarmRestarts {
        ..restarts: WarmRestarts,
        .._resume: Resume,
    }
}

impl Rule for CosineAnnealingWarmRestarts {
    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        self.restarts.from(base)
    }

    fn sets(&self, _: u64) -> bool {
        true
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        epoch.checked_add(1)
    }

    fn period(&self) -> Option<u64> {
        (self.restarts.T_mult.0 == 1).then_some(self.restarts.T_0.0)
    }
}

params! {
    /// From `lr` to `swa_lr` over `anneal_epochs`, which may be 0.
    pub(super) struct SWALR {
        swa_lr: PerGroup<f64> where AT_LEAST_0,
        anneal_epochs: u64 = 10,
        anneal_strategy: Anneal = "cos",
        .._resume: Resume,
    }
}

impl SWALR {
    fn ramp(&self, from: f64, to: f64) -> Result<Schedule, ScheduleError> {
        let shape = if self.anneal_strategy == Anneal::Linear { Shape::Linear } else { Shape::Cosine };
        Ramp::new(from, to, self.anneal_epochs).shape(shape).build()
    }
}

impl Rule for SWALR {
    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        self.ramp(base, *self.swa_lr)
    }

    /// Once it has arrived.
    fn sets(&self, epoch: u64) -> bool {
        epoch >= self.anneal_epochs
    }

    fn target(&self) -> Option<f64> {
        Some(*self.swa_lr)
    }

    fn weight(&self) -> Result<Schedule, ScheduleError> {
        self.ramp(1.0, 0.0)
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        if epoch < self.anneal_epochs { epoch.checked_add(1) } else { None }
    }

    fn counts_calls(&self) -> bool {
        true
    }

    fn restart(&self, _: &Alone, lr: f64) -> Result<f64, Raised> {
        Ok(if self.sets(0) { *self.swa_lr } else { lr })
    }

    fn announce(&self, group: &mut Group) {
        group.swa_lr = Some(*self.swa_lr);
    }

    fn adopt(&mut self, group: &Group) {
        *self.swa_lr = group.swa_lr.unwrap_or(*self.swa_lr);
    }
}
