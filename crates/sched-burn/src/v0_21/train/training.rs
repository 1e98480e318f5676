//! burn's training builder, with a feed in it.

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use burn_0_21::data::dataloader::DataLoader;
use burn_0_21::lr_scheduler::LrScheduler;
use burn_0_21::module::AutodiffModule;
use burn_0_21::optim::Optimizer;
use burn_0_21::tensor::backend::AutodiffBackend;
use burn_0_21::train::logger::FileMetricLogger;
use burn_0_21::train::{InferenceStep, LearningComponentsMarker, SupervisedTraining, TrainStep};

use super::factor::Factor;
use super::loader::Watched;
use super::logger::{Files, Logger};
use crate::feed::{Feed, LoaderWatch, Split};

/// burn's `SupervisedTraining::new(directory, dataloader_train, dataloader_valid)` for a [`Feed`], with its number of epochs.
///
/// Everything that burn's builder offers can follow: metrics, checkpointers, checkpointing strategies, early stopping,
/// training strategies, loggers. Only `num_epochs` is the feed's. A numeric metric `LR Factor` is registered, which
/// shows what the schedule's rate is multiplied by.
///
/// burn 0.21 logs the metrics of the first epoch after a resume as those of epoch 1, which also misleads its early stopping
/// and its checkpointing by metric; in a training with a feed they have the right number.
///
/// # Panics
///
/// burn 0.21's `launch` returns no error, so it panics: if a metric that is followed is not registered, after the first batch and
/// with the names of the registered ones; if it had no value in an epoch; if the rule refuses a value, as
/// [`NonFinite::Error`](crate::NonFinite::Error) says.
///
/// ```no_run
/// # use burn_0_21 as burn;
/// use burn::train::metric::LossMetric;
/// use burn::train::{Learner, SupervisedTraining};
/// use sched_burn::prelude::*;
/// use sched_burn::{Feed, Watch, train_0_21::supervised_training};
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
/// let plateau = Plateau::new().factor(0.5).patience(2);
/// let scheduler = feed.reduce_on_plateau(Watch::valid("Loss"), Schedule::constant(1e-3)?, plateau)?;
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
    // Before burn's files, whose epochs are wrong after a resume; they are asked for what is older than this training.
    let factor = Factor::new(feed);
    let first_epoch = factor.first_epoch();
    let training = SupervisedTraining::new(directory, train, valid)
        .num_epochs(feed.num_epochs())
        .with_metric_logger(Logger::new(feed))
        .metric_train_numeric(factor);
    if feed.has_files() {
        training.with_metric_logger(Files::new(FileMetricLogger::new(directory), first_epoch))
    } else {
        training
    }
}
