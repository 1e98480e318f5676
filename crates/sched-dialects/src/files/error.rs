//! Why a file has no schedule here.

use sched_core::show::nearest;
use sched_core::{PlanError, ScheduleError, UnitsError, Value};

use crate::declare::DialectError;

/// Why a file has no schedule here. The message names the field, what it holds and the rule.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It is not JSON, TOML or YAML.
    #[error("invalid {syntax}: {message}")]
    Syntax {
        /// The syntax.
        syntax: &'static str,
        /// What the reader says.
        message: String,
    },
    /// It is no map of names and values.
    #[error(
        "the file is {value}, but must be a map: a schedule, another library's scheduler or a trainer's configuration"
    )]
    NoMap {
        /// What it is.
        value: String,
    },
    /// It is none of the kinds of files that are known.
    #[error("the file is none that can be read here{nearest}; those are: {}", known.join(", "))]
    Unknown {
        /// What comes closest, as the rest of a sentence.
        nearest: String,
        /// The kinds.
        known: Vec<&'static str>,
    },
    /// A field that is needed is missing.
    #[error("`{field}` is not given, but is needed: {why}")]
    Missing {
        /// The field, as a dotted path.
        field: String,
        /// What it is needed for, and where it may come from.
        why: String,
    },
    /// A field has a value that it cannot have.
    #[error("`{field}` is {value}, but must {rule}")]
    Field {
        /// The field, as a dotted path.
        field: String,
        /// What it holds.
        value: String,
        /// The rule, as the end of "must ...".
        rule: String,
    },
    /// The run knows too little.
    #[error("the file does not say how many {what} there are; give {from}")]
    Run {
        /// What is missing.
        what: &'static str,
        /// The numbers of the plan that tell.
        from: &'static str,
    },
    /// A scheduler of a library, under its own names.
    #[error(transparent)]
    Dialect(#[from] DialectError),
    /// The numbers make no schedule.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// A time has a unit that the plan cannot turn into steps.
    #[error(transparent)]
    Units(#[from] UnitsError),
    /// The plan contradicts itself.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A file in sched's own form is wrong.
    #[error("{0}")]
    Own(String),
}

impl FileError {
    pub(super) fn field(field: &str, value: &Value, rule: impl Into<String>) -> Self {
        let mut rule = rule.into();
        if let Value::Text(word) = value {
            let words: Vec<&str> = rule.split('`').skip(1).step_by(2).collect();
            if let Some(word) = nearest(word, &words) {
                rule = format!("{rule}; did you mean `{word}`?");
            }
        }
        Self::Field { field: field.to_owned(), value: value.to_string(), rule }
    }

    pub(super) fn missing(field: &str, why: &str) -> Self {
        Self::Missing { field: field.to_owned(), why: why.to_owned() }
    }
}
