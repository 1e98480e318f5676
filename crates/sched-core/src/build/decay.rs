//! Single curves by their usual names.

use alloc::vec::Vec;

use crate::schedule::{
    Exponential, Milestone, Node, PowerLaw, Ramp, Schedule, ScheduleError, Shape, Steps, at_least_one, ordered, rate,
    span, within,
};

/// Single curves. All hold their last value for ever, unless they say otherwise.
impl Schedule {
    /// One rate for ever: `lr`, 0 or more.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// assert_eq!(Schedule::constant(0.1)?.at(7), 0.1);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `lr` is negative or not finite.
    pub fn constant(lr: f64) -> Result<Self, ScheduleError> {
        Node::Constant(lr).try_into()
    }

    /// A straight line: `start + (end - start) t / total_steps`.
    ///
    /// `start` at 0, `end` from `total_steps` on. PyTorch's `LinearLR` with `start = lr * start_factor` and
    /// `end = lr * end_factor`; rates are 0 or more.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let warmup = Schedule::linear(0.0, 0.4, 4)?;
    /// assert_eq!([0, 1, 3, 4, 5].map(|t| warmup.at(t)), [0.0, 0.1, 0.30000000000000004, 0.4, 0.4]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A rate is negative or not finite.
    pub fn linear(start: f64, end: f64, total_steps: u64) -> Result<Self, ScheduleError> {
        Ramp::new(start, end, total_steps).build()
    }

    /// Polynomial decay: `end + (start - end) (1 - t / total_steps)^power`, with `power` 0 or more.
    ///
    /// `start` at 0, `end` from `total_steps` on. PyTorch's `PolynomialLR` has `end = 0`.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let decay = Schedule::polynomial(0.1, 0.0, 10, 2.0)?;
    /// assert_eq!([0, 5, 10, 11].map(|t| decay.at(t)), [0.1, 0.025, 0.0, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A rate or `power` is negative or not finite.
    pub fn polynomial(start: f64, end: f64, total_steps: u64, power: f64) -> Result<Self, ScheduleError> {
        Ramp::new(start, end, total_steps).shape(Shape::Polynomial(power)).build()
    }

    /// Exponential decay: `initial * gamma^t`, for ever; `gamma` is 0 or more, above 1 it grows.
    ///
    /// PyTorch's `ExponentialLR`; for another pace see [`exponential_over`](Self::exponential_over).
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let decay = Schedule::exponential(0.1, 0.5)?;
    /// assert_eq!([0, 1, 2].map(|t| decay.at(t)), [0.1, 0.05, 0.025]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A number is negative or not finite.
    pub fn exponential(initial: f64, gamma: f64) -> Result<Self, ScheduleError> {
        Self::exponential_over(initial, gamma, 1.0)
    }

    /// Exponential decay by `gamma` every `decay_steps`, smoothly: `initial * gamma^(t / decay_steps)`.
    ///
    /// `optax.exponential_decay` and keras's `ExponentialDecay`; `decay_steps` is between 1e-9 and 2^64. For a staircase,
    /// see [`step`](Self::step).
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let decay = Schedule::exponential_over(0.1, 0.25, 2.0)?;
    /// assert_eq!([0, 1, 2].map(|t| decay.at(t)), [0.1, 0.05, 0.025]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A number is negative or not finite, or `decay_steps` is out of range.
    pub fn exponential_over(initial: f64, gamma: f64, decay_steps: f64) -> Result<Self, ScheduleError> {
        Node::Exponential(Exponential { initial, gamma, decay_steps }).try_into()
    }

    /// A staircase: `initial * gamma^floor(t / step_size)`, for ever; PyTorch's `StepLR`.
    ///
    /// The first lower rate is at `step_size` itself. `step_size` is 1 or more, `gamma` 0 or more.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let decay = Schedule::step(0.1, 30, 0.5)?;
    /// assert_eq!([0, 29, 30, 60].map(|t| decay.at(t)), [0.1, 0.1, 0.05, 0.025]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `step_size` is 0, or a number is negative or not finite.
    pub fn step(initial: f64, step_size: u64, gamma: f64) -> Result<Self, ScheduleError> {
        at_least_one("step_size", step_size)?;
        Self::exponential(initial, gamma)?.every(step_size)
    }

    /// A factor at each milestone: `initial * gamma^(number of milestones <= t)`; PyTorch's `MultiStepLR`.
    ///
    /// Milestones are in order; one that is given twice counts twice; one at 0 counts from the start.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let decay = Schedule::multi_step(0.1, &[30, 80], 0.5)?;
    /// assert_eq!([0, 29, 30, 79, 80, 1000].map(|t| decay.at(t)), [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// There is no milestone, they are out of order, or a number is negative or not finite.
    pub fn multi_step(initial: f64, milestones: &[u64], gamma: f64) -> Result<Self, ScheduleError> {
        rate("initial", initial)?;
        within("gamma", gamma, gamma >= 0.0, "0 or more")?;
        ordered("milestones", milestones.iter().copied())?;
        let rates = Exponential { initial, gamma, decay_steps: 1.0 };
        let rates = Schedule::try_from(Node::Exponential(rates))?;
        let milestones: Vec<Milestone> =
            (1..).zip(milestones).map(|(passed, &step)| Milestone { step, value: rates.at(passed) }).collect();
        Node::Steps(Steps { initial, milestones }).try_into()
    }

