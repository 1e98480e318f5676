//! The logger that gets burn's metrics.

use std::collections::HashMap;

use burn_0_21::train::logger::{FileMetricLogger, MetricLogger};
use burn_0_21::train::metric::store::{EpochSummary, MetricsUpdate, Split as BurnSplit};
use burn_0_21::train::metric::{MetricDefinition, MetricId, NumericEntry};

use super::factor::FirstEpoch;
use crate::feed::{Ending, Feed, Mean, Split};

/// Passes the metrics on to the feed, and answers burn's own questions about them.
pub(super) struct Logger {
    feed: Feed,
    names: HashMap<MetricId, String>,
    _ending: Ending,
}

impl Logger {
    pub(super) fn new(feed: &Feed) -> Self {
        Self { feed: feed.clone(), names: HashMap::new(), _ending: Ending::of(feed) }
    }
}

impl MetricLogger for Logger {
    fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &BurnSplit) {
        let Some(split) = ours(split) else { return };
        let entries = update.entries_numeric.iter().filter_map(|numeric| {
            let name = self.names.get(&numeric.entry.metric_id)?;
            let mean = match numeric.numeric_entry {
                NumericEntry::Value(value) => Mean::new(value, Some(1)),
                NumericEntry::Aggregated { aggregated_value, count } => Mean::new(aggregated_value, Some(count)),
            };
            Some((name.as_str(), mean))
        });
        self.feed.log(split, epoch, entries);
    }

    fn read_numeric(&mut self, name: &str, epoch: usize, split: &BurnSplit) -> Result<Vec<NumericEntry>, String> {
        let value = self.feed.read(name, epoch, ours(split))?;
        Ok(value.map(NumericEntry::Value).into_iter().collect())
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        self.feed.define(&definition.name);
        self.names.insert(definition.metric_id, definition.name);
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        if let Some(split) = ours(&summary.split) {
            self.feed.publish(split, summary.epoch_number);
        }
    }
}

pub(super) fn ours(split: &BurnSplit) -> Option<Split> {
    match split {
        BurnSplit::Train => Some(Split::Train),
        BurnSplit::Valid => Some(Split::Valid),
        BurnSplit::Test(_) => None,
    }
}

/// burn's metric files, with the right number for the first epoch after a resume.
pub(super) struct Files {
    inner: FileMetricLogger,
    first_epoch: FirstEpoch,
}

impl Files {
    pub(super) fn new(inner: FileMetricLogger, first_epoch: FirstEpoch) -> Self {
        Self { inner, first_epoch }
    }
}

impl MetricLogger for Files {
    fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &BurnSplit) {
        self.inner.log(update, self.first_epoch.number_of(epoch), split);
    }

    fn read_numeric(&mut self, name: &str, epoch: usize, split: &BurnSplit) -> Result<Vec<NumericEntry>, String> {
        self.inner.read_numeric(name, epoch, split)
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        self.inner.log_metric_definition(definition);
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        self.inner.log_epoch_summary(summary);
    }
}
