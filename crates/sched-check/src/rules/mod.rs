//! The rules, each of which finds one kind of mistake.

mod feedback;
mod length;
mod level;
mod optimizer;
mod other;

use self::optimizer::Usual;
use crate::file::File;
use crate::finding::{Finding, Quantity};
use crate::kind::Kind;
use crate::run::Course;

/// What the rules find in a file for a run of `end` steps, looked at step by step if that has at most `looks` steps.
pub(crate) fn findings(file: &File, end: u64, peak: Option<f64>, looks: u64) -> Vec<Finding> {
    let usual = Usual::of(&file.value, peak);
    let plan = file.found.plan;
    let mut findings = Vec::new();
    for (index, group) in file.found.groups.iter().enumerate() {
        let course = Course::new(&group.lr, end, plan, looks);
        let mut found = length::findings(&course);
        let levels = level::findings(&course, &usual);
        if levels.iter().any(|finding| finding.kind == Kind::FloorAboveRate) {
            // What goes up is no warmup then.
            found.retain(|finding| finding.kind != Kind::WarmupTooLong);
        }
        found.extend(levels);
        found.extend(group.feedback.as_ref().and_then(|feedback| feedback::finding(&course, feedback)));
        for (schedule, quantity) in
            [(&group.momentum, Quantity::Momentum), (&group.weight_decay, Quantity::WeightDecay)]
        {
            if let Some(schedule) = schedule {
                found.extend(other::findings(&Course::new(schedule, end, plan, looks), quantity, &group.lr));
            }
        }
        findings.extend(found.into_iter().map(|finding| Finding { group: index, ..finding }));
    }
    findings
}
