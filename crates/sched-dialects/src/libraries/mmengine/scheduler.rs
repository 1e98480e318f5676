//! A scheduler that acts on the rate it finds, from `begin` to `end`.

use sched_core::{Schedule, ScheduleError};

use super::windows::{Window, chain};
use crate::declare::{Context, Param, Refusal, Translation, params};
use crate::shared::Optimizer;

/// The library's infinity.
const INF: i32 = 1_000_000_000;

params! {
    /// The steps on which a scheduler acts.
    pub(super) struct Span {
        begin: u64 = 0,
        end: u64 = INF,
    }
}

impl Span {
    /// `begin`, `end` and `end - begin`.
    pub(super) fn steps(&self) -> Result<(u64, u64, u64), Refusal> {
        Self::end.must(self.end > self.begin, "be above `begin`")?;
        let end = if self.is_endless() { u64::MAX } else { self.end };
        Ok((self.begin, end, self.end - self.begin))
    }

    pub(super) fn is_endless(&self) -> bool {
        self.end >= INF as u64
    }
}

/// A scheduler of which several can be in a list.
pub(super) trait Windows {
    /// What it does to the rate, and when; `base` is the initial rate of the optimizer.
    fn windows(&self, base: f64) -> Result<Vec<Window>, Refusal>;
}

/// Several schedulers, which are stepped in this order.
pub(super) fn together(cx: &Context<'_>, all: &[Vec<Window>], param: Param) -> Result<Translation, Refusal> {
    let rule = "not overlap for more than 100000 steps with others where one has a floor: give them an `end`";
    let lr = chain(Optimizer::lr(cx)?, all)?;
    Ok(lr.ok_or_else(|| param.refused(rule))?.into())
}

/// The rate is multiplied once.
pub(super) fn jump(step: u64, factor: f64) -> Result<Window, ScheduleError> {
    Ok(Window::factor(step, step.saturating_add(1), Schedule::constant(factor)?))
}

/// The library raises at `step`, unless the window ends before.
pub(super) fn raise(step: u64, end: u64) -> Result<Vec<Window>, ScheduleError> {
    (step < end).then(|| Window::raise(step)).into_iter().collect()
}
