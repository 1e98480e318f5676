//! What burn logs of its metrics.

use std::collections::HashMap;

use super::burn::train::logger::MetricLogger;
use super::burn::train::metric::store::{EpochSummary, MetricsUpdate, Split as BurnSplit};
use super::burn::train::metric::{MetricDefinition, MetricId, MetricName, NumericEntry};

use crate::feed::{Feed, Mean, Split};

/// Passes the metrics on to a feed, and answers burn's own questions about them.
pub(super) struct Logger {
    feed: Feed,
    run: u64,
    names: HashMap<MetricId, MetricName>,
}

impl Logger {
    pub(super) fn new(feed: &Feed) -> Self {
        Self { feed: feed.clone(), run: feed.run(), names: HashMap::new() }
    }
}

/// burn's thread of loggers has ended.
impl Drop for Logger {
    fn drop(&mut self) {
        self.feed.end(self.run);
    }
}

impl MetricLogger for Logger {
    fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &BurnSplit) {
        let Some(split) = ours(split) else { return };
        let entries = update.entries_numeric.iter().filter_map(|numeric| {
            let name = self.names.get(&numeric.entry.metric_id)?;
            // A metric that is computed at the end of an epoch has no value for a batch.
            let mean = match *numeric.numeric_entry.as_ref()? {
                NumericEntry::Value(value) => Mean::of(value, 1),
                NumericEntry::Aggregated { aggregated_value, count } => Mean::of(aggregated_value, count),
                NumericEntry::Final(value) => Mean::whole(value),
            };
            Some((name.as_str(), mean))
        });
        self.feed.log(split, epoch, entries);
    }

    fn read_numeric(&mut self, name: &str, epoch: usize, split: &BurnSplit) -> Result<Vec<NumericEntry>, String> {
        match ours(split).and_then(|split| self.feed.read(name, epoch, split)) {
            Some(value) => Ok(vec![NumericEntry::Final(value)]),
            // The files may have it, from before a resume.
            None if self.feed.has_files() => Err(format!("`{name}` of epoch {epoch} is not of this training")),
            None => Ok(Vec::new()),
        }
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

fn ours(split: &BurnSplit) -> Option<Split> {
    match split {
        BurnSplit::Train => Some(Split::Train),
        BurnSplit::Valid => Some(Split::Valid),
        BurnSplit::Test(_) => None,
    }
}
