//! mmengine 0.10: `mmengine.optim.scheduler`, the classes for the learning rate.
//!
//! A scheduler acts on steps `begin` to `end - 1`, counts from `begin`, and changes the rate that it finds; outside, the
//! rate stays as it is. `end = 1e9`, the library's infinity, is one here.

mod windows;

use sched_core::{Beyond, NonFinite, Plateau, PlateauMode, Ramp, Schedule, Shape, ThresholdMode};

use self::windows::{Entry, Window, chain};
use crate::declare::{
    AT_LEAST_0, BELOW_1, BETWEEN_0_AND_1, Context, Member, Param, PerGroup, Refusal, Scheduler, Translation, library,
    params, words,
};
use crate::shared::{OneCycleShape, Optimizer};

library! {
    "mmengine" with Optimizer:
    #[allow(dead_code, reason = "what is refused is not read")]
    enum Any {
        StepLR,
        MultiStepLR,
        ConstantLR,
        LinearLR,
        ExponentialLR,
        CosineAnnealingLR,
        CosineRestartLR,
        PolyLR,
        OneCycleLR,
        ReduceOnPlateauLR,
        list,
    }
}

/// A scheduler that is stepped together with others.
trait Stepped {
    /// What it does to the rate, and when; `base` is the initial rate of the optimizer.
    fn windows(&self, base: f64) -> Result<Vec<Window>, Refusal>;
}

macro_rules! alone {
    ($($kind:ident)*) => {$(
        impl Scheduler for $kind {
            fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
                let base = Optimizer::lr(cx)?;
                together(base, &[self.windows(base)?], Span::end)
            }
        }
    )*};
}

alone!(StepLR MultiStepLR ConstantLR LinearLR ExponentialLR CosineAnnealingLR CosineRestartLR PolyLR OneCycleLR);

impl Any {
    fn stepped(&self) -> Result<&dyn Stepped, Refusal> {
        Ok(match self {
            Self::StepLR(scheduler) => scheduler,
            Self::MultiStepLR(scheduler) => scheduler,
            Self::ConstantLR(scheduler) => scheduler,
            Self::LinearLR(scheduler) => scheduler,
            Self::ExponentialLR(scheduler) => scheduler,
            Self::CosineAnnealingLR(scheduler) => scheduler,
            Self::CosineRestartLR(scheduler) => scheduler,
            Self::PolyLR(scheduler) => scheduler,
            Self::OneCycleLR(scheduler) => scheduler,
            Self::ReduceOnPlateauLR(_) | Self::list(_) => return Err(list::schedulers.refused("follow no metric")),
        })
    }
}

params! {
    /// Several schedulers, which are stepped in this order.
    struct list {
        schedulers: Vec<Member>,
    }
}

impl Scheduler for list {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let initial = Optimizer::lr(cx)?;
        let mut base = initial;
        let mut all = Vec::new();
        for member in &self.schedulers {
            let member = cx.member(member)?;
            let (windows, next) = member.attempt(|cx| {
                let any = Any::read(cx)?;
                // It replaces the initial rate that later members read.
                let next = match &any {
                    Any::OneCycleLR(cycle) => *cycle.eta_max / cycle.shape.div_factor,
                    _ => base,
                };
                Ok((any.stepped()?.windows(base)?, next))
            })?;
            all.push(windows);
            base = next;
        }
        together(initial, &all, Self::schedulers)
    }
}

fn together(initial: f64, schedulers: &[Vec<Window>], param: Param) -> Result<Translation, Refusal> {
    let rule = "not overlap for more than 100000 steps with others where one has a floor: give them an `end`";
    Ok(chain(initial, schedulers)?.ok_or_else(|| param.refused(rule))?.into())
}

const INF: u64 = 1_000_000_000;

params! {
    /// When a scheduler acts.
    struct Span {
        begin: u64 = 0,
        end: u64 = 1_000_000_000,
    }
}

impl Span {
    /// `begin`, `end` (never, if it is the library's infinity) and `end - begin`.
    fn get(&self) -> Result<(u64, u64, u64), Refusal> {
        let (begin, end) = (self.begin, self.end);
        Self::end.must(end > begin, "be above `begin`")?;
        Ok((begin, if end >= INF { u64::MAX } else { end }, end - begin))
    }
}

params! {
    /// `gamma^floor(j / step_size)`.
    struct StepLR {
        step_size: u64,
        gamma: f64 where AT_LEAST_0 = 0.1,
        ..span: Span,
    }
}

