//! A schedule file that can be changed and read again for the same run.

use sched_core::{Plan, Value};
use sched_dialects::{FileError, Found, read_value};

/// A schedule file, read for a run.
pub(crate) struct File {
    /// Its content, as written.
    pub(crate) value: Value,
    /// What the run knows beside the file.
    given: Plan,
    pub(crate) found: Found,
}

impl File {
    pub(crate) fn read(value: Value, given: Plan) -> Result<Self, FileError> {
        Ok(Self { found: read_value(&value, &given)?, value, given })
    }

    /// The same file with another content, in the same run.
    pub(crate) fn with(&self, value: Value) -> Result<Self, FileError> {
        Self::read(value, self.given)
    }

    /// The same file in a run of another length.
    pub(crate) fn with_steps(&self, steps: u64) -> Result<Self, FileError> {
        Self::read(self.value.clone(), Plan { total_steps: Some(steps), epochs: None, ..self.given })
    }

    /// The length of the run, if the plan or the file tells.
    pub(crate) fn run_steps(&self) -> Option<u64> {
        self.found.plan.run_steps().ok()
    }

    /// Whether another library says what its numbers mean.
    pub(crate) fn is_of_library(&self) -> bool {
        let names_one = matches!(&self.value, Value::Map(entries) if entries.iter().any(|(name, _)| name == "library"));
        names_one || !self.found.is_own
    }
}
