//! The fields of a file, by dotted paths.

use sched_core::Value;

use super::error::FileError;
use super::yaml;

/// A file or a part of it.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    /// The whole file, for references such as `${model.d_model}`.
    root: &'a Value,
    part: &'a Value,
}

impl<'a> Fields<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root, part: root }
    }

    /// A part of the file.
    pub(super) fn of(self, part: &'a Value) -> Self {
        Self { part, ..self }
    }

    pub(super) fn value(self) -> &'a Value {
        self.part
    }

    /// Whether the name stands there, perhaps with `null`.
    pub(super) fn has(self, path: &str) -> bool {
        walk(self.part, path).is_some()
    }

    /// What stands there, unless it is `null`; a reference is followed.
    pub(super) fn get(self, path: &str) -> Option<&'a Value> {
        let mut value = walk(self.part, path)?;
        for _ in 0..8 {
            match value {
                Value::Text(text) => match text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
                    Some(reference) => value = walk(self.root, reference)?,
                    None => break,
                },
                _ => break,
            }
        }
        (*value != Value::Null).then_some(value)
    }

    pub(super) fn at(self, path: &str) -> Option<Self> {
        self.get(path).map(|part| self.of(part))
    }

    pub(super) fn entries(self) -> &'a [(String, Value)] {
        if let Value::Map(entries) = self.part { entries } else { &[] }
    }

    /// A number, which may be written as a text.
    pub(super) fn number(self, path: &str) -> Result<Option<f64>, FileError> {
        let Some(value) = self.get(path) else { return Ok(None) };
        let number = match value {
            Value::Int(value) => Some(*value as f64),
            Value::Number(value) => Some(*value),
            Value::Text(text) => match yaml::number(text) {
                Some(Value::Int(value)) => Some(value as f64),
                Some(Value::Number(value)) => Some(value),
                _ => None,
            },
            _ => None,
        };
        match number.filter(|number| number.is_finite()) {
            Some(number) => Ok(Some(number)),
            None => Err(FileError::field(path, value, "be a finite number")),
        }
    }

    pub(super) fn needs_number(self, path: &str, why: &str) -> Result<f64, FileError> {
        self.number(path)?.ok_or_else(|| FileError::missing(path, why))
    }

    /// A whole number, which may be negative and may be written as a text.
    pub(super) fn int(self, path: &str) -> Result<Option<i64>, FileError> {
        let Some(number) = self.number(path)? else { return Ok(None) };
        if number as i64 as f64 == number {
            return Ok(Some(number as i64));
        }
        Err(FileError::field(path, self.get(path).unwrap_or(&Value::Null), "be a whole number"))
    }

    /// A whole number, 0 or more.
    pub(super) fn count(self, path: &str) -> Result<Option<u64>, FileError> {
        let Some(int) = self.int(path)? else { return Ok(None) };
        match u64::try_from(int) {
            Ok(count) => Ok(Some(count)),
            Err(_) => Err(FileError::field(path, self.get(path).unwrap_or(&Value::Null), "be 0 or more")),
        }
    }

    /// A whole number above 0; peers write 0, -1 or nothing for "not limited".
    pub(super) fn limit(self, path: &str) -> Result<Option<u64>, FileError> {
        Ok(self.int(path)?.and_then(|int| u64::try_from(int).ok()).filter(|&count| count > 0))
    }

    pub(super) fn text(self, path: &str) -> Result<Option<&'a str>, FileError> {
        match self.get(path) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(value) => Err(FileError::field(path, value, "be a text")),
        }
    }

    pub(super) fn flag(self, path: &str) -> Result<bool, FileError> {
        match self.get(path) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::Text(text)) if ["true", "True"].contains(&text.as_str()) => Ok(true),
            Some(Value::Text(text)) if ["false", "False"].contains(&text.as_str()) => Ok(false),
            Some(value) => Err(FileError::field(path, value, "be true or false")),
        }
    }

    /// The elements of a list; one that is no list is a list of one.
    pub(super) fn list(self, path: &str) -> Vec<Self> {
        match self.get(path) {
            None => Vec::new(),
            Some(Value::List(values)) => values.iter().map(|value| self.of(value)).collect(),
            Some(value) => vec![self.of(value)],
        }
    }

    /// The first map with this name, anywhere below, and the map that holds it.
    pub(super) fn find(self, name: &str) -> Option<Self> {
        if self.entries().iter().any(|(known, value)| known == name && matches!(value, Value::Map(_))) {
            return Some(self);
        }
        let values: Vec<&Value> = match self.part {
            Value::Map(entries) => entries.iter().map(|(_, value)| value).collect(),
            Value::List(values) => values.iter().collect(),
            _ => return None,
        };
        values.into_iter().find_map(|value| self.of(value).find(name))
    }
}

fn walk<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| match value {
        Value::Map(entries) => entries.iter().find(|(known, _)| known == name).map(|(_, value)| value),
        _ => None,
    })
}
