//! Why the value of a function is not a rate.

/// What a function returned for a step is not a learning rate: NaN, infinite or negative.
///
/// The message names the step, the value and the fix. A [`Schedule`](crate::Schedule) never has one.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "the rate of step {step} is {value}, but must be finite and 0 or more; correct the function that the scheduler runs, \
     or clamp what it returns"
)]
#[non_exhaustive]
pub struct RateError {
    /// The step that the function was called with.
    pub step: u64,
    /// What it returned.
    pub value: f64,
}

impl RateError {
    /// The value, if it is a rate; `-0.0` becomes `0.0`.
    pub(crate) fn check(step: u64, value: f64) -> Result<f64, Self> {
        if value.is_finite() && value >= 0.0 { Ok(value + 0.0) } else { Err(Self { step, value }) }
    }
}
