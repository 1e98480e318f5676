//! How many bytes are read at most.

use std::fmt;
use std::io::{self, Read};

const MIB: u64 = 1 << 20;

/// How many bytes to read at most; 16 MiB by default.
///
/// ```
/// use sched_files::Limit;
///
/// assert_eq!(Limit::default().bytes(), 16 * 1024 * 1024);
/// assert_eq!(Limit::new(64 << 20).raised_by("--max-bytes").to_string(), "64 MiB");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    bytes: u64,
    raised_by: Option<&'static str>,
}

impl Limit {
    /// At most `bytes` bytes.
    pub const fn new(bytes: u64) -> Self {
        Self { bytes, raised_by: None }
    }

    /// Names the option that raises the limit, for the error.
    #[must_use]
    pub const fn raised_by(mut self, option: &'static str) -> Self {
        self.raised_by = Some(option);
        self
    }

    /// In bytes.
    pub const fn bytes(self) -> u64 {
        self.bytes
    }

    fn advice(self) -> String {
        let how = self.raised_by.map_or(String::new(), |option| format!(" with `{option}`"));
        format!("check that it is the right file, or raise the limit{how}")
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self::new(16 * MIB)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes {
            bytes if bytes > 0 && bytes.is_multiple_of(MIB) => write!(f, "{} MiB", bytes / MIB),
            bytes => write!(f, "{bytes} bytes"),
        }
    }
}

/// Why reading stopped before the end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WithinError {
    /// There are more bytes than the limit.
    #[error("{} than the limit of {limit}; {}", excess(*size), limit.advice())]
    TooLarge {
        /// How many there are, if that was known without reading them.
        size: Option<u64>,
        /// The limit.
        limit: Limit,
    },
    /// The reader failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

fn excess(size: Option<u64>) -> String {
    size.map_or("there are more bytes".to_owned(), |size| format!("there are {size} bytes, more"))
}

/// Reads to the end, but never more than one byte beyond the limit: for what is unpacked or streamed.
///
/// ```
/// use sched_files::{Limit, read_within};
///
/// assert_eq!(read_within(&b"1e-3"[..], Limit::new(4))?, b"1e-3");
/// let error = read_within(std::io::repeat(0), Limit::default()).unwrap_err();
/// assert!(error.to_string().starts_with("there are more bytes than the limit of 16 MiB; "));
/// # Ok::<(), sched_files::WithinError>(())
/// ```
///
/// # Errors
///
/// There is more than the limit, or the reader fails.
pub fn read_within(reader: impl Read, limit: Limit) -> Result<Vec<u8>, WithinError> {
    let mut bytes = Vec::new();
    reader.take(limit.bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit.bytes {
        return Err(WithinError::TooLarge { size: None, limit });
    }
    Ok(bytes)
}
