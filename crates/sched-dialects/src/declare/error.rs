//! Why another library's scheduler has no translation.

use sched_core::ScheduleError;
use sched_core::show::line;

/// Why another library's scheduler has no translation. The message names library, kind, parameter, value and rule.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DialectError {
    /// There is no such library here.
    #[error("there is no library `{}` here{}, only {}", line(library), meant(*.nearest), names(known))]
    UnknownLibrary {
        /// The name that was given.
        library: String,
        /// The names of those that there are.
        known: Vec<&'static str>,
        /// The one that was probably meant.
        nearest: Option<&'static str>,
    },
    /// The library has no such scheduler.
    #[error("{library} has no `{}` here{}, only {}", line(kind), meant(*.nearest), names(known))]
    UnknownKind {
        /// The library.
        library: String,
        /// The name that was given.
        kind: String,
        /// The names that it has.
        known: Vec<&'static str>,
        /// The one that was probably meant.
        nearest: Option<&'static str>,
    },
    /// The scheduler has no such parameter.
    #[error("{scheduler} has no parameter `{}`{}; it has {}", line(param), meant(*.nearest), names(known))]
    UnknownParam {
        /// Library and kind, as `torch.StepLR`.
        scheduler: String,
        /// The name that was given.
        param: String,
        /// The names that it has.
        known: Vec<&'static str>,
        /// The one that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A parameter is given twice.
    #[error("{scheduler}: `{}` is given twice; remove one of the two", line(param))]
    GivenTwice {
        /// Library and kind.
        scheduler: String,
        /// The parameter.
        param: String,
    },
    /// A parameter without a default is not given.
    #[error("{scheduler} needs `{param}`, which is not given; its parameters are {}", names(known))]
    MissingParam {
        /// Library and kind.
        scheduler: String,
        /// The parameter.
        param: String,
        /// The names that it has.
        known: Vec<&'static str>,
    },
    /// A parameter has the wrong type.
    #[error("{scheduler}: `{param}` is {value}, but must be {expected}")]
    WrongType {
        /// Library and kind.
        scheduler: String,
        /// The parameter.
        param: String,
        /// What was given.
        value: String,
        /// What it takes.
        expected: String,
    },
    /// A value that the library itself refuses, or that no schedule can have.
    #[error("{scheduler}: `{param}` is {value}, but must {rule}")]
    Refused {
        /// Library and kind.
        scheduler: String,
        /// The parameter.
        param: String,
        /// What was given.
        value: String,
        /// The rule, as the end of "must ...".
        rule: &'static str,
    },
    /// A parameter is code.
    #[error(
        "{scheduler}: `{param}` is code ({code}), which a file cannot hold; write the rule as a closure: {closure}"
    )]
    Code {
        /// Library and kind.
        scheduler: String,
        /// The parameter.
        param: String,
        /// The code.
        code: String,
        /// How to write it here: a closure.
        closure: &'static str,
    },
    /// The parameters make no valid schedule.
    #[error("{scheduler}: {source}")]
    Schedule {
        /// Library and kind.
        scheduler: String,
        /// Why.
        source: ScheduleError,
    },
}

/// What a translation fails with. The [`Context`](super::Context) adds the scheduler's name and what the user wrote.
///
/// It is small, so that the `?` of each parameter of each scheduler takes little code.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Cause>);

#[derive(Debug)]
pub(super) enum Cause {
    /// Something is wrong with the parameter of this name.
    Param(&'static str, Fault),
    /// The parameters make no valid schedule.
    Schedule(ScheduleError),
    /// A member's, with all that there is to say.
    Told(DialectError),
}

/// What is wrong with a parameter.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It is not given.
    Missing,
    /// The end of "must be ...".
    WrongType(String),
    /// The end of "must ...".
    Refused(&'static str),
    /// It is code; how to write it here.
    Code(&'static str),
}

impl Refusal {
    #[cold]
    #[inline(never)]
    pub(super) fn of(param: &'static str, fault: Fault) -> Self {
        Self(Box::new(Cause::Param(param, fault)))
    }

    pub(super) fn cause(self) -> Cause {
        *self.0
    }
}

impl From<ScheduleError> for Refusal {
    #[cold]
    #[inline(never)]
    fn from(source: ScheduleError) -> Self {
        Self(Box::new(Cause::Schedule(source)))
    }
}

impl From<DialectError> for Refusal {
    #[cold]
    #[inline(never)]
    fn from(error: DialectError) -> Self {
        Self(Box::new(Cause::Told(error)))
    }
}

/// `` (did you mean `a`?)``.
fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}

/// `` `a`, `b`, `c` ``.
fn names(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
