//! Cycles of the learning rate and the momentum together.

use sched_core::{Cyclic, OneCycle, Schedule, ScheduleError};

use super::scheduled_optimizer::ScheduledOptimizer;
use crate::scheduler::Scheduler;

/// A cycle in which the momentum mirrors the learning rate: [`OneCycle`] and [`Cyclic`].
pub trait MomentumCycle {
    /// The learning rate.
    ///
    /// # Errors
    ///
    /// A parameter of the cycle is refused.
    fn lr(&self) -> Result<Schedule, ScheduleError>;

    /// The momentum, which is lowest where the rate is highest.
    ///
    /// # Errors
    ///
    /// A parameter of the cycle or a momentum is refused.
    fn momentum(&self, base_momentum: f64, max_momentum: f64) -> Result<Schedule, ScheduleError>;
}

impl MomentumCycle for OneCycle {
    fn lr(&self) -> Result<Schedule, ScheduleError> {
        self.lr()
    }

    fn momentum(&self, base_momentum: f64, max_momentum: f64) -> Result<Schedule, ScheduleError> {
        self.momentum(base_momentum, max_momentum)
    }
}

impl MomentumCycle for Cyclic {
    fn lr(&self) -> Result<Schedule, ScheduleError> {
        self.lr()
    }

    fn momentum(&self, base_momentum: f64, max_momentum: f64) -> Result<Schedule, ScheduleError> {
        self.momentum(base_momentum, max_momentum)
    }
}

impl Scheduler {
    /// A scheduler and an optimizer for a [`OneCycle`] or a [`Cyclic`], whose momentum falls from `max_momentum` to
    /// `base_momentum` while the rate rises, and rises while it falls: PyTorch's `cycle_momentum=True`.
    ///
    /// `build` returns the optimizer for a momentum; for an Adam, that is the first beta. PyTorch's defaults are 0.85 and
    /// 0.95 for `OneCycleLR`, and 0.8 and 0.9 for `CyclicLR`.
    ///
    /// ```
    /// use sched_burn::prelude::*;
    /// # #[cfg(feature = "burn-0_22")]
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// # use burn_0_22 as burn;
    /// use burn::optim::SgdConfig;
    /// use burn::optim::momentum::MomentumConfig;
    ///
    /// let one_cycle = OneCycle::new(0.1, 100);
    /// let (scheduler, optimizer) = Scheduler::cycle_momentum(&one_cycle, 0.85, 0.95, |momentum| {
    ///     let momentum = MomentumConfig { momentum, dampening: 0.0, nesterov: false };
    ///     SgdConfig::new().with_momentum(Some(momentum)).build()
    /// })?;
    /// // Learner::new(model, optimizer.into(), scheduler)
    /// let momentum = &optimizer.hyper_parameters()[0];
    /// assert_eq!([0, 29, 99].map(|step| scheduler.at(step)), [0.004, 0.1, 4e-7]);
    /// assert_eq!([0, 29, 99].map(|step| momentum.at(step).unwrap()), [0.95, 0.85, 0.95]);
    /// # Ok(())
    /// # }
    /// # #[cfg(feature = "burn-0_22")]
    /// # example().unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// A parameter of the cycle or a momentum is refused.
    pub fn cycle_momentum<O>(
        cycle: &impl MomentumCycle,
        base_momentum: f64,
        max_momentum: f64,
        build: impl Fn(f64) -> O + Send + Sync + 'static,
    ) -> Result<(Self, ScheduledOptimizer<O>), ScheduleError> {
        let momentum = cycle.momentum(base_momentum, max_momentum)?;
        let optimizer = ScheduledOptimizer::new([("momentum", momentum)], move |[momentum]| build(momentum));
        Ok((Self::new(cycle.lr()?), optimizer))
    }
}
