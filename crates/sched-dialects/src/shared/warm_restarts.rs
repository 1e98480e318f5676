//! The parameters of PyTorch's `CosineAnnealingWarmRestarts`, which other libraries copy.

use sched_core::{Schedule, ScheduleError, Value};

use crate::declare::{AT_LEAST_0, FromValue, params};

params! {
    /// Cosines down to `eta_min`; cycle `i` takes `T_0 * T_mult^i` steps.
    pub(crate) struct WarmRestarts {
        T_0: Natural,
        T_mult: Natural = 1,
        eta_min: f64 where AT_LEAST_0 = 0.0,
    }
}

impl WarmRestarts {
    /// The cosines, from this rate.
    pub(crate) fn from(&self, initial: f64) -> Result<Schedule, ScheduleError> {
        Schedule::cosine_warm_restarts(initial, self.eta_min, self.T_0.0, self.T_mult.0 as f64)
            .map_err(|error| error.renamed(&[("t_0", "T_0"), ("t_mult", "T_mult")]))
    }
}

/// A Python `int` above 0; the libraries refuse 10.0.
pub(crate) struct Natural(pub(crate) u64);

impl FromValue for Natural {
    fn expected(many: bool) -> String {
        if many { "whole numbers, 1 or more" } else { "a whole number, 1 or more" }.to_owned()
    }

    fn from_value(value: &Value, _: usize) -> Option<Self> {
        let Value::Int(value @ 1..) = *value else { return None };
        value.try_into().ok().map(Self)
    }
}
