//! The renderer that prints a line per pass.

use std::collections::HashMap;
use std::io::Write;

use burn_0_21::train::metric::{MetricDefinition, MetricEntry, MetricId};
use burn_0_21::train::renderer::{
    EvaluationName, EvaluationProgress, MetricState, MetricsRenderer, MetricsRendererEvaluation,
    MetricsRendererTraining, ProgressType, TrainingProgress,
};

use crate::log::Lines;

/// A renderer for burn's Learner that prints a line with the metrics after each pass over the training or the validation data.
/// burn's own, where there is no terminal to draw on, prints a line for each batch, without the metrics.
///
/// [`supervised_training`](super::supervised_training) uses it if the standard output is no terminal. Without a feed, write
/// `.renderer(EpochLines::new(std::io::stdout()))`.
pub struct EpochLines {
    lines: Lines,
    names: HashMap<MetricId, String>,
}

impl EpochLines {
    /// Writes the lines there.
    pub fn new(to: impl Write + Send + Sync + 'static) -> Self {
        Self { lines: Lines::new(to), names: HashMap::new() }
    }

    fn update(&mut self, state: MetricState) {
        let (MetricState::Generic(entry) | MetricState::Numeric(entry, _)) = state;
        let MetricEntry { metric_id, serialized_entry } = entry;
        if let Some(name) = self.names.get(&metric_id) {
            self.lines.set(name, serialized_entry.formatted);
        }
    }

    /// burn 0.21 tells the end of a pass by its last item.
    fn progress(&mut self, split: &str, at: &TrainingProgress) {
        if at.progress.as_ref().is_some_and(|pass| pass.items_processed >= pass.items_total) {
            self.lines.end(split, at.global_progress.items_processed, at.global_progress.items_total);
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

    fn render_train(&mut self, progress: TrainingProgress, _: Vec<ProgressType>) {
        self.progress("train", &progress);
    }

    fn render_valid(&mut self, progress: TrainingProgress, _: Vec<ProgressType>) {
        self.progress("valid", &progress);
    }
}

/// An evaluation has only a summary.
impl MetricsRendererEvaluation for EpochLines {
    fn update_test(&mut self, _: EvaluationName, _: MetricState) {}

    fn render_test(&mut self, _: EvaluationProgress, _: Vec<ProgressType>) {}
}

impl MetricsRenderer for EpochLines {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, definition: MetricDefinition) {
        self.names.insert(definition.metric_id, definition.name);
    }
}
