//! Reads a state from a file, whatever the file turns out to hold.
//!
//! A derived reader would report a newer version or another kind of file as an unknown field. This one checks the kind and
//! the version as soon as it meets them, and they come first.

use alloc::string::String;
use core::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::state::{LoadError, SchedulerState};
use crate::schedule::{rate, safe_error};

const FIELDS: &[&str] = &["kind", "version", "position", "schedule", "feedback", "last_lr", "checksum"];

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    Kind,
    Version,
    Position,
    Schedule,
    Feedback,
    LastLr,
    Checksum,
    Other(String),
}

impl<'de> Deserialize<'de> for SchedulerState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("SchedulerState", FIELDS, StateVisitor).map_err(safe_error)
    }
}

struct StateVisitor;

impl<'de> Visitor<'de> for StateVisitor {
    type Value = SchedulerState;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scheduler state")
    }

    /// Formats without names, such as bincode.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<SchedulerState, A::Error> {
        fn next<'de, A: SeqAccess<'de>, T: Deserialize<'de>>(seq: &mut A, index: usize) -> Result<T, A::Error> {
            seq.next_element()?.ok_or_else(|| A::Error::invalid_length(index, &"a scheduler state of 7 fields"))
        }
        let kind: String = next(&mut seq, 0)?;
        SchedulerState::check_kind(&kind).map_err(A::Error::custom)?;
        let version = next(&mut seq, 1)?;
        SchedulerState::check_version(version).map_err(A::Error::custom)?;
        valid(SchedulerState {
            kind,
            version,
            position: next(&mut seq, 2)?,
            schedule: next(&mut seq, 3)?,
            feedback: next(&mut seq, 4)?,
            last_lr: next(&mut seq, 5)?,
            checksum: next(&mut seq, 6)?,
        })
    }

    /// Formats with names, such as MessagePack and JSON.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SchedulerState, A::Error> {
        let (mut kind, mut version, mut position, mut schedule, mut feedback, mut last_lr, mut checksum) =
            (None, None, None, None, None, None, None);
        while let Some(field) = map.next_key()? {
            match field {
                Field::Kind => {
                    let found: String = map.next_value()?;
                    SchedulerState::check_kind(&found).map_err(A::Error::custom)?;
                    kind = Some(found);
                }
                Field::Version => {
                    let found = map.next_value()?;
                    SchedulerState::check_version(found).map_err(A::Error::custom)?;
                    version = Some(found);
                }
                Field::Position => position = Some(map.next_value()?),
                Field::Schedule => schedule = Some(map.next_value()?),
                Field::Feedback => feedback = Some(map.next_value()?),
                Field::LastLr => last_lr = Some(map.next_value()?),
                Field::Checksum => checksum = Some(map.next_value()?),
                Field::Other(field) => return Err(A::Error::custom(LoadError::UnknownField { field })),
            }
        }
        fn required<T, E: Error>(field: &'static str, value: Option<T>) -> Result<T, E> {
            value.ok_or_else(|| E::custom(LoadError::MissingField { field }))
        }
        valid(SchedulerState {
            kind: required("kind", kind)?,
            version: required("version", version)?,
            position: required("position", position)?,
            schedule: required("schedule", schedule)?,
            feedback: required("feedback", feedback)?,
            last_lr: required("last_lr", last_lr)?,
            checksum: required("checksum", checksum)?,
        })
    }
}

/// The state, if its last rate is one. Its schedule and its rule have been checked where they were read.
fn valid<E: Error>(state: SchedulerState) -> Result<SchedulerState, E> {
    rate("last_lr", state.last_lr.unwrap_or(0.0)).map_err(E::custom)?;
    Ok(state)
}
