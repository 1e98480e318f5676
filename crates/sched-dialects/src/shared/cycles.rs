//! Cycles whose lengths are rounded to whole steps one by one, so that no factor describes them.

use sched_core::{Phase, Schedule, ScheduleError};

/// More cycles than this of different lengths are refused.
const MOST: u64 = 10_000;

/// How long cycles are and what happens in them.
pub(crate) trait Cycles {
    /// What the next cycle's length follows from.
    type Length: Copy + PartialEq;

    /// How many steps a cycle lasts; `None`: the library raises where it would begin, and the last rate holds.
    fn steps(&self, length: Self::Length) -> Option<u64>;

    /// The length of the cycle after one of this length.
    fn next(&self, length: Self::Length) -> Self::Length;

    /// Cycle `index`.
    fn cycle(&self, index: u64, length: Self::Length) -> Result<Schedule, ScheduleError>;

    /// Cycle `index` and all that come after, of the same length.
    fn endless(&self, index: u64, length: Self::Length) -> Result<Schedule, ScheduleError>;
}

/// One cycle after the other; `None` if there are too many before their length settles or passes every step.
pub(crate) fn one_by_one<C: Cycles>(cycles: &C, mut length: C::Length) -> Result<Option<Schedule>, ScheduleError> {
    let mut phases: Vec<Phase> = Vec::new();
    let mut start = 0;
    for index in 0..MOST {
        let Some(steps) = cycles.steps(length) else {
            if let Some(last) = phases.last() {
                let schedule = Schedule::constant(last.schedule.at(start - 1 - last.start))?;
                phases.push(Phase { start, schedule });
            }
            return Schedule::sequence(phases).map(Some);
        };
        let next = cycles.next(length);
        if next == length {
            phases.push(Phase { start, schedule: cycles.endless(index, length)? });
            return Schedule::sequence(phases).map(Some);
        }
        phases.push(Phase { start, schedule: cycles.cycle(index, length)? });
        match u64::checked_add(start, steps) {
            Some(end) => start = end,
            None => return Schedule::sequence(phases).map(Some),
        }
        length = next;
    }
    Ok(None)
}
