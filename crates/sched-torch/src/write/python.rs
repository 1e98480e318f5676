//! Values of Python's that a state dict is made of.

use sched_dialects::Value as Param;

use super::error::WriteError;
use crate::read::{DictKind, Kind, Value};

/// A value of Python's.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Python {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(String),
    List(Vec<Python>),
    Tuple(Vec<Python>),
    Dict(Vec<(Python, Python)>),
    Counter(Vec<(Python, Python)>),
}

impl Python {
    pub(super) fn str(text: &str) -> Self {
        Self::Str(text.to_owned())
    }

    pub(super) fn floats(values: &[f64]) -> Self {
        Self::List(values.iter().copied().map(Self::Float).collect())
    }

    /// A dict by its names.
    pub(super) fn dict(entries: Vec<(&str, Self)>) -> Self {
        Self::Dict(entries.into_iter().map(|(key, value)| (Self::str(key), value)).collect())
    }

    /// A parameter, as its state dict has it.
    pub(super) fn of(param: &Param) -> Self {
        match param {
            Param::Null => Self::None,
            Param::Bool(value) => Self::Bool(*value),
            Param::Int(value) => Self::Int(*value),
            Param::Number(value) => Self::Float(*value),
            Param::Text(text) => Self::str(text),
            Param::List(values) => Self::List(values.iter().map(Self::of).collect()),
            Param::Map(entries) => {
                Self::Dict(entries.iter().map(|(key, value)| (Self::str(key), Self::of(value))).collect())
            }
        }
    }

    /// A copy of a value in a file.
    pub(super) fn copied(value: Value<'_>) -> Result<Self, WriteError> {
        Copy { left: MAX_VALUES }.of(value, "", 0)
    }
}

/// The most values of a state dict that is copied, and how deep they may be: a file may share a value, and a list may hold
/// itself.
const MAX_VALUES: usize = 100_000;
const MAX_DEPTH: usize = 64;

struct Copy {
    left: usize,
}

impl Copy {
    fn of(&mut self, value: Value<'_>, path: &str, depth: usize) -> Result<Python, WriteError> {
        self.left = self.left.checked_sub(1).filter(|_| depth < MAX_DEPTH).ok_or(WriteError::TooLarge)?;
        Ok(match value.kind() {
            Kind::None => Python::None,
            Kind::Bool(value) => Python::Bool(value),
            Kind::Int(value) => Python::Int(value.into()),
            Kind::Float(value) => Python::Float(value),
            Kind::Str(text) => Python::str(text),
            Kind::List => Python::List(self.items(value, path, depth)?),
            Kind::Tuple => Python::Tuple(self.items(value, path, depth)?),
            Kind::Dict(dict) if matches!(dict.kind(), DictKind::Dict | DictKind::Counter) => {
                let entries = dict.entries().map(|(key, value)| {
                    let path =
                        format!("{path}{}{}", if path.is_empty() { "" } else { "." }, key.as_str().unwrap_or("?"));
                    Ok((self.of(key, &path, depth + 1)?, self.of(value, &path, depth + 1)?))
                });
                let entries = entries.collect::<Result<_, WriteError>>()?;
                if dict.kind() == DictKind::Counter { Python::Counter(entries) } else { Python::Dict(entries) }
            }
            _ => return Err(WriteError::Value { path: path.to_owned(), found: value.type_name() }),
        })
    }

    fn items(&mut self, list: Value<'_>, path: &str, depth: usize) -> Result<Vec<Python>, WriteError> {
        let items = list.as_items().into_iter().flatten().enumerate();
        items.map(|(i, item)| self.of(item, &format!("{path}.{i}"), depth + 1)).collect()
    }
}
