//! The runners, and what they make of a policy: what its progress is, and the factor on it in the warmup.

use sched_core::{Node, Ramp, Schedule, Shape};

use crate::declare::{ABOVE_0, Refusal, Translation, params, words};
use crate::shared::{Optimizer, advanced, followed, held_from};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Runner {
    Epochs,
    Iterations,
}

words! { Runner { "EpochBasedRunner" => Self::Epochs, "IterBasedRunner" => Self::Iterations } }

#[derive(Clone, Copy)]
pub(super) enum Warmup {
    Constant,
    Linear,
    Exp,
}

words! { Warmup { "constant" => Self::Constant, "linear" => Self::Linear, "exp" => Self::Exp } }

params! {
    /// The runner, and what all policies have: what a policy's progress is, and the factor on it in the warmup.
    pub(super) struct Run {
        runner: Runner = "EpochBasedRunner",
        steps_per_epoch: Option<u64> where ABOVE_0,
        max_epochs: Option<u64> where ABOVE_0,
        max_iters: Option<u64> where ABOVE_0,
        by_epoch: Option<bool>,
        warmup: Option<Warmup>,
        warmup_iters: f64 = 0,
        warmup_ratio: f64 = 0.1,
        warmup_by_epoch: bool = false,
        .._optimizer: Optimizer,
    }
}

impl Run {
    /// Whether a policy's progress is counted in epochs.
    pub(super) fn counts_epochs(&self) -> bool {
        self.by_epoch.unwrap_or(self.runner == Runner::Epochs)
    }

    pub(super) fn epoch(&self) -> Result<u64, Refusal> {
        self.steps_per_epoch.ok_or(Self::steps_per_epoch.missing())
    }

    /// The end of the run, in iterations.
    pub(super) fn iterations(&self) -> Result<u64, Refusal> {
        match self.runner {
            Runner::Epochs => Ok(self.epochs()?.saturating_mul(self.epoch()?)),
            Runner::Iterations => self.max_iters.ok_or(Self::max_iters.missing()),
        }
    }

    fn epochs(&self) -> Result<u64, Refusal> {
        self.max_epochs.ok_or(Self::max_epochs.missing())
    }

    /// The end of the run, as progress.
    pub(super) fn end(&self) -> Result<u64, Refusal> {
        if self.counts_epochs() { self.epochs() } else { self.iterations() }
    }

    /// The rates of a policy, which makes them of the progress, from this rate on.
    pub(super) fn rates(
        &self,
        lr: f64,
        policy: impl FnOnce(&Self, f64) -> Result<Schedule, Refusal>,
    ) -> Result<Translation, Refusal> {
        if self.warmup.is_some() {
            Self::warmup_iters.must(self.warmup_iters > 0.0, "be above 0 with a `warmup`")?;
            Self::warmup_ratio.must(self.warmup_ratio > 0.0 && self.warmup_ratio <= 1.0, "be above 0 and at most 1")?;
            let by_epoch = self.warmup_by_epoch && self.runner == Runner::Iterations;
            Self::warmup_by_epoch.must(!by_epoch, "be false with IterBasedRunner, which raises")?;
        }
        if self.runner == Runner::Iterations && self.counts_epochs() {
            // This runner never says that an epoch begins, so that no rate is ever set.
            return Ok(Schedule::constant(lr)?.into());
        }
        let policy = policy(self, lr)?;
        Ok(self.warmed(policy)?.into())
    }

    /// What becomes of a policy, which counts progress.
    fn warmed(&self, policy: Schedule) -> Result<Schedule, Refusal> {
        let regular = match policy.node() {
            Node::Constant(_) => policy,
            _ if self.counts_epochs() => policy.per_epoch(self.epoch()?)?,
            _ => policy,
        };
        let Some(warmup) = self.warmup else { return Ok(regular) };
        let ratio = self.warmup_ratio;
        let length = if self.warmup_by_epoch { self.warmup_iters * self.epoch()? as f64 } else { self.warmup_iters };
        let rise = Ramp { from: ratio, to: 1.0, steps: length, ..Ramp::new(ratio, 1.0, 0) };
        let factor = match warmup {
            Warmup::Constant => Schedule::constant(ratio)?,
            Warmup::Linear => rise.build()?,
            Warmup::Exp => rise.shape(Shape::Geometric).build()?,
        };
        let over = length.ceil() as u64;
        let mut warmed = regular.clone().times(factor)?;
        let mut end = over;
        if self.counts_epochs() && over as f64 != length {
            // The regular rate returns at the iteration `warmup_iters` itself, if there is one, or with the next epoch.
            warmed = held_from(warmed, over)?;
            end = over.next_multiple_of(self.epoch()?);
        }
        Ok(followed(warmed, end, advanced(regular, end as f64)?)?)
    }
}
