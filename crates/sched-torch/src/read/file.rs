//! A file, opened.

use super::call;
use super::container::{Contents, Input};
use super::error::ReadError;
use super::limits::Limits;
use super::value::Value;
use std::fmt;
use std::fs::{self, File};
use std::io::Cursor;
use std::path::Path;

/// A file of `torch.save`. Its objects are in memory, the elements of its tensors are not.
pub struct TorchFile {
    contents: Contents,
}

impl TorchFile {
    /// Opens a file with the default [`Limits`].
    ///
    /// # Errors
    /// If it is not a regular file, not one of `torch.save`, damaged, or exceeds a limit.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        Self::open_with(path, Limits::default())
    }

    /// Opens a file with limits of your own.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(path: impl AsRef<Path>, limits: Limits) -> Result<Self, ReadError> {
        let path = path.as_ref();
        let failed = |source| ReadError::Open { path: path.to_owned(), source };
        let not_regular = || ReadError::NotARegularFile { path: path.to_owned() };
        // Asked first, because opening a pipe waits for its other end; then of the open file, which is what is read.
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(not_regular());
        }
        let file = File::open(path).map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(not_regular());
        }
        Ok(Self { contents: Contents::read(Input::File(file), limits)? })
    }

    /// Reads a file that is in memory.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_bytes(bytes: impl Into<Vec<u8>>, limits: Limits) -> Result<Self, ReadError> {
        Ok(Self { contents: Contents::read(Input::Bytes(Cursor::new(bytes.into())), limits)? })
    }

    /// What was saved.
    #[must_use]
    pub fn root(&self) -> Value<'_> {
        Value::new(&self.contents, self.contents.root)
    }

    /// The classes and functions that the file names and that are not read, as `module.name`, sorted. Their objects are
    /// inert.
    #[must_use]
    pub fn unknown_globals(&self) -> Vec<String> {
        let unknown = self.contents.heap.globals().into_iter().filter(|(module, name)| !call::is_known(module, name));
        unknown.map(|(module, name)| format!("{module}.{name}")).collect()
    }
}

impl fmt::Debug for TorchFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TorchFile").field(&self.root()).finish()
    }
}
