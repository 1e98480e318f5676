//! Schedules that start again.

use crate::schedule::{Node, Repeat, Schedule, ScheduleError, at_least_one};

impl Repeat {
    /// `of`, from its start, every `period` steps.
    pub fn new(of: Schedule, period: u64) -> Self {
        Self { of, period, growth: 1.0, cycle_scale: 1.0, floor: 0.0, limit: None }
    }

    /// Makes each cycle longer than the one before; PyTorch's `T_mult`.
    pub fn growth(mut self, growth: f64) -> Self {
        self.growth = growth;
        self
    }

    /// Makes each cycle lower than the one before; timm's `cycle_decay`, keras's `m_mul`.
    pub fn cycle_scale(mut self, cycle_scale: f64) -> Self {
        self.cycle_scale = cycle_scale;
        self
    }

    /// Scales only what is above this rate, so that every cycle ends at the same floor.
    pub fn floor(mut self, floor: f64) -> Self {
        self.floor = floor;
        self
    }

    /// Stops after this many cycles and holds; timm's `cycle_limit`.
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The schedule.
    ///
    /// # Errors
    ///
    /// A number is out of the range that its field gives.
    pub fn build(self) -> Result<Schedule, ScheduleError> {
        Node::Repeat(self).try_into()
    }
}

/// Restarts.
impl Schedule {
    /// Cosine with warm restarts (SGDR): cycle `i` lasts `t_0 * t_mult^i` steps and is half a cosine wave from `initial`
    /// to `eta_min`. For ever; PyTorch's `CosineAnnealingWarmRestarts`.
    ///
    /// The first step of a cycle has `initial`; `eta_min` itself is never reached at a whole step. `t_0` is 1 or more,
    /// `t_mult` 1 or more, and need not be whole. For peaks that get lower, see [`Repeat`].
    ///
    /// Loshchilov and Hutter 2017, arXiv 1608.03983.
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
    /// A rate is negative or not finite, `t_0` is 0, or `t_mult` is below 1 or above 1e9.
    pub fn cosine_warm_restarts(initial: f64, eta_min: f64, t_0: u64, t_mult: f64) -> Result<Self, ScheduleError> {
        at_least_one("t_0", t_0)?;
        Repeat::new(Schedule::cosine_annealing(initial, eta_min, t_0)?, t_0).growth(t_mult).build()
    }

    /// This schedule's first `period` steps, again and again; for more, see [`Repeat`].
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
    /// `period` is 0, or the nesting is too deep.
    pub fn repeat(self, period: u64) -> Result<Self, ScheduleError> {
        Repeat::new(self, period).build()
    }
}