    /// Half a cosine wave: `eta_min + (initial - eta_min) (1 + cos(pi t / t_max)) / 2`, then `eta_min`.
    ///
    /// `initial` at 0, `eta_min` from `t_max` on. PyTorch's `CosineAnnealingLR` rises again past `T_max`; for that, build
    /// a [`Ramp`] with [`Beyond::Mirror`](crate::Beyond::Mirror). Loshchilov and Hutter 2017, arXiv 1608.03983.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let decay = Schedule::cosine_annealing(0.1, 0.0, 10)?;
    /// assert_eq!([0, 5, 10, 11].map(|t| decay.at(t)), [0.1, 0.05, 0.0, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A rate is negative or not finite.
    pub fn cosine_annealing(initial: f64, eta_min: f64, t_max: u64) -> Result<Self, ScheduleError> {
        Ramp::new(initial, eta_min, t_max).shape(Shape::Cosine).build()
    }

    /// REX: `min_lr + (max_lr - min_lr) (1 - p) / (1 - p / 2)` with `p = t / total_steps`, then `min_lr`.
    ///
    /// Slower than linear at first, faster at the end. Chen et al. 2021, arXiv 2107.04197.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let decay = Schedule::rex(0.3, 0.0, 10)?;
    /// assert_eq!([0, 5, 10, 11].map(|t| decay.at(t)), [0.3, 0.19999999999999998, 0.0, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A rate is negative or not finite.
    pub fn rex(max_lr: f64, min_lr: f64, total_steps: u64) -> Result<Self, ScheduleError> {
        Ramp::new(max_lr, min_lr, total_steps).shape(Shape::Rex).build()
    }

    /// A hyperbolic tangent from `initial` to `eta_min`, then `eta_min`; see [`Shape::Tanh`].
    ///
    /// timm's `tanh` has `lb = -7`, `ub = 3`. Hsueh et al. 2018, arXiv 1806.01593.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let decay = Schedule::tanh(1.0, 0.0, 10, -5.0, 5.0)?;
    /// assert_eq!([5, 10, 11].map(|t| decay.at(t)), [0.5, 0.0, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A rate is negative or not finite, or not `-1000 <= lb < ub <= 1000`.
    pub fn tanh(initial: f64, eta_min: f64, total_steps: u64, lb: f64, ub: f64) -> Result<Self, ScheduleError> {
        Ramp::new(initial, eta_min, total_steps).shape(Shape::Tanh { lb, ub }).build()
    }

    /// Inverse square root: `peak * sqrt(timescale / (t + timescale))`, for ever.
    ///
    /// `peak` at 0, half of it at `3 timescale`. With a [`warmup`](Self::warmup) of `timescale` steps it is the schedule
    /// of the Transformer as fairseq and transformers have it. `timescale` is between 1e-9 and 2^64.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let decay = Schedule::inverse_sqrt(0.1, 1000.0)?;
    /// assert_eq!([0, 3000].map(|t| decay.at(t)), [0.1, 0.05]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `peak` is negative or not finite, or `timescale` is out of range.
    pub fn inverse_sqrt(peak: f64, timescale: f64) -> Result<Self, ScheduleError> {
        span("timescale", timescale)?;
        Node::PowerLaw(PowerLaw { scale: peak, offset: timescale, time_scale: timescale, power: -0.5 }).try_into()
    }

    /// Inverse time: `initial / (1 + decay_rate t / decay_steps)`, for ever; keras's `InverseTimeDecay`.
    ///
    /// `initial` at 0, half of it at `decay_steps / decay_rate`. `decay_rate` is 0 or more, `decay_steps` between 1e-9
    /// and 2^64.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let decay = Schedule::inverse_time(0.1, 0.5, 10.0)?;
    /// assert_eq!([0, 20].map(|t| decay.at(t)), [0.1, 0.05]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A number is negative or not finite, or `decay_steps` or `decay_steps / decay_rate` is out of range.
    pub fn inverse_time(initial: f64, decay_rate: f64, decay_steps: f64) -> Result<Self, ScheduleError> {
        within("decay_rate", decay_rate, decay_rate >= 0.0, "0 or more")?;
        span("decay_steps", decay_steps)?;
        if decay_rate == 0.0 {
            return Self::constant(initial);
        }
        let half = decay_steps / decay_rate;
        span("decay_steps / decay_rate", half)?;
        Node::PowerLaw(PowerLaw { scale: initial, offset: half, time_scale: half, power: -1.0 }).try_into()
    }
}
