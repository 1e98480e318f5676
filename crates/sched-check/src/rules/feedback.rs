//! Rules that follow a metric.

use sched_core::{Feedback, Observation, Schedule, Scheduler};
use sched_plot::Short;

use crate::change::Change;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::run::Course;

/// A common patience, as far as it fits into the run.
const PATIENCE: u64 = 10;
/// More observations than this are not tried.
const MOST: u64 = 100_000;

pub(super) fn finding(course: &Course<'_>, feedback: &Feedback) -> Option<Finding> {
    let needed = feedback.observations_to_reduce()?;
    let (observations, each) = match course.plan.steps_per_epoch {
        Some(n) => (course.end / n, "one per epoch"),
        None => (course.end, "one per step"),
    };
    let usual = PATIENCE.min(observations.saturating_sub(1) / 4).max(1) as f64;
    let patience = vec![Change::Named("patience", usual), Change::Named("patience", 1.0)];
    if needed > observations {
        let message = format!(
            "the rate cannot be reduced from {} within the run: that takes {needed} observations, but there are only \
             {observations} ({each})",
            Short(course.last())
        );
        return Some(Finding::new(Kind::PatienceTooLong, course.end - 1, message, patience));
    }
    if needed <= MOST && !reduces(course.schedule, feedback, needed) {
        let message = format!(
            "no metric ever reduces the rate from {}: the lowest rate of the rule is not below it",
            Short(course.peak.1)
        );
        let floor = ["min_lr", "lr_min", "eta_min"].map(|name| Change::Named(name, 0.0));
        return Some(Finding::new(
            Kind::NeverReduced,
            0,
            message,
            floor.into_iter().chain([Change::Named("eps", 1e-8)]).collect(),
        ));
    }
    (matches!(feedback, Feedback::Plateau(_)) && needed <= 2).then(|| {
        let message = format!(
            "the rate of {} is reduced at the first metric that is no better than the best, because the patience is 0",
            Short(course.peak.1)
        );
        Finding::new(Kind::NoPatience, 1, message, patience)
    })
}

/// Whether metrics that never improve reduce the rate.
fn reduces(schedule: &Schedule, feedback: &Feedback, needed: u64) -> bool {
    let mut scheduler = Scheduler::new(schedule.clone()).with_feedback(feedback.clone());
    let mut observed = 0;
    while observed < needed.saturating_mul(2) && scheduler.position() < MOST {
        let step = scheduler.position();
        scheduler.step();
        match scheduler.observe(1.0) {
            Ok(Observation::Ignored) => {}
            // A rule that refuses a metric is not known.
            Err(_) => return true,
            Ok(_) if scheduler.at(step) < schedule.at(step) => return true,
            Ok(_) => observed += 1,
        }
    }
    schedule.at(0) == 0.0
}
