//! burn's `LrScheduler`.
//!
//! burn's record holds named numbers. Those that people look for have names (`position`, `last_lr`, `plateau.best`
//! ...); the complete state, including the schedule, follows as MessagePack in words of eight bytes.

use super::burn::lr_scheduler::{LrScheduler, LrSchedulerRecord};
use sched_core::show::line;
use sched_core::{Feedback, SchedulerState};

use crate::message::refusal;
use crate::msgpack;
use crate::scheduler::Scheduler;
use crate::state_error::StateError;

impl LrScheduler for Scheduler {
    /// # Panics
    ///
    /// The scheduler follows a metric of a training that does not pass its metrics on.
    #[inline]
    fn step(&mut self) -> f64 {
        self.check_connection();
        Scheduler::step(self)
    }

    /// # Panics
    ///
    /// The scheduler follows a metric, and burn's metric thread has ended.
    fn to_record(&self) -> LrSchedulerRecord {
        let state = self.state_at_checkpoint();
        // Encoding plain numbers and strings into memory does not fail.
        let bytes = msgpack::encode(&state).unwrap_or_default();
        to_record(&state, &bytes)
    }

    /// # Panics
    ///
    /// The record holds no state of a [`Scheduler`], or a damaged one, or the state differs and
    /// [`on_mismatch`](Scheduler::on_mismatch) refuses that.
    fn load_record(&mut self, record: LrSchedulerRecord) {
        let loaded = from_record(&record).and_then(|state| Ok(self.load_state(&state)?));
        if let Err(error) = loaded {
            panic!("{}", refusal(error));
        }
    }
}

fn to_record(state: &SchedulerState, bytes: &[u8]) -> LrSchedulerRecord {
    let mut record = LrSchedulerRecord::new()
        .with_scalar("version", u64::from(state.version))
        .with_scalar("position", state.position)
        .with_scalar("state.bytes", bytes.len() as u64);
    if let Some(lr) = state.last_lr {
        record = record.with_scalar("last_lr", lr);
    }
    if let Some(feedback) = &state.feedback {
        record = record.with_scalar("feedback.multiplier", feedback.multiplier());
    }
    if let Some(Feedback::Plateau(plateau)) = &state.feedback {
        record = record
            .with_scalar("plateau.bad_observations", plateau.bad_observations())
            .with_scalar("plateau.cooldown_left", plateau.cooldown_left())
            .with_scalar("plateau.reductions", plateau.reductions());
        if let Some(best) = plateau.best() {
            record = record.with_scalar("plateau.best", best);
        }
    }
    for (index, chunk) in bytes.chunks(8).enumerate() {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        record = record.with_scalar(&word_key(index), u64::from_le_bytes(word));
    }
    record
}

pub(super) fn from_record(record: &LrSchedulerRecord) -> Result<SchedulerState, StateError> {
    let Some(length) = record.scalar::<u64>("state.bytes") else {
        return Err(StateError::ForeignRecord { found: found(record) });
    };
    let mut bytes = Vec::new();
    for index in 0..length.div_ceil(8) {
        let word =
            record.scalar::<u64>(&word_key(index as usize)).ok_or(StateError::IncompleteRecord { length, index })?;
        bytes.extend(word.to_le_bytes());
    }
    bytes.truncate(length as usize);
    let state = msgpack::decode(&bytes)?;
    // Whoever edits the readable number expects that to have an effect; better to say that it has none.
    match record.scalar::<u64>("position") {
        Some(position) if position == state.position => Ok(state),
        position => Err(StateError::EditedRecord { position, state: state.position }),
    }
}

fn word_key(index: usize) -> String {
    format!("state.{index:04}")
}

/// The beginning of a record's contents; burn's record cannot list its names.
fn found(record: &LrSchedulerRecord) -> String {
    if record.is_empty() {
        return "nothing".to_owned();
    }
    let text = format!("{record:?}");
    line(text.trim_start_matches("LrSchedulerRecord { scalars: ").trim_end_matches(" }")).to_string()
}
