//! Triangular cycles.

use alloc::vec;

use crate::schedule::{Given, Node, Phase, Repeat, Schedule, ScheduleError, StepCount, at_least_one, rate, within};

/// Triangles between two rates: PyTorch's `CyclicLR`.
///
/// The rate is `base_lr + (max_lr - base_lr) h g`, where `h` rises from 0 at the start of a cycle to 1 after `step_size_up`
/// and falls back to 0 over `step_size_down`, and `g` is 1, `0.5^cycle` or `gamma^t`: the [`CyclicMode`]. It never ends.
/// Defaults: `step_size_down = step_size_up`, [`CyclicMode::Triangular`]. Smith 2017, arXiv 1506.01186.
///
/// ```
/// use sched_core::{Cyclic, CyclicMode};
///
/// # fn main() -> Result<(), sched_core::ScheduleError> {
/// let cyclic = Cyclic::new(0.25, 0.75, 10).mode(CyclicMode::Triangular2);
/// let lr = cyclic.lr()?;
/// assert_eq!([0, 10, 20, 30].map(|t| lr.at(t)), [0.25, 0.75, 0.25, 0.5]);
/// let momentum = cyclic.momentum(0.5, 1.0)?;
/// assert_eq!([0, 10, 20, 30].map(|t| momentum.at(t)), [1.0, 0.5, 1.0, 0.75]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "a builder does nothing until `lr` or `momentum`"]
pub struct Cyclic {
    /// The rate at the foot of a triangle, 0 or more.
    pub base_lr: f64,
    /// The rate at its tip, `base_lr` or more.
    pub max_lr: f64,
    step_size_up: Given,
    step_size_down: Given,
    /// What happens to the height of the triangles.
    pub mode: CyclicMode,
}

/// What happens to the height of the triangles.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum CyclicMode {
    /// The height stays: `g = 1`.
    #[default]
    Triangular,
    /// The height halves from cycle to cycle: `g = 0.5^cycle`.
    Triangular2,
    /// The height shrinks from step to step: `g = gamma^t`, `gamma` 0 or more.
    ExpRange {
        /// The factor per step.
        gamma: f64,
    },
}

impl Cyclic {
    /// From `base_lr` up to `max_lr` in `step_size_up` steps, and back in as many.
    pub fn new(base_lr: f64, max_lr: f64, step_size_up: impl StepCount) -> Self {
        let up = Given::new(step_size_up);
        Self { base_lr, max_lr, step_size_up: up, step_size_down: up, mode: CyclicMode::Triangular }
    }

    /// Sets the steps from the tip back to the foot; as many as up by default.
    pub fn step_size_down(mut self, step_size_down: impl StepCount) -> Self {
        self.step_size_down = Given::new(step_size_down);
        self
    }

    /// Sets what happens to the height of the triangles; it stays by default.
    pub fn mode(mut self, mode: CyclicMode) -> Self {
        self.mode = mode;
        self
    }

    /// The learning rate.
    ///
    /// # Errors
    ///
    /// A number is negative or not finite, `max_lr` is below `base_lr`, or a cycle has no steps.
    pub fn lr(&self) -> Result<Schedule, ScheduleError> {
        rate("base_lr", self.base_lr)?;
        within("max_lr", self.max_lr, self.max_lr >= self.base_lr, "`base_lr` or more")?;
        match self.mode {
            CyclicMode::Triangular => self.triangles(self.base_lr, self.max_lr)?.build(),
            CyclicMode::Triangular2 => {
                self.triangles(self.base_lr, self.max_lr)?.cycle_scale(0.5).floor(self.base_lr).build()
            }
            CyclicMode::ExpRange { gamma } => {
                let swing = self.triangles(0.0, self.max_lr - self.base_lr)?.build()?;
                swing.times(Schedule::exponential(1.0, gamma)?)?.plus(Schedule::constant(self.base_lr)?)
            }
        }
    }

    /// The momentum that mirrors the rate: `max_momentum - (max_momentum - base_momentum) h g`.
    ///
    /// # Errors
    ///
    /// As for [`lr`](Self::lr), with the momentums in place of the rates.
    pub fn momentum(&self, base_momentum: f64, max_momentum: f64) -> Result<Schedule, ScheduleError> {
        rate("base_momentum", base_momentum)?;
        within("max_momentum", max_momentum, max_momentum >= base_momentum, "`base_momentum` or more")?;
        let swing = self.triangles(0.0, max_momentum - base_momentum)?;
        let swing = match self.mode {
            CyclicMode::Triangular => return self.triangles(max_momentum, base_momentum)?.build(),
            CyclicMode::Triangular2 => swing.cycle_scale(0.5).build()?,
            CyclicMode::ExpRange { gamma } => swing.build()?.times(Schedule::exponential(1.0, gamma)?)?,
        };
        Node::Complement { whole: max_momentum, of: swing }.try_into()
    }

    fn triangles(&self, base: f64, tip: f64) -> Result<Repeat, ScheduleError> {
        let up = self.step_size_up.get("step_size_up")?;
        let down = self.step_size_down.get("step_size_down")?;
        let period = up.saturating_add(down);
        at_least_one("step_size_up + step_size_down", period)?;
        let triangle = Schedule::sequence(vec![
            Phase { start: 0, schedule: Schedule::linear(base, tip, up)? },
            Phase { start: up, schedule: Schedule::linear(tip, base, down)? },
        ])?;
        Ok(Repeat::new(triangle, period))
    }
}
