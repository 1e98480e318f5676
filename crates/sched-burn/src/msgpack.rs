//! A state as MessagePack, the same for every version of burn.

use sched_core::SchedulerState;
use serde::Deserialize;

use crate::scheduler::Scheduler;
use crate::state_error::StateError;

impl Scheduler {
    /// Encodes the [state](Self::state) as MessagePack with named fields, independent of burn and its version.
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
    /// None are known; an error of the encoder is passed on rather than hidden.
    pub fn to_msgpack(&self) -> Result<Vec<u8>, StateError> {
        encode(&self.state())
    }

    /// Restores a state from [`to_msgpack`](Self::to_msgpack). [`on_mismatch`](Self::on_mismatch) decides what happens
    /// if its schedule or rule differs.
    ///
    /// # Errors
    ///
    /// The bytes are not such a state, or it is refused. The scheduler is unchanged then.
    pub fn load_msgpack(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        Ok(self.load_state(&decode(bytes)?)?)
    }

    /// Builds a scheduler from the bytes of [`to_msgpack`](Self::to_msgpack).
    ///
    /// # Errors
    ///
    /// The bytes are not such a state, or it comes from a closure and so holds no schedule.
    pub fn from_msgpack(bytes: &[u8]) -> Result<Self, StateError> {
        Ok(Self::from_state(&decode(bytes)?)?)
    }
}

/// One level of a schedule takes up to four levels of MessagePack. A deeper file is refused long before it could
/// exhaust the stack.
const MAX_DECODE_DEPTH: usize = 4 * sched_core::MAX_DEPTH + 8;

pub(crate) fn encode(state: &SchedulerState) -> Result<Vec<u8>, StateError> {
    rmp_serde::to_vec_named(state).map_err(StateError::Encode)
}

pub(crate) fn decode(bytes: &[u8]) -> Result<SchedulerState, StateError> {
    // Reading advances the slice, so in the end it is what has not been read.
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
