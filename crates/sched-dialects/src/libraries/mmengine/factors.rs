//! Schedulers that multiply the rate. `j` counts from `begin`.

use sched_core::Schedule;

use super::scheduler::{Span, Windows, jump, raise};
use super::windows::Window;
use crate::declare::{AT_LEAST_0, BETWEEN_0_AND_1, Refusal, params};

params! {
    /// `gamma^floor(j / step_size)`.
    pub(super) struct StepLR {
        step_size: u64,
        gamma: f64 where AT_LEAST_0 = 0.1,
        ..span: Span,
    }
}

impl Windows for StepLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, _) = self.span.steps()?;
        if self.step_size == 0 {
            return Ok(raise(begin.saturating_add(1), end)?);
        }
        Ok(vec![Window::factor(begin, end, Schedule::step(1.0, self.step_size, self.gamma)?)])
    }
}

params! {
    /// `gamma^n` with `n` the milestones up to `j`, in any order; equal ones count each.
    pub(super) struct MultiStepLR {
        milestones: Vec<u64>,
        gamma: f64 where AT_LEAST_0 = 0.1,
        ..span: Span,
    }
}

impl Windows for MultiStepLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, _) = self.span.steps()?;
        let mut milestones = self.milestones.clone();
        milestones.sort_unstable();
        let steps = milestones.into_iter().map(|milestone| begin.saturating_add(milestone));
        Ok(steps.filter(|&step| step < end).map(|step| jump(step, self.gamma)).collect::<Result<_, _>>()?)
    }
}

params! {
    /// `factor` until `j = end - begin - 1`, then 1; with no step between, `factor` stays.
    pub(super) struct ConstantLR {
        factor: f64 where BETWEEN_0_AND_1 = 1.0 / 3.0,
        ..span: Span,
    }
}

impl Windows for ConstantLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, length) = self.span.steps()?;
        let mut windows = vec![jump(begin, self.factor)?];
        if !self.span.is_endless() && length > 1 {
            let back = end - 1;
            windows.extend(if self.factor == 0.0 { raise(back, end)? } else { vec![jump(back, 1.0 / self.factor)?] });
        }
        Ok(windows)
    }
}

params! {
    /// `start_factor + (end_factor - start_factor) j / (end - begin - 1)`; from 0 the library divides by 0 at `j = 1`, so it
    /// stays there.
    pub(super) struct LinearLR {
        start_factor: f64 where BETWEEN_0_AND_1 = 1.0 / 3.0,
        end_factor: f64 where BETWEEN_0_AND_1 = 1.0,
        ..span: Span,
    }
}

impl Windows for LinearLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, length) = self.span.steps()?;
        if self.start_factor == 0.0 || length == 1 {
            let stop = if self.start_factor == 0.0 { raise(begin.saturating_add(1), end)? } else { vec![] };
            return Ok([jump(begin, self.start_factor)?].into_iter().chain(stop).collect());
        }
        Ok(vec![Window::factor(begin, end, Schedule::linear(self.start_factor, self.end_factor, length - 1)?)])
    }
}

params! {
    /// `gamma^j`.
    pub(super) struct ExponentialLR {
        gamma: f64 where AT_LEAST_0,
        ..span: Span,
    }
}

impl Windows for ExponentialLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, _) = self.span.steps()?;
        Ok(vec![Window::factor(begin, end, Schedule::exponential(1.0, self.gamma)?)])
    }
}
