//! Single curves by their usual names.

use alloc::vec::Vec;

use crate::schedule::{
    Exponential, LONGEST, Milestone, Node, PowerLaw, Ramp, Schedule, ScheduleError, Shape, StepCount, Steps, ordered,
    rate, span, whole, within,
};

/// Single curves. Rates are finite and 0 or more; counts of steps are of any integer type, [`StepCount`].
impl Schedule {
    /// One rate for the whole run: `lr`, at every step.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let flat = Schedule::constant(0.1)?;
    /// assert_eq!([0, 7, u64::MAX].map(|t| flat.at(t)), [0.1, 0.1, 0.1]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `lr` is negative or not finite.
    pub fn constant(lr: f64) -> Result<Self, ScheduleError> {
        Node::Constant(lr).try_into().map_err(|error: ScheduleError| error.renamed(&[("constant", "lr")]))
    }

    /// A straight line, up or down: `initial + (end - initial) t / total_steps`.
    ///
    /// `initial` at 0, `end` from `total_steps` on; with `total_steps = 0`, `end` at once. PyTorch's `LinearLR` with
    /// `initial = lr * start_factor` and `end = lr * end_factor`.
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
    /// A rate is negative or not finite, or `total_steps` is negative.
    pub fn linear(initial: f64, end: f64, total_steps: impl StepCount) -> Result<Self, ScheduleError> {
        let ramp = Ramp::new(initial, end, whole("total_steps", total_steps)?);
        ramp.build().map_err(|error| error.renamed(&[("from", "initial"), ("to", "end")]))
    }

    /// Polynomial decay: `eta_min + (initial - eta_min) (1 - t / total_steps)^power`, with `power` 0 or more.
    ///
    /// `initial` at 0, `eta_min` from `total_steps` on. PyTorch's `PolynomialLR` has `eta_min = 0`.
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
    /// A rate or `power` is negative or not finite, or `total_steps` is negative.
    pub fn polynomial(
        initial: f64,
        eta_min: f64,
        total_steps: impl StepCount,
        power: f64,
    ) -> Result<Self, ScheduleError> {
        decay(initial, eta_min, whole("total_steps", total_steps)?, Shape::Polynomial(power))
    }

    /// Exponential decay: `initial * gamma^t`, with `gamma` 0 or more.
    ///
    /// `initial` at 0; it never ends, and with `gamma` above 1 it grows. PyTorch's `ExponentialLR`. For a decay per epoch
    /// or per 1000 steps, see [`exponential_over`](Self::exponential_over).
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

    /// Smooth exponential decay by `gamma` every `decay_steps`: `initial * gamma^(t / decay_steps)`.
    ///
    /// `initial` at 0; it never ends. `gamma` is 0 or more, `decay_steps` between 1e-9 and 2^64 and need not be whole.
    /// optax's `exponential_decay` and Keras's `ExponentialDecay`. For a staircase, see [`step`](Self::step).
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

    /// A staircase: `initial * gamma^floor(t / step_size)`.
    ///
    /// `initial` at 0, the first drop at `step_size` itself; it never ends. `step_size` is 1 or more, `gamma` 0 or more.
    /// PyTorch's `StepLR`.
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
    /// A rate or `gamma` is negative or not finite, or `step_size` is below 1.
    pub fn step(initial: f64, step_size: impl StepCount, gamma: f64) -> Result<Self, ScheduleError> {
        let decay = Self::exponential(initial, gamma)?;
        decay.every(step_size).map_err(|error| error.renamed(&[("n", "step_size")]))
    }

    /// A drop at each milestone: `initial * gamma^(number of milestones <= t)`.
    ///
    /// `initial` before the first milestone, each drop at its milestone itself, the last rate from then on. Milestones are
    /// in order; one that is listed twice counts twice, and one at 0 counts from the start. `gamma` is 0 or more.
    /// PyTorch's `MultiStepLR`.
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
    /// `milestones` is empty, out of order or has a negative element, or a rate or `gamma` is negative or not finite.
    pub fn multi_step(initial: f64, milestones: &[impl StepCount], gamma: f64) -> Result<Self, ScheduleError> {
        let rates = Self::exponential(initial, gamma)?;
        let steps: Vec<u64> =
            milestones.iter().map(|&step| whole("milestones", step)).collect::<Result<_, ScheduleError>>()?;
        ordered("milestones", steps.iter().copied())?;
        let milestones = (1..).zip(steps).map(|(passed, step)| Milestone { step, value: rates.at(passed) }).collect();
        Node::Steps(Steps { initial, milestones }).try_into()
    }

    /// Half a cosine wave: `eta_min + (initial - eta_min) (1 + cos(pi t / t_max)) / 2`.
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
    /// A rate is negative or not finite, or `t_max` is negative.
    pub fn cosine_annealing(initial: f64, eta_min: f64, t_max: impl StepCount) -> Result<Self, ScheduleError> {
        decay(initial, eta_min, whole("t_max", t_max)?, Shape::Cosine)
    }

    /// REX: `eta_min + (initial - eta_min) (1 - p) / (1 - p / 2)` with `p = t / total_steps`.
    ///
    /// Slower than linear at first, faster towards the end. `initial` at 0, `eta_min` from `total_steps` on.
    /// Chen et al. 2021, arXiv 2107.04197.
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
    /// A rate is negative or not finite, or `total_steps` is negative.
    pub fn rex(initial: f64, eta_min: f64, total_steps: impl StepCount) -> Result<Self, ScheduleError> {
        decay(initial, eta_min, whole("total_steps", total_steps)?, Shape::Rex)
    }

