//! An optimizer that is built anew at each update.

use std::fmt;
use std::sync::Arc;

use super::hyper_parameter::{HyperParameter, HyperParameterError};

/// An optimizer whose hyper-parameters follow curves: momentum, weight decay, betas, epsilon, or anything else that
/// burn's configuration of it has.
///
/// At each update, the curves give the values and the closure builds burn's optimizer from them; the optimizer's state
/// is carried over untouched. Constant hyper-parameters are set in the closure. The learning rate still comes from the
/// scheduler: update `t` uses the rate and the hyper-parameters of step `t`, as in PyTorch.
///
/// ```
/// use sched_burn::prelude::*;
/// # #[cfg(feature = "burn-0_22")]
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # use burn_0_22 as burn;
/// use burn::optim::{AdamWConfig, ModuleOptimizer};
///
/// let scheduler = Scheduler::new(Schedule::cosine_annealing(5e-4, 1e-6, 1_000)?.warmup(0.0, 100)?);
/// let weight_decay = Schedule::cosine_annealing(0.04, 0.4, 1_100)?;
/// let optimizer = ScheduledOptimizer::new([("weight_decay", weight_decay)], |[weight_decay]| {
///     AdamWConfig::new().with_beta_2(0.95).with_weight_decay(weight_decay as f32).build()
/// });
/// // Learner::new(model, optimizer.into(), scheduler), or in your own training loop:
/// let mut optimizer = ModuleOptimizer::from(optimizer);
/// // model = optimizer.step(scheduler.step(), model, gradients);
/// # Ok(())
/// # }
/// # #[cfg(feature = "burn-0_22")]
/// # example().unwrap();
/// ```
///
/// # With burn
///
/// It optimizes one tensor at a time: it is burn's `Optimizer` on 0.22 and later, and its `SimpleOptimizer` on 0.21. So
/// the closure ends with the configuration's `.build()`, not `.init()`, and burn makes an optimizer of a whole model from
/// it: `ModuleOptimizer::from(optimizer)` on 0.22 and later, `OptimizerAdaptor::from(optimizer)` on 0.21. On 0.22 and
/// later, `ModuleOptimizer::with_group` takes one for a parameter group.
///
/// - Gradient clipping is not part of what `.build()` returns, whatever the configuration says. Add it afterwards:
///   `ModuleOptimizer::from(optimizer).with_grad_clipping(clipping)`.
/// - It works with all of burn's optimizers but LBFGS, which sees all parameters at once.
/// - The closure runs once per parameter and update.
/// - A step is an optimizer update on every burn. On 0.21, a scheduler with gradient accumulation or several workers only
///   counts those with `PerUpdate`.
///
/// # What is saved
///
/// The updates of each parameter are counted, as burn's Adam does for its bias correction, and the count is saved in the
/// optimizer's record with the parameter's state. A training that resumes anywhere goes on as if it had never stopped.
/// The curves are not saved.
///
/// - An update in which a parameter has no gradient does not count for it. If its first gradient comes late in a
///   training, its hyper-parameters start at step 0, or at [`from_step`](Self::from_step).
/// - On burn 0.22 and later, the plain optimizer's record can be loaded with [`from_step`](Self::from_step), and the
///   plain optimizer loads a record of this one. On 0.21, neither loads a record of the other: burn's recorders for
///   MessagePack and JSON return an error, and its binary ones may panic.
/// - An [average of the weights](Self::ema) is saved in the same place.
/// - Where burn drops the state of an optimizer, as for parameters whose ids have changed, the count and the average are lost
///   with it.
///
/// # Panics
///
/// An update panics before it changes the parameter if a value is NaN, negative or above `f32::MAX`, or the decay of an average
/// above 1, with the name, the step and the value. A [`Schedule`](crate::Schedule) is never NaN or negative; a closure can be.
pub struct ScheduledOptimizer<O> {
    hyper_parameters: Arc<[HyperParameter]>,
    /// Whether the last hyper-parameter is the decay of an average of the weights.
    averages: bool,
    build: Arc<Build<O>>,
    from_step: Option<u64>,
}

/// Builds the optimizer of an update.
type Build<O> = dyn Fn(u64) -> Result<O, HyperParameterError> + Send + Sync;

/// What is saved of one parameter, a tensor `T`: the optimizer's own state `S`, the number of updates, and the average of the
/// weights, if there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduledState<S, T> {
    /// `None` if the plain optimizer wrote the record.
    pub(crate) position: Option<u64>,
    /// `None` if the optimizer keeps none.
    pub(crate) optimizer: Option<S>,
    /// In a box, because burn moves the state several times per update, and a tensor is large.
    pub(crate) average: Option<Box<T>>,
}

