//! PyTorch's `ReduceLROnPlateau`, which other libraries hand their parameters to.

use sched_core::{NonFinite, Plateau, PlateauMode, ScheduleError, ThresholdMode};

use crate::declare::{AT_LEAST_0, BELOW_1, Ignored, PerGroup, params};

params! {
    /// Its parameters. The rate is multiplied by `factor` after more than `patience` bad metrics; in `rel` mode with the sign
    /// of the best one, so that of negative metrics worse ones may be better.
    pub(crate) struct TorchPlateau {
        mode: PlateauMode = "min",
        factor: f64 where BELOW_1 = 0.1,
        patience: u64 = 10,
        threshold: f64 where AT_LEAST_0 = 1e-4,
        threshold_mode: ThresholdMode = "rel",
        cooldown: u64 = 0,
        min_lr: PerGroup<f64> = 0.0,
        eps: f64 where AT_LEAST_0 = 1e-8,
        _verbose: Ignored = false,
    }
}

impl TorchPlateau {
    pub(crate) fn build(&self) -> Result<Plateau, ScheduleError> {
        Plateau::new()
            .mode(self.mode)
            .factor(self.factor.max(0.0))
            .patience(self.patience)
            .threshold(self.threshold, self.threshold_mode)
            .cooldown(self.cooldown)
            .min_lr(self.min_lr.max(0.0))
            .eps(self.eps)
            .non_finite(NonFinite::Compare)
            .build()
    }
}
