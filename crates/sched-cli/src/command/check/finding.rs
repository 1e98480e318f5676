//! What `check` reports: a likely mistake and its fix.

use serde::Serialize;

/// A likely mistake.
#[derive(Debug, PartialEq, Serialize)]
pub(in crate::command) struct Finding {
    pub(in crate::command) kind: Kind,
    /// The parameter group.
    pub(in crate::command) group: usize,
    /// Where it shows.
    pub(in crate::command) step: u64,
    /// What is wrong, with the rates.
    pub(in crate::command) message: String,
    /// What to do.
    pub(in crate::command) fix: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::command) enum Kind {
    ScheduleTooShort,
    ScheduleTooLong,
    WarmupTooLong,
    Jump,
    NearlyZero,
    NeverChanges,
    RisesAgain,
    HighPeak,
    PatienceTooLong,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ScheduleTooShort => "schedule too short",
            Self::ScheduleTooLong => "schedule too long",
            Self::WarmupTooLong => "warmup too long",
            Self::Jump => "jump",
            Self::NearlyZero => "nearly zero",
            Self::NeverChanges => "never changes",
            Self::RisesAgain => "rises again",
            Self::HighPeak => "high peak",
            Self::PatienceTooLong => "patience too long",
        }
    }
}

impl Finding {
    pub(super) fn new(kind: Kind, step: u64, message: String, fix: String) -> Self {
        Self { kind, group: 0, step, message, fix }
    }
}
