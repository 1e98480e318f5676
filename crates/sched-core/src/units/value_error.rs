//! Why something cannot be read from a value, and where in it.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::error::Error;
use core::fmt;

use serde::de;

use crate::schedule::safe_message;

/// Why something cannot be read from a [`Value`](crate::Value), and where in it: in plain words and safe to show, as
/// [`show::error`](crate::show::error) makes them.
///
/// ```
/// use sched_core::{Schedule, Value};
/// use serde::Deserialize;
///
/// let file: Value = serde_json::from_str(r#"{"sum": [{"constant": 1}, {"constant": null}]}"#).unwrap();
/// let error = Schedule::deserialize(&file).unwrap_err();
/// assert_eq!(error.path(), "sum[1].constant");
/// assert_eq!(error.to_string(), "`constant` is null, but must be a finite number");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ValueError(Box<Inner>);

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    message: String,
    path: String,
}

impl ValueError {
    /// Where, such as `sequence[1].start`; empty for the whole value.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// What is wrong inside a part of a larger value.
    pub(super) fn inside(mut self, mut part: String) -> Self {
        let path = &mut self.0.path;
        if !path.is_empty() && !path.starts_with('[') {
            part.push('.');
        }
        part.push_str(path);
        *path = part;
        self
    }
}

impl de::Error for ValueError {
    #[cold]
    #[inline(never)]
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Box::new(Inner { message: safe_message(&message.to_string()), path: String::new() }))
    }
}

/// Without the path.
impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl Error for ValueError {}
