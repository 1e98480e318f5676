//! Schedulers from PyTorch's checkpoints.

use std::path::{Path, PathBuf};

use sched_torch::{ReadError, ResumeError, ResumeOptions, TorchFile};

use crate::scheduler::Scheduler;

/// Why a PyTorch checkpoint gives no scheduler.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FromTorchError {
    /// The file cannot be read.
    #[error("{}{source}", prefix(path, source))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<ReadError>,
    },
    /// The file holds no scheduler, or one that cannot be resumed as it is.
    #[error("{}: {source}", path.display())]
    Resume {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<ResumeError>,
    },
    /// The scheduler has several parameter groups.
    #[error("{}: it has {groups} parameter groups; read them with `Scheduler::from_torch_groups`", path.display())]
    Groups {
        /// The file.
        path: PathBuf,
        /// How many.
        groups: usize,
    },
}

/// A file that cannot be opened is already named.
fn prefix(path: &Path, source: &ReadError) -> String {
    match source {
        ReadError::Open { .. } | ReadError::NotARegularFile { .. } => String::new(),
        _ => format!("{}: ", path.display()),
    }
}

impl Scheduler {
    /// The scheduler in a file of PyTorch's `torch.save`, at the position where PyTorch stopped: the first
    /// [`step`](Self::step) returns the rate that is in PyTorch's optimizer, and every later one what PyTorch would use.
    ///
    /// A step here is a `scheduler.step()` of the PyTorch program. If that was called once per epoch, so must `step()` be here;
    /// for burn's Learner, which steps at every update, stretch the schedule with
    /// [`per_epoch`](sched_core::Schedule::per_epoch), as below.
    ///
    /// ```
    /// use sched_burn::prelude::*;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("checkpoint.pt");
    /// # std::fs::copy("../sched-torch/tests/fixtures/resume/sgd-multistep-epochs.pt", &path)?;
    /// // The checkpoint has MultiStepLR after 8 epochs of 4 updates. The rate falls after 12.
    /// let mut epochs = Scheduler::from_torch(&path)?;
    /// assert_eq!(epochs.position(), 8);
    ///
    /// let mut updates = Scheduler::new(epochs.schedule().ok_or("no schedule")?.per_epoch(4)?);
    /// updates.seek(epochs.position() * 4);
    /// assert_eq!((epochs.step(), updates.step()), (0.03, 0.03));
    /// assert_eq!((updates.at(47), updates.at(48)), (epochs.at(11), epochs.at(12)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// `ReduceLROnPlateau` becomes a constant schedule with a [`Plateau`](crate::Plateau) that has PyTorch's counters;
    /// pass metrics to [`observe`](Self::observe). Momentum that the scheduler drives (`OneCycleLR`, `CyclicLR`) is not part of a
    /// `Scheduler`: [`TorchFile::resume`](sched_torch::TorchFile::resume) has it, as a schedule of its own. It also says what
    /// was inferred or assumed, and its groups become schedulers with `Scheduler::from`.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or holds no scheduler or several; the scheduler's rates are code, its state dict is not
    /// understood, or it has several parameter groups.
    pub fn from_torch(path: impl AsRef<Path>) -> Result<Self, FromTorchError> {
        let path = path.as_ref();
        let mut groups = Self::from_torch_groups(path, &ResumeOptions::new())?;
        match (groups.pop(), groups.len()) {
            (Some(scheduler), 0) => Ok(scheduler),
            (_, others) => Err(FromTorchError::Groups { path: path.to_owned(), groups: others + 1 }),
        }
    }

