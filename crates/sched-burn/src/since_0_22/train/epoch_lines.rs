//! The renderer that prints a line per pass.

use std::collections::HashMap;
use std::io::Write;

use super::burn::train::logger::{EvaluationProgressLogger, TrainingProgressLogger};
use super::burn::train::metric::{MetricDefinition, MetricEntry, MetricId, MetricName};
use super::burn::train::renderer::{
    EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation, MetricsRendererTraining,
};
use crate::log::Lines;

/// A renderer for burn's Learner that prints a line with the metrics after each pass over the training or the validation data.
/// burn's own, where there is no terminal to draw on, prints a line for each batch, without the metrics.
///
/// [`supervised_training`](super::supervised_training) uses it if the standard output is no terminal. Without a feed, write
/// `.renderer(Box::new(EpochLines::new(std::io::stdout())))`.
pub struct EpochLines {
    lines: Lines,
    names: HashMap<MetricId, MetricName>,
    epoch: usize,
    epochs: usize,
    split: String,
}

impl EpochLines {
    /// Writes the lines there.
    pub fn new(to: impl Write + Send + Sync + 'static) -> Self {
        Self { lines: Lines::new(to), names: HashMap::new(), epoch: 0, epochs: 0, split: String::new() }
    }

    fn update(&mut self, state: MetricState) {
        let (MetricState::Generic(entry) | MetricState::Numeric(entry, _)) = state;
        let MetricEntry { metric_id, serialized_entry } = entry;
        if let Some(name) = self.names.get(&metric_id) {
            self.lines.set(name, serialized_entry.formatted);
        }
    }
}

impl MetricsRendererTraining for EpochLines {
    fn update_train(&mut self, state: MetricState) {
        self.update(state);
    }

    fn update_valid(&mut self, state: MetricState) {
        self.update(state);
    }
}

impl TrainingProgressLogger for EpochLines {
    fn start(&mut self, total_epochs: usize, starting_epoch: usize, _: Option<usize>, _: Option<&str>) {
        (self.epoch, self.epochs) = (starting_epoch, total_epochs);
    }

    fn update_epoch(&mut self, epoch: usize) {
        self.epoch = epoch + 1;
    }

    since_0_23! {
        {
            fn start_split(&mut self, split: &str, _: &super::burn::data::dataloader::Progress) {
                split.clone_into(&mut self.split);
            }

            fn update_split(&mut self, _: &super::burn::data::dataloader::Progress) {}

            fn end_split(&mut self, _: &super::burn::data::dataloader::Progress) {
                self.lines.end(&self.split, self.epoch, self.epochs);
            }
        } else {
            fn start_split(&mut self, split: &str, _: usize) {
                split.clone_into(&mut self.split);
            }

            fn update_split(&mut self, _: usize) {}

            fn end_split(&mut self) {
                self.lines.end(&self.split, self.epoch, self.epochs);
            }
        }
    }

    fn end(&mut self) {}

    fn log_event_training(&mut self, _: String) {}
}

/// An evaluation has only a summary.
impl EvaluationProgressLogger for EpochLines {
    fn start_global_progress(&mut self, _: usize) {}

    since_0_23! {
        {
            fn start_test(&mut self, _: &str, _: &super::burn::data::dataloader::Progress) {}

            fn update_test_progress(&mut self, _: &super::burn::data::dataloader::Progress) {}

            fn end_test(&mut self, _: &super::burn::data::dataloader::Progress) {}
        } else {
            fn start_test(&mut self, _: &str, _: usize) {}

            fn update_test_progress(&mut self, _: usize) {}

            fn end_test(&mut self) {}
        }
    }

    fn end_global_progress(&mut self) {}

    fn log_event_evaluation(&mut self, _: String) {}
}

impl MetricsRendererEvaluation for EpochLines {
    fn update_test(&mut self, _: EvaluationName, _: MetricState) {}
}

impl MetricsRenderer for EpochLines {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, definition: MetricDefinition) {
        self.names.insert(definition.metric_id, definition.name);
    }
}
