//! The metric that shows what the schedule's rate is multiplied by.

use std::sync::{Arc, OnceLock};

use super::burn::tensor::TensorReadError;
use super::burn::train::metric::state::{FormatOptions, NumericMetricState};
use super::burn::train::metric::{
    Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes, NumericEntry, SerializedEntry,
};

use crate::feed::{Ending, FACTOR_DESCRIPTION, FACTOR_NAME, Feed};

/// Shows the factor, and tells the feed when burn's metric thread ends.
#[derive(Clone)]
pub(super) struct Factor {
    feed: Feed,
    state: NumericMetricState,
    /// Dropped with burn's metric thread.
    _ending: Arc<Ending>,
}

impl Factor {
    pub(super) fn new(feed: &Feed) -> Self {
        Self { feed: feed.clone(), state: NumericMetricState::new(), _ending: Arc::new(Ending::of(feed)) }
    }
}

impl Metric for Factor {
    type Input = ();

    fn name(&self) -> MetricName {
        static NAME: OnceLock<MetricName> = OnceLock::new();
        NAME.get_or_init(|| Arc::new(FACTOR_NAME.to_owned())).clone()
    }

    fn description(&self) -> Option<String> {
        Some(FACTOR_DESCRIPTION.to_owned())
    }

    fn attributes(&self) -> MetricAttributes {
        NumericAttributes { unit: None, higher_is_better: false }.into()
    }

    fn update(&mut self, (): &(), _: &MetricMetadata) -> Result<SerializedEntry, TensorReadError> {
        if !self.feed.is_followed() {
            return Ok(SerializedEntry::new(String::new(), "1".to_owned()));
        }
        self.state.update(self.feed.multiplier(), 1);
        Ok(self.state.compute_update(FormatOptions::new(self.name()).precision(2)))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(self.state.compute_final(FormatOptions::new(self.name()).precision(2)))
    }

    fn clear(&mut self) {
        self.state.reset();
    }
}

impl Numeric for Factor {
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
