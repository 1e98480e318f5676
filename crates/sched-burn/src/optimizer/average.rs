//! Averages of the weights: exponential, and equal.

use sched_core::check::{at_least_one, whole};
use sched_core::{Curve, ScheduleError, StepCount};

use super::hyper_parameter::HyperParameter;
use super::scheduled_optimizer::ScheduledOptimizer;

impl<O> ScheduledOptimizer<O> {
    /// Keeps an exponential moving average of the weights, beside them.
    ///
    /// ```text
    /// average = decay(t) * average + (1 - decay(t)) * weights        after update t
    /// ```
    ///
    /// It starts at the weights before the first update, as in timm and BYOL. `decay` is a curve from 0 to 1, or a
    /// closure, and a hyper-parameter like the others, named `ema_decay`: update `t` uses its value at `t`. At 0, the
    /// average becomes the weights; at 1, it stays as it is. The training itself does not change.
    ///
    /// ```
    /// use sched_burn::prelude::*;
    /// # #[cfg(feature = "burn-0_22")]
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// # use burn_0_22 as burn;
    /// # use burn::module::Module;
    /// # use burn::nn::LinearConfig;
    /// # use burn::tensor::Device;
    /// use burn::optim::{AdamWConfig, ModuleOptimizer};
    ///
    /// // As in BYOL, from 0.996 to 1.
    /// let decay = Schedule::cosine_annealing(0.996, 1.0, 1_000)?;
    /// let optimizer = ScheduledOptimizer::constant(AdamWConfig::new().build()).ema(decay);
    /// let mut optimizer = ModuleOptimizer::from(optimizer);
    /// # let _ = |model: burn::nn::Linear, gradients| -> Result<_, AverageError> {
    /// # let mut scheduler = Scheduler::new(|_| 0.1);
    /// let model = optimizer.step(scheduler.step(), model, gradients);
    ///
    /// let averaged = optimizer.averaged(model.clone())?;
    /// # Ok(averaged)
    /// # };
    /// # Ok(())
    /// # }
    /// # #[cfg(feature = "burn-0_22")]
    /// # example().unwrap();
    /// ```
    ///
    /// Other decays that people use, with `t` as `f64`:
    ///
    /// | | decay |
    /// |---|---|
    /// | PyTorch's `AveragedModel` with `get_ema_multi_avg_fn(d)`, Keras' `use_ema`: they start at the weights after the first update | `if t == 0 { 0 } else { d }` |
    /// | warmup of TensorFlow's `ExponentialMovingAverage` with `num_updates` | `d.min((1 + t) / (10 + t))` |
    /// | warmup of timm's and diffusers' EMA, with `gamma` 1 and `power` 2/3 | `d.min(1 - (1 + t / gamma).powf(-power))` |
    ///
    /// # Where the average is
    ///
    /// In the optimizer's state, so burn saves it with the optimizer, and a training that resumes goes on averaging as if
    /// it had never stopped. [`WeightAverage::averaged`](crate::WeightAverage::averaged) puts it into a model.
    /// It costs the memory of the weights once more, and an addition and a multiplication for each.
    ///
    /// - An average is of one parameter. One that has had no gradient has no average; it has not changed, either.
    /// - What is no parameter is not averaged: a batch norm's running statistics are the model's. Put some batches of the training
    ///   data through the averaged model in training mode, as PyTorch's `update_bn` does.
    /// - burn's Learner validates the model that it trains, not the average; read that out of a checkpoint.
    ///
    /// Polyak and Juditsky 1992, Acceleration of Stochastic Approximation by Averaging; Grill et al. 2020, BYOL, arXiv
    /// 2006.07733.
    pub fn ema(self, decay: impl Curve + Send + Sync + 'static) -> Self {
        self.averaging(HyperParameter::new("ema_decay", decay))
    }

