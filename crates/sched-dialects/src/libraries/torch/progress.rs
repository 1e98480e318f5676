//! Where a scheduler is in its run: what its state dict holds beside its parameters.

/// Where one of PyTorch's schedulers, or a member of one, is in its run. The fields are the keys of its state dict.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TorchProgress {
    /// `last_epoch`; 0 for `ChainedScheduler`, which has none.
    pub last_epoch: i64,
    /// `_step_count`; 0 for a composite, which has none.
    pub step_count: u64,
    /// `base_lrs`, one per parameter group; empty for a composite.
    pub base_lrs: Vec<f64>,
    /// `_last_lr`, one per parameter group.
    pub last_lrs: Vec<f64>,
    /// How far the curve is ahead of `last_epoch`: the fraction in the `T_cur` of `CosineAnnealingWarmRestarts`.
    pub head_start: f64,
    /// `_schedulers`.
    pub members: Vec<TorchProgress>,
}

/// What a scheduler finds in a parameter group of the optimizer when it is called next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TorchGroup {
    /// `lr`.
    pub lr: f64,
    /// `momentum`, or the first of `betas`; `None` if the optimizer has neither.
    pub momentum: Option<f64>,
}
