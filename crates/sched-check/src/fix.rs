//! What to do about a finding.

use std::fmt;

use crate::edit::Edit;

/// What to do about a finding.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Fix {
    /// Numbers of the file to change, all of them together; none if no number mends the finding.
    pub edits: Vec<Edit>,
    /// What mends it without a change of the file, if that is what is meant.
    pub instead: Option<Instead>,
}

/// What mends a finding without a change of the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Instead {
    /// A run of this many steps.
    Run(u64),
    /// [`Options::peak`](crate::Options::peak): the rate is meant to be this high.
    Peak(f64),
}

/// The edits in words, `a, b and c`.
impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, edit) in self.edits.iter().enumerate() {
            let separator = match i {
                0 => "",
                _ if i + 1 == self.edits.len() => " and ",
                _ => ", ",
            };
            write!(f, "{separator}{edit}")?;
        }
        Ok(())
    }
}
