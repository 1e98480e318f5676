//! What a file was found to be.

use sched_core::Plan;

use crate::declare::Translation;

/// A schedule file, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What kind of file it is.
    pub kind: &'static str,
    /// Whether that is a form of sched's own.
    pub is_own: bool,
    /// The parameter groups, at least one.
    pub groups: Vec<Translation>,
    /// What the run and the file together know of it.
    pub plan: Plan,
    /// What the file says that could change a rate, and that is not taken into account.
    pub notes: Vec<String>,
}
