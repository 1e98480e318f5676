//! Which epoch of a training can be resumed, whatever the version of burn: names, order and reasons.

use std::any::Any;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use sched_files::quote_path;

use crate::message::{one_line, with_cause};

/// What the folder of a training has to resume from; `newest_checkpoint` of the module for your burn returns it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoints {
    /// The newest epoch whose three files are whole, for burn's `.checkpoint(epoch)`; `None` if there is none.
    pub newest: Option<usize>,
    /// The newer epochs, which cannot be resumed, the newest first. Print each as one line.
    pub skipped: Vec<Skipped>,
}

/// An epoch that cannot be resumed, and why. It prints as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The epoch.
    pub epoch: usize,
    /// The files at fault, at least one.
    pub faults: Vec<Fault>,
}

impl Skipped {
    /// Whether the model and the optimizer are whole, so that [the scheduler's file](CheckpointFile::Scheduler) is all that
    /// is missing; `write_scheduler` of the module for your burn can write a new one.
    pub fn lacks_only_scheduler(&self) -> bool {
        self.faults.iter().all(|fault| fault.file == CheckpointFile::Scheduler)
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch {}: ", self.epoch)?;
        for (index, fault) in self.faults.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

/// What is wrong with a file of a checkpoint. It prints as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which file of the epoch.
    pub file: CheckpointFile,
    /// Its name in the folder, such as `optim-3.mpk`.
    pub name: String,
    /// What is wrong with it, in words.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.reason)
    }
}

/// One of the three files that burn's Learner saves for an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckpointFile {
    /// `model-3.mpk` after epoch 3, with the extension of the format.
    Model,
    /// `optim-3.mpk`.
    Optimizer,
    /// `scheduler-3.mpk`.
    Scheduler,
}

impl CheckpointFile {
    const ALL: [Self; 3] = [Self::Model, Self::Optimizer, Self::Scheduler];

    /// The name that burn gives the file, without the epoch.
    fn stem(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Optimizer => "optim",
            Self::Scheduler => "scheduler",
        }
    }

    fn name(self, epoch: usize, extension: &str) -> String {
        format!("{}-{epoch}.{extension}", self.stem())
    }
}

/// Why there is no answer about the checkpoints, or why a scheduler's file could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The folder is there, but cannot be listed.
    #[error("cannot list the checkpoints in {}: {source}", quote_path(path))]
    List {
        /// The folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The scheduler's file of the epoch is whole.
    #[error(
        "{} is whole and would be lost: resume from it, or delete it first to replace the state that it holds",
        quote_path(path)
    )]
    SchedulerIsWhole {
        /// The file.
        path: PathBuf,
    },
    /// The scheduler's file could not be written.
    #[error("cannot write the scheduler's checkpoint {}: {reason}", quote_path(path))]
    Write {
        /// The file.
        path: PathBuf,
        /// What burn says.
        reason: String,
    },
}

/// The ids of the parameters in a file, as burn numbers them; none if it has no parameters.
pub(crate) type Ids = BTreeSet<u64>;

/// Looks for the newest epoch whose files `read` accepts and whose model and optimizer have parameters in common.
///
/// `read` gets a path without the extension, as burn's recorders do; it may panic.
pub(crate) fn find(
    directory: &Path,
    extension: &str,
    mut read: impl FnMut(CheckpointFile, &Path) -> Result<Ids, String>,
) -> Result<Checkpoints, CheckpointError> {
    let folder = folder(directory);
    let mut found = Checkpoints::default();
    let epochs = epochs(&folder, extension).map_err(|source| CheckpointError::List { path: folder.clone(), source })?;
    for epoch in epochs.into_iter().rev() {
        let name = |file: CheckpointFile| file.name(epoch, extension);
        let (mut faults, mut of_model) = (Vec::new(), Ids::new());
        for file in CheckpointFile::ALL {
            match check(&folder, epoch, extension, file, |stem| read(file, stem)) {
                Err(reason) => faults.push(Fault { file, name: name(file), reason }),
                Ok(ids) if file == CheckpointFile::Model => of_model = ids,
                // burn would drop the state of parameters that the model lacks, without a word.
                Ok(ids) if !ids.is_empty() && !of_model.is_empty() && ids.is_disjoint(&of_model) => {
                    let reason = format!(
                        "is of another run than {}: they have no parameter in common",
                        name(CheckpointFile::Model)
                    );
                    faults.push(Fault { file, name: name(file), reason });
                }
                Ok(_) => {}
            }
        }
        if faults.is_empty() {
            found.newest = Some(epoch);
            break;
        }
        found.skipped.push(Skipped { epoch, faults });
    }
    Ok(found)
}

