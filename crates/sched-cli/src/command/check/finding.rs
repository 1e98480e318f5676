//! What `check` reports: a likely mistake and its fix.

use clap::ValueEnum;
use serde::Serialize;

use super::change::Change;
use super::fix::Fix;

/// A likely mistake.
#[derive(Clone, Debug, Serialize)]
pub(in crate::command) struct Finding {
    pub(in crate::command) kind: Kind,
    pub(in crate::command) severity: Severity,
    pub(in crate::command) quantity: Quantity,
    /// The parameter group.
    pub(in crate::command) group: usize,
    /// Where it shows.
    pub(in crate::command) step: u64,
    /// What is wrong, with the rates.
    pub(in crate::command) message: String,
    #[serde(flatten)]
    pub(in crate::command) fix: Fix,
    /// What may mend it, the likeliest first.
    #[serde(skip)]
    pub(super) changes: Vec<Change>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::command) enum Severity {
    /// Something looks wrong.
    Problem,
    /// Common practice, but worth knowing.
    Note,
}

/// What the schedule drives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::command) enum Quantity {
    Lr,
    Momentum,
    WeightDecay,
}

impl Quantity {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Lr => "rate",
            Self::Momentum => "momentum",
            Self::WeightDecay => "weight decay",
        }
    }
}

/// The kinds of findings; `--allow` takes their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(in crate::command) enum Kind {
    /// The schedule ends long before the run.
    ScheduleTooShort,
    /// The run ends before the schedule.
    ScheduleTooLong,
    /// The warmup takes more than half the run.
    WarmupTooLong,
    /// The warmup is over long before the next phase starts.
    LatePhase,
    /// The rate jumps between two phases.
    Jump,
    /// The rate is close to 0 for a part of the run.
    NearlyZero,
    /// The rate is 0 at step 0.
    ZeroStart,
    /// The rate stays as it is.
    NeverChanges,
    /// A decay that goes back up.
    RisesAgain,
    /// The rate that a decay goes to is above the one it comes from.
    FloorAboveRate,
    /// Very many restarts.
    TooManyCycles,
    /// The run ends in the middle of a cycle.
    CycleCut,
    /// A factor above 1 makes the rate grow.
    Grows,
    /// A rate or another value that is unusually high.
    HighPeak,
    /// A rate that is unusually low for the optimizer.
    LowPeak,
    /// The run is too short for a plateau's patience.
    PatienceTooLong,
    /// A plateau without patience.
    NoPatience,
    /// A plateau that can never reduce the rate.
    NeverReduced,
}

impl Kind {
    /// In words: `schedule too short`.
    pub(super) fn words(self) -> String {
        self.option().replace('-', " ")
    }

    /// As an option: `schedule-too-short`.
    pub(super) fn option(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

impl Finding {
    pub(super) fn new(kind: Kind, step: u64, message: String, changes: Vec<Change>) -> Self {
        let (severity, quantity) = (Severity::Problem, Quantity::Lr);
        Self { kind, severity, quantity, group: 0, step, message, fix: Fix::default(), changes }
    }

    /// Whether both say the same of the same schedule.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.kind, self.quantity, self.group) == (other.kind, other.quantity, other.group)
    }
}
