//! Why a file was not read.

use super::limits::LimitExceeded;
use sched_files::{quote, quote_path};
use std::io;
use std::path::PathBuf;

/// Why a file of `torch.save` was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file could not be opened.
    #[error("cannot open {}: {source}", quote_path(path))]
    Open {
        /// The path as given.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A directory, a pipe or a device.
    #[error("{} is not a regular file; copy its contents into a file first", quote_path(path))]
    NotARegularFile {
        /// The path as given.
        path: PathBuf,
    },
    /// Reading failed part way.
    #[error("reading failed: {0}")]
    Io(#[from] io::Error),
    /// Larger, longer or deeper than [`Limits`](crate::Limits) allow.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// Not a file that `torch.save` wrote.
    #[error("not a file of torch.save: {reason}")]
    NotTorch {
        /// What it is or lacks.
        reason: &'static str,
    },
    /// The zip archive is broken, or a member of it is.
    #[error("the zip archive is damaged at {}: {reason}", place(member))]
    Zip {
        /// The member, or `its directory`.
        member: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A pickle is broken, or holds what `torch.save` does not write.
    #[error(transparent)]
    Pickle(#[from] PickleError),
    /// The bytes of a tensor are missing or too few.
    #[error("storage {} {problem}", quote(key))]
    Storage {
        /// The storage's key in the file.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The elements of a tensor have another type than the one asked for.
    #[error("a tensor of {found} has no elements that are {wanted}")]
    ElementType {
        /// The tensor's type.
        found: crate::DType,
        /// What was asked for.
        wanted: &'static str,
    },
}

/// Where in a pickle reading stopped, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pickle}, byte {position}{}: {problem}", opcode.map(|name| format!(" ({name})")).unwrap_or_default())]
pub struct PickleError {
    /// Which pickle of the file.
    pub pickle: &'static str,
    /// Bytes before the opcode, from the pickle's start.
    pub position: u64,
    /// The opcode's name, if it has one.
    pub opcode: Option<&'static str>,
    /// What is wrong.
    pub problem: PickleProblem,
}

/// What is wrong in a pickle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PickleProblem {
    /// The data ends inside the pickle.
    #[error("the data ends here, before the pickle does")]
    Truncated,
    /// A byte that is no opcode.
    #[error("0x{0:02x} is not an opcode")]
    UnknownOpcode(u8),
    /// An opcode that pickle has and `torch.save` does not use.
    #[error("torch.save does not write this opcode, and it is not read")]
    RefusedOpcode,
    /// A protocol other than 2 to 5.
    #[error("pickle protocol {0}; torch.save writes 2 to 5")]
    Protocol(u8),
    /// A frame that is longer than the data after it.
    #[error("a frame of {length} bytes where {left} are left")]
    Frame {
        /// What the frame claims.
        length: u64,
        /// What there is.
        left: u64,
    },
    /// More values are taken than were given.
    #[error("needs a value, and the stack is empty")]
    EmptyStack,
    /// Takes everything since a mark, and there is none.
    #[error("needs a mark, and there is none")]
    NoMark,
    /// Values are left when the pickle ends.
    #[error("the pickle ends with {0} values on the stack instead of 1")]
    LeftOver(usize),
    /// A reference to what was not memoized.
    #[error("memo entry {0} does not exist")]
    NoMemo(u32),
    /// Text that is not UTF-8.
    #[error("text that is not UTF-8")]
    NotUtf8,
    /// A key without a value.
    #[error("the last key has no value")]
    OddItems,
    /// Another type than this place needs.
    #[error("needs {needed}, found {found}")]
    Type {
        /// What is needed.
        needed: &'static str,
        /// What there is.
        found: &'static str,
    },
    /// A reference to data outside of the pickle that is none of torch's.
    #[error("a persistent id that is not ('storage', class, key, location, size)")]
    PersistentId,
    /// A reference to data outside of the pickle, where there is none.
    #[error("a persistent id where no storages are")]
    NoStorages,
    /// A tensor whose parts do not fit together.
    #[error("a tensor of shape {shape:?}, strides {strides:?} and offset {offset} {problem}")]
    Tensor {
        /// Its shape.
        shape: Vec<i64>,
        /// Its strides.
        strides: Vec<i64>,
        /// The offset of its first element.
        offset: i64,
        /// What does not fit.
        problem: &'static str,
    },
}

/// The [`ReadError::Zip`] of no member.
pub(crate) const DIRECTORY: &str = "its directory";

fn place(member: &str) -> String {
    if member == DIRECTORY { member.to_owned() } else { quote(member) }
}

/// Why the machine stops before the end.
pub(crate) enum Stop {
    Problem(PickleProblem),
    Limit(LimitExceeded),
    Io(io::Error),
}

impl From<PickleProblem> for Stop {
    fn from(problem: PickleProblem) -> Self {
        Self::Problem(problem)
    }
}

impl From<LimitExceeded> for Stop {
    fn from(limit: LimitExceeded) -> Self {
        Self::Limit(limit)
    }
}

pub(crate) type Step<T> = Result<T, Stop>;