/// Writes the scheduler's file of an epoch with `write`, unless `read` accepts the one that is there. Both get a path
/// without the extension.
pub(crate) fn write_scheduler(
    directory: &Path,
    epoch: usize,
    extension: &str,
    read: impl FnOnce(&Path) -> Result<(), String>,
    write: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<(), CheckpointError> {
    let folder = folder(directory);
    let file = CheckpointFile::Scheduler;
    let path = folder.join(file.name(epoch, extension));
    if check(&folder, epoch, extension, file, read).is_ok() {
        return Err(CheckpointError::SchedulerIsWhole { path });
    }
    caught(|| write(&stem(&folder, file, epoch))).map_err(|reason| CheckpointError::Write { path, reason })
}

/// Where burn keeps the checkpoints of a training.
fn folder(directory: &Path) -> PathBuf {
    directory.join("checkpoint")
}

fn stem(folder: &Path, file: CheckpointFile, epoch: usize) -> PathBuf {
    folder.join(format!("{}-{epoch}", file.stem()))
}

/// The epochs that have at least one file of exactly such a name; none if there is no folder.
fn epochs(folder: &Path, extension: &str) -> io::Result<BTreeSet<usize>> {
    let mut epochs = BTreeSet::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(epochs),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name();
        let epoch = name.to_str().and_then(|name| {
            let number = name.strip_suffix(extension)?.strip_suffix('.')?.split_once('-')?.1;
            let epoch = number.parse().ok()?;
            // Excludes other files, and `model-03.mpk`, which burn would not look for.
            CheckpointFile::ALL.iter().any(|file| file.name(epoch, extension) == name).then_some(epoch)
        });
        epochs.extend(epoch);
    }
    Ok(epochs)
}

fn check<T>(
    folder: &Path,
    epoch: usize,
    extension: &str,
    file: CheckpointFile,
    read: impl FnOnce(&Path) -> Result<T, String>,
) -> Result<T, String> {
    match fs::metadata(folder.join(file.name(epoch, extension))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err("is missing".to_owned()),
        Err(error) => return Err(format!("cannot be read: {error}")),
        // Reading a pipe would wait for ever.
        Ok(metadata) if !metadata.is_file() => return Err("is not a regular file".to_owned()),
        Ok(metadata) if metadata.len() == 0 => return Err("is empty".to_owned()),
        Ok(_) => {}
    }
    caught(|| read(&stem(folder, file, epoch))).map_err(|reason| format!("cannot be read: {}", with_cause(reason)))
}

