//! Whether a schedule counts steps or epochs.

use alloc::borrow::ToOwned;
use alloc::string::ToString;

use serde::{Deserialize, Serialize};

use super::duration::Duration;
use super::file::UnitsError;
use super::plan::Plan;
use crate::schedule::Schedule;

/// What a schedule counts: PyTorch Lightning's `interval`, as a word in a configuration.
///
/// ```
/// use sched_core::{Interval, Plan, Schedule};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let interval: Interval = serde_json::from_str(r#""epoch""#)?;
/// let plan = Plan::new().steps_per_epoch(500);
/// let schedule = interval.in_steps(Schedule::step(0.1, 30, 0.1)?, &plan)?;
/// assert_eq!(schedule, Schedule::step(0.1, 30, 0.1)?.per_epoch(500)?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interval {
    /// Optimizer updates.
    #[default]
    Step,
    /// Epochs.
    Epoch,
}

impl Interval {
    /// A schedule that counts this, as one that counts steps: unchanged, or with its rate at `floor(t / steps_per_epoch)`.
    ///
    /// # Errors
    ///
    /// It counts epochs, and the plan does not say how many steps an epoch has; or the nesting is too deep.
    pub fn in_steps(self, schedule: Schedule, plan: &Plan) -> Result<Schedule, UnitsError> {
        if self == Self::Step {
            return Ok(schedule);
        }
        let no_steps = |source| UnitsError::Time { path: "interval".to_owned(), source };
        let steps = plan.steps(Duration::ONE_EPOCH).map_err(no_steps)?;
        schedule.per_epoch(steps).map_err(|error| UnitsError::Schedule { message: error.to_string() })
    }
}
