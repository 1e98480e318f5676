//! What looks wrong with a file, in the words of the page.

use sched_check::{Instead, Options, Quantity, Severity, check};
use sched_core::{Plan, Value};
use serde::Serialize;

/// A likely mistake.
#[derive(Serialize)]
pub(crate) struct Finding {
    /// Common practice, but worth knowing.
    is_note: bool,
    step: u64,
    words: String,
    /// What to change, if anything mends it.
    fix: Option<String>,
}

/// The findings for a file in a run.
pub(crate) fn findings(file: &Value, plan: &Plan) -> Result<Vec<Finding>, String> {
    let findings = check(file, plan, &Options::default()).map_err(|error| error.to_string())?;
    let several = findings.iter().any(|finding| finding.group > 0);
    Ok(findings.iter().map(|finding| in_words(finding, several)).collect())
}

fn in_words(finding: &sched_check::Finding, several_groups: bool) -> Finding {
    let sched_check::Finding { kind, step, message, fix, .. } = finding;
    let group = if several_groups { format!("group {}: ", finding.group) } else { String::new() };
    let quantity = match finding.quantity {
        Quantity::Lr => String::new(),
        quantity => format!("{}: ", quantity.name()),
    };
    let give = if finding.needs_steps_per_epoch { " (fill in “Steps per epoch”)" } else { "" };
    let fix = match (fix.edits.is_empty(), fix.instead) {
        (true, Some(Instead::Run(steps))) => Some(format!("set “Steps” to {steps}, if that is what is meant")),
        (true, _) => None,
        (false, Some(Instead::Run(steps))) => Some(format!("{fix}; or set “Steps” to {steps}")),
        (false, _) => Some(fix.to_string()),
    };
    Finding {
        is_note: finding.severity == Severity::Note,
        step: *step,
        words: format!("{group}{quantity}{kind} at step {step}: {message}{give}"),
        fix,
    }
}
