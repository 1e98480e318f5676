//! Schedules that start again.

use crate::schedule::{Given, Node, Repeat, Schedule, ScheduleError, StepCount, at_least_one, whole, within};

impl Repeat {
    /// `of` from its start, every `period` steps.
    pub fn new(of: Schedule, period: impl StepCount) -> Self {
        Self { of, period: Given::new(period).or_zero(), growth: 1.0, cycle_scale: 1.0, floor: 0.0, limit: None }
    }

    /// Makes each cycle `growth` times as long as the one before; PyTorch's `T_mult`.
    pub fn growth(mut self, growth: f64) -> Self {
        self.growth = growth;
        self
    }

    /// Makes each cycle `cycle_scale` times as high as the one before; timm's `cycle_decay`, Keras's `m_mul`.
    pub fn cycle_scale(mut self, cycle_scale: f64) -> Self {
        self.cycle_scale = cycle_scale;
        self
    }

    /// Scales only what is above `floor`, so that a cycle that ends there still does.
    pub fn floor(mut self, floor: f64) -> Self {
        self.floor = floor;
        self
    }

    /// Stops after `limit` cycles and holds the last value; timm's `cycle_limit`.
    pub fn limit(mut self, limit: impl StepCount) -> Self {
        self.limit = Some(Given::new(limit).or_zero());
        self
    }

    /// The schedule.
    ///
    /// # Errors
    ///
    /// A number is out of the range of its field.
    pub fn build(self) -> Result<Schedule, ScheduleError> {
        Node::Repeat(self).try_into()
    }
}

/// Restarts.
impl Schedule {
    /// Cosine annealing with warm restarts (SGDR): cycle `i` is half a cosine wave from `initial` towards `eta_min` over
    /// `t_i = t_0 * t_mult^i` steps.
    ///
    /// At step `u` of the cycle, it is `eta_min + (initial - eta_min) (1 + cos(pi u / t_i)) / 2`. Each cycle starts at `initial`; its last step is just above `eta_min`. It never ends. `t_0` is 1 or more; `t_mult` is
    /// between 1 and 1e9 and need not be whole. PyTorch's `CosineAnnealingWarmRestarts`. For lower peaks from cycle to
    /// cycle, see [`Repeat`]. Loshchilov and Hutter 2017, arXiv 1608.03983.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let sgdr = Schedule::cosine_warm_restarts(0.1, 0.0, 10, 2.0)?;
    /// assert_eq!([0, 5, 10, 20, 30].map(|t| sgdr.at(t)), [0.1, 0.05, 0.1, 0.05, 0.1]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A rate is negative or not finite, `t_0` is below 1, or `t_mult` is out of range.
    pub fn cosine_warm_restarts(
        initial: f64,
        eta_min: f64,
        t_0: impl StepCount,
        t_mult: f64,
    ) -> Result<Self, ScheduleError> {
        let t_0 = whole("t_0", t_0)?;
        at_least_one("t_0", t_0)?;
        within("t_mult", t_mult, (1.0..=1e9).contains(&t_mult), "between 1 and 1e9")?;
        Repeat::new(Schedule::cosine_annealing(initial, eta_min, t_0)?, t_0).growth(t_mult).build()
    }

    /// This schedule's first `period` steps, again and again; for cycles that change, see [`Repeat`].
    ///
    /// Step `t` has this schedule's rate at `t mod period`. It never ends. `period` is 1 or more.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let saw = Schedule::linear(1.0, 0.0, 4)?.repeat(4)?;
    /// assert_eq!([0, 2, 4, 6].map(|t| saw.at(t)), [1.0, 0.5, 1.0, 0.5]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `period` is below 1, or the nesting is too deep.
    pub fn repeat(self, period: impl StepCount) -> Result<Self, ScheduleError> {
        Repeat::new(self, whole("period", period)?).build()
    }
}
