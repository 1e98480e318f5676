//! What a checkpoint holds, and how a scheduler loads it.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use serde::Serialize;

use super::checksum::checksum;
use super::curve::Source;
use super::scheduler::Scheduler;
use crate::feedback::Feedback;
use crate::schedule::{Schedule, Short, line, passage};

/// What [`SchedulerState::kind`] says in every state.
pub const STATE_KIND: &str = "sched.scheduler";

/// The version of the state that this crate writes, and the newest that it reads.
pub const STATE_VERSION: u32 = 1;

/// The state of a [`Scheduler`]: plain data for any serde format.
///
/// The kind and the version keep other files from being taken for a state; the schedule makes it describe itself, so that a
/// difference can be named; the checksum reveals a flipped bit. Every field is always written, and none holds NaN or an
/// infinity.
///
/// ```
/// use sched_core::{OnMismatch, Schedule, Scheduler};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut scheduler = Scheduler::new(Schedule::linear(1.0, 0.0, 4)?);
/// scheduler.step();
/// let file = serde_json::to_string(&scheduler.state())?;
///
/// let mut resumed = Scheduler::new(Schedule::linear(1.0, 0.0, 4)?);
/// resumed.load_state(&serde_json::from_str(&file)?, OnMismatch::Refuse)?;
/// assert_eq!(resumed.step(), scheduler.step());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SchedulerState {
    /// [`STATE_KIND`].
    pub kind: String,
    /// The [`STATE_VERSION`] of the crate that wrote it.
    pub version: u32,
    /// The number of updates made so far.
    pub position: u64,
    /// The schedule; `None` for a closure.
    pub schedule: Option<Schedule>,
    /// The rule that follows a metric, with what it has seen.
    pub feedback: Option<Feedback>,
    /// The rate of the last update.
    pub last_lr: Option<f64>,
    /// The checksum of all other fields.
    pub checksum: u64,
}

impl SchedulerState {
    /// Checks that this is an undamaged state of a version that this crate reads.
    ///
    /// # Errors
    ///
    /// [`LoadError::Foreign`], [`LoadError::Version`] or [`LoadError::Damaged`].
    pub fn verify(&self) -> Result<(), LoadError> {
        Self::check_kind(&self.kind)?;
        Self::check_version(self.version)?;
        let expected = self.expected_checksum();
        if self.checksum != expected {
            return Err(LoadError::Damaged { found: self.checksum, expected });
        }
        Ok(())
    }

    pub(crate) fn check_kind(kind: &str) -> Result<(), LoadError> {
        if kind == STATE_KIND { Ok(()) } else { Err(LoadError::Foreign { kind: kind.to_string() }) }
    }

    pub(crate) fn check_version(version: u32) -> Result<(), LoadError> {
        if (1..=STATE_VERSION).contains(&version) { Ok(()) } else { Err(LoadError::Version { version }) }
    }

    fn expected_checksum(&self) -> u64 {
        checksum(&(&self.kind, self.version, self.position, &self.schedule, &self.feedback, self.last_lr))
    }
}

/// What to do when the saved schedule or rule differs from that of the scheduler that loads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnMismatch {
    /// Load nothing, and name the difference.
    #[default]
    Refuse,
    /// Continue with the configured schedule and rule at the saved position.
    KeepConfigured,
    /// Continue with the saved schedule and rule, as if nothing had been configured.
    TakeSaved,
    /// Continue with the configured schedule and rule at the same relative progress: the saved position over the saved
    /// schedule's horizon, times the configured schedule's horizon, rounded to a whole step.
    KeepProgress,
}

