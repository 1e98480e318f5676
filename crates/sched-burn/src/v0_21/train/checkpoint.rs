//! Reads the files of a checkpoint as burn does.

use std::path::Path;

use burn_0_21::lr_scheduler::LrScheduler;
use burn_0_21::module::AutodiffModule;
use burn_0_21::optim::Optimizer;
use burn_0_21::record::{BurnRecord, FileRecorder, Record};
use burn_0_21::tensor::backend::{AutodiffBackend, Backend};

use super::tensors;
use crate::checkpoints::{self, CheckpointError, CheckpointFile, Checkpoints, Ids};
use crate::v0_21::read_back::{check_compressed, reason};
use crate::v0_21::{PerUpdateRecord, SchedulerRecord};

/// The record of a scheduler that can tell whether it is damaged.
pub trait SelfChecked {
    /// Checks the record against its own checksum.
    ///
    /// # Errors
    ///
    /// It is damaged, in words.
    fn check(&self) -> Result<(), String>;
}

impl SelfChecked for SchedulerRecord {
    fn check(&self) -> Result<(), String> {
        self.0.verify().map_err(|error| error.to_string())
    }
}

impl SelfChecked for PerUpdateRecord {
    fn check(&self) -> Result<(), String> {
        self.state().verify().map_err(|error| error.to_string())?;
        self.check_counters()
    }
}

/// Finds the newest epoch that burn's `.checkpoint(epoch)` can resume: its model, optimizer and scheduler are read through
/// the recorder as burn reads them. An optimizer whose state is of other parameters than the model's is of another run; burn
/// would drop that state without a word.
///
/// `directory` is that of the training, as in [`supervised_training`](super::supervised_training), and `recorder` is that
/// of its file checkpointer. The model, the optimizer and the scheduler say what types to read; they are unchanged. Only
/// files that burn's checkpointers name are read; other files are ignored. The scheduler's state must match its own
/// checksum. A schedule other than the configured one is not looked for here:
/// [`Scheduler::on_mismatch`](crate::Scheduler::on_mismatch) decides about that.
///
/// ```
/// # use burn_0_21 as burn;
/// # use burn::module::AutodiffModule;
/// # use burn::optim::Optimizer;
/// use burn::record::{FullPrecisionSettings, NamedMpkFileRecorder};
/// # use burn::tensor::backend::AutodiffBackend;
/// use sched_burn::prelude::*;
/// use sched_burn::train_0_21::newest_checkpoint;
///
/// # fn example<B: AutodiffBackend, M: AutodiffModule<B>, O: Optimizer<M, B>>(
/// #     model: M, optimizer: O, scheduler: Scheduler,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let recorder = AtomicRecorder::new(NamedMpkFileRecorder::<FullPrecisionSettings>::new());
/// let checkpoints = newest_checkpoint("artifacts", &recorder, &model, &optimizer, &scheduler)?;
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
/// Files that a recorder compresses (`mpk.gz`, `json.gz`, `bin.gz`) have a checksum, which is compared here though not in
/// burn: any damage to their contents is found. burn's other files have none. A cut is found; so is damage to the structure
/// of a file: to names and sizes. Changed bits of a weight, of an optimizer's moment or of a parameter's id are not. The
/// scheduler's state always has a checksum, which covers every bit.
///
/// One file is read at a time, into a few copies of its contents, and onto the model's device, as burn does it. Whether
/// the shapes are those of the model is not compared. Some damage makes burn panic.
/// Such a panic is caught and becomes the reason; the program's panic hook still prints it, and a program built with
/// `panic = "abort"` ends. burn's binary recorders (`bin`, `bin.gz`) reserve as much memory as a damaged file says, which
/// can end the program, here as in burn itself; those for MessagePack and JSON read only what is there.
///
/// # Errors
///
/// The folder of the checkpoints is there but cannot be listed. If there is none, there is no checkpoint.
pub fn newest_checkpoint<B, R, M, O, S>(
    directory: impl AsRef<Path>,
    recorder: &R,
    model: &M,
    _optimizer: &O,
    _scheduler: &S,
) -> Result<Checkpoints, CheckpointError>
where
    B: AutodiffBackend,
    R: FileRecorder<B>,
    M: AutodiffModule<B>,
    O: Optimizer<M, B>,
    S: LrScheduler,
    S::Record<B>: SelfChecked,
{
    let device = model.devices().into_iter().next().unwrap_or_default();
    checkpoints::find(directory.as_ref(), R::file_extension(), |file, stem| match file {
        CheckpointFile::Model => read_tensors::<B, M::Record, R>(recorder, stem, &device),
        CheckpointFile::Optimizer => read_tensors::<B, O::Record, R>(recorder, stem, &device),
        CheckpointFile::Scheduler => read_scheduler::<B, S, R>(recorder, stem).map(|()| Ids::new()),
    })
}

