//! burn's line by line display, which is for pipes and files, with fewer lines.

use burn::train::metric::MetricDefinition;
use burn::train::renderer::{
    CliMetricsRenderer, EvaluationName, EvaluationProgress, MetricState, MetricsRenderer, MetricsRendererEvaluation,
    MetricsRendererTraining, ProgressType, TrainingProgress,
};
use mnist_shared::Throttle;

/// burn's own prints every batch; this one every quarter of an epoch.
pub(super) struct Quarterly {
    inner: CliMetricsRenderer,
    train: Throttle,
    valid: Throttle,
}

impl Quarterly {
    pub(super) fn new() -> Self {
        Self { inner: CliMetricsRenderer::new(), train: Throttle::default(), valid: Throttle::default() }
    }
}

fn due(throttle: &mut Throttle, item: &TrainingProgress) -> bool {
    item.progress.as_ref().is_some_and(|progress| throttle.due(progress.items_processed, progress.items_total))
}

impl MetricsRendererTraining for Quarterly {
    fn update_train(&mut self, state: MetricState) {
        self.inner.update_train(state);
    }

    fn update_valid(&mut self, state: MetricState) {
        self.inner.update_valid(state);
    }

    fn render_train(&mut self, item: TrainingProgress, indicators: Vec<ProgressType>) {
        if due(&mut self.train, &item) {
            self.inner.render_train(item, indicators);
        }
    }

    fn render_valid(&mut self, item: TrainingProgress, indicators: Vec<ProgressType>) {
        if due(&mut self.valid, &item) {
            self.inner.render_valid(item, indicators);
        }
    }
}

impl MetricsRendererEvaluation for Quarterly {
    fn update_test(&mut self, name: EvaluationName, state: MetricState) {
        self.inner.update_test(name, state);
    }

    fn render_test(&mut self, item: EvaluationProgress, indicators: Vec<ProgressType>) {
        self.inner.render_test(item, indicators);
    }
}

impl MetricsRenderer for Quarterly {
    fn manual_close(&mut self) {
        self.inner.manual_close();
    }

    fn register_metric(&mut self, definition: MetricDefinition) {
        self.inner.register_metric(definition);
    }
}
