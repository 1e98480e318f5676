//! Why a state dict has no meaning here.

use std::fmt;

use sched_core::ScheduleError;
use sched_core::show::nearest;
use sched_dialects::DialectError;

use crate::read::FindError;

/// The name that a misspelt one was probably meant for.
fn meant(class: &str, known: &[&str]) -> String {
    nearest(class, known).map_or(String::new(), |near| format!(" (did you mean `{near}`?)"))
}

/// Why a run cannot be resumed from a file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// No scheduler was found, or several.
    #[error(transparent)]
    Find(#[from] FindError),
    /// PyTorch has no such scheduler.
    #[error("PyTorch has no scheduler `{class}` that is known here{}, only {}", meant(class, known), known.join(", "))]
    UnknownClass {
        /// The name as given.
        class: String,
        /// The names of those that there are.
        known: Vec<&'static str>,
    },
    /// A state dict, or one inside of it, does not say enough, or something else.
    #[error("{}{problem}", prefix(path))]
    State {
        /// Where in the file it is; empty for the root.
        path: String,
        /// What is wrong.
        problem: Problem,
    },
    /// Its rates are computed by a function of the user's, which a file does not hold.
    #[error(
        "{}the rates of {class} come from a function, which the file does not hold; give the curve as a schedule (the option \
         `--schedule FILE`, or `ResumeOptions::schedule`), and the file gives the position: {position}, with base rates \
         {base_lrs:?} and current rates {last_lrs:?}",
        prefix(path)
    )]
    Code {
        /// Where in the file it is; empty for the root.
        path: String,
        /// Its class, or both classes that it may be.
        class: String,
        /// The number of updates made so far.
        position: u64,
        /// The rates that the function's values multiply, one per parameter group.
        base_lrs: Vec<f64>,
        /// The rates now.
        last_lrs: Vec<f64>,
    },
    /// The parameters in the state dict make no schedule.
    #[error("{}{source}", prefix(path))]
    Params {
        /// Where in the file it is; empty for the root.
        path: String,
        /// Why.
        source: DialectError,
    },
    /// The schedule would be invalid: nested too deeply, for example.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// A schedule was given for another number of parameter groups.
    #[error("the schedule has {given} parameter groups and the file has {found}; give one schedule, or one per group")]
    Groups {
        /// Those of the schedule.
        given: usize,
        /// Those of the file.
        found: usize,
    },
}

/// What is wrong with a state dict.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// Its keys are those of no class.
    NoClass {
        /// The class that it has most keys of, and the keys that it lacks.
        nearest: Option<(&'static str, Vec<&'static str>)>,
    },
    /// Its keys are those of several classes.
    Ambiguous {
        /// The classes.
        classes: Vec<&'static str>,
    },
    /// Its keys are those of a class and more, and the class does not lead to its rate.
    Foreign {
        /// The class.
        class: &'static str,
        /// The keys that the class does not have.
        unknown: Vec<String>,
    },
    /// Keys are missing.
    Missing {
        /// The class.
        class: &'static str,
        /// The keys.
        keys: Vec<&'static str>,
    },
    /// A value has another type, or is out of range.
    Value {
        /// The key.
        key: &'static str,
        /// What is there, shortened.
        found: String,
        /// The end of "must be ...".
        expected: &'static str,
    },
    /// What the class reads from the optimizer is not in the file.
    NeedsOptimizer {
        /// The class.
        class: &'static str,
        /// The keys in `param_groups`.
        keys: &'static [&'static str],
    },
    /// Schedulers inside of schedulers, too deep or too many.
    TooManySchedulers {
        /// The most that there may be.
        limit: usize,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoClass { nearest: None } => f.write_str(
                "the keys are those of no scheduler of PyTorch; if it is one of them, name it (`--class`, or `ResumeOptions::class`)",
            ),
            Self::NoClass { nearest: Some((class, missing)) } => write!(
                f,
                "the keys are those of no scheduler of PyTorch; {class} comes closest, but also has {}",
                quoted(missing)
            ),
            Self::Ambiguous { classes } => {
                write!(f, "the keys fit {}; choose one (`--class`, or `ResumeOptions::class`)", classes.join(" and "))
            }
            Self::Foreign { class, unknown } => write!(
                f,
                "the keys are those of {class} and also {}, and {class} does not lead to the rate in the file; if it is a \
                 {class} after all, say so (`--class {class}`, or `ResumeOptions::class`)",
                quoted(unknown)
            ),
            Self::Missing { class, keys } => {
                write!(f, "{class} needs {}, which the state dict does not have", quoted(keys))
            }
            Self::Value { key, found, expected } => write!(f, "`{key}` is {found}, but must be {expected}"),
            Self::NeedsOptimizer { class, keys } => write!(
                f,
                "{class} keeps {} in the optimizer's `param_groups`, and they are not in this file; read a checkpoint that has \
                 the optimizer too, or give the curve as a schedule (`--schedule FILE`)",
                quoted(keys)
            ),
            Self::TooManySchedulers { limit } => {
                write!(f, "the schedulers in `_schedulers` are nested too deeply, or more than {limit}")
            }
        }
    }
}

fn quoted(names: &[impl fmt::Display]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn prefix(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("`{path}`: ") }
}
