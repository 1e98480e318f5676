//! Reads the files of a checkpoint as burn does.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::Path;

use super::burn::lr_scheduler::LrSchedulerRecord;
use super::burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use super::burn::module::Module;
use super::burn::optim::{ModuleOptimizer, OptimizerRecord};
use super::burn::store::ModuleRecord;
use super::burn_pack::Reader;
use super::lr_scheduler::from_record;

use crate::checkpoints::{self, CheckpointError, CheckpointFile, Checkpoints, Ids};

/// burn's file checkpointers have no other.
const EXTENSION: &str = "bpk";

/// Finds the newest epoch that burn's `.checkpoint(epoch)` can resume: its model, optimizer and scheduler are read as
/// burn reads them, and loaded into copies of `model` and `optimizer`. An optimizer whose state is of other parameters than
/// the model's is of another run; burn would drop that state without a word.
///
/// `directory` is that of the training, as in [`supervised_training`](super::supervised_training). `model` and
/// `optimizer` are those of the training, new or not; they are unchanged. Only files that burn's default checkpointers
/// name are read; other files are ignored. At least one scheduler must be this crate's; its state must match its own
/// checksum. A schedule other than the configured one is not looked for here:
/// [`Scheduler::on_mismatch`](crate::Scheduler::on_mismatch) decides about that.
///
/// ```
#[doc = concat!("# use burn_", version!(), " as burn;")]
/// # use burn::module::Module;
/// # use burn::optim::ModuleOptimizer;
#[doc = concat!("use sched_burn::train_", version!(), "::newest_checkpoint;")]
///
/// # fn example<M: Module>(model: M, optimizer: ModuleOptimizer) -> Result<(), Box<dyn std::error::Error>> {
/// let checkpoints = newest_checkpoint("artifacts", &model, &optimizer)?;
/// for skipped in &checkpoints.skipped {
///     eprintln!("warning: skipping {skipped}");
/// }
/// if let Some(epoch) = checkpoints.newest {
///     // training = training.checkpoint(epoch);
/// #   let _ = epoch;
/// }
/// # Ok(())
/// # }
/// ```
///
/// # What it cannot see
///
/// burn's files have no checksum. A cut is always found, unless it takes only padding, and so is damage to the structure
/// of a file: to names, shapes and sizes. Changed bits of a weight, of an optimizer's moment or of a parameter's id are
/// not. The scheduler's state has a checksum, which covers every bit.
///
/// One file is read at a time, into a few copies of its contents. Some damage makes burn panic. Such a panic is caught and becomes the reason; the program's panic hook still prints it, and a program built with
/// `panic = "abort"` ends.
///
/// # Errors
///
/// The folder of the checkpoints is there but cannot be listed. If there is none, there is no checkpoint.
pub fn newest_checkpoint<M: Module>(
    directory: impl AsRef<Path>,
    model: &M,
    optimizer: &ModuleOptimizer,
) -> Result<Checkpoints, CheckpointError> {
    checkpoints::find(directory.as_ref(), EXTENSION, |file, stem| match file {
        CheckpointFile::Model => read_model(stem, model),
        CheckpointFile::Optimizer => read_optimizer(stem, optimizer),
        CheckpointFile::Scheduler => read_scheduler(stem).map(|()| Ids::new()),
    })
}

/// Writes the scheduler's file of an epoch that [lacks only that](crate::Skipped::lacks_only_scheduler), so that burn's
/// `.checkpoint(epoch)` can resume it.
///
/// The schedule's part of the state is its position, which follows from the epoch: [`seek`](crate::Scheduler::seek) to
/// the steps in an epoch times the number of epochs. What a plateau or another rule observed is lost: it starts anew.
///
/// ```
#[doc = concat!("# use burn_", version!(), " as burn;")]
/// use sched_burn::prelude::*;
#[doc = concat!("use sched_burn::train_", version!(), "::{newest_checkpoint, write_scheduler};")]
///
/// # fn example<M: burn::module::Module>(
/// #     model: M, optimizer: burn::optim::ModuleOptimizer, scheduler: Scheduler, steps_per_epoch: u64,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let checkpoints = newest_checkpoint("artifacts", &model, &optimizer)?;
/// if let Some(skipped) = checkpoints.skipped.iter().find(|skipped| skipped.lacks_only_scheduler()) {
///     let mut sought = scheduler.clone();
///     sought.seek(steps_per_epoch * skipped.epoch as u64);
///     write_scheduler("artifacts", skipped.epoch, sought)?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The scheduler's file is whole, or a new one cannot be written. An existing file is unchanged.
pub fn write_scheduler(
    directory: impl AsRef<Path>,
    epoch: usize,
    scheduler: impl Into<ModuleLrScheduler>,
) -> Result<(), CheckpointError> {
    let record = scheduler.into().to_record();
    checkpoints::write_scheduler(directory.as_ref(), epoch, EXTENSION, read_scheduler, |stem| {
        record.save(stem.with_extension(EXTENSION)).map_err(reason)
    })
}

fn read_model<M: Module>(stem: &Path, model: &M) -> Result<Ids, String> {
    let path = stem.with_extension(EXTENSION);
    let record = ModuleRecord::load(&path).map_err(reason)?;
    model.clone().try_load_record(record).map_err(reason)?;
    ids(Reader::from_file_exact(&path).map_err(reason)?)
}

/// burn drops, without an error, the state of a parameter that it cannot restore; so what it restores is compared with
/// what is in the file.
fn read_optimizer(stem: &Path, optimizer: &ModuleOptimizer) -> Result<Ids, String> {
    let path = stem.with_extension(EXTENSION);
    let record = OptimizerRecord::load(&path).map_err(reason)?;
    let restored = optimizer.clone().load_record(record).to_record().into_bytes().map_err(reason)?;
    let restored = Reader::from_bytes(restored).map_err(reason)?;
    let saved = Reader::from_file_exact(&path).map_err(reason)?;
    let same = restored.tensor_names() == saved.tensor_names()
        && restored.scalars() == saved.scalars()
        && restored.metadata() == saved.metadata();
    if same { ids(saved) } else { Err("the optimizer restores only a part of it".to_owned()) }
}

fn ids(reader: Reader) -> Result<Ids, String> {
    let tensors = reader.into_tensors().map_err(reason)?;
    Ok(tensors.into_iter().filter_map(|tensor| tensor.param_id).collect())
}

/// Every state of this crate in the record: of each parameter group, or nested in a scheduler of burn's.
fn read_scheduler(stem: &Path) -> Result<(), String> {
    let path = stem.with_extension(EXTENSION);
    let record = LrSchedulerRecord::load(&path).map_err(reason)?;
    // burn's record cannot list its names.
    let reader = Reader::from_file_exact(&path).map_err(reason)?;
    let prefixes: BTreeSet<&str> =
        reader.scalars().keys().filter_map(|key| Some(key.split_once("state.")?.0)).collect();
    if prefixes.is_empty() {
        return from_record(&record).map(drop).map_err(reason);
    }
    for prefix in prefixes {
        let own = if prefix.is_empty() { record.clone() } else { record.record(prefix.trim_end_matches('.')) };
        from_record(&own).map_err(reason)?;
    }
    Ok(())
}

fn reason(error: impl Display) -> String {
    error.to_string()
}
