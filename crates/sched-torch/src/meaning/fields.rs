//! The values of a state dict by key, with errors that name them.

use sched_dialects::Value as Param;

use super::error::{Problem, ResumeError};
use super::number::{number, numbers, whole};
use crate::read::{Dict, Kind, Value};

/// A state dict, and where it is.
#[derive(Clone)]
pub(super) struct Fields<'a> {
    pub(super) dict: Dict<'a>,
    pub(super) path: String,
}

impl<'a> Fields<'a> {
    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        self.dict.get(key).filter(|value| !value.is_none())
    }

    /// An error about this state dict.
    pub(super) fn error(&self, problem: Problem) -> ResumeError {
        ResumeError::State { path: self.path.clone(), problem }
    }

    /// An error about one of its values.
    pub(super) fn wrong(&self, key: &'static str, expected: &'static str) -> ResumeError {
        let found = self.dict.get(key).map_or_else(|| "missing".to_owned(), |value| format!("{value:.80}"));
        self.error(Problem::Value { key, found, expected })
    }

    /// A value, which must be of a type; `None` if it is missing or Python's `None`.
    fn typed<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(Value<'a>) -> Option<T>,
        expected: &'static str,
    ) -> Result<Option<T>, ResumeError> {
        let read = |value| read(value).ok_or_else(|| self.wrong(key, expected));
        self.get(key).map(read).transpose()
    }

    pub(super) fn number(&self, key: &'static str) -> Result<Option<f64>, ResumeError> {
        self.typed(key, number, "a number")
    }

    pub(super) fn whole(&self, key: &'static str) -> Result<Option<i64>, ResumeError> {
        self.typed(key, whole, "a whole number")
    }

    pub(super) fn flag(&self, key: &'static str) -> Result<Option<bool>, ResumeError> {
        self.typed(key, Value::as_bool, "true or false")
    }

    pub(super) fn text(&self, key: &'static str) -> Result<Option<&'a str>, ResumeError> {
        self.typed(key, Value::as_str, "a string")
    }

    /// One number per parameter group; of rates, which are finite and 0 or more.
    pub(super) fn rates(&self, key: &'static str) -> Result<Option<Vec<f64>>, ResumeError> {
        let rates = |value| numbers(value).filter(|rates| rates.iter().all(|rate| (0.0..f64::INFINITY).contains(rate)));
        self.typed(key, rates, "a list of finite numbers, 0 or more, one per parameter group")
    }

    /// A value that a constructor takes as it is.
    pub(super) fn param(&self, key: &'static str) -> Result<Option<Param>, ResumeError> {
        let param = |value: Value<'a>| match value.kind() {
            Kind::Bool(value) => Some(Param::Bool(value)),
            Kind::Int(value) => Some(Param::Int(value.into())),
            Kind::Str(value) => Some(Param::Text(value.to_owned())),
            _ => number(value).map(Param::Number),
        };
        self.typed(key, param, "a number or a string")
    }
}