/// Makes a panic of burn's readers and writers a reason.
fn caught<T>(call: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let result =
        catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| Err(format!("burn panics: {}", said(&*panic))));
    result.map_err(|reason| one_line(reason, 200))
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn training(names: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("checkpoint")).unwrap();
        for name in names {
            fs::write(directory.path().join("checkpoint").join(name), "whole").unwrap();
        }
        directory
    }

    /// Accepts files that begin with `whole`; the ids of their parameters follow.
    fn read(extension: &str) -> impl FnMut(CheckpointFile, &Path) -> Result<Ids, String> {
        move |_, stem| {
            let text =
                fs::read_to_string(format!("{}.{extension}", stem.display())).map_err(|error| error.to_string())?;
            assert!(text != "panics", "it is\nbroken");
            let ids = text.strip_prefix("whole").ok_or(&text)?;
            Ok(ids.split_whitespace().filter_map(|id| id.parse().ok()).collect())
        }
    }

    fn find_mpk(directory: &Path) -> Checkpoints {
        find(directory, "mpk", read("mpk")).unwrap()
    }

    fn lines(found: &Checkpoints) -> Vec<String> {
        found.skipped.iter().map(Skipped::to_string).collect()
    }

    #[test]
    fn the_newest_whole_epoch_counts() {
        let directory = training(&["model-9.mpk", "optim-9.mpk", "scheduler-9.mpk", "model-10.mpk", "optim-10.mpk"]);
        let found = find_mpk(directory.path());
        assert_eq!(found.newest, Some(9));
        assert_eq!(lines(&found), ["epoch 10: scheduler-10.mpk is missing"]);
        assert!(found.skipped[0].lacks_only_scheduler());
        fs::write(directory.path().join("checkpoint/scheduler-10.mpk"), "whole").unwrap();
        let found = find_mpk(directory.path());
        assert_eq!(found, Checkpoints { newest: Some(10), skipped: vec![] }, "10 is newer than 9");
    }

    #[test]
    fn a_model_and_an_optimizer_without_a_common_parameter_are_of_two_runs() {
        let directory = training(&["model-1.mpk", "optim-1.mpk", "scheduler-1.mpk"]);
        let found = |model: &str, optimizer: &str| {
            fs::write(directory.path().join("checkpoint/model-1.mpk"), model).unwrap();
            fs::write(directory.path().join("checkpoint/optim-1.mpk"), optimizer).unwrap();
            lines(&find_mpk(directory.path()))
        };
        let apart = ["epoch 1: optim-1.mpk is of another run than model-1.mpk: they have no parameter in common"];
        assert_eq!(found("whole 1 2", "whole 3 4"), apart);
        // Some are frozen, or were replaced during the training; plain SGD has no state.
        for (model, optimizer) in [("whole 1 2 3", "whole 2"), ("whole 1", "whole 1 2"), ("whole 1", "whole")] {
            assert!(found(model, optimizer).is_empty());
        }
    }

    #[test]
    fn no_folder_has_no_checkpoints_and_a_file_is_no_folder() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(find_mpk(directory.path()), Checkpoints::default());
        fs::write(directory.path().join("checkpoint"), "").unwrap();
        let error = find(directory.path(), "mpk", read("mpk")).unwrap_err();
        assert!(error.to_string().starts_with("cannot list the checkpoints in"), "{error}");
    }

    #[test]
    fn other_files_are_ignored() {
        let names = [
            "model-11.bpk",
            "model-12.mpk.tmp",
            "model-13.mpk.gz",
            "notes-14.mpk",
            "model-x.mpk",
            "model-015.mpk",
            "model-+16.mpk",
            "model-17",
            "model--18.mpk",
            "model-99999999999999999999999.mpk",
            ".record19",
        ];
        assert_eq!(find_mpk(training(&names).path()), Checkpoints::default());
        let directory = training(&["model-1.mpk.gz", "optim-1.mpk.gz", "scheduler-1.mpk.gz", "model-2.mpk"]);
        let found = find(directory.path(), "mpk.gz", read("mpk.gz")).unwrap();
        assert_eq!(found, Checkpoints { newest: Some(1), skipped: vec![] });
    }

    #[test]
    fn every_fault_is_named_in_one_line() {
        let directory = training(&["optim-2.mpk", "scheduler-2.mpk", "model-1.mpk"]);
        let checkpoint = directory.path().join("checkpoint");
        fs::create_dir(checkpoint.join("model-2.mpk")).unwrap();
        fs::write(checkpoint.join("optim-2.mpk"), "").unwrap();
        fs::write(checkpoint.join("scheduler-2.mpk"), "panics").unwrap();
        fs::write(checkpoint.join("scheduler-1.mpk"), format!("\x1b[31m{}\nmore", "x".repeat(300))).unwrap();
        let found = find_mpk(directory.path());
        assert_eq!(found.newest, None);
        let long = "x".repeat(195);
        assert_eq!(
            lines(&found),
            [
                "epoch 2: model-2.mpk is not a regular file; optim-2.mpk is empty; scheduler-2.mpk cannot be read: burn \
                 panics: it is broken",
                &format!("epoch 1: optim-1.mpk is missing; scheduler-1.mpk cannot be read: \\u{{1b}}[31m{long}..."),
            ]
        );
        assert!(!found.skipped[0].lacks_only_scheduler());
    }

    #[test]
    fn a_whole_scheduler_is_not_replaced() {
        let directory = training(&["scheduler-1.mpk"]);
        let path = directory.path().join("checkpoint/scheduler-1.mpk");
        let write = || {
            let mut read = read("mpk");
            write_scheduler(
                directory.path(),
                1,
                "mpk",
                move |stem| read(CheckpointFile::Scheduler, stem).map(drop),
                |stem| fs::write(stem.with_extension("mpk"), "whole and new").map_err(|error| error.to_string()),
            )
        };
        let error = write().unwrap_err();
        assert!(matches!(error, CheckpointError::SchedulerIsWhole { .. }), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
        fs::write(&path, "cut").unwrap();
        write().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole and new");
        fs::remove_file(&path).unwrap();
        write().unwrap();
        fs::remove_dir_all(directory.path().join("checkpoint")).unwrap();
        let error = write().unwrap_err();
        assert!(error.to_string().starts_with("cannot write the scheduler's checkpoint"), "{error}");
    }
}