    /// [`from_torch`](Self::from_torch), with a scheduler for each parameter group, in the order of PyTorch's
    /// `param_groups`, and with [`ResumeOptions`] for what the file does not say: where in it the scheduler is, its class,
    /// or the curve of a `LambdaLR`.
    ///
    #[cfg_attr(
        feature = "burn-0_22",
        doc = "
On burn 0.22 and later, they are the parts of burn's `ModuleLrScheduler`. Parameters of no group that is added get the first
scheduler's rate. A state dict does not name the parameters of a group, so the paths here repeat what the PyTorch program
does:

```
use burn_0_22 as burn;
use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::module::ParamGroup;
use sched_burn::{prelude::*, sched_torch::ResumeOptions};

# fn main() -> Result<(), Box<dyn std::error::Error>> {
# let directory = tempfile::tempdir()?;
# let path = directory.path().join(\"checkpoint.pt\");
# std::fs::copy(\"../sched-torch/tests/fixtures/resume/adamw-warmup-cosine-groups.pt\", &path)?;
let groups = Scheduler::from_torch_groups(&path, &ResumeOptions::new())?;
let [backbone, head] = <[Scheduler; 2]>::try_from(groups).map_err(|_| \"not two groups\")?;
let mut scheduler = ModuleLrScheduler::new(backbone).with_group(ParamGroup::from_predicate(\"head.\"), head);
# let rates = scheduler.step();
# let rate = |path| rates.lr_from_param(0.into(), Some(path));
# assert!((rate(\"head.weight\") / rate(\"backbone.weight\") - 0.1).abs() < 1e-12);
# Ok(())
# }
```
"
    )]
    /// # Errors
    ///
    /// As [`from_torch`](Self::from_torch), except for several groups.
    pub fn from_torch_groups(path: impl AsRef<Path>, options: &ResumeOptions) -> Result<Vec<Self>, FromTorchError> {
        let path = path.as_ref();
        let unread = |source| FromTorchError::Read { path: path.to_owned(), source: Box::new(source) };
        let unresumed = |source| FromTorchError::Resume { path: path.to_owned(), source: Box::new(source) };
        let file = TorchFile::open(path).map_err(unread)?;
        let resumed = file.resume(options).map_err(unresumed)?;
        Ok(resumed.groups.into_iter().map(|group| group.scheduler.into()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(name: &str) -> PathBuf {
        PathBuf::from("../sched-torch/tests/fixtures").join(name)
    }

    #[test]
    fn what_gives_no_scheduler_is_named() {
        for (name, message) in [
            ("none.pt", "cannot open"),
            ("resume/adam-linear.json", "adam-linear.json: not a file of torch.save"),
            ("state_dicts/LambdaLR-function-g2-k5.scheduler.pt", "scheduler.pt: the rates of LambdaLR"),
            (
                "resume/adamw-warmup-cosine-groups.pt",
                "2 parameter groups; read them with `Scheduler::from_torch_groups`",
            ),
        ] {
            let error = Scheduler::from_torch(fixture(name)).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
            assert_eq!(error.matches(name).count(), 1, "{error}");
        }
    }

    /// The options reach the file: the position is its, the curve is the one given.
    #[test]
    fn a_curve_that_is_code_is_given() {
        let file = fixture("state_dicts/LambdaLR-function-g2-k5.scheduler.pt");
        let curve = sched_core::Schedule::exponential(0.1, 0.95).unwrap();
        let options = ResumeOptions::new().schedule([curve.clone().into()]);
        let groups = Scheduler::from_torch_groups(file, &options).unwrap();
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].schedule(), Some(curve));
        assert_eq!([groups[0].position(), groups[1].position()], [5, 5]);
    }

    #[test]
    fn a_plateau_keeps_its_counters() {
        let path = fixture("resume/adam-plateau.pt");
        let file = TorchFile::open(&path).unwrap();
        let saved = |key: &str| file.at(&format!("scheduler_state_dict.{key}")).unwrap();
        let mut scheduler = Scheduler::from_torch(&path).unwrap();
        let plateau = scheduler.plateau().unwrap();
        assert_eq!(plateau.best(), saved("best").as_f64());
        assert_eq!(Some(plateau.bad_observations()), saved("num_bad_epochs").as_u64());
        assert_eq!(plateau.bad_observations(), 1);
        // The patience is 1, the factor 0.5.
        assert_eq!(scheduler.step(), 0.005);
        scheduler.observe(1.0).unwrap();
        assert_eq!(scheduler.step(), 0.0025);
    }
}
