//! Why a state is not written for PyTorch.

use sched_dialects::DialectError;

/// Why a scheduler is not written as a state dict of PyTorch's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// No class of PyTorch's has these rates.
    #[error("no scheduler of PyTorch has the rates of `{schedule}`: {reason}; {nearest} comes closest")]
    NoClass {
        /// The schedule, in words.
        schedule: String,
        /// Why not.
        reason: &'static str,
        /// The class that comes closest.
        nearest: &'static str,
    },
    /// The scheduler runs a function, which no state dict can hold.
    #[error("the scheduler runs a function, which a file cannot hold; in PyTorch, `LambdaLR` runs one")]
    Function,
    /// The rule that follows a metric is not PyTorch's, or has options that PyTorch's lacks.
    #[error("the rule `{rule}` is not PyTorch's ReduceLROnPlateau: {reason}")]
    Rule {
        /// The rule, in words.
        rule: String,
        /// What differs.
        reason: &'static str,
    },
    /// The parameter groups are not those of one scheduler.
    #[error("the parameter groups cannot share one scheduler of PyTorch's: they differ in {what}")]
    Groups {
        /// What they differ in.
        what: String,
    },
    /// There are no parameter groups.
    #[error("there is no parameter group to write; give at least one")]
    NoGroups,
    /// PyTorch's scheduler cannot get to the position.
    #[error(transparent)]
    Position(#[from] DialectError),
    /// A value in a state dict that is to be copied is more than Python's own plain data.
    #[error("`{path}` is {found}; only plain values are copied: numbers, strings, lists, tuples, dicts and Counters")]
    Value {
        /// Where it is.
        path: String,
        /// What it is.
        found: &'static str,
    },
    /// A state dict that is to be copied is huge, or holds itself.
    #[error("the state dict holds itself, is nested more than 64 deep, or has more than 100000 values")]
    TooLarge,
    /// The archive could not be made.
    #[error("the archive could not be made: {0}")]
    Archive(String),
    /// The file could not be written.
    #[error(transparent)]
    File(#[from] sched_files::WriteError),
}
