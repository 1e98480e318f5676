//! A validation with scripted metrics, and the rates that follow from them.

use sched_burn::prelude::*;
use sched_burn::{Feed, Watch};

use super::schedule;

/// The metric of each epoch, and what the rate is multiplied by in it: halved after each bad metric.
pub(crate) const SCRIPT: [f64; 5] = [1.0, 2.0, 0.5, 0.6, 0.7];
const MULTIPLIERS: [f64; 5] = [1.0, 1.0, 0.5, 0.5, 0.25];

pub(crate) fn scheduler(feed: &Feed) -> Scheduler {
    let plateau = Plateau::new().factor(0.5).patience(0).build().unwrap();
    feed.reduce_on_plateau(Watch::valid("Scripted"), schedule(), plateau)
}

/// The rates of all epochs, given their length.
pub(crate) fn expected(steps_per_epoch: usize) -> Vec<f64> {
    let steps = (0..SCRIPT.len() * steps_per_epoch).map(|step| (step, MULTIPLIERS[step / steps_per_epoch]));
    steps.map(|(step, multiplier)| schedule().at(step as u64) * multiplier).collect()
}