impl<O> ScheduledOptimizer<O> {
    /// The optimizer that `build` returns for the values of these hyper-parameters, given in the same order.
    pub fn new<const N: usize>(
        hyper_parameters: [impl Into<HyperParameter>; N],
        build: impl Fn([f64; N]) -> O + Send + Sync + 'static,
    ) -> Self {
        let hyper_parameters: Arc<[HyperParameter]> = hyper_parameters.into_iter().map(Into::into).collect();
        Self::from_parts(hyper_parameters.clone(), move |step| {
            let mut values = [0.0; N];
            for (value, hyper_parameter) in values.iter_mut().zip(hyper_parameters.iter()) {
                *value = hyper_parameter.at(step)?;
            }
            Ok(build(values))
        })
    }

    /// An optimizer whose hyper-parameters are constant, to [average](Self::ema) its weights.
    pub fn constant(optimizer: O) -> Self
    where
        O: Clone + Send + Sync + 'static,
    {
        Self::from_parts(Arc::new([]), move |_| Ok(optimizer.clone()))
    }

    pub(super) fn from_parts(
        hyper_parameters: Arc<[HyperParameter]>,
        build: impl Fn(u64) -> Result<O, HyperParameterError> + Send + Sync + 'static,
    ) -> Self {
        Self { hyper_parameters, averages: false, build: Arc::new(build), from_step: None }
    }

    /// Averages the weights with this decay, the last of the hyper-parameters.
    pub(super) fn averaging(mut self, decay: HyperParameter) -> Self {
        let others = self.hyper_parameters.len() - usize::from(self.averages);
        self.hyper_parameters = self.hyper_parameters.iter().take(others).cloned().chain([decay.up_to(1.0)]).collect();
        self.averages = true;
        self
    }

    /// The step at which parameters without a count start: new ones, and those in a record of the plain optimizer. By
    /// default, new ones start at 0 and such a record is refused.
    pub fn from_step(mut self, step: u64) -> Self {
        self.from_step = Some(step);
        self
    }

    /// The hyper-parameters, for example to log their values, and after them the decay of the average, if there is one.
    pub fn hyper_parameters(&self) -> &[HyperParameter] {
        &self.hyper_parameters
    }

    /// The optimizer of update `step`, counted from 0.
    ///
    /// # Errors
    ///
    /// The value of a hyper-parameter is NaN, negative or above `f32::MAX`.
    pub fn at(&self, step: u64) -> Result<O, HyperParameterError> {
        (self.build)(step)
    }

    /// Updates one parameter. `mix(a, b, decay)` returns `decay * a + (1 - decay) * b`.
    ///
    /// # Panics
    ///
    /// The value of a hyper-parameter is refused, or the plain optimizer wrote the record.
    pub(crate) fn update<S, T: Clone>(
        &self,
        tensor: T,
        state: Option<ScheduledState<S, T>>,
        update: impl FnOnce(O, T, Option<S>) -> (T, Option<S>),
        mix: impl FnOnce(T, T, f64) -> T,
    ) -> (T, ScheduledState<S, T>) {
        let (position, state, average) = match state {
            Some(ScheduledState { position, optimizer, average }) => (position.or(self.from_step), optimizer, average),
            None => (Some(self.from_step.unwrap_or(0)), None, None),
        };
        let Some(position) = position else {
            panic!(
                "cannot resume the hyper-parameters: the optimizer's record does not say at which step they are, so an \
                 optimizer with constant hyper-parameters saved it; add `.from_step(n)` to the `ScheduledOptimizer`, where `n` \
                 is the number of updates made so far"
            );
        };
        let decay = self.hyper_parameters.last().filter(|_| self.averages).map(|decay| decay.at(position)).transpose();
        let values = self.at(position).and_then(|optimizer| Ok((optimizer, decay?)));
        let (optimizer, decay) = values.unwrap_or_else(|error| panic!("{error}"));
        let average = decay.map(|decay| (decay, average.unwrap_or_else(|| Box::new(tensor.clone()))));
        let (tensor, optimizer) = update(optimizer, tensor, state);
        let average = average.map(|(decay, average)| match decay {
            0.0 => Box::new(tensor.clone()),
            1.0 => average,
            _ => Box::new(mix(*average, tensor.clone(), decay)),
        });
        (tensor, ScheduledState { position: Some(position.saturating_add(1)), optimizer, average })
    }
}

/// A clone shares the curves and the closure, whether or not the optimizer is `Clone`.
impl<O> Clone for ScheduledOptimizer<O> {
    fn clone(&self) -> Self {
        Self { hyper_parameters: self.hyper_parameters.clone(), build: self.build.clone(), ..*self }
    }
}

impl<O> fmt::Debug for ScheduledOptimizer<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScheduledOptimizer")
            .field("hyper_parameters", &self.hyper_parameters)
            .field("averages", &self.averages)
            .field("from_step", &self.from_step)
            .finish_non_exhaustive()
    }
}