/// Why a state was not loaded. The scheduler is as it was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// It is not a scheduler's state.
    #[error(
        "this is not a scheduler state: its kind is `{}`, expected `{STATE_KIND}`; check that the file is the scheduler's and \
         not the model's or the optimizer's",
        line(kind)
    )]
    Foreign {
        /// The kind that it names.
        kind: String,
    },
    /// It was written by a newer version of this crate, or its version does not exist.
    #[error("this scheduler state has version {version}, expected {}; {}", versions(), version_advice(*version))]
    Version {
        /// The version that it names.
        version: u32,
    },
    /// It has a field that no scheduler state has.
    #[error(
        "this is not a scheduler state: it has a field `{}`, expected `kind`, `version` and so on; check that the file is \
         the scheduler's and not the model's or the optimizer's",
        line(field)
    )]
    UnknownField {
        /// The field.
        field: String,
    },
    /// It lacks a field that every scheduler state has.
    #[error(
        "this is not a complete scheduler state: it has no field `{field}`; check that the file is the scheduler's, or \
         take another checkpoint"
    )]
    MissingField {
        /// The field.
        field: &'static str,
    },
    /// It does not match its checksum.
    #[error(
        "this scheduler state is damaged: its checksum is {found:#018x}, expected {expected:#018x}; take another \
         checkpoint, or start at a known step with `seek`"
    )]
    Damaged {
        /// The checksum in the state.
        found: u64,
        /// The checksum of what is in the state.
        expected: u64,
    },
    /// Its schedule is not the configured one.
    #[error(
        "the saved schedule is `{}`, the configured one is `{}`{}; configure the saved one, or choose which one wins: \
         `OnMismatch::KeepConfigured` (at the saved position), `TakeSaved`, or `KeepProgress` (at the same relative progress)",
        passage(saved),
        passage(configured),
        Rates { position: *position, rates: *rates }
    )]
    Schedule {
        /// The saved schedule, in words.
        saved: String,
        /// The configured schedule, in words.
        configured: String,
        /// The saved position.
        position: u64,
        /// The rates of the saved and the configured schedule there, if both have one.
        rates: Option<(f64, f64)>,
    },
    /// Its rule that follows a metric is not the configured one.
    #[error(
        "the saved rule that follows a metric is `{}`, the configured one is `{}`; configure the saved one, or choose which \
         one wins: `OnMismatch::KeepConfigured`, `TakeSaved`, or `KeepProgress`",
        passage(saved),
        passage(configured)
    )]
    Feedback {
        /// The saved rule, in words.
        saved: String,
        /// The configured rule, in words.
        configured: String,
    },
    /// The saved schedule is needed, but it was a function, which is not saved.
    #[error(
        "the saved schedule is needed, but the saved scheduler ran a function, which a file cannot hold; configure that \
         function again and choose `OnMismatch::KeepConfigured`"
    )]
    NoSchedule,
    /// Relative progress is needed, but a schedule has none.
    #[error(
        "relative progress is needed, but `{}` has no length to measure it by; choose `OnMismatch::KeepConfigured` and, if \
         need be, `seek`",
        passage(schedule)
    )]
    NoHorizon {
        /// The schedule that never ends, or ends at once, in words.
        schedule: String,
    },
}

/// `1`, or `1 to 2`.
fn versions() -> String {
    if STATE_VERSION == 1 { "1".to_string() } else { format!("1 to {STATE_VERSION}") }
}

fn version_advice(version: u32) -> &'static str {
    if version > STATE_VERSION {
        "it was written by a newer release, so update sched to read it"
    } else {
        "no release has ever written that, so the file is damaged or not a state; take another checkpoint"
    }
}

/// ` (at step 50: 0.1 saved, 0.2 configured)`, if there is something to compare.
struct Rates {
    position: u64,
    rates: Option<(f64, f64)>,
}

impl fmt::Display for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rates {
            Some((saved, configured)) => {
                let (saved, configured) = (Short(saved), Short(configured));
                write!(f, " (at step {}: {saved} saved, {configured} configured)", self.position)
            }
            None => Ok(()),
        }
    }
}

impl Scheduler {
    /// The state to save.
    #[must_use]
    pub fn state(&self) -> SchedulerState {
        let mut state = SchedulerState {
            kind: STATE_KIND.to_string(),
            version: STATE_VERSION,
            position: self.position(),
            schedule: self.schedule(),
            feedback: self.feedback().cloned().map(Feedback::without_code),
            last_lr: self.last_rate(),
            checksum: 0,
        };
        state.checksum = state.expected_checksum();
        state
    }

