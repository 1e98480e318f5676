//! burn's training builder with a feed.

use std::fmt::Display;
use std::io;
use std::path::Path;
use std::sync::Arc;

use burn_0_21::data::dataloader::DataLoader;
use burn_0_21::lr_scheduler::LrScheduler;
use burn_0_21::module::AutodiffModule;
use burn_0_21::optim::Optimizer;
use burn_0_21::tensor::backend::AutodiffBackend;
use burn_0_21::train::logger::FileMetricLogger;
use burn_0_21::train::{InferenceStep, LearningComponentsMarker, SupervisedTraining, TrainStep};

use super::epoch_lines::EpochLines;
use super::factor::Factor;
use super::loader::Watched;
use super::logger::{Files, Logger};
use crate::feed::{Feed, LoaderWatch, Split};
use crate::log::is_off_a_terminal;

/// burn's `SupervisedTraining::new(directory, dataloader_train, dataloader_valid)`, with a [`Feed`] installed.
///
/// Configure the returned builder as usual: metrics, checkpointers, checkpointing strategies, early stopping, training
/// strategies, loggers. Leave out `num_epochs`, which the feed sets. If a scheduler follows a metric already, a numeric metric
/// `LR Factor` of the validation shows what the schedule's rate is multiplied by. Where the standard output is no terminal, an
/// [`EpochLines`](super::EpochLines) prints a line per epoch and split, unless `renderer` is set.
///
/// burn 0.21 logs the metrics of the first epoch after a resume as those of epoch 1, which also misleads its early
/// stopping and its checkpointing by metric. In a training with a feed, they have the right number.
///
/// # Panics
///
/// burn 0.21's `launch` cannot return an error, so it panics: if a followed metric is not registered (after the first
/// batch, listing those that are), if it had no value in an epoch, if `num_epochs` is set to another number than the
/// feed's, or if the rule refuses a value, as [`NonFinite::Error`](crate::NonFinite::Error) does.
///
/// ```no_run
/// # use burn_0_21 as burn;
/// use burn::train::metric::LossMetric;
/// use burn::train::{Learner, SupervisedTraining};
/// use sched_burn::prelude::*;
/// use sched_burn::train_0_21::supervised_training;
///
/// # use std::sync::Arc;
/// # use burn::{data::dataloader::DataLoader, lr_scheduler::LrScheduler, module::AutodiffModule, optim::Optimizer};
/// # use burn::{tensor::backend::AutodiffBackend, train::{InferenceStep, RegressionOutput, TrainStep}};
/// # fn train<B: AutodiffBackend, M, O: Optimizer<M, B> + 'static, I: Send + 'static>(
/// #     model: M, optimizer: O, train: Arc<dyn DataLoader<B, I>>, valid: Arc<dyn DataLoader<B::InnerBackend, I>>,
/// # ) -> Result<(), Box<dyn std::error::Error>>
/// # where
/// #     M: TrainStep<Input = I, Output = RegressionOutput<B>> + AutodiffModule<B> + std::fmt::Display + 'static,
/// #     M::InnerModule: InferenceStep<Input = I, Output = RegressionOutput<B::InnerBackend>>,
/// # {
/// let feed = Feed::new(20);
/// let plateau = Plateau::new().factor(0.5).patience(2).build()?;
/// let scheduler = feed.reduce_on_plateau(Watch::valid("Loss"), Schedule::constant(1e-3)?, plateau);
/// let result = supervised_training(&feed, "artifacts", train, valid)
///     .metrics((LossMetric::new(),))
///     .launch(Learner::new(model, optimizer, scheduler));
/// # let _ = result;
/// # Ok(())
/// # }
/// ```
pub fn supervised_training<B, LR, M, O>(
    feed: &Feed,
    directory: impl AsRef<Path>,
    dataloader_train: Arc<dyn DataLoader<B, M::Input>>,
    dataloader_valid: Arc<dyn DataLoader<B::InnerBackend, <M::InnerModule as InferenceStep>::Input>>,
) -> SupervisedTraining<LearningComponentsMarker<B, LR, M, O>>
where
    B: AutodiffBackend,
    LR: LrScheduler + 'static,
    M: TrainStep + AutodiffModule<B> + Display + 'static,
    M::InnerModule: InferenceStep,
    O: Optimizer<M, B> + 'static,
{
    feed.begin();
    let directory = directory.as_ref();
    let train = Watched::wrap(dataloader_train, LoaderWatch::new(feed, Split::Train));
    let valid = Watched::wrap(dataloader_valid, LoaderWatch::new(feed, Split::Valid));
    // The feed's logger comes before burn's files, whose epochs are wrong after a resume; the files are asked for older
    // epochs.
    let factor = Factor::new(feed);
    let first_epoch = factor.first_epoch();
    let training = SupervisedTraining::new(directory, train, valid)
        .num_epochs(feed.num_epochs())
        .with_metric_logger(Logger::new(feed))
        .metric_train(factor);
    // burn's display opens on the first numeric metric; in the validation, the factor comes after those of the training.
    let training = if feed.is_followed() { training.metric_valid_numeric(Factor::new(feed)) } else { training };
    let training = if is_off_a_terminal() { training.renderer(EpochLines::new(io::stdout())) } else { training };
    if feed.has_files() {
        training.with_metric_logger(Files::new(FileMetricLogger::new(directory), first_epoch))
    } else {
        training
    }
}
