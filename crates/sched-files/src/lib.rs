//! Files in within limits, and out atomically.
//!
//! A file to be read may be anything: a pipe that never ends, a sparse file of terabytes, a megabyte of gzip that unpacks
//! to a gigabyte, text with terminal escapes. [`read`], [`read_text`] and [`read_within`] stop at a [`Limit`], and [`quote`]
//! makes a value safe to show.
//!
//! Writing may end at any byte, by a kill, a full disk or a power cut. [`replace`], [`replace_with`],
//! [`replace_verified`] and [`replace_in_folder`] leave either the old file or the new one, whole.
//!
//! ```
//! use sched_files::{Limit, read_text, replace_with};
//!
//! # let directory = tempfile::tempdir()?;
//! let path = directory.path().join("runs/1/schedule.json");
//! replace_with(&path, b"{}")?;
//! assert_eq!(read_text(&path, Limit::default())?, "{}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]

mod kind;
mod limit;
mod platform;
mod quote;
mod read;
mod replace;
mod target;
mod temporary;
mod write_error;

pub use limit::{Limit, WithinError, read_within};
pub use quote::{quote, quote_path};
pub use read::{ReadError, read, read_text};
pub use replace::{replace, replace_in_folder, replace_verified, replace_with};
pub use write_error::{BoxError, Lack, WriteError, WriteStep};
