//! A state as MessagePack, the same for every burn.

use sched_core::SchedulerState;
use serde::Deserialize;

use crate::file::StateError;
use crate::scheduler::Scheduler;

impl Scheduler {
    /// The [state](Self::state) as named MessagePack, independent of burn and its version.
    ///
    /// ```
    /// use sched_burn::prelude::*;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut scheduler = Scheduler::new(Schedule::linear(1.0, 0.0, 4)?);
    /// scheduler.step();
    /// let mut resumed = Scheduler::from_msgpack(&scheduler.to_msgpack()?)?;
    /// assert_eq!(resumed.step(), 0.75);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// None that is known; the encoder's are passed on rather than hidden.
    pub fn to_msgpack(&self) -> Result<Vec<u8>, StateError> {
        encode(&self.state())
    }

    /// Takes a state that [`to_msgpack`](Self::to_msgpack) made, by the rule of [`on_mismatch`](Self::on_mismatch).
    ///
    /// # Errors
    ///
    /// The bytes are no such state, or it is refused. The scheduler is as it was.
    pub fn load_msgpack(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        Ok(self.load_state(&decode(bytes)?)?)
    }

    /// A scheduler from nothing but the bytes that [`to_msgpack`](Self::to_msgpack) made.
    ///
    /// # Errors
    ///
    /// The bytes are no such state, or it is a closure's and so holds no schedule.
    pub fn from_msgpack(bytes: &[u8]) -> Result<Self, StateError> {
        Ok(Self::from_state(&decode(bytes)?)?)
    }
}

/// A level of a schedule takes up to four levels of MessagePack. A file that goes deeper is refused long before it could
/// exhaust the stack.
const MAX_DECODE_DEPTH: usize = 4 * sched_core::MAX_DEPTH + 8;

pub(crate) fn encode(state: &SchedulerState) -> Result<Vec<u8>, StateError> {
    rmp_serde::to_vec_named(state).map_err(StateError::Encode)
}

pub(crate) fn decode(bytes: &[u8]) -> Result<SchedulerState, StateError> {
    // A slice that is read from moves on, so in the end it is what nobody read.
    let mut rest = bytes;
    let mut deserializer = rmp_serde::Deserializer::new(&mut rest);
    deserializer.set_max_depth(MAX_DECODE_DEPTH);
    let state = SchedulerState::deserialize(&mut deserializer)
        .map_err(|source| StateError::Decode { length: bytes.len(), source })?;
    if !rest.is_empty() {
        return Err(StateError::Trailing { rest: rest.len() });
    }
    state.verify()?;
    Ok(state)
}

#[cfg(test)]
mod tests {
    use sched_core::{MAX_DEPTH, Schedule};

    use super::*;

    fn constant() -> Schedule {
        Schedule::constant(0.1).unwrap()
    }

    #[test]
    fn the_deepest_schedule_survives() {
        let deepest = (1..MAX_DEPTH).fold(constant(), |of, level| {
            if level % 2 == 0 { of.then_at(5, constant()).unwrap() } else { of.every(2).unwrap() }
        });
        let scheduler = Scheduler::new(deepest);
        let resumed = Scheduler::from_msgpack(&scheduler.to_msgpack().unwrap()).unwrap();
        assert_eq!(resumed.schedule(), scheduler.schedule());
    }

    #[test]
    fn a_hostile_depth_is_refused_before_it_exhausts_the_stack() {
        let inner = rmp_serde::to_vec_named(&constant()).unwrap();
        let outer = rmp_serde::to_vec_named(&constant().delay(1).unwrap()).unwrap();
        let level = outer.strip_suffix(inner.as_slice()).unwrap();
        let state = Scheduler::new(constant()).to_msgpack().unwrap();
        let start = state.windows(inner.len()).position(|window| window == inner).unwrap();
        let (before, after) = (&state[..start], &state[start..]);
        let hostile = [before, &level.repeat(100_000), after].concat();
        let error = Scheduler::from_msgpack(&hostile).unwrap_err().to_string();
        assert!(error.contains("depth limit exceeded"), "{error}");
    }
}
