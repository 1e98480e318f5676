//! Which values a training writes down, and at which step of the whole training.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::learning_rates::LearningRates;
use super::scalars::{ScalarWriter, Scalars};
use crate::feed::{Mean, Split};

/// Turns burn's batches and epochs into scalars.
pub(crate) struct Journal {
    writer: Box<dyn ScalarWriter>,
    rates: Option<LearningRates>,
    batches_per_step: u64,
    /// The first step of the epoch; `None` until the first batch.
    first_step: Option<u64>,
    /// The batches of the epoch so far.
    batches: u64,
    means: BTreeMap<(Split, String), Mean>,
    epochs: BTreeMap<(Split, usize, String), f64>,
    warned: bool,
}

impl Journal {
    pub(crate) fn new(writer: impl ScalarWriter + 'static) -> Self {
        Self {
            writer: Box::new(writer),
            rates: None,
            batches_per_step: 1,
            first_step: None,
            batches: 0,
            means: BTreeMap::new(),
            epochs: BTreeMap::new(),
            warned: false,
        }
    }

    pub(crate) fn with_steps_of(self, rates: &LearningRates) -> Self {
        Self { rates: Some(rates.clone()), ..self }
    }

    pub(crate) fn batches_per_step(self, batches: usize) -> Self {
        Self { batches_per_step: (batches as u64).max(1), ..self }
    }

    /// The values of a batch, each with the number of its items; without one, it is the value of the whole epoch.
    pub(crate) fn log<'a>(&mut self, split: Split, values: impl Iterator<Item = (&'a str, f64, Option<usize>)>) {
        let mut of_batch = vec![];
        let mut is_batch = true;
        for (name, value, count) in values {
            let mean = Mean::new(value, count);
            self.means.entry((split, name.to_owned())).and_modify(|known| known.add(mean)).or_insert(mean);
            match count {
                Some(_) => of_batch.push((name, value)),
                None => is_batch = false,
            }
        }
        if split == Split::Train && is_batch {
            let step = self.first_step().saturating_add(self.batches / self.batches_per_step);
            self.batches += 1;
            self.write(split, step, &of_batch);
        }
    }

    /// Lines of the metric of the learning rates; each says its own step.
    pub(crate) fn log_rates(&mut self, lines: &str) {
        for line in lines.lines() {
            let Ok(row) = serde_json::from_str::<Map<String, Value>>(line) else { continue };
            let Some(step) = row.get("step").and_then(Value::as_u64) else { continue };
            let values = row.iter().filter(|(name, _)| *name != "step");
            let values: Vec<_> = values.filter_map(|(name, value)| Some((name.as_str(), value.as_f64()?))).collect();
            self.write(Split::Train, step, &values);
        }
    }

    /// An epoch of a split is over: its means belong to the last step.
    pub(crate) fn end_epoch(&mut self, split: Split, epoch: usize) {
        if split == Split::Train {
            let next = self.first_step().saturating_add(self.batches.div_ceil(self.batches_per_step));
            (self.first_step, self.batches) = (Some(next), 0);
        }
        let step = self.first_step().saturating_sub(1);
        let (ours, others) = std::mem::take(&mut self.means).into_iter().partition(|((of, _), _)| *of == split);
        self.means = others;
        let ours: BTreeMap<(Split, String), Mean> = ours;
        let means: Vec<_> = ours.into_iter().filter_map(|((_, name), mean)| Some((name, mean.value()?))).collect();
        if means.is_empty() {
            return;
        }
        let named: Vec<_> = means.iter().map(|(name, mean)| (format!("epoch/{name}"), *mean)).collect();
        let mut values = vec![("epoch", epoch as f64)];
        values.extend(named.iter().map(|(name, mean)| (name.as_str(), *mean)));
        self.write(split, step, &values);
        self.epochs.extend(means.into_iter().map(|(name, mean)| ((split, epoch, name), mean)));
    }

    /// The mean of a metric in an epoch that is over.
    pub(crate) fn mean(&self, split: Split, epoch: usize, name: &str) -> Option<f64> {
        self.epochs.get(&(split, epoch, name.to_owned())).copied()
    }

    fn first_step(&mut self) -> u64 {
        *self.first_step.get_or_insert_with(|| self.rates.as_ref().map_or(0, LearningRates::first_step))
    }

    /// burn's loggers cannot fail, and a training should not end because its log cannot be written.
    fn write(&mut self, split: Split, step: u64, values: &[(&str, f64)]) {
        if values.is_empty() {
            return;
        }
        let split = match split {
            Split::Train => "train",
            Split::Valid => "valid",
        };
        if let Err(error) = self.writer.write(&Scalars::now(split, step, values))
            && !self.warned
        {
            self.warned = true;
            eprintln!("warning: the training's values cannot be logged, from step {step} on: {error}");
        }
    }
}
