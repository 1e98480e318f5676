//! A hyper-parameter: a name and a curve.

use std::fmt;
use std::sync::Arc;

use sched_core::Curve;

/// A hyper-parameter of an optimizer that follows a curve: a momentum, a weight decay, a beta, an epsilon.
///
/// A pair of a name and a curve converts into one, so that a [`ScheduledOptimizer`](crate::ScheduledOptimizer) takes
/// `[("momentum", curve)]`. Write `HyperParameter::new` where the curves are of different types: a schedule and a
/// closure, or two closures.
///
/// ```
/// use sched_burn::prelude::*;
///
/// # fn main() -> Result<(), ScheduleError> {
/// let weight_decay = HyperParameter::new("weight_decay", Schedule::cosine_annealing(0.04, 0.4, 100)?);
/// assert_eq!([0, 50, 100, 101].map(|step| weight_decay.at(step).unwrap()), [0.04, 0.22, 0.4, 0.4]);
///
/// let beta_2 = HyperParameter::new("beta_2", |step: u64| 1.0 - (step as f64 + 1.0).powf(-0.8));
/// assert_eq!(beta_2.at(0), Ok(0.0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HyperParameter {
    name: Arc<str>,
    curve: Arc<dyn Curve + Send + Sync>,
    max: f64,
}

impl HyperParameter {
    /// Names a curve. The name is for messages and logs.
    pub fn new(name: impl Into<Arc<str>>, curve: impl Curve + Send + Sync + 'static) -> Self {
        // burn's optimizers hold no more than that.
        Self { name: name.into(), curve: Arc::new(curve), max: f64::from(f32::MAX) }
    }

    /// The same, with values up to `max`.
    pub(super) fn up_to(self, max: f64) -> Self {
        Self { max, ..self }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value at optimizer update `step`, counted from 0.
    ///
    /// # Errors
    ///
    /// The value is NaN, negative, or above `f32::MAX`, which burn's optimizers cannot hold; the decay of an average must
    /// not be above 1, either.
    pub fn at(&self, step: u64) -> Result<f64, HyperParameterError> {
        let value = self.curve.at(step);
        if (0.0..=self.max).contains(&value) {
            return Ok(value);
        }
        Err(HyperParameterError { name: self.name().to_owned(), step, value, max: self.max })
    }
}

impl<N: Into<Arc<str>>, C: Curve + Send + Sync + 'static> From<(N, C)> for HyperParameter {
    fn from((name, curve): (N, C)) -> Self {
        Self::new(name, curve)
    }
}

impl fmt::Debug for HyperParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperParameter").field("name", &self.name).field("curve", &self.curve.to_schedule()).finish()
    }
}

/// The value of a curve is not one that a hyper-parameter can have: NaN, negative or too large.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "the hyper-parameter `{name}` is {value} at step {step}, but must be from 0 to {max:?}; correct the curve that it follows"
)]
#[non_exhaustive]
pub struct HyperParameterError {
    /// The name of the hyper-parameter.
    pub name: String,
    /// The optimizer update, counted from 0.
    pub step: u64,
    /// The value.
    pub value: f64,
    /// The largest value that it can have.
    pub max: f64,
}

#[cfg(test)]
mod tests {
    use sched_core::Schedule;

    use super::*;

    #[test]
    fn a_bad_value_is_refused_with_name_step_and_value() {
        let values = [0.5, f64::NAN, -0.1, f64::INFINITY, 1e39];
        let momentum = HyperParameter::new("momentum", move |step: u64| values[step as usize]);
        assert_eq!(momentum.at(0), Ok(0.5));
        for step in 1..5 {
            let error = momentum.at(step).unwrap_err();
            let HyperParameterError { name, step: at, value, .. } = &error;
            assert_eq!((name.as_str(), *at, value.to_bits()), ("momentum", step, values[step as usize].to_bits()));
        }
        let message = momentum.at(1).unwrap_err().to_string();
        assert!(
            message.starts_with("the hyper-parameter `momentum` is NaN at step 1, but must be from 0 to 3.4"),
            "{message}"
        );
    }

    #[test]
    fn debug_shows_the_schedule() {
        let momentum = HyperParameter::from(("momentum", Schedule::constant(0.9).unwrap()));
        let debug = format!("{momentum:?}");
        assert!(debug.contains("momentum") && debug.contains("0.9"), "{debug}");
    }
}
