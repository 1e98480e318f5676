//! Schedulers that move the rate towards a floor. `j` counts from `begin`.

use sched_core::{Beyond, Ramp, Schedule, Shape};

use super::scheduler::{Span, Windows, raise};
use super::windows::{Entry, Window};
use crate::declare::{ABOVE_0, AT_LEAST_0, PerGroup, Refusal, params};
use crate::shared::OneCycleShape;

params! {
    /// The floor: absolute, or a part of the initial rate.
    pub(super) struct Floor {
        eta_min: Option<f64> where AT_LEAST_0,
        eta_min_ratio: Option<f64> where AT_LEAST_0,
    }
}

impl Floor {
    /// `None` if it is not given.
    fn of(&self, base: f64) -> Result<Option<f64>, Refusal> {
        match (self.eta_min, self.eta_min_ratio) {
            (Some(_), Some(_)) => Err(Self::eta_min_ratio.refused("not be given together with `eta_min`")),
            (floor, ratio) => Ok(floor.or(ratio.map(|ratio| base * ratio))),
        }
    }
}

params! {
    /// From the rate that it finds to the floor in `T_max` steps (`end - begin`, if 0 or not given), then up to the initial
    /// rate and down again and again.
    pub(super) struct CosineAnnealingLR {
        T_max: Option<u64>,
        ..floor: Floor,
        ..span: Span,
    }
}

impl Windows for CosineAnnealingLR {
    fn windows(&self, base: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, length) = self.span.steps()?;
        let floor = self.floor.of(base)?.unwrap_or(0.0);
        let t_max = self.T_max.filter(|&t_max| t_max > 0).unwrap_or(length);
        let wave = Ramp::new(1.0, 0.0, t_max).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?;
        let turn = begin.saturating_add(t_max).saturating_add(1);
        let down =
            Window { start: begin, end: end.min(turn), curve: wave.clone(), floor, entry: Entry::Found, cycle: None };
        if t_max >= length {
            return Ok(vec![down]);
        }
        let curve = wave.advance(t_max as f64 + 1.0)?;
        let cycle = Some(t_max.saturating_mul(2));
        Ok(vec![down, Window { start: turn, end, curve, floor, entry: Entry::Above(base), cycle }])
    }
}

params! {
    /// Period after period from the initial rate times its weight towards the floor; the next one starts a step before that.
    pub(super) struct CosineRestartLR {
        periods: Vec<u64>,
        restart_weights: Vec<f64> where AT_LEAST_0 = [1.0],
        ..floor: Floor,
        ..span: Span,
    }
}

impl Windows for CosineRestartLR {
    fn windows(&self, base: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, _) = self.span.steps()?;
        let floor = self.floor.of(base)?;
        let floor = floor.ok_or_else(|| Floor::eta_min.refused("be given, or else `eta_min_ratio`"))?;
        let Self { periods, restart_weights, .. } = self;
        Self::restart_weights.must(periods.len() == restart_weights.len(), "be as many as `periods`")?;
        let mut start = begin;
        let mut windows = Vec::new();
        for (&period, weight) in periods.iter().zip(restart_weights) {
            let stop = start.saturating_add(period).min(end);
            if start < stop {
                let curve = Schedule::cosine_annealing(1.0, 0.0, period)?;
                windows.push(Window { start, end: stop, curve, floor, entry: Entry::At(base * weight), cycle: None });
            }
            start = stop;
        }
        Ok(windows)
    }
}

params! {
    /// `(1 - j / (end - begin - 1))^power` of the way that is left to the floor.
    pub(super) struct PolyLR {
        eta_min: f64 where AT_LEAST_0 = 0.0,
        power: f64 = 1.0,
        ..span: Span,
    }
}

impl Windows for PolyLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, length) = self.span.steps()?;
        if length == 1 || self.power == 0.0 {
            return Ok(vec![]);
        }
        let curve = Schedule::polynomial(1.0, 0.0, length - 1, self.power)?;
        Ok(vec![Window { start: begin, end, curve, floor: self.eta_min, entry: Entry::Found, cycle: None }])
    }
}

params! {
    /// PyTorch's, whatever rate it finds; `total_steps` is `end - begin` if it is not given. One step more, which goes past
    /// the last rate, holds it.
    pub(super) struct OneCycleLR {
        eta_max: PerGroup<f64> where AT_LEAST_0 = 0.0,
        total_steps: Option<u64> where ABOVE_0,
        ..cycle: OneCycleShape,
        ..span: Span,
    }
}

impl OneCycleLR {
    /// What it makes of the initial rate, for the schedulers after it.
    pub(super) fn initial(&self) -> f64 {
        *self.eta_max / self.cycle.div_factor
    }
}

impl Windows for OneCycleLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, length) = self.span.steps()?;
        let total_steps = self.total_steps.unwrap_or(length);
        if self.cycle.divides_by_zero(total_steps) {
            // In its first step, which is the constructor's if `begin` is 0.
            let rule = "not be 1 / `total_steps`, where mmengine divides by zero";
            OneCycleShape::pct_start.must(begin > 0, rule)?;
            return Ok(raise(begin, end)?);
        }
        let names = [
            ("max_lr / div_factor", "eta_max / div_factor"),
            ("max_lr / div_factor / final_div_factor", "eta_max / div_factor / final_div_factor"),
        ];
        let curve = self.cycle.cycle(*self.eta_max, total_steps).lr().map_err(|error| error.renamed(&names))?;
        let mut windows = vec![Window { start: begin, end, curve, floor: 0.0, entry: Entry::Absolute, cycle: None }];
        let past = begin.saturating_add(total_steps);
        if past.saturating_add(1) < end {
            windows.extend(raise(past, end)?);
        }
        Ok(windows)
    }
}
