//! What a feed knows.

use std::collections::{BTreeMap, BTreeSet};

use sched_core::Schedule;

use super::error::FeedError;
use super::watch::{Split, Watch};

/// Everything that one thread reports and another asks for.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Counts the trainings; 0 before the first.
    pub(super) run: u64,
    /// What is followed, one entry per follower.
    pub(super) watched: Vec<Watch>,
    /// The current factor of each of their rules, for display.
    pub(super) multipliers: Vec<f64>,
    /// The schedules to compare with the length of the run.
    pub(super) guarded: Vec<Schedule>,
    pub(super) registered: BTreeSet<String>,
    /// Whether a batch has been logged, which means that all metrics are registered.
    pub(super) logged: bool,
    epochs: BTreeMap<Split, Vec<Epoch>>,
    /// Epochs that ended early, counted from 1 in this training.
    pub(super) cut: BTreeSet<(Split, usize)>,
    pub(super) over: bool,
    pub(super) failure: Option<FeedError>,
}

/// One split of one epoch.
#[derive(Debug)]
struct Epoch {
    /// burn's label while it runs.
    label: usize,
    /// Its number, once it is over.
    number: Option<usize>,
    means: BTreeMap<String, Mean>,
}

/// A mean over batches, computed as burn does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mean {
    sum: f64,
    count: usize,
    /// The metric's own value for the whole epoch, which is not a mean over batches.
    whole: Option<f64>,
}

impl Mean {
    /// A mean over `count` items; without a count, the value of the whole epoch.
    pub(crate) fn new(value: f64, count: Option<usize>) -> Self {
        match count {
            Some(count) => Self { sum: value * count as f64, count, whole: None },
            None => Self { sum: 0.0, count: 0, whole: Some(value) },
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
        self.whole = other.whole.or(self.whole);
    }

    pub(crate) fn value(self) -> Option<f64> {
        self.whole.or((self.count > 0).then(|| self.sum / self.count as f64))
    }
}

impl State {
    /// A new training begins; followers and guarded schedules stay.
    pub(super) fn begin(&mut self) {
        *self = Self {
            run: self.run + 1,
            watched: std::mem::take(&mut self.watched),
            multipliers: std::mem::take(&mut self.multipliers),
            guarded: std::mem::take(&mut self.guarded),
            ..Self::default()
        };
    }

    pub(super) fn log<'a>(&mut self, split: Split, label: usize, entries: impl Iterator<Item = (&'a str, Mean)>) {
        self.logged = true;
        let epochs = self.epochs.entry(split).or_default();
        if epochs.last().is_none_or(|epoch| epoch.number.is_some()) {
            epochs.push(Epoch { label, number: None, means: BTreeMap::new() });
        }
        let Some(epoch) = epochs.last_mut() else { return };
        for (name, mean) in entries {
            match epoch.means.get_mut(name) {
                Some(known) => known.add(mean),
                None => {
                    epoch.means.insert(name.to_owned(), mean);
                }
            }
        }
    }

    /// An epoch of a split is over. Returns what is wrong with it, if anything.
    pub(super) fn publish(&mut self, split: Split, number: usize) -> Option<FeedError> {
        let epochs = self.epochs.entry(split).or_default();
        if epochs.last().is_none_or(|epoch| epoch.number.is_some()) {
            // There was no batch.
            epochs.push(Epoch { label: number, number: None, means: BTreeMap::new() });
        }
        let epoch = epochs.last_mut()?;
        epoch.number = Some(number);
        let cut = self.cut.contains(&(split, epochs.len()));
        let missing = |watch: &&Watch| watch.split == split && self.last_value(watch).is_none();
        let missing = self.watched.iter().find(missing).filter(|_| !cut)?;
        Some(FeedError::NoValue { watch: missing.clone(), epoch: number })
    }

    fn last_value(&self, watch: &Watch) -> Option<f64> {
        self.epochs.get(&watch.split)?.last()?.means.get(&watch.metric)?.value()
    }

    /// The number of epochs of a split that are over.
    pub(super) fn published(&self, split: Split) -> usize {
        self.epochs.get(&split).map_or(0, |epochs| epochs.iter().filter(|epoch| epoch.number.is_some()).count())
    }

    /// The numbers of the epochs that are over, and the metric's values in them.
    pub(super) fn values(&self, watch: &Watch) -> Vec<(usize, Option<f64>)> {
        let epochs = self.epochs.get(&watch.split).map_or([].as_slice(), Vec::as_slice);
        let over = epochs.iter().filter_map(|epoch| Some((epoch.number?, epoch)));
        over.map(|(number, epoch)| (number, epoch.means.get(&watch.metric).and_then(|mean| mean.value()))).collect()
    }

    /// Looks a value up by the number of its epoch, or by burn's label while the epoch runs.
    pub(super) fn read(&self, name: &str, epoch: usize, split: Split) -> Option<f64> {
        let epochs = self.epochs.get(&split)?;
        let found = epochs.iter().rev().find(|known| known.number.unwrap_or(known.label) == epoch)?;
        found.means.get(name)?.value()
    }

    /// The splits that are followed.
    pub(super) fn followed(&self) -> BTreeSet<Split> {
        self.watched.iter().map(|watch| watch.split).collect()
    }

    /// A followed metric that is not registered.
    pub(super) fn unknown_metric(&self) -> Option<FeedError> {
        let watch = self.watched.iter().find(|watch| !self.registered.contains(&watch.metric))?;
        Some(FeedError::UnknownMetric { watch: watch.clone(), registered: self.registered.iter().cloned().collect() })
    }
}
