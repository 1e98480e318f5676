//! What every rule has: a multiplier that follows a metric.

use core::fmt;

use super::observation::{Observation, ObserveError};

pub(super) trait Follow: fmt::Display {
    /// The factor on the schedule's rate.
    fn multiplier(&self) -> f64;

    /// The rate that the multiplier does not go below, unless the schedule itself is lower.
    fn min_lr(&self) -> f64 {
        0.0
    }

    /// Turns the schedule's rates into those that the rule makes of them, at most [`f64::MAX`]. The multiplier may be a
    /// power, so it is computed once for all.
    fn apply_all(&self, rates: &mut [f64]) {
        let (multiplier, min_lr) = (self.multiplier(), self.min_lr());
        for rate in rates {
            let scheduled = *rate;
            // A custom rule's multiplier may be -0.0, a rate may not.
            *rate = (scheduled * multiplier).min(f64::MAX).max(min_lr.min(scheduled)) + 0.0;
        }
    }

    fn apply(&self, scheduled: f64) -> f64 {
        let mut rates = [scheduled];
        self.apply_all(&mut rates);
        rates[0]
    }

    /// Takes in a metric, where `scheduled` is the schedule's own rate in the last update, after `steps` updates.
    fn observe(&mut self, metric: f64, scheduled: f64, steps: u64) -> Result<Observation, ObserveError>;

    /// How many observations the first reduction takes at the least, if that can be known.
    fn observations_to_reduce(&self) -> Option<u64> {
        None
    }

    /// Drops what no file holds.
    fn drop_code(&mut self) {}

    /// Whether both have the same options, whatever they have seen.
    fn same_rule(&self, other: &Self) -> bool
    where
        Self: Sized;

    /// Takes over what another rule of this kind has seen.
    fn recall(&mut self, other: &Self)
    where
        Self: Sized;
}
