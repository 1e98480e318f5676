//! Why another library's scheduler has no translation.

use core::fmt;

use sched_core::ScheduleError;

/// Why another library's scheduler has no translation. The message names library, kind, parameter, value and rule.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DialectError {
    /// There is no such library here.
    UnknownLibrary {
        /// The name that was given.
        library: String,
    },
    /// The library has no such scheduler.
    UnknownKind {
        /// The library.
        library: String,
        /// The name that was given.
        kind: String,
        /// The names that it has.
        known: Vec<&'static str>,
    },
    /// The scheduler has no such parameter, or it is given twice.
    UnknownParam {
        /// Library and kind, as `torch.StepLR`.
        scheduler: String,
        /// The name that was given.
        param: String,
        /// The names that it has.
        known: Vec<&'static str>,
    },
    /// A parameter without a default is not given.
    MissingParam {
        /// Library and kind.
        scheduler: String,
        /// The parameter.
        param: String,
        /// The names that it has.
        known: Vec<&'static str>,
    },
    /// A parameter has the wrong type.
    WrongType {
        /// Library and kind.
        scheduler: String,
        /// The parameter.
        param: String,
        /// What was given.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
    /// A value that the library itself refuses, or that no schedule can have.
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
    Schedule {
        /// Library and kind.
        scheduler: String,
        /// Why.
        source: ScheduleError,
    },
}

impl fmt::Display for DialectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownLibrary { library } => {
                write!(f, "there is no library `{library}` here, only ")?;
                names(f, super::LIBRARIES.iter().map(|library| library.name))
            }
            Self::UnknownKind { library, kind, known } => {
                write!(f, "{library} has no `{kind}` here, only ")?;
                names(f, known.iter().copied())
            }
            Self::UnknownParam { scheduler, param, known } => {
                write!(f, "{scheduler} has no parameter `{param}` (or not twice); it has ")?;
                names(f, known.iter().copied())
            }
            Self::MissingParam { scheduler, param, known } => {
                write!(f, "{scheduler} needs `{param}`, which is not given; its parameters are ")?;
                names(f, known.iter().copied())
            }
            Self::WrongType { scheduler, param, value, expected } => {
                write!(f, "{scheduler}: `{param}` is {value}, but must be {expected}")
            }
            Self::Refused { scheduler, param, value, rule } => {
                write!(f, "{scheduler}: `{param}` is {value}, but must {rule}")
            }
            Self::Code { scheduler, param, code, closure } => write!(
                f,
                "{scheduler}: `{param}` is code ({code}), which a file cannot hold; write the rule as a closure: {closure}"
            ),
            Self::Schedule { scheduler, source } => write!(f, "{scheduler}: {source}"),
        }
    }
}

fn names<'a>(f: &mut fmt::Formatter<'_>, names: impl Iterator<Item = &'a str>) -> fmt::Result {
    for (i, name) in names.enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "`{name}`")?;
    }
    Ok(())
}

impl core::error::Error for DialectError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Schedule { source, .. } => Some(source),
            _ => None,
        }
    }
}
