//! [`LearningRates`] as burn's metric.

use std::sync::{Arc, OnceLock};

use super::burn::tensor::TensorReadError;
use super::burn::train::metric::{Metric, MetricMetadata, MetricName, SerializedEntry};

use crate::log::{LEARNING_RATES_DESCRIPTION, LEARNING_RATES_NAME, LearningRates};

impl Metric for LearningRates {
    type Input = ();

    fn name(&self) -> MetricName {
        static NAME: OnceLock<MetricName> = OnceLock::new();
        NAME.get_or_init(|| Arc::new(LEARNING_RATES_NAME.to_owned())).clone()
    }

    fn description(&self) -> Option<String> {
        Some(LEARNING_RATES_DESCRIPTION.to_owned())
    }

    fn update(&mut self, (): &(), _: &MetricMetadata) -> Result<SerializedEntry, TensorReadError> {
        self.compute()
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        let (shown, lines) = self.next_entry();
        Ok(SerializedEntry::new(shown, lines))
    }

    /// Nothing is averaged over an epoch.
    fn clear(&mut self) {}
}
