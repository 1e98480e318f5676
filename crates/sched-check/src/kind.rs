//! The kinds of likely mistakes.

use std::fmt;

use serde::Serialize;

macro_rules! kinds {
    ($(#[doc = $about:literal] $kind:ident = $name:literal,)*) => {
        /// The kinds of findings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[non_exhaustive]
        pub enum Kind {
            $(#[doc = $about] #[serde(rename = $name)] $kind,)*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Its name in options and JSON, such as `schedule-too-short`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// What it reports, as a sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$kind => $about.trim_ascii(),)*
                }
            }
        }
    };
}

kinds! {
    /// The schedule ends long before the run.
    ScheduleTooShort = "schedule-too-short",
    /// The run ends before the schedule.
    ScheduleTooLong = "schedule-too-long",
    /// The warmup takes more than half the run.
    WarmupTooLong = "warmup-too-long",
    /// The warmup is over long before the next phase starts.
    LatePhase = "late-phase",
    /// The rate jumps between two phases.
    Jump = "jump",
    /// The rate is close to 0 for a part of the run.
    NearlyZero = "nearly-zero",
    /// The rate is 0 at step 0.
    ZeroStart = "zero-start",
    /// The rate stays as it is.
    NeverChanges = "never-changes",
    /// A decay that goes back up.
    RisesAgain = "rises-again",
    /// The rate that a decay goes to is above the one it comes from.
    FloorAboveRate = "floor-above-rate",
    /// Very many restarts.
    TooManyCycles = "too-many-cycles",
    /// The run ends in the middle of a cycle.
    CycleCut = "cycle-cut",
    /// A factor above 1 makes the rate grow.
    Grows = "grows",
    /// A rate or another value that is unusually high.
    HighPeak = "high-peak",
    /// A rate that is unusually low for the optimizer.
    LowPeak = "low-peak",
    /// The run is too short for a plateau's patience.
    PatienceTooLong = "patience-too-long",
    /// A plateau without patience.
    NoPatience = "no-patience",
    /// A plateau that can never reduce the rate.
    NeverReduced = "never-reduced",
}

impl Kind {
    /// Whether only the length of the run can tell.
    pub(crate) fn is_of_run(self) -> bool {
        matches!(
            self,
            Self::ScheduleTooShort
                | Self::ScheduleTooLong
                | Self::WarmupTooLong
                | Self::NearlyZero
                | Self::TooManyCycles
                | Self::CycleCut
                | Self::PatienceTooLong
        )
    }
}

/// In words, such as `schedule too short`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name().replace('-', " "))
    }
}
