//! The metric that shows what the schedule's rate is multiplied by.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use burn_0_21::train::metric::state::{FormatOptions, NumericMetricState};
use burn_0_21::train::metric::{
    Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes, NumericEntry, SerializedEntry,
};

use crate::feed::{Ending, FACTOR_DESCRIPTION, FACTOR_NAME, Feed};

/// Shows the factor, learns the epochs that a training begins and ends with, and tells the feed when burn's metric thread ends.
#[derive(Clone)]
pub(super) struct Factor {
    feed: Feed,
    state: NumericMetricState,
    first_epoch: FirstEpoch,
    /// Dropped with burn's metric thread.
    _ending: Arc<Ending>,
}

/// The number of the epoch that a training begins with, once known; burn 0.21 does not tell its loggers.
#[derive(Clone, Default)]
pub(super) struct FirstEpoch(Arc<AtomicUsize>);

impl FirstEpoch {
    fn set(&self, epoch: usize) {
        // Later epochs do not count.
        let _ = self.0.compare_exchange(0, epoch, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The number of the epoch that burn labels `label`: until the first epoch is over, burn calls it epoch 1.
    pub(super) fn number_of(&self, label: usize) -> usize {
        match self.0.load(Ordering::Relaxed) {
            0 => label,
            first => label.max(first),
        }
    }
}

impl Factor {
    pub(super) fn new(feed: &Feed) -> Self {
        Self {
            feed: feed.clone(),
            state: NumericMetricState::new(),
            first_epoch: FirstEpoch::default(),
            _ending: Arc::new(Ending::of(feed)),
        }
    }

    pub(super) fn first_epoch(&self) -> FirstEpoch {
        self.first_epoch.clone()
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

    fn update(&mut self, (): &(), metadata: &MetricMetadata) -> SerializedEntry {
        self.first_epoch.set(metadata.global_progress.items_processed);
        self.feed.compare_epochs(metadata.global_progress.items_total);
        if !self.feed.is_followed() {
            return SerializedEntry::new(String::new(), "1".to_owned());
        }
        self.state.update(self.feed.multiplier(), 1, FormatOptions::new(self.name()).precision(2))
    }

    fn clear(&mut self) {
        self.state.reset();
    }
}

impl Numeric for Factor {
    fn value(&self) -> NumericEntry {
        self.state.current_value()
    }

    fn running_value(&self) -> NumericEntry {
        self.state.running_value()
    }
}