    /// A hyperbolic tangent: `eta_min + (initial - eta_min) (1 - tanh(lb (1 - p) + ub p)) / 2` with `p = t / total_steps`.
    ///
    /// Nearly `initial` at 0, `eta_min` from `total_steps` on, after a small jump; see [`Shape::Tanh`]. `lb` and `ub` are
    /// between -1000 and 1000, `lb` below `ub`. timm's `tanh` has `lb = -7` and `ub = 3`. Hsueh et al. 2018,
    /// arXiv 1806.01593.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let decay = Schedule::tanh(1.0, 0.0, 10, -5.0, 5.0)?;
    /// assert!((0.9999..1.0).contains(&decay.at(0)));
    /// assert_eq!([5, 10, 11].map(|t| decay.at(t)), [0.5, 0.0, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A rate is negative or not finite, `total_steps` is negative, or `lb` or `ub` is out of range.
    pub fn tanh(
        initial: f64,
        eta_min: f64,
        total_steps: impl StepCount,
        lb: f64,
        ub: f64,
    ) -> Result<Self, ScheduleError> {
        decay(initial, eta_min, whole("total_steps", total_steps)?, Shape::Tanh { lb, ub })
    }

    /// Inverse square root: `initial * sqrt(time_scale / (t + time_scale))`.
    ///
    /// `initial` at 0, half of it at `3 time_scale`; it never ends. `time_scale` is between 1e-9 and 2^64 and need not be
    /// whole. After a [`warmup`](Self::warmup) of `time_scale` steps it is the Transformer's schedule as in fairseq and
    /// transformers. Vaswani et al. 2017, arXiv 1706.03762.
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
    /// `initial` is negative or not finite, or `time_scale` is out of range.
    pub fn inverse_sqrt(initial: f64, time_scale: f64) -> Result<Self, ScheduleError> {
        span("time_scale", time_scale)?;
        power_law(initial, time_scale, -0.5)
    }

    /// Inverse time: `initial / (1 + decay_rate t / decay_steps)`.
    ///
    /// `initial` at 0, half of it at `decay_steps / decay_rate`; it never ends. `decay_rate` is 0 or more, `decay_steps`
    /// between 1e-9 and 2^64 and need not be whole. Keras's `InverseTimeDecay`.
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
    /// `initial` or `decay_rate` is negative or not finite, or `decay_steps` or `decay_steps / decay_rate` is out of range.
    pub fn inverse_time(initial: f64, decay_rate: f64, decay_steps: f64) -> Result<Self, ScheduleError> {
        rate("initial", initial)?;
        within("decay_rate", decay_rate, decay_rate >= 0.0, "0 or more")?;
        span("decay_steps", decay_steps)?;
        if decay_rate == 0.0 {
            return Self::constant(initial);
        }
        let half = decay_steps / decay_rate;
        span("decay_steps / decay_rate", half)?;
        power_law(initial, half, -1.0)
    }

    /// Eden: `initial * (1 + (t / time_scale)^2)^-power`.
    ///
    /// Flat at first, then a power law: `initial` at 0, `initial / 2^power` at `time_scale`; it never ends. `initial` is 0 or
    /// between 1e-250 and 1e250; `time_scale` is between 1e-9 and 2^64 and need not be whole; `power` is between 0 and 1.
    /// icefall's `Eden2` has a `power` of 1/2, and its `Eden` is one curve over batches times one over epochs, each with 1/4.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let decay = Schedule::eden(0.5, 100.0, 0.5)?;
    /// assert_eq!([0, 75].map(|t| decay.at(t)), [0.5, 0.4]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A number is out of range.
    pub fn eden(initial: f64, time_scale: f64, power: f64) -> Result<Self, ScheduleError> {
        within(
            "initial",
            initial,
            initial == 0.0 || (1e-250..=1e250).contains(&initial),
            "0, or between 1e-250 and 1e250",
        )?;
        span("time_scale", time_scale)?;
        within("power", power, (0.0..=1.0).contains(&power), "between 0 and 1")?;
        // t^2 + time_scale^2 is a power law of a time that runs as t^2 / 2^64, and no step is later than 2^64.
        let part = time_scale / 4_294_967_296.0; // of 2^32
        let scale = initial * libm::pow(part, 2.0 * power);
        let law = PowerLaw { scale, offset: part * part, time_scale: 1.0, power: -power };
        Self::try_from(Node::PowerLaw(law))?.warp(LONGEST, 2.0)
    }
}

fn decay(initial: f64, eta_min: f64, steps: u64, shape: Shape) -> Result<Schedule, ScheduleError> {
    let names = &[("from", "initial"), ("to", "eta_min"), ("polynomial", "power")];
    Ramp::new(initial, eta_min, steps).shape(shape).build().map_err(|error| error.renamed(names))
}

/// `initial * ((t + time_scale) / time_scale)^power`.
fn power_law(initial: f64, time_scale: f64, power: f64) -> Result<Schedule, ScheduleError> {
    let law = Node::PowerLaw(PowerLaw { scale: initial, offset: time_scale, time_scale, power });
    Schedule::try_from(law).map_err(|error| error.renamed(&[("scale", "initial")]))
}
