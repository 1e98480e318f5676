//! Why a schedule cannot be built, and the checks that find out.

use alloc::string::String;

use thiserror::Error;

use super::digits::Short;
use super::line::passage;

/// Why a schedule cannot be built, by a constructor or from a file.
///
/// The message names the parameter, its value and the rule, and says how to fix it. A number from a file is named by its
/// field there, one given to a constructor by the constructor's parameter.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// A number is NaN or infinite.
    #[error("`{field}` is {}, but must be a finite number; check the computation that produced it", Short(*.value))]
    NotFinite {
        /// The parameter.
        field: &'static str,
        /// Its value.
        value: f64,
    },
    /// A number is out of range.
    #[error("`{field}` is {}, but must be {rule}", Short(*.value))]
    OutOfRange {
        /// The parameter.
        field: &'static str,
        /// Its value.
        value: f64,
        /// The range, to complete "must be ...".
        rule: &'static str,
    },
    /// A count is out of range.
    #[error("`{field}` is {value}, but must be {rule}")]
    StepsOutOfRange {
        /// The parameter.
        field: &'static str,
        /// Its value.
        value: u64,
        /// The range, to complete "must be ...".
        rule: &'static str,
    },
    /// A count is negative.
    #[error("`{field}` is {value}, but must be 0 or more")]
    Negative {
        /// The parameter.
        field: &'static str,
        /// Its value.
        value: i64,
    },
    /// A list that needs at least one element has none.
    #[error("`{field}` is empty, but must have at least one element")]
    Empty {
        /// The parameter.
        field: &'static str,
    },
    /// A list has too few or too many elements.
    #[error("`{field}` has {length} elements, but must have {expected}")]
    WrongLength {
        /// The parameter.
        field: &'static str,
        /// How many elements it has.
        length: usize,
        /// How many it must have.
        expected: usize,
    },
    /// A rate in a list is negative, NaN or infinite.
    #[error("`{field}[{index}]` is {}, but must be {rule}", Short(*.value))]
    Element {
        /// The list.
        field: &'static str,
        /// The position of the first such rate, from 0.
        index: usize,
        /// The rate.
        value: f64,
        /// The range, to complete "must be ...".
        rule: &'static str,
    },
    /// A list of steps is out of order.
    #[error("`{field}[{index}]` is {value}, but must be at least {previous}, the one before it; sort the list")]
    Unordered {
        /// The list.
        field: &'static str,
        /// The position, from 0, of the first element that is smaller than the one before it.
        index: usize,
        /// The element before it.
        previous: u64,
        /// The element.
        value: u64,
    },
    /// A sequence does not start at step 0.
    #[error("`{field}[0].start` is {start}, but must be 0; add a phase for the steps before {start}")]
    LateStart {
        /// The list of phases.
        field: &'static str,
        /// The start of the first one.
        start: u64,
    },
    /// A phase was to start before the last phase of the schedule that it follows.
    #[error("`{field}` is {start}, but must be at least {earliest}, where the schedule's last phase starts")]
    EarlyStart {
        /// The parameter.
        field: &'static str,
        /// Its value.
        start: u64,
        /// Where the last phase starts.
        earliest: u64,
    },
    /// A schedule was to follow one that never ends.
    #[error(
        "`{}` never ends, so nothing can follow it; say where the next phase starts with `then_at`",
        passage(schedule)
    )]
    NeverEnds {
        /// The schedule that never ends, in words.
        schedule: String,
    },
    /// The schedule is nested deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error(
        "the schedule is nested {depth} levels deep, but must be at most {limit}, so that every file format can hold it; \
         put phases side by side in one sequence"
    )]
    TooDeep {
        /// How deep it is.
        depth: usize,
        /// How deep it may be.
        limit: usize,
    },
}

