//! Schedulers from the files that people have.

use std::path::{Path, PathBuf};

use sched_core::Plan;
use sched_dialects::{FileError, Translation};
use sched_files::{Limit, ReadError, read_text};

use crate::optimizer::ScheduledOptimizer;
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
        Ok(only_group(path.as_ref(), plan)?.scheduler().into())
    }

    /// [`open`](Self::open), with a scheduler for each parameter group, in the order of the file.
    ///
    /// # Errors
    ///
    /// As of [`open`](Self::open), but for several groups.
    pub fn open_groups(path: impl AsRef<Path>, plan: &Plan) -> Result<Vec<Self>, OpenError> {
        Ok(groups(path.as_ref(), plan)?.iter().map(|group| group.scheduler().into()).collect())
    }

    /// [`open`](Self::open), with an optimizer whose momentum and weight decay follow the file, where it says anything
    /// about them.
    ///
    /// `build` gets both, as in [`ScheduledOptimizer::for_group`], which is for files with several groups.
    ///
    /// ```
    /// use sched_burn::prelude::*;
    /// # #[cfg(feature = "burn-0_22")]
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// # use burn_0_22 as burn;
    /// use burn::optim::AdamWConfig;
    ///
    /// let directory = tempfile::tempdir()?;
    /// let path = directory.path().join("schedule.json");
    /// std::fs::write(&path, r#"{
    ///     "schedule": {"ramp": {"from": 5e-4, "to": 1e-6, "steps": 1000, "shape": "cosine"}},
    ///     "weight_decay": {"ramp": {"from": 0.04, "to": 0.4, "steps": 1000, "shape": "cosine"}}}"#)?;
    /// let (scheduler, optimizer) = Scheduler::open_with_optimizer(&path, &Plan::new(), |beta_1, weight_decay| {
    ///     let config = AdamWConfig::new().with_beta_1(beta_1.unwrap_or(0.9) as f32);
    ///     config.with_weight_decay(weight_decay.unwrap_or(0.01) as f32).build()
    /// })?;
    /// // Learner::new(model, optimizer.into(), scheduler)
    /// assert_eq!(scheduler.at(0), 5e-4);
    /// assert_eq!(optimizer.hyper_parameters()[0].at(500), Ok(0.22));
    /// # Ok(())
    /// # }
    /// # #[cfg(feature = "burn-0_22")]
    /// # example().unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As of [`open`](Self::open).
    pub fn open_with_optimizer<O>(
        path: impl AsRef<Path>,
        plan: &Plan,
        build: impl Fn(Option<f64>, Option<f64>) -> O + Send + Sync + 'static,
    ) -> Result<(Self, ScheduledOptimizer<O>), OpenError> {
        let group = only_group(path.as_ref(), plan)?;
        Ok((group.scheduler().into(), ScheduledOptimizer::for_group(&group, build)))
    }
}

fn only_group(path: &Path, plan: &Plan) -> Result<Translation, OpenError> {
    let mut groups = groups(path, plan)?;
    match (groups.pop(), groups.len()) {
        (Some(group), 0) => Ok(group),
        (_, others) => Err(OpenError::Groups { path: path.to_owned(), groups: others + 1 }),
    }
}

fn groups(path: &Path, plan: &Plan) -> Result<Vec<Translation>, OpenError> {
    let text = read_text(path, Limit::default())?;
    let found = sched_dialects::read(&text, plan);
    Ok(found.map_err(|source| OpenError::File { path: path.to_owned(), source })?.groups)
}
