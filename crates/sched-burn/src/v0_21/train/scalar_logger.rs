//! burn's metrics and the learning rates, written as scalars.

use std::collections::HashMap;

use burn_0_21::train::logger::MetricLogger;
use burn_0_21::train::metric::store::{EpochSummary, MetricsUpdate, Split};
use burn_0_21::train::metric::{MetricDefinition, MetricId, NumericEntry};

use super::logger::ours;
use crate::log::{Journal, LEARNING_RATES_NAME, LearningRates, ScalarWriter};

/// A metric logger for burn's Learner that writes scalars through a [`ScalarWriter`]: [`TensorBoard`](crate::TensorBoard),
/// [`JsonLines`](crate::JsonLines), [`Csv`](crate::Csv).
///
/// ```no_run
/// # use burn_0_21 as burn;
/// use burn::train::logger::FileMetricLogger;
/// use burn::train::metric::LossMetric;
/// use sched_burn::prelude::*;
/// use sched_burn::{JsonLines, TensorBoard};
/// use sched_burn::train_0_21::ScalarLogger;
///
/// # fn example<B: burn::tensor::backend::Backend>() -> Result<(), Box<dyn std::error::Error>> {
/// let mut scheduler = Scheduler::new(Schedule::cosine_annealing(1e-3, 1e-5, 1_000)?);
/// let rates = LearningRates::new().with_group("model", &mut scheduler, &[]);
/// let tensorboard = ScalarLogger::new(TensorBoard::new("artifacts/tensorboard")).with_steps_of(&rates);
/// let json = ScalarLogger::new(JsonLines::open("artifacts/log.jsonl")?).with_steps_of(&rates);
/// // SupervisedTraining::new("artifacts", train, valid)
/// //     .metrics((LossMetric::new(),))
/// //     .metric_train(rates)
/// //     .with_metric_logger(FileMetricLogger::new("artifacts"))
/// //     .with_metric_logger(tensorboard)
/// //     .with_metric_logger(json)
/// //     .launch(Learner::new(model, optimizer, scheduler))
/// # let _ = (rates, tensorboard, json, FileMetricLogger::new(""), LossMetric::<B>::new());
/// # Ok(())
/// # }
/// ```
///
/// | name | split | step |
/// |---|---|---|
/// | every numeric metric, such as `Loss` | `train` | of each batch |
/// | `lr/GROUP` and the rest of [`LearningRates`] | `train` | of each optimizer update |
/// | `epoch` and the metrics' means over an epoch, such as `epoch/Loss` | `train`, `valid` | the last one of the epoch |
///
/// - Steps are those of the whole training, counted from 0. After a resume, [`with_steps_of`](Self::with_steps_of) goes on
///   where the scheduler does.
/// - A batch is a step, unless [`batches_per_step`](Self::batches_per_step) says otherwise.
/// - burn writes its own metric files only if no other logger is registered. Register its `FileMetricLogger` first, as above,
///   if you want them, or if early stopping or checkpoints look at metrics from before a resume.
/// - If a file cannot be written, a warning says so once and the training goes on.
pub struct ScalarLogger {
    journal: Journal,
    names: HashMap<MetricId, String>,
}

impl ScalarLogger {
    /// Writes through `writer`.
    pub fn new(writer: impl ScalarWriter + 'static) -> Self {
        Self { journal: Journal::new(writer), names: HashMap::new() }
    }

    /// Counts steps from the position of these schedulers on, which is that of the checkpoint after a resume. Without this,
    /// steps begin at 0.
    pub fn with_steps_of(self, rates: &LearningRates) -> Self {
        Self { journal: self.journal.with_steps_of(rates), ..self }
    }

    /// How many batches the scheduler makes one step for, if more than one: with a
    /// [`PerUpdate`](crate::PerUpdate), the accumulation of gradients.
    pub fn batches_per_step(self, batches: usize) -> Self {
        Self { journal: self.journal.batches_per_step(batches), ..self }
    }
}

impl MetricLogger for ScalarLogger {
    fn log(&mut self, update: MetricsUpdate, _: usize, split: &Split) {
        let Some(split) = ours(split) else { return };
        let names = &self.names;
        for entry in &update.entries {
            if names.get(&entry.metric_id).is_some_and(|name| name.as_str() == LEARNING_RATES_NAME) {
                self.journal.log_rates(&entry.serialized_entry.serialized);
            }
        }
        let values = update.entries_numeric.iter().filter_map(|numeric| {
            let name = names.get(&numeric.entry.metric_id)?;
            let (value, count) = match numeric.numeric_entry {
                NumericEntry::Value(value) => (value, Some(1)),
                NumericEntry::Aggregated { aggregated_value, count } => (aggregated_value, Some(count)),
            };
            Some((name.as_str(), value, count))
        });
        self.journal.log(split, values);
    }

    fn read_numeric(&mut self, name: &str, epoch: usize, split: &Split) -> Result<Vec<NumericEntry>, String> {
        let mean = ours(split).and_then(|split| self.journal.mean(split, epoch, name));
        Ok(mean.map(NumericEntry::Value).into_iter().collect())
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        self.names.insert(definition.metric_id, definition.name);
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        if let Some(split) = ours(&summary.split) {
            self.journal.end_epoch(split, summary.epoch_number);
        }
    }
}
