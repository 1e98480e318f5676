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

pub(crate) fn encode(state: &SchedulerState) -> Result<Vec<u8>, StateError> {
    rmp_serde::to_vec_named(state).map_err(StateError::Encode)
}

pub(crate) fn decode(bytes: &[u8]) -> Result<SchedulerState, StateError> {
    // A slice that is read from moves on, so in the end it is what nobody read.
    let mut rest = bytes;
    let state = SchedulerState::deserialize(&mut rmp_serde::Deserializer::new(&mut rest))
        .map_err(|source| StateError::Decode { length: bytes.len(), source })?;
    if !rest.is_empty() {
        return Err(StateError::Trailing { rest: rest.len() });
    }
    state.verify()?;
    Ok(state)
}