    /// Loads a saved state. The position is set, not added, so loading twice is the same as loading once.
    ///
    /// If the schedule and the rule are the same in both, the run continues as if it had never stopped; if they differ,
    /// `on_mismatch` decides. Two closures cannot be compared, so they count as the same.
    ///
    /// # Errors
    ///
    /// The state is foreign, too new or damaged; or the two differ, and `on_mismatch` refuses that or asks for what the
    /// state does not hold. The scheduler is as it was.
    pub fn load_state(&mut self, state: &SchedulerState, on_mismatch: OnMismatch) -> Result<(), LoadError> {
        state.verify()?;
        let configured = self.schedule();
        let same_schedule = configured == state.schedule;
        let same_feedback = match (self.feedback(), &state.feedback) {
            (Some(configured), Some(saved)) => configured.same_rule(saved),
            (configured, saved) => configured.is_none() && saved.is_none(),
        };
        if on_mismatch == OnMismatch::Refuse {
            if !same_schedule {
                return Err(self.difference(state));
            }
            if !same_feedback {
                return Err(LoadError::Feedback {
                    saved: in_words(state.feedback.as_ref()),
                    configured: in_words(self.feedback()),
                });
            }
        }
        let mut source = self.source().clone();
        let mut position = state.position;
        let mut feedback = self.feedback().cloned();
        if let (Some(configured), Some(saved)) = (&mut feedback, &state.feedback) {
            configured.recall(saved);
        }
        match on_mismatch {
            OnMismatch::TakeSaved => {
                if !same_schedule {
                    source = state.schedule.clone().ok_or(LoadError::NoSchedule)?.into();
                }
                // The configured rule may have code, which the saved one lacks.
                if !same_feedback {
                    feedback = state.feedback.clone();
                }
            }
            OnMismatch::KeepProgress if !same_schedule => {
                let saved = state.schedule.as_ref().ok_or(LoadError::NoSchedule)?;
                let configured = configured.ok_or(LoadError::NoHorizon { schedule: "a function".to_string() })?;
                position = rescale(position, length(saved)?, length(&configured)?);
            }
            _ => {}
        }
        *self = Self::assemble(source, position, feedback, state.last_lr);
        Ok(())
    }

    /// A scheduler from a state alone.
    ///
    /// # Errors
    ///
    /// The state is foreign, too new or damaged, or it is that of a closure and holds no schedule.
    pub fn from_state(state: &SchedulerState) -> Result<Self, LoadError> {
        state.verify()?;
        let schedule = state.schedule.clone().ok_or(LoadError::NoSchedule)?;
        Ok(Self::assemble(Source::from(schedule), state.position, state.feedback.clone(), state.last_lr))
    }

    fn difference(&self, state: &SchedulerState) -> LoadError {
        let position = state.position;
        let configured = self.schedule();
        let mut words = [in_words(state.schedule.as_ref()), in_words(configured.as_ref())];
        match (&state.schedule, &configured) {
            // They differ in what the words leave out.
            (Some(saved), Some(configured)) if words[0] == words[1] => {
                words = around_difference([saved, configured].map(|schedule| format!("{schedule:#}")));
            }
            _ => {}
        }
        let [saved, configured] = words;
        LoadError::Schedule {
            saved,
            configured,
            position,
            rates: state.schedule.as_ref().map(|saved| saved.at(position)).zip(self.source().at(position).ok()),
        }
    }
}

fn in_words<T: fmt::Display>(part: Option<&T>) -> String {
    part.map_or_else(|| "none (or a function)".to_string(), ToString::to_string)
}

/// The words from shortly before the first difference on, where there are many that are the same.
fn around_difference(words: [String; 2]) -> [String; 2] {
    const BEFORE: usize = 40;
    let [saved, configured] = &words;
    let same = saved.bytes().zip(configured.bytes()).take_while(|(a, b)| a == b).count();
    let start = (0..=same.saturating_sub(BEFORE)).rev().find(|&at| saved.is_char_boundary(at)).unwrap_or(0);
    if start == 0 { words } else { words.map(|words| format!("…{}", &words[start..])) }
}

fn length(schedule: &Schedule) -> Result<u64, LoadError> {
    schedule
        .horizon()
        .filter(|&horizon| horizon > 0)
        .ok_or_else(|| LoadError::NoHorizon { schedule: schedule.to_string() })
}

/// `position * to / from`, rounded to the nearest step.
fn rescale(position: u64, from: u64, to: u64) -> u64 {
    let scaled = (u128::from(position) * u128::from(to) + u128::from(from) / 2) / u128::from(from);
    u64::try_from(scaled).unwrap_or(u64::MAX)
}
