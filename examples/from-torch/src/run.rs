//! A checkpoint, the data, and what PyTorch did next.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sched_burn::Scheduler;
use serde::Deserialize;

use crate::checkpoint::{Array, Checkpoint, Optimizer};

/// A run of PyTorch, at a checkpoint.
#[derive(Debug)]
pub struct Run {
    pub(crate) checkpoint: Checkpoint,
    next: Next,
}

/// The JSON file beside the checkpoint.
#[derive(Debug, Deserialize)]
struct Next {
    /// The number of updates before the checkpoint.
    k: usize,
    x: Vec<[f32; 4]>,
    y: Vec<f32>,
    batch: usize,
    scheduler_steps: String,
    next_losses: Vec<f32>,
    next_lrs: Vec<Vec<f64>>,
    parameters_at_end: Vec<Vec<f32>>,
}

/// Rows of the data.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) inputs: Array,
    pub(crate) targets: Array,
}

/// A model and its optimizers, with one version of burn.
pub(crate) trait Trainer {
    /// Changes the options of the optimizer of each parameter group. burn's optimizers keep those that they were built with, so
    /// they are built again, with the state of the old ones.
    fn set_options(&mut self, options: &[Optimizer]) -> Result<()>;

    /// Makes an update, with a rate for each parameter group. Returns the loss before it.
    fn update(&mut self, batch: Batch, rates: &[f64]) -> f32;

    fn loss(&self, batch: Batch) -> f32;

    /// In PyTorch's order and layout.
    fn parameters(&self) -> Result<Vec<Vec<f32>>>;
}

/// What training on gave.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The rate of each update, for each parameter group.
    pub rates: Vec<Vec<f64>>,
    /// The loss before each update.
    pub losses: Vec<f32>,
    /// The parameters in the end, in PyTorch's order and layout.
    pub parameters: Vec<Vec<f32>>,
}

impl Run {
    /// Opens a checkpoint, with a JSON file of the same name beside it.
    ///
    /// # Errors
    ///
    /// Either cannot be read, or the checkpoint has no scheduler that can be resumed.
    pub fn open(path: &Path) -> Result<Self> {
        let checkpoint = Checkpoint::open(path).with_context(|| path.display().to_string())?;
        let json = path.with_extension("json");
        let next = fs::read(&json).map_err(anyhow::Error::from).and_then(|text| Ok(serde_json::from_slice(&text)?));
        Ok(Self { checkpoint, next: next.with_context(|| json.display().to_string())? })
    }

    /// What PyTorch did next.
    #[must_use]
    pub fn pytorch(&self) -> Trained {
        let Next { next_lrs, next_losses, parameters_at_end, .. } = &self.next;
        Trained { rates: next_lrs.clone(), losses: next_losses.clone(), parameters: parameters_at_end.clone() }
    }

    /// Trains on from the checkpoint.
    pub(crate) fn train(&self, mut trainer: impl Trainer) -> Result<Trained> {
        let mut options = self.checkpoint.optimizers()?;
        let mut schedulers = self.checkpoint.schedulers.clone();
        let mut rates = vec![];
        let mut trained = Trained { rates: vec![], losses: vec![], parameters: vec![] };
        for update in self.updates() {
            if self.takes_a_rate(update) {
                if self.checkpoint.drive_momentum(&mut options, &schedulers) {
                    trainer.set_options(&options)?;
                }
                rates = schedulers.iter_mut().map(Scheduler::step).collect();
            }
            trained.rates.push(rates.clone());
            trained.losses.push(trainer.update(self.batch(update), &rates));
            if self.ends_epoch(update) && schedulers[0].plateau().is_some() {
                let metric = trainer.loss(self.everything()).into();
                for scheduler in &mut schedulers {
                    scheduler.observe(metric)?;
                }
            }
        }
        trained.parameters = trainer.parameters()?;
        Ok(trained)
    }

    /// The updates from the checkpoint on, counted from the beginning of the training.
    fn updates(&self) -> std::ops::Range<usize> {
        self.next.k..self.next.k + self.next.next_losses.len()
    }

    /// Whether the rate may change at this update: PyTorch called `scheduler.step()` after the one before.
    fn takes_a_rate(&self, update: usize) -> bool {
        let per_update = self.next.scheduler_steps == "per update";
        per_update || update == self.next.k || update.is_multiple_of(self.updates_per_epoch())
    }

    /// Whether an epoch ends with this update.
    fn ends_epoch(&self, update: usize) -> bool {
        (update + 1).is_multiple_of(self.updates_per_epoch())
    }

    /// The data of an update.
    fn batch(&self, update: usize) -> Batch {
        let start = update % self.updates_per_epoch() * self.next.batch;
        self.rows(start, start + self.next.batch)
    }

    /// All data.
    fn everything(&self) -> Batch {
        self.rows(0, self.next.x.len())
    }

    fn updates_per_epoch(&self) -> usize {
        self.next.x.len() / self.next.batch
    }

    fn rows(&self, start: usize, end: usize) -> Batch {
        let inputs = self.next.x[start..end].as_flattened().to_vec();
        let targets = self.next.y[start..end].to_vec();
        let count = end - start;
        Batch {
            inputs: Array { shape: vec![count, 4], values: inputs },
            targets: Array { shape: vec![count, 1], values: targets },
        }
    }
}

impl Trained {
    /// The largest difference of a loss, relative to the other's.
    #[must_use]
    pub fn loss_difference(&self, other: &Self) -> f64 {
        largest(&self.losses, &other.losses, |a, b| (a - b).abs() / b.abs())
    }

    /// The largest difference of a parameter in the end.
    #[must_use]
    pub fn parameter_difference(&self, other: &Self) -> f64 {
        let both = self.parameters.iter().zip(&other.parameters);
        both.map(|(a, b)| largest(a, b, |a, b| (a - b).abs())).fold(0.0, f64::max)
    }
}

fn largest(a: &[f32], b: &[f32], difference: impl Fn(f64, f64) -> f64) -> f64 {
    a.iter().zip(b).map(|(a, b)| difference((*a).into(), (*b).into())).fold(0.0, f64::max)
}