    /// Keeps the equal average of the weights, beside them, as stochastic weight averaging (SWA) does: of the weights after
    /// update `start_steps + every_steps`, and after every `every_steps` updates from there on.
    ///
    /// ```text
    /// average = (n * average + weights) / (n + 1)        n: how many were averaged before
    /// ```
    ///
    /// Up to the first of them, the average is the weights. PyTorch's `AveragedModel`, updated at the end of each epoch from
    /// epoch `swa_start` on, counted from 0, is `start_steps = swa_start * steps_per_epoch` and `every_steps = steps_per_epoch`.
    /// Use it with a rate that stays up in the end: PyTorch's `SWALR` goes to a constant one.
    ///
    /// ```
    /// use sched_burn::prelude::*;
    /// # #[cfg(feature = "burn-0_22")]
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// # use burn_0_22 as burn;
    /// use burn::optim::SgdConfig;
    ///
    /// let steps_per_epoch = 390;
    /// let (start, anneal) = (75 * steps_per_epoch, 10 * steps_per_epoch);
    /// // PyTorch's SWALR(swa_lr=0.05, anneal_epochs=10), started at epoch 75, step by step.
    /// let swalr = Schedule::cosine_annealing(0.1, 0.05, anneal)?;
    /// let scheduler = Scheduler::new(Schedule::constant(0.1)?.then_at(start, swalr)?);
    /// let optimizer = ScheduledOptimizer::constant(SgdConfig::new().build()).swa(start, steps_per_epoch)?;
    /// # let _ = (scheduler, optimizer);
    /// # Ok(())
    /// # }
    /// # #[cfg(feature = "burn-0_22")]
    /// # example().unwrap();
    /// ```
    ///
    /// It is an [`ema`](Self::ema) whose decay, named `swa_decay`, is `n / (n + 1)` at those updates and 1 between them, and what is
    /// said there about where the average is holds here.
    ///
    /// # Errors
    ///
    /// `every_steps` is 0, or either is negative.
    ///
    /// Izmailov et al. 2018, Averaging Weights Leads to Wider Optima and Better Generalization, arXiv 1803.05407.
    pub fn swa(self, start_steps: impl StepCount, every_steps: impl StepCount) -> Result<Self, ScheduleError> {
        let start = whole("start_steps", start_steps)?;
        let every = whole("every_steps", every_steps)?;
        at_least_one("every_steps", every)?;
        Ok(self.averaging(HyperParameter::new("swa_decay", move |step: u64| equal_decay(step, start, every))))
    }
}

/// The decay that makes an exponential average an equal one.
fn equal_decay(step: u64, start: u64, every: u64) -> f64 {
    // In this many updates: the sum of both ends may be too large.
    let Some(since) = step.checked_sub(start).and_then(|since| since.checked_add(1)) else { return 0.0 };
    let averaged = since / every;
    if averaged == 0 {
        0.0
    } else if since % every != 0 {
        1.0
    } else {
        (averaged - 1) as f64 / averaged as f64
    }
}

/// The averaged weights in the state of burn's optimizer of a whole model: `ModuleOptimizer`, or on 0.21, `OptimizerAdaptor` and
/// `GroupedOptimizer`.
pub trait WeightAverage<M> {
    /// The model with the averages in the place of its weights, and with everything else as it is in `model`.
    ///
    /// `model` is the one that was trained. After a training in burn's Learner, load both from the same checkpoint into new
    /// ones: the parameters are told apart by their ids.
    ///
    /// ```
    /// use sched_burn::prelude::*;
    /// # #[cfg(feature = "burn-0_22")]
    /// # fn example() {
    /// # use burn_0_22 as burn;
    /// use burn::module::Module;
    /// use burn::optim::{AdamW, ModuleOptimizer};
    /// use burn::store::ModuleRecord;
    ///
    /// fn averaged<M: Module>(model: M, optimizer: ScheduledOptimizer<AdamW>) -> Result<M, Box<dyn std::error::Error>> {
    ///     let model = model.load_record(ModuleRecord::load("artifacts/checkpoint/model-90.bpk")?);
    ///     let optimizer = ModuleOptimizer::from(optimizer).load("artifacts/checkpoint/optim-90.bpk")?;
    ///     Ok(optimizer.averaged(model)?)
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The state has no average, or one that belongs to no parameter of `model`.
    fn averaged(&self, model: M) -> Result<M, AverageError>;
}

