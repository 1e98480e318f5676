//! The numbers of a file, each with its path, and the file with other numbers in their place.

use sched_core::{Duration, Unit, Value};
use sched_plot::Short;

use crate::edit::Edit;

/// A number of a file.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) path: String,
    pub(super) number: f64,
    /// The unit of a duration, such as `5 epochs`.
    pub(super) unit: Option<Unit>,
    /// Whether it moves the end of a schedule, so that it is no rate.
    pub(super) moves: bool,
    value: Value,
}

/// Above this many numbers, a file is not searched for what to change.
const MOST: usize = 300;

impl Leaf {
    /// The numbers of a file, without its plan.
    pub(super) fn all(file: &Value) -> Vec<Self> {
        let mut leaves = Vec::new();
        collect(file, "", &mut leaves);
        if leaves.len() > MOST { Vec::new() } else { leaves }
    }

    /// The last name in its path.
    pub(super) fn name(&self) -> &str {
        let name = self.path.rsplit('.').next().unwrap_or_default();
        name.split('[').next().unwrap_or_default()
    }

    /// Whether it may count steps.
    pub(super) fn is_steps(&self) -> bool {
        self.is_whole() && self.unit.is_none_or(|unit| unit == Unit::Steps)
    }

    pub(super) fn is_whole(&self) -> bool {
        self.number.fract() == 0.0
    }

    /// This number replaced by another, in its unit.
    pub(super) fn to(&self, number: f64) -> Edit {
        let value = match self.unit {
            Some(unit) => Value::Text(format!("{} {unit}", Short(number))),
            None => as_value(number),
        };
        Edit { path: self.path.clone(), from: self.value.clone(), value }
    }

    /// This number as one of epochs.
    pub(super) fn in_epochs(&self) -> Edit {
        let value = Value::Text(format!("{} {}", Short(self.number), Unit::Epochs));
        Edit { path: self.path.clone(), from: self.value.clone(), value }
    }
}

/// A whole number without a point.
pub(super) fn as_value(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 && number != 0.0 {
        Value::Int(number as i128)
    } else {
        Value::Number(number)
    }
}

fn collect(value: &Value, path: &str, leaves: &mut Vec<Leaf>) {
    let mut leaf = |number: f64, unit| {
        leaves.push(Leaf { path: path.to_owned(), number, unit, moves: false, value: value.clone() });
    };
    match value {
        Value::Int(number) => leaf(*number as f64, None),
        Value::Number(number) if number.is_finite() => leaf(*number, None),
        Value::Text(text) => match (text.trim().parse::<f64>(), text.parse::<Duration>()) {
            (Ok(number), _) if number.is_finite() => leaf(number, None),
            (_, Ok(duration)) => leaf(duration.value(), Some(duration.unit())),
            _ => {}
        },
        Value::List(values) => {
            values.iter().enumerate().for_each(|(i, value)| collect(value, &format!("{path}[{i}]"), leaves));
        }
        Value::Map(entries) => {
            for (name, value) in entries.iter().filter(|(name, _)| !(path.is_empty() && name == "plan")) {
                collect(value, &join(path, name), leaves);
            }
        }
        _ => {}
    }
}

/// The paths of the maps in a file in which a number of this name may be added.
pub(super) fn maps(file: &Value, path: &str) -> Vec<String> {
    match file {
        Value::Map(entries) => {
            let inner = entries.iter().flat_map(|(name, value)| maps(value, &join(path, name)));
            std::iter::once(path.to_owned()).chain(inner).collect()
        }
        Value::List(values) => {
            values.iter().enumerate().flat_map(|(i, value)| maps(value, &format!("{path}[{i}]"))).collect()
        }
        _ => Vec::new(),
    }
}

pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The file with these edits.
pub(super) fn edited(file: &Value, edits: &[Edit]) -> Value {
    replaced(file, "", edits)
}

fn replaced(value: &Value, path: &str, edits: &[Edit]) -> Value {
    if let Some(edit) = edits.iter().find(|edit| edit.path == path) {
        return edit.value.clone();
    }
    match value {
        Value::List(values) => Value::List(
            values.iter().enumerate().map(|(i, value)| replaced(value, &format!("{path}[{i}]"), edits)).collect(),
        ),
        Value::Map(entries) => {
            let old = entries.iter().map(|(name, value)| (name.clone(), replaced(value, &join(path, name), edits)));
            let is_new = |edit: &&Edit| edit.from == Value::Null && parent(&edit.path) == path;
            let new = edits.iter().filter(is_new).map(|edit| (name(&edit.path).to_owned(), edit.value.clone()));
            let new = new.filter(|(name, _)| !entries.iter().any(|(known, _)| known == name));
            let new: Vec<_> = new.collect();
            Value::Map(old.chain(new).collect())
        }
        value => value.clone(),
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(parent, _)| parent)
}

fn name(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(_, name)| name)
}
