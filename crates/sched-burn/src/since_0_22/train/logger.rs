//! The logger that gets burn's metrics.

use std::collections::HashMap;

use super::burn::train::logger::MetricLogger;
use super::burn::train::metric::store::{EpochSummary, MetricsUpdate, Split as BurnSplit};
use super::burn::train::metric::{MetricDefinition, MetricId, MetricName, NumericEntry};

use crate::feed::{Ending, Feed, Mean, Split};

/// Passes the metrics on to the feed, and answers burn's own questions about them.
pub(super) struct Logger {
    feed: Feed,
    names: HashMap<MetricId, MetricName>,
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
            // A metric that is computed at the end of an epoch has no value per batch.
            let mean = match *numeric.numeric_entry.as_ref()? {
                NumericEntry::Value(value) => Mean::new(value, Some(1)),
                NumericEntry::Aggregated { aggregated_value, count } => Mean::new(aggregated_value, Some(count)),
                NumericEntry::Final(value) => Mean::new(value, None),
            };
            Some((name.as_str(), mean))
        });
        self.feed.log(split, epoch, entries);
    }

    fn read_numeric(&mut self, name: &str, epoch: usize, split: &BurnSplit) -> Result<Vec<NumericEntry>, String> {
        let value = self.feed.read(name, epoch, ours(split))?;
        Ok(value.map(NumericEntry::Final).into_iter().collect())
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
