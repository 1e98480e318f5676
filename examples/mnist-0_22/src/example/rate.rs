//! The rate of one layer, which burn's own metric of the rate does not show.

use std::sync::Arc;

use burn::module::ParamId;
use burn::tensor::TensorReadError;
use burn::train::metric::state::{FormatOptions, NumericMetricState};
use burn::train::metric::{
    Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes, NumericEntry, SerializedEntry,
};
use mnist_shared::layer_rate;

/// Shows the rate that burn gives to the weights of a layer.
#[derive(Clone)]
pub(super) struct LayerRate {
    name: MetricName,
    weights: String,
    state: NumericMetricState,
}

impl LayerRate {
    pub(super) fn new(layer: &str) -> Self {
        let (name, weights) = (Arc::new(layer_rate(layer)), format!("{layer}.weight"));
        Self { name, weights, state: NumericMetricState::new() }
    }
}

impl Metric for LayerRate {
    type Input = ();

    fn name(&self) -> MetricName {
        self.name.clone()
    }

    fn attributes(&self) -> MetricAttributes {
        NumericAttributes { unit: None, higher_is_better: false }.into()
    }

    fn update(&mut self, (): &(), metadata: &MetricMetadata) -> Result<SerializedEntry, TensorReadError> {
        // The groups go by the path, so any id will do.
        let rate = metadata.lr.as_ref().map_or(0.0, |rates| rates.lr_from_param(ParamId::new(), Some(&self.weights)));
        self.state.update(rate, 1);
        Ok(self.state.compute_update(FormatOptions::new(self.name()).precision(2)))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(self.state.compute_final(FormatOptions::new(self.name()).precision(2)))
    }

    fn clear(&mut self) {
        self.state.reset();
    }
}

impl Numeric for LayerRate {
    fn value(&self) -> Option<NumericEntry> {
        Some(self.state.current_value())
    }

    fn running_value(&self) -> Option<NumericEntry> {
        Some(self.state.running_value())
    }

    fn final_value(&self) -> NumericEntry {
        self.state.final_value()
    }
}
