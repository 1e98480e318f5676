//! Passes burn's metrics on to the log of the run.

use std::collections::HashMap;

use burn::train::logger::MetricLogger;
use burn::train::metric::store::{EpochSummary, MetricsUpdate, Split};
use burn::train::metric::{MetricDefinition, MetricId, NumericEntry};
use mnist_shared::{Reading, RunLog};

/// Instead of burn's own files, so that the log is one across resumes.
pub(super) struct Metrics {
    log: RunLog,
    names: HashMap<MetricId, String>,
}

impl Metrics {
    pub(super) fn new(log: RunLog) -> Self {
        Self { log, names: HashMap::new() }
    }
}

impl MetricLogger for Metrics {
    fn log(&mut self, update: MetricsUpdate, _epoch: usize, split: &Split) {
        let Some(split) = shared(split) else { return };
        let readings = update.entries_numeric.iter().filter_map(|numeric| {
            let metric = self.names.get(&numeric.entry.metric_id)?;
            Some(Reading { metric, batch: numeric.numeric_entry.current(), epoch: numeric.running_entry.current() })
        });
        self.log.batch(split, readings);
    }

    fn read_numeric(&mut self, _name: &str, _epoch: usize, _split: &Split) -> Result<Vec<NumericEntry>, String> {
        Err("the example asks burn for no metric".to_owned())
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        self.names.insert(definition.metric_id, definition.name);
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        if let Some(split) = shared(&summary.split) {
            self.log.end_of_epoch(split);
        }
    }
}

fn shared(split: &Split) -> Option<mnist_shared::Split> {
    match split {
        Split::Train => Some(mnist_shared::Split::Train),
        Split::Valid => Some(mnist_shared::Split::Valid),
        Split::Test(_) => None,
    }
}
