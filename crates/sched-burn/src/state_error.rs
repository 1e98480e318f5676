//! Why a state could not be written or read.

use std::path::PathBuf;

use sched_core::LoadError;
use sched_files::{Limit, ReadError, WriteError, quote, quote_path};

use crate::message::with_cause;

/// Why a state could not be written or read. The scheduler is unchanged, and so is any existing file, except after
/// [`WriteError::NotDurable`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The file could not be written, or may not last.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The state is larger than a file that is read again.
    #[error(
        "the scheduler state has {length} bytes, more than the limit of {limit} for a file that `load` reads; write the bytes \
         of `to_msgpack` to a file yourself, and pass them to `load_msgpack`"
    )]
    TooLarge {
        /// The number of bytes.
        length: usize,
        /// How many there may be.
        limit: Limit,
    },
    /// The file could be read, but its contents were refused.
    #[error("cannot resume from {}: {source}{}", quote_path(path), beside(instead.as_ref()))]
    InFile {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: Box<StateError>,
        /// The file to take instead, if the contents are damaged and there is one.
        instead: Option<Beside>,
    },
    /// The bytes are not a scheduler state in MessagePack.
    #[error("cannot read a scheduler state from these {length} bytes: {}{}", with_cause(source.to_string()), advice(source))]
    Decode {
        /// The number of bytes.
        length: usize,
        /// The error of the decoder.
        source: rmp_serde::decode::Error,
    },
    /// More bytes follow the state.
    #[error(
        "there are {rest} bytes after the scheduler state, expected none; the file is damaged, so take another checkpoint"
    )]
    Trailing {
        /// Their number.
        rest: usize,
    },
    /// The state could not be encoded.
    #[error("cannot encode the scheduler state: {0}")]
    Encode(#[source] rmp_serde::encode::Error),
    /// burn's scheduler record holds no state of this crate's scheduler.
    #[error(
        "the record holds {found}, expected the state of a `sched_burn::Scheduler`; it was saved by another scheduler, so \
         resume with that one, or start this one at a known step with `seek`"
    )]
    ForeignRecord {
        /// What the record holds.
        found: String,
    },
    /// burn's scheduler record holds only part of a state.
    #[error(
        "the record announces a state of {length} bytes, but word {index} of it is missing; take another checkpoint"
    )]
    IncompleteRecord {
        /// The number of bytes that there should be.
        length: u64,
        /// The first missing word (eight bytes).
        index: u64,
    },
    /// burn's scheduler record has been edited.
    #[error(
        "the record's `position` is {}, but its state is at step {state}; the names in a record are for reading only, so resume, \
         then set the position with `seek`",
        position.map_or("missing".to_owned(), |position| position.to_string())
    )]
    EditedRecord {
        /// The position in the record.
        position: Option<u64>,
        /// The position in the state.
        state: u64,
    },
    /// The state was refused.
    #[error(transparent)]
    Refused(#[from] LoadError),
}

/// A whole state in a file beside the one that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The name of the file, in the same folder.
    pub name: String,
    /// The number of updates made by then.
    pub position: u64,
}

fn beside(instead: Option<&Beside>) -> String {
    let Some(Beside { name, position }) = instead else { return String::new() };
    format!("; the newest whole one beside it is {}, at step {position}", quote(name))
}

/// Advice for bytes that end early or make no sense. A state that is refused for its contents ([`LoadError`]) has its own.
fn advice(source: &rmp_serde::decode::Error) -> &'static str {
    match source {
        rmp_serde::decode::Error::Syntax(text) if text.starts_with("this ") => "",
        _ => "; check that the file is the scheduler's and complete, or take another checkpoint",
    }
}
