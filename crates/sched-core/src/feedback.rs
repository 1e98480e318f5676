//! Rules that follow a metric, beside a schedule.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::greedy::Greedy;
use crate::plateau::Plateau;

/// A rule that follows a metric and multiplies the schedule's rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Feedback {
    /// Reduce when the metric stops improving.
    Plateau(Plateau),
    /// Reduce when it stops improving, raise while it improves.
    Greedy(Greedy),
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
}

/// Why a metric could not be observed. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ObserveError {
    /// The scheduler has no rule that could follow it.
    NoFeedback,
    /// The metric is NaN or infinite, and the rule was told not to accept that.
    NonFinite {
        /// The metric.
        metric: f64,
    },
}

impl fmt::Display for ObserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFeedback => f.write_str(
                "a metric was observed, but the scheduler follows none, so nothing would ever come of it; add a rule with \
                 `with_plateau` or `with_greedy`, or do not call `observe`",
            ),
            Self::NonFinite { metric } => write!(
                f,
                "the observed metric is {metric}, but must be finite: training has diverged; lower the rate, or choose \
                 `NonFinite::Ignore` or `NonFinite::CountAsBad`"
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
        }
    }

    /// How many observations there are up to the first reduction, at the soonest: the best one, and one bad one more than
    /// the rule's patience.
    pub fn observations_to_reduce(&self) -> u64 {
        match self {
            Self::Plateau(plateau) => plateau.observations_to_reduce(),
            Self::Greedy(greedy) => greedy.observations_to_reduce(),
        }
    }

    /// The schedule's rate as the rule changes it.
    pub(crate) fn apply(&self, scheduled: f64) -> f64 {
        match self {
            Self::Plateau(plateau) => plateau.apply(scheduled),
            Self::Greedy(greedy) => greedy.apply(scheduled),
        }
    }

    /// Takes a metric in, where `scheduled` is the schedule's own rate, after `steps` steps.
    pub(crate) fn observe(&mut self, metric: f64, scheduled: f64, steps: u64) -> Result<Observation, ObserveError> {
        match self {
            Self::Plateau(plateau) => plateau.observe(metric, scheduled, steps),
            Self::Greedy(greedy) => greedy.observe(metric, scheduled),
        }
    }

    /// Whether the other one follows the same rule, whatever the two have seen.
    pub(crate) fn same_rule(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plateau(one), Self::Plateau(other)) => one.rules() == other.rules(),
            (Self::Greedy(one), Self::Greedy(other)) => one.rules() == other.rules(),
            _ => false,
        }
    }

    /// This rule with what the other one has seen; as it is, if the other one is of another kind.
    pub(crate) fn with_memory_of(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Plateau(one), Self::Plateau(other)) => Self::Plateau(one.with_memory_of(other)),
            (Self::Greedy(one), Self::Greedy(other)) => Self::Greedy(one.with_memory_of(other)),
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

impl fmt::Display for Feedback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plateau(plateau) => plateau.fmt(f),
            Self::Greedy(greedy) => greedy.fmt(f),
        }
    }
}
