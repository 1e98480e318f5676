//! Reading a file whole, within a limit.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::kind::irregular;
use crate::limit::{Limit, WithinError, read_within};
use crate::platform::open_without_waiting;
use crate::quote::quote_path;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It could not be opened.
    #[error("cannot open {}: {source}{}", quote_path(path), advice(source))]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not a regular file.
    #[error(
        "cannot read {}: it is {kind}, expected a regular file; copy its contents into a file first",
        quote_path(path)
    )]
    NotRegular {
        /// The path.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// It is longer than the limit, or could not be read to its end.
    #[error("cannot read {}: {source}", quote_path(path))]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        source: WithinError,
    },
    /// It is not UTF-8 text.
    #[error("cannot read {}: byte {offset} is not UTF-8; save the text as UTF-8", quote_path(path))]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The first invalid byte, counted from 0.
        offset: usize,
    },
}

fn advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "; check the path",
        io::ErrorKind::PermissionDenied => "; check the permissions of the file and of its folders",
        _ => "",
    }
}

/// Reads a regular file of at most `limit` bytes. Symbolic links are followed.
///
/// A FIFO, device, socket or folder is refused without blocking, and a file that is too long before any of it is read.
///
/// ```
/// use sched_files::{Limit, read};
///
/// let error = read("/dev/zero", Limit::default()).unwrap_err();
/// # #[cfg(unix)]
/// assert!(error.to_string().starts_with("cannot read `/dev/zero`: it is a device, expected a regular file"));
/// ```
///
/// # Errors
///
/// The file cannot be opened or read, is not a regular file, or is longer than the limit.
pub fn read(path: impl AsRef<Path>, limit: Limit) -> Result<Vec<u8>, ReadError> {
    let path = path.as_ref();
    let open = |source| ReadError::Open { path: path.to_owned(), source };
    // Opening a device can have effects, so look before; the path may change in between, so look again at what was opened.
    regular(path, &fs::metadata(path).map_err(open)?)?;
    read_open(path, open_without_waiting(path).map_err(open)?, limit)
}

fn read_open(path: &Path, file: File, limit: Limit) -> Result<Vec<u8>, ReadError> {
    let content = |source| ReadError::Content { path: path.to_owned(), source };
    let metadata = file.metadata().map_err(|source| content(source.into()))?;
    regular(path, &metadata)?;
    if metadata.len() > limit.bytes() {
        return Err(content(WithinError::TooLarge { size: Some(metadata.len()), limit }));
    }
    // The size is only a hint: the file may grow, and files in /proc report 0.
    read_within(file, limit).map_err(content)
}

/// Reads a regular file of at most `limit` bytes as UTF-8 text. A byte-order mark at its beginning is removed.
///
/// # Errors
///
/// As for [`read`], or the file is not UTF-8.
pub fn read_text(path: impl AsRef<Path>, limit: Limit) -> Result<String, ReadError> {
    let path = path.as_ref();
    let mut bytes = read(path, limit)?;
    if bytes.starts_with("\u{feff}".as_bytes()) {
        bytes.drain(.."\u{feff}".len());
    }
    String::from_utf8(bytes)
        .map_err(|error| ReadError::NotUtf8 { path: path.to_owned(), offset: error.utf8_error().valid_up_to() })
}

fn regular(path: &Path, metadata: &fs::Metadata) -> Result<(), ReadError> {
    irregular(metadata.file_type()).map_or(Ok(()), |kind| Err(ReadError::NotRegular { path: path.to_owned(), kind }))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_came_after_the_first_look_is_not_read() {
        let path = Path::new("/dev/zero");
        let error = read_open(path, File::open(path).unwrap(), Limit::default()).unwrap_err();
        assert!(matches!(error, ReadError::NotRegular { .. }), "{error}");
    }
}
