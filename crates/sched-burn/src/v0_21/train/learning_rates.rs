//! [`LearningRates`] as burn's metric.

use std::sync::{Arc, OnceLock};

use burn_0_21::train::metric::{Metric, MetricMetadata, MetricName, SerializedEntry};

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

    fn update(&mut self, (): &(), _: &MetricMetadata) -> SerializedEntry {
        let (shown, lines) = self.next_entry();
        SerializedEntry::new(shown, lines)
    }

    /// Nothing is averaged over an epoch.
    fn clear(&mut self) {}
}
