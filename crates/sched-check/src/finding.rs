//! A likely mistake.

use serde::Serialize;

use crate::change::Change;
use crate::fix::Fix;
use crate::kind::Kind;

/// A likely mistake.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// Which mistake.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// Which of the file's schedules has it.
    pub quantity: Quantity,
    /// The parameter group.
    pub group: usize,
    /// Where it shows.
    pub step: u64,
    /// What is wrong, with the rates.
    pub message: String,
    /// Whether the number of steps in an epoch, which the run does not tell, would tell more.
    pub needs_steps_per_epoch: bool,
    /// What to do about it.
    pub fix: Fix,
    /// What may mend it, the likeliest first.
    pub(crate) changes: Vec<Change>,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Something looks wrong.
    Problem,
    /// Common practice, but worth knowing.
    Note,
}

/// What a schedule drives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// The learning rate.
    Lr,
    /// The momentum, or the first beta.
    Momentum,
    /// The weight decay.
    WeightDecay,
}

impl Quantity {
    /// In words: `rate`, `momentum` or `weight decay`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lr => "rate",
            Self::Momentum => "momentum",
            Self::WeightDecay => "weight decay",
        }
    }
}

impl Finding {
    pub(crate) fn new(kind: Kind, step: u64, message: String, changes: Vec<Change>) -> Self {
        Self {
            kind,
            severity: Severity::Problem,
            quantity: Quantity::Lr,
            group: 0,
            step,
            message,
            needs_steps_per_epoch: false,
            fix: Fix::default(),
            changes,
        }
    }

    /// Whether both say the same of the same schedule.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.kind, self.quantity, self.group) == (other.kind, other.quantity, other.group)
    }
}