impl Stepped for StepLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, _) = self.span.get()?;
        if self.step_size == 0 {
            return raise(begin.saturating_add(1), end);
        }
        Ok(vec![Window::factor(begin, end, Schedule::step(1.0, self.step_size, self.gamma)?)])
    }
}

params! {
    /// `gamma^n` with `n` the milestones up to `j`, in any order; equal ones count each.
    struct MultiStepLR {
        milestones: Vec<u64>,
        gamma: f64 where AT_LEAST_0 = 0.1,
        ..span: Span,
    }
}

impl Stepped for MultiStepLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, _) = self.span.get()?;
        let mut milestones = self.milestones.clone();
        milestones.sort_unstable();
        let steps = milestones.into_iter().map(|milestone| begin.saturating_add(milestone));
        steps.filter(|&step| step < end).map(|step| jump(step, self.gamma)).collect()
    }
}

params! {
    /// `factor` until `j = end - begin - 1`, then 1; with no step between, `factor` stays.
    struct ConstantLR {
        factor: f64 where BETWEEN_0_AND_1 = 1.0 / 3.0,
        ..span: Span,
    }
}

impl Stepped for ConstantLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, _) = self.span.get()?;
        let factor = self.factor;
        let mut jumps = vec![jump(begin, factor)?];
        if end != u64::MAX && end - 1 > begin {
            jumps.extend(if factor == 0.0 { raise(end - 1, end)? } else { vec![jump(end - 1, 1.0 / factor)?] });
        }
        Ok(jumps)
    }
}

/// The library raises at `step`, unless the window ends before.
fn raise(step: u64, end: u64) -> Result<Vec<Window>, Refusal> {
    Ok(if step < end { vec![Window::raise(step)?] } else { vec![] })
}

fn jump(step: u64, factor: f64) -> Result<Window, Refusal> {
    Ok(Window::factor(step, step.saturating_add(1), Schedule::constant(factor)?))
}

params! {
    /// `start_factor + (end_factor - start_factor) j / (end - begin - 1)`; from 0 it divides by 0 at `j = 1`, so it stays
    /// there.
    struct LinearLR {
        start_factor: f64 where BETWEEN_0_AND_1 = 1.0 / 3.0,
        end_factor: f64 where BETWEEN_0_AND_1 = 1.0,
        ..span: Span,
    }
}

impl Stepped for LinearLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, length) = self.span.get()?;
        let (from, to) = (self.start_factor, self.end_factor);
        if from == 0.0 || length == 1 {
            let stop = if from == 0.0 { raise(begin.saturating_add(1), end)? } else { vec![] };
            return Ok([jump(begin, from)?].into_iter().chain(stop).collect());
        }
        Ok(vec![Window::factor(begin, end, Schedule::linear(from, to, length - 1)?)])
    }
}

params! {
    /// `gamma^j`.
    struct ExponentialLR {
        gamma: f64 where AT_LEAST_0,
        ..span: Span,
    }
}

impl Stepped for ExponentialLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, _) = self.span.get()?;
        Ok(vec![Window::factor(begin, end, Schedule::exponential(1.0, self.gamma)?)])
    }
}

params! {
    /// The floor of a cosine: absolute, or a part of the initial rate; not both.
    struct Floor {
        eta_min: Option<f64> where AT_LEAST_0,
        eta_min_ratio: Option<f64> where AT_LEAST_0,
    }
}

impl Floor {
    /// `or`: what it is if neither is given.
    fn rate(&self, base: f64, or: Option<f64>) -> Result<f64, Refusal> {
        let both = "be given only if `eta_min` is not, and the other way round";
        match (self.eta_min, self.eta_min_ratio) {
            (Some(floor), None) => Ok(floor),
            (None, Some(ratio)) => Ok(base * ratio),
            (None, None) => or.ok_or_else(|| Self::eta_min_ratio.refused(both)),
            (Some(_), Some(_)) => Err(Self::eta_min_ratio.refused(both)),
        }
    }
}

params! {
    /// From the rate that it finds to the floor in `T_max` steps (`end - begin`, if 0 or not given), then up to the initial
    /// rate and down again and again.
    struct CosineAnnealingLR {
        T_max: Option<u64>,
        ..span: Span,
        ..floor: Floor,
    }
}

impl Stepped for CosineAnnealingLR {
    fn windows(&self, base: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, length) = self.span.get()?;
        let floor = self.floor.rate(base, Some(0.0))?;
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
    /// Period after period from `base * weight` towards the floor, which the next one's start comes before.
    struct CosineRestartLR {
        periods: Vec<u64>,
        restart_weights: Vec<f64> where AT_LEAST_0 = [1],
        ..floor: Floor,
        ..span: Span,
    }
}

