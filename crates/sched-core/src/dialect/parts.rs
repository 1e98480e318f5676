//! Pieces that the translations of several libraries are made of.

use alloc::vec;

use super::Translation;
use super::error::DialectError;
use super::params::Params;
use crate::error::ScheduleError;
use crate::metric::{PlateauMode, ThresholdMode};
use crate::node::Phase;
use crate::schedule::Schedule;

/// A translation that is only a learning rate.
pub(super) fn only_lr(p: &Params<'_>, lr: Result<Schedule, ScheduleError>) -> Result<Translation, DialectError> {
    lr.map(Translation::lr).map_err(|error| p.invalid(error))
}

/// `first` up to `start`, and from there `rest` with its own clock; only `rest` if that is at once.
pub(super) fn followed(first: Schedule, start: u64, rest: Schedule) -> Result<Schedule, ScheduleError> {
    if start == 0 {
        return Ok(rest);
    }
    Schedule::sequence(vec![Phase { start: 0, schedule: first }, Phase { start, schedule: rest }])
}

/// The rate that the schedule has just before `step`, held from there on: what the library does then is an exception.
pub(super) fn held_from(schedule: Schedule, step: u64) -> Result<Schedule, ScheduleError> {
    let last = Schedule::constant(schedule.at(step.saturating_sub(1)))?;
    followed(schedule, step.max(1), last)
}

/// PyTorch's `mode`: which metrics are better.
pub(super) fn mode(p: &Params<'_>) -> Result<PlateauMode, DialectError> {
    match p.text("mode")?.as_str() {
        "min" => Ok(PlateauMode::Min),
        "max" => Ok(PlateauMode::Max),
        _ => Err(p.refused("mode", "be \"min\" or \"max\"")),
    }
}

/// PyTorch's `threshold_mode`: how much better they must be.
pub(super) fn threshold_mode(p: &Params<'_>) -> Result<ThresholdMode, DialectError> {
    match p.text("threshold_mode")?.as_str() {
        "rel" => Ok(ThresholdMode::RelativeSigned),
        "abs" => Ok(ThresholdMode::Absolute),
        _ => Err(p.refused("threshold_mode", "be \"rel\" or \"abs\"")),
    }
}
