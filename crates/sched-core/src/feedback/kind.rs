//! A rule of any kind.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::follow::Follow;
use super::greedy::Greedy;
use super::observation::{Observation, ObserveError};
use super::plateau::Plateau;
use super::rule::Custom;
use crate::schedule::plain_reader;

/// A rule that follows a metric and multiplies the schedule's rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Feedback {
    /// Reduces the rate when the metric stops improving.
    Plateau(Plateau),
    /// Reduces the rate when the metric stops improving, and raises it while the metric improves.
    Greedy(Greedy),
    /// A custom rule.
    Custom(Custom),
}

macro_rules! kinds {
    ($($kind:ident)*) => {
        $(impl From<$kind> for Feedback {
            fn from(rule: $kind) -> Self {
                Self::$kind(rule)
            }
        })*

        impl Feedback {
            fn rule(&self) -> &dyn Follow {
                match self {
                    $(Self::$kind(rule) => rule,)*
                }
            }

            fn rule_mut(&mut self) -> &mut dyn Follow {
                match self {
                    $(Self::$kind(rule) => rule,)*
                }
            }

            /// Whether both are the same rule with the same options, whatever they have seen.
            pub(crate) fn same_rule(&self, other: &Self) -> bool {
                match (self, other) {
                    $((Self::$kind(one), Self::$kind(other)) => one.same_rule(other),)*
                    _ => false,
                }
            }

            /// Takes over what another rule has seen, unless it is of another kind.
            pub(crate) fn recall(&mut self, other: &Self) {
                match (self, other) {
                    $((Self::$kind(one), Self::$kind(other)) => one.recall(other),)*
                    _ => {}
                }
            }
        }
    };
}

kinds! { Plateau Greedy Custom }

impl Feedback {
    /// The factor on the schedule's rate, before the rule's own bounds.
    pub fn multiplier(&self) -> f64 {
        self.rule().multiplier()
    }

    /// The fewest observations that can lead to the first reduction: the best one, and one bad one more than the rule's
    /// patience. `None` for a custom rule, which may reduce at any time.
    pub fn observations_to_reduce(&self) -> Option<u64> {
        self.rule().observations_to_reduce()
    }

    /// Turns the schedule's rates into those that the rule makes of them.
    pub(crate) fn apply_all(&self, rates: &mut [f64]) {
        self.rule().apply_all(rates);
    }

    /// The schedule's rate as the rule changes it.
    pub(crate) fn apply(&self, scheduled: f64) -> f64 {
        self.rule().apply(scheduled)
    }

    /// Takes in a metric, where `scheduled` is the schedule's own rate in the last update, after `steps` updates.
    pub(crate) fn observe(&mut self, metric: f64, scheduled: f64, steps: u64) -> Result<Observation, ObserveError> {
        self.rule_mut().observe(metric, scheduled, steps)
    }

    /// What a file holds of it: a custom rule without its code.
    pub(crate) fn without_code(mut self) -> Self {
        self.rule_mut().drop_code();
        self
    }
}

plain_reader! { Feedback }

impl fmt::Display for Feedback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rule().fmt(f)
    }
}
