//! What to do about a finding, as it is reported.

use serde::Serialize;

use super::leaves::Edit;

/// What to do about a finding.
#[derive(Clone, Debug, Default, Serialize)]
pub(in crate::command) struct Fix {
    /// In words.
    #[serde(rename = "fix")]
    pub(in crate::command) text: String,
    /// Numbers of the file to change.
    pub(super) edits: Vec<Edit>,
    /// Options to pass if nothing in the file is to change.
    pub(super) options: Option<String>,
}

impl Fix {
    /// Whether something in the file mends the finding.
    pub(super) fn is_in_file(&self) -> bool {
        !self.edits.is_empty()
    }
}
