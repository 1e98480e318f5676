//! Why a schedule cannot be built.

use core::fmt;

/// Why a schedule cannot be built, from a constructor or from a file.
///
/// Every variant names the field, what was found there and the rule; the message says how to fix it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ScheduleError {
    /// A number is NaN or infinite.
    NotFinite {
        /// The parameter.
        field: &'static str,
        /// What was given.
        value: f64,
    },
    /// A number is outside the range that its parameter has.
    OutOfRange {
        /// The parameter.
        field: &'static str,
        /// What was given.
        value: f64,
        /// The range, as the end of "must be ...".
        rule: &'static str,
    },
    /// A whole number of steps is outside the range that its parameter has.
    StepsOutOfRange {
        /// The parameter.
        field: &'static str,
        /// What was given.
        value: u64,
        /// The range, as the end of "must be ...".
        rule: &'static str,
    },
    /// A list that needs at least one element has none.
    Empty {
        /// The parameter.
        field: &'static str,
    },
    /// A list of steps goes backwards.
    Unordered {
        /// The parameter.
        field: &'static str,
        /// The index of the element that is smaller than the one before it.
        index: usize,
        /// The element before.
        previous: u64,
        /// The element.
        value: u64,
    },
    /// A sequence does not begin at step 0.
    LateStart {
        /// The start of its first phase.
        start: u64,
    },
    /// A phase was asked to follow one that never ends.
    NeverEnds {
        /// The schedule that never ends, in words.
        schedule: alloc::string::String,
    },
    /// The nesting is deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    TooDeep {
        /// The depth asked for.
        depth: usize,
        /// The greatest depth.
        limit: usize,
    },
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite { field, value } => {
                write!(f, "`{field}` is {value}, but must be a finite number; check the computation that produced it")
            }
            Self::OutOfRange { field, value, rule } => {
                write!(f, "`{field}` is {value}, but must be {rule}")
            }
            Self::StepsOutOfRange { field, value, rule } => {
                write!(f, "`{field}` is {value}, but must be {rule}")
            }
            Self::Empty { field } => {
                write!(f, "`{field}` is empty, but must have at least one element")
            }
            Self::Unordered { field, index, previous, value } => write!(
                f,
                "`{field}[{index}]` is {value}, but must be at least {previous}, the one before it; sort the list"
            ),
            Self::LateStart { start } => write!(
                f,
                "`sequence[0].start` is {start}, but must be 0; begin with a phase that says what happens before {start}"
            ),
            Self::NeverEnds { schedule } => write!(
                f,
                "`{schedule}` never ends, so nothing can follow it; say at which step the next phase starts with `then_at`"
            ),
            Self::TooDeep { depth, limit } => write!(
                f,
                "the schedule is nested {depth} levels deep, but must be at most {limit}, so that every file format can \
                 hold it; put phases side by side in one sequence"
            ),
        }
    }
}

impl core::error::Error for ScheduleError {}

/// The number must be finite.
pub(crate) fn finite(field: &'static str, value: f64) -> Result<(), ScheduleError> {
    if value.is_finite() { Ok(()) } else { Err(ScheduleError::NotFinite { field, value }) }
}

/// The number must be finite and in range; `ok` is written so that NaN fails it.
pub(crate) fn within(field: &'static str, value: f64, ok: bool, rule: &'static str) -> Result<(), ScheduleError> {
    finite(field, value)?;
    if ok { Ok(()) } else { Err(ScheduleError::OutOfRange { field, value, rule }) }
}

/// A learning rate, or a factor on one.
pub(crate) fn rate(field: &'static str, value: f64) -> Result<(), ScheduleError> {
    within(field, value, value >= 0.0, "0 or more")
}

/// A whole number of steps that something is divided by.
pub(crate) fn at_least_one(field: &'static str, value: u64) -> Result<(), ScheduleError> {
    if value >= 1 { Ok(()) } else { Err(ScheduleError::StepsOutOfRange { field, value, rule: "at least 1" }) }
}

/// The longest length of time in steps, 2^64, just past the last step.
pub(crate) const LONGEST: f64 = 18_446_744_073_709_551_616.0;
const SHORTEST: f64 = 1e-9;

/// A length of time in steps that something is divided by.
pub(crate) fn span(field: &'static str, value: f64) -> Result<(), ScheduleError> {
    within(field, value, (SHORTEST..=LONGEST).contains(&value), "between 1e-9 and 2^64 steps")
}

/// A length of time in steps that may be 0.
pub(crate) fn length(field: &'static str, value: f64) -> Result<(), ScheduleError> {
    within(field, value, value == 0.0 || (SHORTEST..=LONGEST).contains(&value), "0, or between 1e-9 and 2^64 steps")
}

/// Steps in a list must not go backwards.
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
