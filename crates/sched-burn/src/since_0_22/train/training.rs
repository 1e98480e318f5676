//! burn's training builder with a feed.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::burn::data::dataloader::DataLoader;
use super::burn::train::logger::FileMetricLogger;
use super::burn::train::{InferenceStep, LearnerModel, SupervisedTraining, TrainStep};

use super::epoch_lines::EpochLines;
use super::epochs::Epochs;
use super::factor::Factor;
use super::loader::Watched;
use super::logger::Logger;
use crate::feed::{Feed, LoaderWatch, Split};
use crate::log::is_off_a_terminal;

/// burn's `SupervisedTraining::new(directory, dataloader_train, dataloader_valid)`, with a [`Feed`] installed.
///
/// Configure the returned builder as usual: metrics, checkpointers, checkpointing strategies, early stopping, training
/// strategies, loggers. Leave out `num_epochs`, which the feed sets. If a scheduler follows a metric already, a numeric metric
/// `LR Factor` of the validation shows what the schedule's rate is multiplied by. Where the standard output is no terminal, an
/// [`EpochLines`](super::EpochLines) prints a line per epoch and split, unless `renderer` is set.
///
/// # Errors
///
/// The training stops, and `LearningResult::error` says why: a followed metric is not registered (after the first
/// batch, listing those that are), it had no value in an epoch, `num_epochs` is set to another number than the feed's, or
/// the rule refuses a value, as [`NonFinite::Error`](crate::NonFinite::Error) does.
///
/// ```no_run
#[doc = concat!("# use burn_", version!(), " as burn;")]
/// use burn::train::metric::LossMetric;
/// use burn::train::{Learner, SupervisedTraining};
/// use sched_burn::prelude::*;
#[doc = concat!("use sched_burn::train_", version!(), "::supervised_training;")]
///
/// # use std::sync::Arc;
/// # use burn::{data::dataloader::DataLoader, optim::ModuleOptimizer};
/// # use burn::train::{InferenceStep, LearnerModel, RegressionOutput, TrainStep};
/// # fn train<M, I: Send + 'static>(
/// #     model: M, optimizer: ModuleOptimizer, train: Arc<dyn DataLoader<I>>, valid: Arc<dyn DataLoader<I>>,
/// # ) -> Result<(), Box<dyn std::error::Error>>
/// # where
/// #     M: LearnerModel + TrainStep<Input = I, Output = RegressionOutput>,
/// #     M: InferenceStep<Input = I, Output = RegressionOutput>,
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
pub fn supervised_training<M: LearnerModel>(
    feed: &Feed,
    directory: impl AsRef<Path>,
    dataloader_train: Arc<dyn DataLoader<<M as TrainStep>::Input>>,
    dataloader_valid: Arc<dyn DataLoader<<M as InferenceStep>::Input>>,
) -> SupervisedTraining<M> {
    feed.begin();
    let directory = directory.as_ref();
    let train = Watched::wrap(dataloader_train, LoaderWatch::new(feed, Split::Train));
    let valid = Watched::wrap(dataloader_valid, LoaderWatch::new(feed, Split::Valid));
    let training = SupervisedTraining::new(directory, train, valid)
        .num_epochs(feed.num_epochs())
        .with_metric_logger(Logger::new(feed))
        .with_progress_logger(Epochs(feed.clone()))
        .metric_train(Factor::new(feed));
    // burn's display opens on the first numeric metric; in the validation, the factor comes after those of the training.
    let training = if feed.is_followed() { training.metric_valid_numeric(Factor::new(feed)) } else { training };
    let training =
        if is_off_a_terminal() { training.renderer(Box::new(EpochLines::new(io::stdout()))) } else { training };
    // burn's files are asked for epochs older than this training.
    if feed.has_files() { training.with_metric_logger(FileMetricLogger::new(directory)) } else { training }
}