/// Why there is no average of these weights.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AverageError {
    /// The optimizer has no average.
    #[error(
        "the optimizer has no averaged weights: it must be a `ScheduledOptimizer` with `ema` or `swa`, after an update"
    )]
    Missing,
    /// An average belongs to no parameter of the model.
    #[error(
        "the optimizer has averages of {averages} parameters, but the model has {found} of these: it is another model, or it has to \
         load its own record of the same checkpoint first"
    )]
    OtherModel {
        /// How many averages there are.
        averages: usize,
        /// How many of them are for parameters of the model.
        found: usize,
    },
    /// burn cannot read the optimizer's record.
    #[error("the optimizer's record cannot be read: {0}")]
    Record(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The equal average by its definition, of the numbers 1, 2, 3, ... as weights.
    #[test]
    fn an_equal_average_is_the_mean() {
        for (start, every) in [(0_u32, 1_u32), (3, 1), (0, 4), (6, 5)] {
            let mut average = 0.0;
            for step in 0..40 {
                let weight = f64::from(step + 1);
                let decay = equal_decay(step.into(), start.into(), every.into());
                average = decay * average + (1.0 - decay) * weight;
                let taken: Vec<f64> =
                    (1..=40).map(|n| start + n * every).filter(|n| *n <= step + 1).map(f64::from).collect();
                let mean = taken.iter().sum::<f64>() / taken.len() as f64;
                let expected = if taken.is_empty() { weight } else { mean };
                assert!((average - expected).abs() < 1e-12, "{start} {every} {step}: {average} {expected}");
            }
        }
    }

    #[test]
    fn an_equal_average_has_a_decay_at_every_step() {
        let last = u64::MAX;
        for (start, every) in [(0, 1), (0, last), (last, 1), (last, last), (5, 7)] {
            for step in [0, 1, 4, 5, 6, last - 1, last] {
                assert!((0.0..=1.0).contains(&equal_decay(step, start, every)), "{start} {every} {step}");
            }
        }
    }

    #[test]
    fn a_bad_count_is_refused_by_name() {
        let swa = |start, every| ScheduledOptimizer::constant(()).swa(start, every).unwrap_err().to_string();
        assert_eq!(swa(0, 0), "`every_steps` is 0, but must be at least 1");
        assert_eq!(swa(-1, 1), "`start_steps` is -1, but must be 0 or more");
    }

    #[test]
    fn the_last_average_counts() {
        let decay = |value: f64| move |_: u64| value;
        let optimizer = ScheduledOptimizer::new([("momentum", decay(0.5))], |[momentum]| momentum).ema(decay(0.25));
        let optimizer = optimizer.swa(0, 1).unwrap().ema(decay(0.75));
        let values: Vec<_> = optimizer.hyper_parameters().iter().map(|of| (of.name(), of.at(0).unwrap())).collect();
        assert_eq!(values, [("momentum", 0.5), ("ema_decay", 0.75)]);
        let (_, state) = optimizer.update(
            8.0,
            None,
            |momentum, tensor, _: Option<()>| (tensor * momentum, None),
            |a, b, decay| decay * a + (1.0 - decay) * b,
        );
        assert_eq!(state.average, Some(Box::new(7.0)));
    }

    #[test]
    #[should_panic(expected = "`ema_decay` is 1.5 at step 0, but must be from 0 to 1.0")]
    fn a_decay_above_1_is_refused() {
        let optimizer = ScheduledOptimizer::constant(()).ema(|_: u64| 1.5);
        optimizer.update(1.0, None, |(), tensor, _: Option<()>| (tensor, None), |a, _, _| a);
    }
}
