//! What PyTorch's schedulers, and those made for its optimizers, find there.

use crate::declare::{AT_LEAST_0, Context, Ignored, Params, PerGroup, Refusal, params};

params! {
    /// The optimizer, which several libraries have as the block of all their kinds: `library! { "torch" with Optimizer: .. }`.
    pub(crate) struct Optimizer {
        optimizer: Option<String>,
        optimizer_lr: PerGroup<Option<f64>> where AT_LEAST_0,
        _optimizer_momentum: PerGroup<Ignored>,
        _optimizer_betas: Ignored,
    }
}

impl Optimizer {
    /// The rate of this parameter group, as the scheduler finds it.
    pub(crate) fn lr(cx: &Context<'_>) -> Result<f64, Refusal> {
        Self::read(cx)?.optimizer_lr.ok_or(Self::optimizer_lr.missing())
    }

    /// The rate that the optimizer was given for all parameter groups, as far as it is known: the first group's.
    pub(crate) fn default_lr(cx: &Context<'_>) -> Result<f64, Refusal> {
        Self::read(cx)?.optimizer_lr.first().ok_or(Self::optimizer_lr.missing())
    }
}
