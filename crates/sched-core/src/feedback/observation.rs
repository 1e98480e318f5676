//! What an observed metric did to the rate, and why it could not be observed.

use alloc::string::String;

use crate::eval::RateError;
use crate::schedule::line;

/// What an observation did.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Observation {
    /// It did not count: before the start step, during a pause, one of several to average, or a NaN to ignore.
    Ignored,
    /// It is the new best.
    Better,
    /// It is no better than the best, and the rate has not changed.
    NotBetter {
        /// How many observations in a row were no better; 0 during a cooldown.
        bad_observations: u64,
    },
    /// The rate was reduced.
    Reduced {
        /// The factor on the schedule's rate from now on.
        multiplier: f64,
    },
    /// The rate was raised.
    Raised {
        /// The factor on the schedule's rate from now on.
        multiplier: f64,
    },
    /// A custom rule took it in and left the rate as it was.
    Unchanged,
}

/// Why a metric could not be observed. Nothing has changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ObserveError {
    /// The scheduler has no rule to follow a metric.
    #[error(
        "a metric was observed, but the scheduler has no rule to follow it, so it would have no effect; add a rule with \
         `with_plateau`, `with_greedy` or `with_rule`, or remove the call to `observe`"
    )]
    NoFeedback,
    /// The metric is NaN or infinite, and the rule was told to reject that.
    #[error(
        "the observed metric is {metric}, but must be finite: training has diverged; lower the rate, or choose \
         `NonFinite::Ignore` or `NonFinite::CountAsBad`"
    )]
    NonFinite {
        /// The metric.
        metric: f64,
    },
    /// The function that the scheduler runs gave no valid rate for the last update.
    #[error(transparent)]
    Rate(#[from] RateError),
    /// The custom rule was read from a file, which does not hold its code.
    #[error(
        "a metric was observed, but the rule \"{}\" was read from a file, which holds its memory and not its code; \
         configure the rule with `with_rule`, then load the state into that scheduler",
        line(rule)
    )]
    NoCode {
        /// The rule's name.
        rule: String,
    },
    /// A custom rule returned a multiplier that is negative or not finite.
    #[error(
        "the rule \"{}\" returned a multiplier of {multiplier} for the metric {metric}, but it must be finite and 0 or \
         more; return `seen.multiplier` to leave the rate as it is",
        line(rule)
    )]
    Multiplier {
        /// The rule's name.
        rule: String,
        /// What it returned.
        multiplier: f64,
        /// The metric.
        metric: f64,
    },
    /// A custom rule put a number in its memory that is not finite, which no file can hold.
    #[error(
        "`memory[{index}]` of the rule \"{}\" is {value} after the metric {metric}, but must be finite, so that every \
         file format can hold it; remember only finite metrics",
        line(rule)
    )]
    Memory {
        /// The rule's name.
        rule: String,
        /// The index in its memory.
        index: usize,
        /// The number.
        value: f64,
        /// The metric.
        metric: f64,
    },
}
