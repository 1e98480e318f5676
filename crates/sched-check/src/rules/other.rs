//! What else a schedule drives: momentum and weight decay.

use sched_core::{HorizonMismatch, Schedule};
use sched_plot::Short;

use crate::change::Change;
use crate::finding::{Finding, Quantity};
use crate::kind::Kind;
use crate::run::Course;

/// Momentum averages only below 1, and a weight decay of 1 leaves little of the weights.
const HIGHEST: f64 = 1.0;

/// `lr` is the rate that it goes with.
pub(super) fn findings(course: &Course<'_>, quantity: Quantity, lr: &Schedule) -> Vec<Finding> {
    // Where the rate has a seam too, the length is meant, or reported of the rate.
    let horizon = course.schedule.horizon().unwrap_or(0);
    let is_shared = lr.next_seam(horizon.saturating_sub(2)).is_some_and(|seam| seam <= horizon.saturating_add(1));
    let found = [if is_shared { None } else { length(course, quantity) }, height(course, quantity)];
    found.into_iter().flatten().map(|finding| Finding { quantity, ..finding }).collect()
}

fn length(course: &Course<'_>, quantity: Quantity) -> Option<Finding> {
    let (end, name) = (course.end, quantity.name());
    let horizon = course.schedule.horizon().filter(|&horizon| horizon > 1)?;
    let changes = || {
        let (from, to) = (horizon as f64, end as f64);
        let mut changes = vec![Change::Length(from, to), Change::Lengths(to / from)];
        if course.epochs(from).is_some() {
            changes.insert(0, Change::Epochs);
        }
        changes
    };
    if let Some(HorizonMismatch::TooLong { horizon, last, goal, .. }) = course.schedule.compare_horizon(end) {
        let message =
            format!("the run ends at a {name} of {}; it would go on to {} at step {horizon}", Short(last), Short(goal));
        return Some(Finding::new(Kind::ScheduleTooLong, end - 1, message, changes()));
    }
    // What only rises or only falls may well be a warmup.
    let values = || course.points.iter().map(|point| point.1);
    let is_warmup = values().is_sorted() || values().is_sorted_by(|a, b| a >= b);
    let is_early = (horizon as f64) < 0.95 * end as f64;
    (is_early && !is_warmup).then(|| {
        let message = format!(
            "the {name} stops changing here, but the run has {end} steps; it stays at {}",
            Short(course.at(horizon))
        );
        Finding::new(Kind::ScheduleTooShort, horizon, message, changes())
    })
}

fn height(course: &Course<'_>, quantity: Quantity) -> Option<Finding> {
    let (step, peak) = course.peak;
    (peak >= HIGHEST).then(|| {
        let usual = if quantity == Quantity::Momentum { 0.9 } else { 0.1 };
        let message = format!("the {} is {}, but should be below 1", quantity.name(), Short(peak));
        Finding::new(Kind::HighPeak, step, message, vec![Change::Rate(peak, usual)])
    })
}
