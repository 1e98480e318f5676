//! Why a state could not be written or read.

use std::io;
use std::path::PathBuf;

use sched_core::LoadError;

/// Why a state could not be written or read. The scheduler and any existing file are unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The file could not be written or read.
    #[error("cannot {action} the scheduler state `{}`: {source}", path.display())]
    Io {
        /// `write` or `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file could be read, but its contents were refused.
    #[error("cannot resume from `{}`: {source}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: Box<StateError>,
    },
    /// The bytes are not a scheduler state in MessagePack.
    #[error("cannot read a scheduler state from these {length} bytes: {source}{}", advice(source))]
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

/// Advice for bytes that end early or make no sense. A state that is refused for its contents ([`LoadError`]) has its own.
fn advice(source: &rmp_serde::decode::Error) -> &'static str {
    match source {
        rmp_serde::decode::Error::Syntax(text) if text.starts_with("this ") => "",
        _ => "; check that the file is the scheduler's and complete, or take another checkpoint",
    }
}
