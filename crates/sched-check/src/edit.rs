//! A number of a file to change.

use std::fmt;

use sched_core::Value;
use serde::Serialize;

/// A number of a file replaced by another, or added.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Edit {
    /// Where, such as `params.milestones[0]`.
    pub path: String,
    /// What stands there now; [`Value::Null`] for nothing.
    pub from: Value,
    /// What is to stand there.
    pub value: Value,
}

/// In words, such as ``set `params.T_max` to 1000 (now 4000)``.
impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, from, value } = self;
        match from {
            Value::Null => write!(f, "add `{path}` = {value}"),
            _ => write!(f, "set `{path}` to {value} (now {from})"),
        }
    }
}
