//! A state in a file of its own, written so that a crash leaves either the old file or the new one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sched_core::LoadError;

use crate::scheduler::Scheduler;

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

impl Scheduler {
    /// Writes the [state](Self::state) to a file as [MessagePack](Self::to_msgpack). The usual extension is `mpk`.
    ///
    /// The file is replaced atomically: after a crash, a full disk or a power failure it is either the old one or the
    /// new one.
    ///
    /// # Errors
    ///
    /// The file cannot be written. An existing file is unchanged.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), StateError> {
        let path = path.as_ref();
        let bytes = self.to_msgpack()?;
        replace(path, |file| file.write_all(&bytes)).map_err(|source| StateError::Io {
            action: "write",
            path: path.to_owned(),
            source,
        })
    }

    /// Restores the state from a file that [`save`](Self::save) wrote. [`on_mismatch`](Self::on_mismatch) decides what
    /// happens if its schedule or rule differs.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or does not hold a state, or the state is refused. The scheduler is unchanged then.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<(), StateError> {
        let path = path.as_ref();
        let bytes = read(path)?;
        self.load_msgpack(&bytes).map_err(|source| in_file(path, source))
    }

    /// Builds a scheduler from a file that [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or does not hold a state, or holds that of a closure, which has no schedule.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, StateError> {
        let path = path.as_ref();
        let bytes = read(path)?;
        Self::from_msgpack(&bytes).map_err(|source| in_file(path, source))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, StateError> {
    fs::read(path).map_err(|source| StateError::Io { action: "read", path: path.to_owned(), source })
}

fn in_file(path: &Path, source: StateError) -> StateError {
    StateError::InFile { path: path.to_owned(), source: Box::new(source) }
}

/// Replaces a file with what `write` writes: to a temporary file next to it, synced to disk, then renamed.
fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// The folder that contains a path; a bare file name is in the current folder.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a rename durable: on Unix the folder must be synced, too; elsewhere it cannot be opened.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