impl ScheduleError {
    /// The same error with other names for the parameters, each given as `(name here, name there)`.
    ///
    /// For a constructor built on another one, so that its errors name what its caller wrote.
    ///
    /// ```
    /// use sched_core::{Schedule, ScheduleError};
    ///
    /// fn half_life(lr: f64, half_life_steps: f64) -> Result<Schedule, ScheduleError> {
    ///     Schedule::exponential_over(lr, 0.5, half_life_steps)
    ///         .map_err(|error| error.renamed(&[("initial", "lr"), ("decay_steps", "half_life_steps")]))
    /// }
    ///
    /// assert!(half_life(0.1, 1_000.0).is_ok());
    /// let error = half_life(0.1, -3.0).unwrap_err();
    /// assert_eq!(error.to_string(), "`half_life_steps` is -3, but must be between 1e-9 and 2^64 steps");
    /// ```
    #[must_use]
    pub fn renamed(mut self, names: &[(&str, &'static str)]) -> Self {
        let field = match &mut self {
            Self::NotFinite { field, .. }
            | Self::OutOfRange { field, .. }
            | Self::StepsOutOfRange { field, .. }
            | Self::Negative { field, .. }
            | Self::Empty { field }
            | Self::WrongLength { field, .. }
            | Self::Element { field, .. }
            | Self::Unordered { field, .. }
            | Self::LateStart { field, .. }
            | Self::EarlyStart { field, .. } => field,
            Self::NeverEnds { .. } | Self::TooDeep { .. } => return self,
        };
        if let Some((_, name)) = names.iter().find(|(name, _)| name == field) {
            *field = name;
        }
        self
    }
}

/// The number must be finite.
///
/// # Errors
///
/// [`ScheduleError::NotFinite`].
pub fn finite(field: &'static str, value: f64) -> Result<(), ScheduleError> {
    if value.is_finite() { Ok(()) } else { Err(ScheduleError::NotFinite { field, value }) }
}

/// The number must be finite and `ok`; otherwise it "must be `rule`".
///
/// # Errors
///
/// [`ScheduleError::NotFinite`] or [`ScheduleError::OutOfRange`].
pub fn within(field: &'static str, value: f64, ok: bool, rule: &'static str) -> Result<(), ScheduleError> {
    finite(field, value)?;
    if ok { Ok(()) } else { Err(ScheduleError::OutOfRange { field, value, rule }) }
}

/// A learning rate, or a factor on one: finite and 0 or more.
///
/// # Errors
///
/// [`ScheduleError::NotFinite`] or [`ScheduleError::OutOfRange`].
pub fn rate(field: &'static str, value: f64) -> Result<(), ScheduleError> {
    within(field, value, value >= 0.0, "0 or more")
}

/// A count that something is divided by: 1 or more.
///
/// # Errors
///
/// [`ScheduleError::StepsOutOfRange`].
pub fn at_least_one(field: &'static str, value: u64) -> Result<(), ScheduleError> {
    if value >= 1 { Ok(()) } else { Err(ScheduleError::StepsOutOfRange { field, value, rule: "at least 1" }) }
}

/// The longest time in steps, 2^64, just past the last step.
pub(crate) const LONGEST: f64 = 18_446_744_073_709_551_616.0;
const SHORTEST: f64 = 1e-9;

/// A time in steps that something is divided by.
pub(crate) fn span(field: &'static str, value: f64) -> Result<(), ScheduleError> {
    within(field, value, (SHORTEST..=LONGEST).contains(&value), "between 1e-9 and 2^64 steps")
}

/// A time in steps that may be 0.
pub(crate) fn length(field: &'static str, value: f64) -> Result<(), ScheduleError> {
    within(field, value, value == 0.0 || (SHORTEST..=LONGEST).contains(&value), "0, or between 1e-9 and 2^64 steps")
}

/// A list of rates.
pub(crate) fn rates(field: &'static str, values: impl Iterator<Item = f64>) -> Result<(), ScheduleError> {
    for (index, value) in values.enumerate() {
        let rule = if !value.is_finite() {
            "a finite number"
        } else if value < 0.0 {
            "0 or more"
        } else {
            continue;
        };
        return Err(ScheduleError::Element { field, index, value, rule });
    }
    Ok(())
}

/// A list of steps, which must not go backwards.
pub(crate) fn ordered(field: &'static str, steps: impl Iterator<Item = u64>) -> Result<(), ScheduleError> {
    let mut previous = 0;
    for (index, value) in steps.enumerate() {
        if value < previous {
            return Err(ScheduleError::Unordered { field, index, previous, value });
        }
        previous = value;
    }
    Ok(())
}
