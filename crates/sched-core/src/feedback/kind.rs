//! Rules that follow a metric, beside a schedule.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::greedy::Greedy;
use super::plateau::Plateau;
use super::rule::Custom;

/// A rule that follows a metric and multiplies the schedule's rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Feedback {
    /// Reduce when the metric stops improving.
    Plateau(Plateau),
    /// Reduce when it stops improving, raise while it improves.
    Greedy(Greedy),
    /// A rule of one's own.
    Custom(Custom),
}

/// What an observation did.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Observation {
    /// It did not count: too early, during a pause, one of several to be averaged, or not finite and to be ignored.
    Ignored,
    /// It is the new best.
    Better,
    /// It is not better, and nothing follows from that yet.
    NotBetter {
        /// How many in a row were not; 0 during a cooldown.
        bad_observations: u64,
    },
    /// The rate was reduced.
    Reduced {
        /// What the schedule's rate is now multiplied by.
        multiplier: f64,
    },
    /// The rate was raised.
    Raised {
        /// What the schedule's rate is now multiplied by.
        multiplier: f64,
    },
    /// A rule of one's own took it in and left the rate as it was.
    Unchanged,
}

/// Why a metric could not be observed. Nothing has changed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ObserveError {
    /// The scheduler has no rule that could follow it.
    NoFeedback,
    /// The metric is NaN or infinite, and the rule was told not to accept that.
    NonFinite {
        /// The metric.
        metric: f64,
    },
    /// The rule of one's own was read from a file, which does not hold its code.
    NoCode {
        /// The rule's name.
        rule: String,
    },
    /// A rule of one's own returned a multiplier that is not finite or below 0.
    Multiplier {
        /// The rule's name.
        rule: String,
        /// What it returned.
        multiplier: f64,
        /// The metric.
        metric: f64,
    },
    /// A rule of one's own was to remember a number that is not finite, which no file holds.
    Memory {
        /// The rule's name.
        rule: String,
        /// The index in what it remembers.
        index: usize,
        /// The number.
        value: f64,
        /// The metric.
        metric: f64,
    },
}

impl fmt::Display for ObserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFeedback => f.write_str(
                "a metric was observed, but the scheduler follows none, so nothing would ever come of it; add a rule with \
                 `with_plateau`, `with_greedy` or `with_rule`, or do not call `observe`",
            ),
            Self::NonFinite { metric } => write!(
                f,
                "the observed metric is {metric}, but must be finite: training has diverged; lower the rate, or choose \
                 `NonFinite::Ignore` or `NonFinite::CountAsBad`"
            ),
            Self::NoCode { rule } => write!(
                f,
                "a metric was observed, but the rule {rule:?} was read from a file, which holds what it remembers and not its \
                 code; configure it with `with_rule` and load the state into that scheduler"
            ),
            Self::Multiplier { rule, multiplier, metric } => write!(
                f,
                "the rule {rule:?} returned a multiplier of {multiplier} for the metric {metric}, but it must be finite and 0 \
                 or more; return `seen.multiplier` to leave the rate as it is"
            ),
            Self::Memory { rule, index, value, metric } => write!(
                f,
                "`memory[{index}]` of the rule {rule:?} is {value} after the metric {metric}, but must be finite, so that every \
                 file format can hold it; remember only metrics that are finite"
            ),
        }
    }
}

impl core::error::Error for ObserveError {}

impl Feedback {
    /// What the schedule's rate is multiplied by, before the rule's own bounds.
    pub fn multiplier(&self) -> f64 {
        match self {
            Self::Plateau(plateau) => plateau.multiplier(),
            Self::Greedy(greedy) => greedy.multiplier(),
            Self::Custom(custom) => custom.multiplier(),
        }
    }

    /// How many observations there are up to the first reduction, at the soonest: the best one, and one bad one more than
    /// the rule's patience. `None` for a rule of one's own, which may reduce whenever it likes.
    pub fn observations_to_reduce(&self) -> Option<u64> {
        match self {
            Self::Plateau(plateau) => Some(plateau.observations_to_reduce()),
            Self::Greedy(greedy) => Some(greedy.observations_to_reduce()),
            Self::Custom(_) => None,
        }
    }

    /// The schedule's rate as the rule changes it.
    pub(crate) fn apply(&self, scheduled: f64) -> f64 {
        match self {
            Self::Plateau(plateau) => plateau.apply(scheduled),
            Self::Greedy(greedy) => greedy.apply(scheduled),
            Self::Custom(custom) => custom.apply(scheduled),
        }
    }

    /// Takes a metric in, where `scheduled` is the schedule's own rate, after `steps` steps.
    pub(crate) fn observe(&mut self, metric: f64, scheduled: f64, steps: u64) -> Result<Observation, ObserveError> {
        match self {
            Self::Plateau(plateau) => plateau.observe(metric, scheduled, steps),
            Self::Greedy(greedy) => greedy.observe(metric, scheduled),
            Self::Custom(custom) => custom.observe(metric, scheduled, steps),
        }
    }

    /// What a file holds of it: a rule of one's own without its code.
    pub(crate) fn without_code(self) -> Self {
        match self {
            Self::Custom(custom) => Self::Custom(custom.without_code()),
            other => other,
        }
    }

    /// Whether the other one follows the same rule, whatever the two have seen.
    pub(crate) fn same_rule(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plateau(one), Self::Plateau(other)) => one.rules() == other.rules(),
            (Self::Greedy(one), Self::Greedy(other)) => one.rules() == other.rules(),
            (Self::Custom(one), Self::Custom(other)) => one.same_rule(other),
            _ => false,
        }
    }

    /// This rule with what the other one has seen; as it is, if the other one is of another kind.
    pub(crate) fn with_memory_of(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Plateau(one), Self::Plateau(other)) => Self::Plateau(one.with_memory_of(other)),
            (Self::Greedy(one), Self::Greedy(other)) => Self::Greedy(one.with_memory_of(other)),
            (Self::Custom(one), Self::Custom(other)) => Self::Custom(one.with_memory_of(other)),
            (one, _) => one,
        }
    }
}

impl From<Plateau> for Feedback {
    fn from(plateau: Plateau) -> Self {
        Self::Plateau(plateau)
    }
}

impl From<Greedy> for Feedback {
    fn from(greedy: Greedy) -> Self {
        Self::Greedy(greedy)
    }
}

impl From<Custom> for Feedback {
    fn from(custom: Custom) -> Self {
        Self::Custom(custom)
    }
}

impl fmt::Display for Feedback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plateau(plateau) => plateau.fmt(f),
            Self::Greedy(greedy) => greedy.fmt(f),
            Self::Custom(custom) => custom.fmt(f),
        }
    }
}
