//! A state in a file of its own, written so that a crash leaves the old file or the new one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sched_core::LoadError;

use crate::scheduler::Scheduler;

/// Why a state could not be written or read. The scheduler, and a file that was there, are as they were.
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
        /// What the system said.
        source: io::Error,
    },
    /// The file was read, but what is in it was refused.
    #[error("cannot resume from `{}`: {source}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<StateError>,
    },
    /// The bytes are no scheduler state in MessagePack.
    #[error("cannot read a scheduler state from these {length} bytes: {source}{}", advice(source))]
    Decode {
        /// How many bytes there are.
        length: usize,
        /// What the decoder said.
        source: rmp_serde::decode::Error,
    },
    /// There are more bytes than a state.
    #[error(
        "there are {rest} bytes after the scheduler state, expected none; the file is damaged, so take another checkpoint"
    )]
    Trailing {
        /// How many.
        rest: usize,
    },
    /// The state could not be encoded.
    #[error("cannot encode the scheduler state: {0}")]
    Encode(#[source] rmp_serde::encode::Error),
    /// burn 0.22's record holds no scheduler state of ours.
    #[error(
        "the record holds {found}, expected a sched scheduler's state; it was saved by another scheduler, so resume with \
         that one, or start this one at a known step with `seek`"
    )]
    ForeignRecord {
        /// What it holds.
        found: String,
    },
    /// burn 0.22's record holds a part of a state.
    #[error(
        "the record says that its state has {length} bytes, but its word {index} is missing; take another checkpoint"
    )]
    IncompleteRecord {
        /// How many bytes there should be.
        length: u64,
        /// The first missing word of eight bytes.
        index: u64,
    },
    /// burn 0.22's record has been changed.
    #[error(
        "the record's `position` is {position:?}, its state's is {state}; the record is for reading only, so set a position \
         with `seek` after resuming"
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

/// What to do about bytes that break off or make no sense; a state that is refused for what it says ([`LoadError`]) brings
/// its own advice.
fn advice(source: &rmp_serde::decode::Error) -> &'static str {
    match source {
        rmp_serde::decode::Error::Syntax(text) if text.starts_with("this ") => "",
        _ => "; check that the file is the scheduler's and not cut off, or take another checkpoint",
    }
}

impl Scheduler {
    /// Writes the [state](Self::state) to a file, as [`to_msgpack`](Self::to_msgpack) has it; the usual extension is
    /// `mpk`.
    ///
    /// The file is replaced in one go: after a crash, a full disk or a pulled plug it is the old one or the new one.
    ///
    /// # Errors
    ///
    /// The file cannot be written; what was there is still there.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), StateError> {
        let path = path.as_ref();
        let bytes = self.to_msgpack()?;
        replace(path, |file| file.write_all(&bytes)).map_err(|source| StateError::Io {
            action: "write",
            path: path.to_owned(),
            source,
        })
    }

    /// Takes the state from a file that [`save`](Self::save) wrote, by the rule of [`on_mismatch`](Self::on_mismatch).
    ///
    /// # Errors
    ///
    /// The file cannot be read, holds no state, or one that is refused. The scheduler is as it was.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<(), StateError> {
        let path = path.as_ref();
        let bytes = read(path)?;
        self.load_msgpack(&bytes).map_err(|source| in_file(path, source))
    }

    /// A scheduler from nothing but a file that [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// The file cannot be read, holds no state, or a closure's, which has no schedule.
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

/// Replaces a file by what `write` writes: to a temporary file beside it, to the disk, then renamed.
fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// The folder that a path is in; a bare name is in the current one.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a rename last: on Unix the folder has to reach the disk too, elsewhere it cannot be opened.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
