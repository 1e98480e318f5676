//! The parameters of PyTorch's `OneCycleLR`, which other libraries copy.

use sched_core::{Anneal, OneCycle, Value};

use crate::declare::{ABOVE_0, FromValue, params};

params! {
    /// The shape of its cycle: from `max_lr / div_factor` up to `max_lr` over the first `pct_start` of the steps, and down to
    /// `max_lr / div_factor / final_div_factor`.
    pub(crate) struct OneCycleShape {
        pct_start: Fraction = 0.3,
        anneal_strategy: Anneal = "cos",
        div_factor: f64 where ABOVE_0 = 25.0,
        final_div_factor: f64 where ABOVE_0 = 1e4,
        three_phase: bool = false,
    }
}

impl OneCycleShape {
    /// The cycle with this peak.
    pub(crate) fn cycle(&self, max_lr: f64, total_steps: u64) -> OneCycle {
        OneCycle::new(max_lr, total_steps)
            .pct_start(self.pct_start.0)
            .anneal(self.anneal_strategy)
            .div_factor(self.div_factor)
            .final_div_factor(self.final_div_factor)
            .three_phase(self.three_phase)
    }

    /// Whether the rise takes no steps, where PyTorch divides by its length.
    pub(crate) fn divides_by_zero(&self, total_steps: u64) -> bool {
        self.pct_start.0 * total_steps as f64 == 1.0
    }
}

/// A Python `float` between 0 and 1; PyTorch refuses the integers 0 and 1.
pub(crate) struct Fraction(pub(crate) f64);

impl FromValue for Fraction {
    fn expected(many: bool) -> String {
        if many { "floats between 0.0 and 1.0" } else { "a float between 0.0 and 1.0" }.to_owned()
    }

    fn from_value(value: &Value, _: usize) -> Option<Self> {
        match *value {
            Value::Number(value) if (0.0..=1.0).contains(&value) => Some(Self(value)),
            _ => None,
        }
    }
}