impl Stepped for CosineRestartLR {
    fn windows(&self, base: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, _) = self.span.get()?;
        let floor = self.floor.rate(base, None)?;
        let (periods, weights) = (&self.periods, &self.restart_weights);
        Self::restart_weights.must(periods.len() == weights.len(), "be as many as `periods`")?;
        let mut start = begin;
        let mut windows = Vec::new();
        for (period, weight) in periods.iter().zip(weights) {
            let stop = start.saturating_add(*period).min(end);
            if start < stop {
                let curve = Schedule::cosine_annealing(1.0, 0.0, *period)?;
                windows.push(Window { start, end: stop, curve, floor, entry: Entry::At(base * weight), cycle: None });
            }
            start = stop;
        }
        Ok(windows)
    }
}

params! {
    /// `(1 - j / (end - begin - 1))^power` of the way that is left to the floor.
    struct PolyLR {
        eta_min: f64 where AT_LEAST_0 = 0.0,
        power: f64 where AT_LEAST_0 = 1.0,
        ..span: Span,
    }
}

impl Stepped for PolyLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, length) = self.span.get()?;
        if length == 1 || self.power == 0.0 {
            return Ok(vec![]);
        }
        let curve = Schedule::polynomial(1.0, 0.0, length - 1, self.power)?;
        Ok(vec![Window { start: begin, end, curve, floor: self.eta_min, entry: Entry::Found, cycle: None }])
    }
}

params! {
    /// PyTorch's one-cycle; `total_steps` is `end - begin` if it is not given. Its one step too many holds the last rate.
    struct OneCycleLR {
        eta_max: PerGroup<f64> where AT_LEAST_0 = 0.0,
        total_steps: Option<u64>,
        ..shape: OneCycleShape,
        ..span: Span,
    }
}

impl Stepped for OneCycleLR {
    fn windows(&self, _: f64) -> Result<Vec<Window>, Refusal> {
        let (begin, end, length) = self.span.get()?;
        let total_steps = self.total_steps.unwrap_or(length);
        Self::total_steps.must(total_steps > 0, "be above 0")?;
        if self.shape.divides_by_zero(total_steps) {
            // The first phase ends where it begins, and its first step divides by 0.
            OneCycleShape::pct_start.must(begin > 0, "not be 1 / total_steps")?;
            return raise(begin, end);
        }
        let curve = self.shape.cycle(*self.eta_max, total_steps).lr()?;
        let mut windows = vec![Window { start: begin, end, curve, floor: 0.0, entry: Entry::Absolute, cycle: None }];
        let past = begin.saturating_add(total_steps);
        if past.saturating_add(1) < end {
            windows.extend(raise(past, end)?);
        }
        Ok(windows)
    }
}

params! {
    /// PyTorch's plateau. `begin` counts calls without a metric, which the training loop makes once per epoch.
    struct ReduceOnPlateauLR {
        _monitor: String = "loss",
        rule: Better = "less",
        factor: f64 where BELOW_1 = 0.1,
        patience: u64 = 10,
        threshold: f64 where AT_LEAST_0 = 1e-4,
        threshold_rule: ThresholdMode = "rel",
        cooldown: u64 = 0,
        min_value: PerGroup<f64> where AT_LEAST_0 = 0.0,
        eps: f64 where AT_LEAST_0 = 1e-8,
        ..span: Span,
    }
}

struct Better(PlateauMode);

words! { Better { "less" => Self(PlateauMode::Min), "greater" => Self(PlateauMode::Max) } }

impl Scheduler for ReduceOnPlateauLR {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (begin, end, _) = self.span.get()?;
        Span::end.must(end == u64::MAX, "be 1e9 (its default), because a plateau has no end here")?;
        Self::factor.follow(&AT_LEAST_0, &self.factor)?;
        let plateau = Plateau::new()
            .mode(self.rule.0)
            .factor(self.factor)
            .patience(self.patience)
            .threshold(self.threshold, self.threshold_rule)
            .cooldown(self.cooldown)
            .min_lr(*self.min_value)
            .eps(self.eps)
            .non_finite(NonFinite::Compare)
            .start_step(begin)
            .build()?;
        Ok(Translation::from(Schedule::constant(Optimizer::lr(cx)?)?).with_feedback(plateau))
    }
}
