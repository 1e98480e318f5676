//! Schedulers from the files that people have.

use std::path::{Path, PathBuf};

use sched_core::Plan;
use sched_dialects::FileError;
use sched_files::{Limit, ReadError, read_text};

use crate::scheduler::Scheduler;

/// Why a file opens no scheduler.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It holds no schedule.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: FileError,
    },
    /// It has several parameter groups.
    #[error("{}: it has {groups} parameter groups; open them with `Scheduler::open_groups`", path.display())]
    Groups {
        /// The file.
        path: PathBuf,
        /// How many.
        groups: usize,
    },
}

impl Scheduler {
    /// A scheduler by a schedule file: sched's own, another library's scheduler, or a trainer's configuration, as
    /// [`sched_dialects::read`] takes them. What it does not say and the run knows comes from the plan.
    ///
    /// ```
    /// use sched_burn::prelude::*;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let directory = tempfile::tempdir()?;
    /// let path = directory.path().join("ds_config.json");
    /// std::fs::write(&path, r#"{"train_batch_size": 32, "optimizer": {"type": "SGD", "params": {"lr": 0.1}},
    ///     "scheduler": {"type": "WarmupLR", "params": {"warmup_num_steps": 100, "warmup_type": "linear"}}}"#)?;
    /// let scheduler = Scheduler::open(&path, &Plan::new())?;
    /// assert_eq!(scheduler.at(51), 0.05);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The file cannot be read, has more than 16 MiB, holds no schedule, or several parameter groups.
    pub fn open(path: impl AsRef<Path>, plan: &Plan) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let mut groups = Self::open_groups(path, plan)?;
        match (groups.pop(), groups.len()) {
            (Some(scheduler), 0) => Ok(scheduler),
            (_, others) => Err(OpenError::Groups { path: path.to_owned(), groups: others + 1 }),
        }
    }

    /// [`open`](Self::open), with a scheduler for each parameter group, in the order of the file.
    ///
    /// # Errors
    ///
    /// As of [`open`](Self::open), but for several groups.
    pub fn open_groups(path: impl AsRef<Path>, plan: &Plan) -> Result<Vec<Self>, OpenError> {
        let path = path.as_ref();
        let text = read_text(path, Limit::default())?;
        let found = sched_dialects::read(&text, plan);
        let found = found.map_err(|source| OpenError::File { path: path.to_owned(), source })?;
        Ok(found.groups.iter().map(|group| group.scheduler().into()).collect())
    }
}
