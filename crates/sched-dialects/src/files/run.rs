//! What the run knows and a file does not say.

use sched_core::Plan;

use super::error::FileError;

/// Optimizer updates in an epoch.
pub(super) fn steps_per_epoch(plan: &Plan) -> Result<u64, FileError> {
    let by_total = || plan.total_steps?.checked_div(plan.epochs?);
    plan.steps_per_epoch
        .or_else(by_total)
        .ok_or(FileError::Run { what: "updates in an epoch", from: "`steps_per_epoch`" })
}

/// Optimizer updates in the run, by the epochs that the file gives.
pub(super) fn total_steps(plan: &Plan, epochs: Option<f64>) -> Result<u64, FileError> {
    if let Some(total) = plan.total_steps {
        return Ok(total);
    }
    let missing =
        || FileError::Run { what: "updates in the run", from: "`total_steps`, or `steps_per_epoch` with the epochs" };
    let steps = plan.steps_per_epoch.ok_or_else(missing)?;
    let epochs = epochs.or(plan.epochs.map(|epochs| epochs as f64)).ok_or_else(missing)?;
    Ok((epochs * steps as f64).ceil() as u64)
}