/// Writes the scheduler's file of an epoch that [lacks only that](crate::Skipped::lacks_only_scheduler), so that burn's
/// `.checkpoint(epoch)` can resume it. `B` is any backend.
///
/// The schedule's part of the state is its position, which follows from the epoch: [`seek`](crate::Scheduler::seek) to
/// the steps in an epoch times the number of epochs. What a plateau or another rule observed is lost: it starts anew.
///
/// ```
/// # use burn_0_21 as burn;
/// use burn::record::{FullPrecisionSettings, NamedMpkFileRecorder};
/// # use burn::tensor::backend::Backend;
/// use sched_burn::prelude::*;
/// use sched_burn::train_0_21::write_scheduler;
/// # use sched_burn::Checkpoints;
///
/// # fn example<B: Backend>(
/// #     checkpoints: Checkpoints, scheduler: Scheduler, steps_per_epoch: u64,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let recorder = AtomicRecorder::new(NamedMpkFileRecorder::<FullPrecisionSettings>::new());
/// if let Some(skipped) = checkpoints.skipped.iter().find(|skipped| skipped.lacks_only_scheduler()) {
///     let mut sought = scheduler.clone();
///     sought.seek(steps_per_epoch * skipped.epoch as u64);
///     write_scheduler::<B, _, _>("artifacts", &recorder, skipped.epoch, &sought)?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The scheduler's file is whole, or a new one cannot be written.
pub fn write_scheduler<B, R, S>(
    directory: impl AsRef<Path>,
    recorder: &R,
    epoch: usize,
    scheduler: &S,
) -> Result<(), CheckpointError>
where
    B: Backend,
    R: FileRecorder<B>,
    S: LrScheduler,
    S::Record<B>: SelfChecked,
{
    checkpoints::write_scheduler(
        directory.as_ref(),
        epoch,
        R::file_extension(),
        |stem| read_scheduler::<B, S, R>(recorder, stem),
        |stem| recorder.record(scheduler.to_record::<B>(), stem.to_owned()).map_err(reason),
    )
}

/// As burn's `Recorder::load`, without its guesses at the cause, and up to the device.
fn read_item<B: Backend, T: Record<B>, R: FileRecorder<B>>(
    recorder: &R,
    stem: &Path,
) -> Result<T::Item<R::Settings>, String> {
    check_compressed(&stem.with_extension(R::file_extension())).map_err(|error| error.to_string())?;
    let record: BurnRecord<T::Item<R::Settings>, B> = recorder.load_item(&mut stem.to_owned()).map_err(reason)?;
    Ok(record.item)
}

fn read_tensors<B: Backend, T: Record<B>, R: FileRecorder<B>>(
    recorder: &R,
    stem: &Path,
    device: &B::Device,
) -> Result<Ids, String> {
    let item = read_item::<B, T, R>(recorder, stem)?;
    let ids = tensors::check(&item)?;
    T::from_item::<R::Settings>(item, device);
    Ok(ids)
}

fn read_scheduler<B: Backend, S: LrScheduler, R: FileRecorder<B>>(recorder: &R, stem: &Path) -> Result<(), String>
where
    S::Record<B>: SelfChecked,
{
    let item = read_item::<B, S::Record<B>, R>(recorder, stem)?;
    S::Record::<B>::from_item::<R::Settings>(item, &B::Device::default()).check()
}
