//! Why a file was not written, or may not last.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::quote::quote_path;

/// What the closures that write and verify fail with; `?` converts any error into it.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a file was not written, or may not last ([`NotDurable`](Self::NotDurable)).
///
/// Except for `NotDurable`, what was at the path is unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The path has no file name.
    #[error("cannot write {}: the path names a folder, expected a file; add a file name", quote_path(path))]
    NoFileName {
        /// The path.
        path: PathBuf,
    },
    /// Something is there that must not be replaced.
    #[error("cannot write {}: it is {kind}, expected a regular file or nothing; choose another path", quote_path(path))]
    NotRegular {
        /// The path.
        path: PathBuf,
        /// What is there.
        kind: &'static str,
    },
    /// There is no room for the file.
    #[error("cannot write {}: {lack} ({source}); {}; {UNCHANGED}", quote_path(path), lack.advice())]
    Full {
        /// The file.
        path: PathBuf,
        /// What ran out.
        lack: Lack,
        /// The error that it caused.
        source: BoxError,
    },
    /// The system refused a step.
    #[error("cannot write {}: cannot {step}: {source}{}; {UNCHANGED}", quote_path(path), step.advice(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// The step.
        step: WriteStep,
        /// What the system said.
        source: io::Error,
    },
    /// The closure that writes or verifies failed.
    #[error("cannot write {}: {source}; {UNCHANGED}", quote_path(path))]
    Content {
        /// The file.
        path: PathBuf,
        /// Its error.
        source: BoxError,
    },
    /// Not everything that was written is in the file.
    #[error(
        "cannot write {}: only {found} of {written} bytes reached the file; the disk may be failing, so choose another; \
         {UNCHANGED}",
        quote_path(path)
    )]
    Short {
        /// The file.
        path: PathBuf,
        /// How many bytes were written.
        written: u64,
        /// How many there are.
        found: u64,
    },
    /// The closure returned the path of a file that it did not write.
    #[error(
        "cannot write {}: the writer returned {}, which is not a regular file in the folder it was given; return the path \
         of the file that it wrote; {UNCHANGED}",
        quote_path(path),
        quote_path(returned)
    )]
    Missing {
        /// The file.
        path: PathBuf,
        /// What the closure returned.
        returned: PathBuf,
    },
    /// The new file is whole and in place, but its name may not have reached the disk.
    #[error(
        "{} is written and in place, but may not survive a power cut: its folder could not be synced to disk ({source}); \
         save again to be sure",
        quote_path(path)
    )]
    NotDurable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

const UNCHANGED: &str = "the existing file, if any, is unchanged";

/// What ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lack {
    /// Space on the disk.
    Disk,
    /// The user's share of it.
    Quota,
    /// The size that a file may have, by the file system or the process's limits.
    FileSize,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disk => "the disk is full",
            Self::Quota => "the disk quota is used up",
            Self::FileSize => "the file is larger than a file may be here",
        })
    }
}

impl Lack {
    fn of(error: &io::Error) -> Option<Self> {
        match error.kind() {
            io::ErrorKind::StorageFull => Some(Self::Disk),
            io::ErrorKind::QuotaExceeded => Some(Self::Quota),
            io::ErrorKind::FileTooLarge => Some(Self::FileSize),
            _ => None,
        }
    }

    /// What the error or one that caused it says.
    fn behind(error: &(dyn Error + 'static)) -> Option<Self> {
        error.downcast_ref().and_then(Self::of).or_else(|| Self::behind(error.source()?))
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Disk | Self::Quota => "free some space or choose another disk, then try again",
            Self::FileSize => "raise the limit (`ulimit -f`) or choose another disk, then try again",
        }
    }
}

/// A step of writing that the system can refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteStep {
    /// Looking at what is there.
    Look,
    /// Creating the missing folders.
    CreateFolder,
    /// Creating the temporary file or folder.
    CreateTemporary,
    /// Giving the new file its mode.
    SetMode,
    /// Syncing the new file to disk.
    Sync,
    /// Putting the new file in place.
    Rename,
}

impl fmt::Display for WriteStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Look => "look at what is there",
            Self::CreateFolder => "create its folder",
            Self::CreateTemporary => "create a temporary file beside it",
            Self::SetMode => "set the new file's mode",
            Self::Sync => "sync it to disk",
            Self::Rename => "rename the new file into place",
        })
    }
}

impl WriteStep {
    fn advice(self, source: &io::Error) -> &'static str {
        match (self, source.kind()) {
            (Self::CreateFolder | Self::CreateTemporary | Self::Rename, io::ErrorKind::PermissionDenied) => {
                "; make the folder writable, because the new file is created in it first"
            }
            (_, io::ErrorKind::NotADirectory) => "; a part of the path is a file, so choose another path",
            _ => "",
        }
    }
}

impl WriteError {
    /// Whether the new file is in place; if not, what was at the path is unchanged.
    pub fn is_in_place(&self) -> bool {
        matches!(self, Self::NotDurable { .. })
    }

    pub(crate) fn io(path: &Path, step: WriteStep) -> impl Fn(io::Error) -> Self {
        move |source| match Lack::of(&source) {
            Some(lack) => Self::Full { path: path.to_owned(), lack, source: source.into() },
            None => Self::Io { path: path.to_owned(), step, source },
        }
    }

    /// Some writers turn a full disk into another error ("failed to fill whole buffer"), so `probe` tries to write more.
    pub(crate) fn content(path: &Path, source: BoxError, probe: impl FnOnce() -> io::Result<()>) -> Self {
        match Lack::behind(&*source).or_else(|| Lack::of(&probe().err()?)) {
            Some(lack) => Self::Full { path: path.to_owned(), lack, source },
            None => Self::Content { path: path.to_owned(), source },
        }
    }
}
