//! PyTorch-Ignite 0.5: `ignite.handlers.param_scheduler`, attached to `ITERATION_STARTED`, for the parameter `lr`.

use core::f64::consts::PI;

use sched_core::{Beyond, Phase, Ramp, Repeat, Schedule, ScheduleError, Shape};

use super::torch::{self, Alone, CosineAnnealingLR, Raised};
use crate::declare::{AT_LEAST_0, Context, Member, Params, Refusal, Scheduler, Translation, library, params};
use crate::shared::{Cycles, Optimizer, one_by_one};

library! {
    "ignite" | "pytorch_ignite" with Optimizer:
    #[allow(dead_code, reason = "most are translated without looking inside")]
    enum Any {
        LinearCyclicalScheduler,
        CosineAnnealingScheduler,
        PiecewiseLinear,
        ConcatScheduler,
        create_lr_scheduler_with_warmup,
        LRScheduler,
    }
}

params! {
    /// From the start value to the end value and back within `cycle_size`, or only there (`monotonic`).
    struct LinearCyclicalScheduler {
        monotonic: bool = false,
        ..values: Cyclical,
    }
}

impl Scheduler for LinearCyclicalScheduler {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Cyclical::warmup_duration
            .must(self.monotonic || self.values.warmup_duration == 0, "be 0 unless `monotonic`")?;
        self.values.cycles(Shape::Linear, !self.monotonic)
    }
}

params! {
    /// From the start value to the end value within `cycle_size`.
    struct CosineAnnealingScheduler {
        ..values: Cyclical,
    }
}

impl Scheduler for CosineAnnealingScheduler {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        self.values.cycles(Shape::Cosine, false)
    }
}

params! {
    /// After each cycle: the warmup, from its end value to the next start value; then sizes and values are multiplied, sizes
    /// cut to whole steps. A size of 0 divides by 0.
    struct Cyclical {
        start_value: f64 where AT_LEAST_0,
        end_value: f64 where AT_LEAST_0,
        cycle_size: u64,
        cycle_mult: f64 where AT_LEAST_0 = 1.0,
        start_value_mult: f64 = 1.0,
        end_value_mult: f64 = 1.0,
        warmup_duration: u64 = 0,
    }
}

impl Cyclical {
    fn cycles(&self, shape: Shape, triangular: bool) -> Result<Translation, Refusal> {
        Self::cycle_size.must(self.cycle_size >= 2, "be 2 or more")?;
        let (cycles, length) = (Waves { of: self, shape, triangular }, (self.cycle_size, self.warmup_duration));
        if self.cycle_mult >= 1.0 && self.cycle_mult == libm::floor(self.cycle_mult) {
            return Ok(cycles.repeat(0, length, self.cycle_mult)?.into());
        }
        let rule = "not make more than 10000 cycles of different lengths";
        Ok(one_by_one(&cycles, length)?.ok_or_else(|| Self::cycle_mult.refused(rule))?.into())
    }
}

/// The cycles of a cyclical scheduler. A cycle's length is its size and the warmup after it.
struct Waves<'a> {
    of: &'a Cyclical,
    shape: Shape,
    /// There and back within a cycle.
    triangular: bool,
}

impl Waves<'_> {
    /// One cycle between these values, and the warmup to the next.
    fn between(&self, from: f64, to: f64, next: f64, length: (u64, u64)) -> Result<Schedule, ScheduleError> {
        let (size, warmup) = length;
        let ramp = Ramp::new(from, to, size).shape(self.shape);
        let ramp =
            if self.triangular { Ramp { steps: size as f64 / 2.0, ..ramp }.beyond(Beyond::Mirror) } else { ramp };
        if warmup == 0 { ramp.build() } else { ramp.build()?.then_at(size, Schedule::linear(to, next, warmup)?) }
    }

    /// The values of cycle `index`.
    fn values(&self, index: u64) -> (f64, f64) {
        let (of, index) = (self.of, index as f64);
        (of.start_value * libm::pow(of.start_value_mult, index), of.end_value * libm::pow(of.end_value_mult, index))
    }

    /// Cycle `index` and all after it, each `growth` times as long. The part of a rate that stems from the start value
    /// and the part that stems from the end value have multipliers of their own.
    fn repeat(&self, index: u64, length: (u64, u64), growth: f64) -> Result<Schedule, ScheduleError> {
        let (start, end) = self.values(index);
        let (start_mult, end_mult) = (self.of.start_value_mult, self.of.end_value_mult);
        let repeat = |start: f64, end: f64, mult: f64| {
            let of = self.between(start, end, start * start_mult, length)?;
            Repeat::new(of, length.0.saturating_add(length.1)).growth(growth).cycle_scale(mult).build()
        };
        if start_mult == end_mult || end == 0.0 {
            repeat(start, end, start_mult)
        } else {
            repeat(start, 0.0, start_mult)?.plus(repeat(0.0, end, end_mult)?)
        }
    }
}

impl Cycles for Waves<'_> {
    type Length = (u64, u64);

    fn steps(&self, (size, warmup): (u64, u64)) -> Option<u64> {
        (size > 0).then(|| size.saturating_add(warmup))
    }

    fn next(&self, (size, warmup): (u64, u64)) -> (u64, u64) {
        let times = |steps: u64| (steps as f64 * self.of.cycle_mult) as u64;
        (times(size), times(warmup))
    }

    fn cycle(&self, index: u64, length: (u64, u64)) -> Result<Schedule, ScheduleError> {
        let ((start, end), (next, _)) = (self.values(index), self.values(index + 1));
        self.between(start, end, next, length)
    }

    fn endless(&self, index: u64, length: (u64, u64)) -> Result<Schedule, ScheduleError> {
        self.repeat(index, length, 1.0)
    }
}

params! {
    /// Straight lines between the points; the first and the last value outside. Of several at one step the last counts.
    struct PiecewiseLinear {
        milestones_values: Vec<(u64, f64)>,
    }
}

impl Scheduler for PiecewiseLinear {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let knots = &self.milestones_values;
        Self::milestones_values.must(!knots.is_empty(), "have at least one element")?;
        Self::milestones_values.must(knots.is_sorted_by_key(|(step, _)| *step), "be in order")?;
        Ok(Schedule::piecewise(knots, Shape::Linear)?.into())
    }
}

params! {
    /// One scheduler after the other, each from its own start. A duration of 0 skips the first one, but makes any other
    /// last for ever, as a negative one does: it is counted down past 0.
    struct ConcatScheduler {
        schedulers: Vec<Member>,
        durations: Vec<i64>,
    }
}

impl Scheduler for ConcatScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(self.after(cx, None)?.into())
    }
}

impl ConcatScheduler {
    fn after(&self, cx: &Context<'_>, before: Option<f64>) -> Result<Schedule, Refusal> {
        Self::schedulers.must(self.schedulers.len() >= 2, "be two or more")?;
        Self::durations.must(self.durations.len() + 1 == self.schedulers.len(), "be one less than `schedulers`")?;
        for member in &self.schedulers {
            cx.member(member)?.translate()?; // also one that is never reached
        }
        let mut phases: Vec<Phase> = vec![];
        let mut start = 0u64;
        let mut rate = before;
        for (index, member) in self.schedulers.iter().enumerate() {
            let schedule = follow(&cx.member(member)?, rate)?;
            let duration = match self.durations.get(index).map(|&duration| u64::try_from(duration)) {
                Some(Ok(0)) if index == 0 => continue,
                Some(Ok(duration)) if duration > 0 => Some(duration),
                _ => None,
            };
            rate = duration.map(|duration| schedule.at(duration - 1));
            phases.push(Phase { start, schedule });
            match duration {
                Some(duration) => start = start.saturating_add(duration),
                None => break,
            }
        }
        Ok(Schedule::sequence(phases)?)
    }
}

/// A member, and the rate that it finds if it is not the first.
fn follow(member: &Context<'_>, before: Option<f64>) -> Result<Schedule, Refusal> {
    Ok(member.attempt(|cx| match Any::read(cx)? {
        Any::ConcatScheduler(it) => it.after(cx, before),
        Any::LRScheduler(it) => it.after(cx, before),
        _ => Ok(cx.translate()?.lr),
    })?)
}

/// The scheduler of PyTorch in `{"kind": "torch.X", "params"}`; `None` if it is none of PyTorch's.
fn of_torch<'a>(cx: &'a Context<'_>, member: &'a Member) -> Result<Option<Context<'a>>, Refusal> {
    let Some(kind) = member.kind.strip_prefix("torch.") else { return Ok(None) };
    Ok(Some(cx.member_of(&torch::LIBRARY, kind, &member.params)?))
}

params! {
    /// A scheduler of PyTorch. Its constructor has already made its first update, and the wrapper's first call makes it once
    /// more.
    struct LRScheduler {
        lr_scheduler: Member,
    }
}

impl Scheduler for LRScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(self.after(cx, None)?.into())
    }
}

impl LRScheduler {
    /// The rates that the wrapper reads from the scheduler, which finds the rate `before`.
    fn after(&self, cx: &Context<'_>, before: Option<f64>) -> Result<Schedule, Refusal> {
        let unknown = || {
            Self::lr_scheduler
                .refused("be a scheduler of PyTorch, \"torch.X\", whose rates through the wrapper are known here")
        };
        let member = of_torch(cx, &self.lr_scheduler)?.ok_or_else(unknown)?;
        let lr = member.translate()?.lr;
        let rule = member.attempt(torch::rule)?.filter(|rule| !rule.counts_calls()).ok_or_else(unknown)?;
        if rule.has_own_rates() {
            return Ok(lr);
        }
        if rule.sets(0) {
            return Ok(lr.advance(1.0)?);
        }
        let (base, found) = (lr.at(0), before.unwrap_or(lr.at(0)));
        if let Some(floor) = rule.target() {
            let t_max: f64 = member.attempt(|cx| cx.get(CosineAnnealingLR::T_max))?;
            let stretched = floor + (found - floor) * 2.0 / (1.0 + libm::cos(PI / t_max));
            let first = if t_max == 1.0 { found + base - floor } else { stretched };
            return Ok(Schedule::constant(first)?.then_at(1, lr.advance(1.0)?)?);
        }
        let alone = Alone::new(&*rule, base)?;
        let first = rule.late(&alone, found).map_err(|Raised| {
            Self::lr_scheduler.refused("be one that PyTorch can step at epoch 0 again, where this one divides by zero")
        })?;
        Ok(continued(&lr, first)?)
    }
}

/// A schedule of factors, scaled so that it begins with `first`.
fn continued(lr: &Schedule, first: f64) -> Result<Schedule, ScheduleError> {
    let expected = lr.at(0);
    if first == expected || expected == 0.0 {
        return Ok(lr.clone());
    }
    Schedule::constant(first / expected)?.times(lr.clone())
}

params! {
    /// Linear from the start value to the end value at `warmup_duration - 1`, then the scheduler. Where the scheduler would
    /// begin with the end value too, that step is its first; if not, PyTorch's gets its initial rate at `warmup_duration`.
    struct create_lr_scheduler_with_warmup {
        lr_scheduler: Member,
        warmup_start_value: f64 where AT_LEAST_0,
        warmup_duration: u64,
        warmup_end_value: Option<f64> where AT_LEAST_0,
    }
}

impl Scheduler for create_lr_scheduler_with_warmup {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        Self::warmup_duration.must(self.warmup_duration >= 2, "be 2 or more")?;
        let lr = match of_torch(cx, &self.lr_scheduler)? {
            Some(member) => self.before_torch(cx, &member)?,
            None => self.before(cx, &cx.member(&self.lr_scheduler)?)?,
        };
        Ok(lr.into())
    }
}

impl create_lr_scheduler_with_warmup {
    fn warmup(&self, end: f64) -> Result<Schedule, ScheduleError> {
        Schedule::linear(self.warmup_start_value, end, self.warmup_duration - 1)
    }

    fn before_torch(&self, cx: &Context<'_>, member: &Context<'_>) -> Result<Schedule, Refusal> {
        let (lr, duration) = (member.translate()?.lr, self.warmup_duration);
        let first = lr.at(0);
        let end = self.warmup_end_value.unwrap_or(first);
        let warmup = self.warmup(end)?;
        // With several groups the step at the initial rate is dropped, and the scheduler goes on from the end value.
        if end == first || cx.groups() > 1 {
            let is_relative = member.attempt(torch::rule)?.is_some_and(|rule| !rule.sets(0) && rule.target().is_none());
            let rest = if is_relative { continued(&lr, end)? } else { lr };
            return Ok(warmup.then_at(duration, rest.advance(1.0)?)?);
        }
        let warmup = warmup.then_at(duration, Schedule::constant(first)?)?;
        Ok(warmup.then_at(duration.saturating_add(1), lr.advance(1.0)?)?)
    }

    fn before(&self, cx: &Context<'_>, member: &Context<'_>) -> Result<Schedule, Refusal> {
        let (groups, duration) = (cx.groups(), self.warmup_duration);
        let end = self.end(cx, member)?;
        // With several groups PyTorch's rates are a list, which equals no number.
        let comparable = groups == 1 || member.kind() != LRScheduler::NAME;
        let first = Some(first_value(member)?).filter(|_| comparable);
        // All groups change over when the last one does.
        let group = groups - 1;
        let last_end = self.end(&cx.of_group(group), &member.of_group(group))?;
        let change = if first == Some(last_end) { duration - 1 } else { duration };
        let mut schedule = self.warmup(end)?;
        if first == Some(end) && change == duration {
            // Its own line ends one step early, and stays there.
            let last = Schedule::constant(schedule.at(duration - 2))?;
            schedule = schedule.then_at(duration - 1, last)?;
        }
        let rest = follow(member, Some(schedule.at(change - 1)))?;
        Ok(schedule.then_at(change, rest)?)
    }

    /// The end value, or if it is not given the optimizer's rate, which a scheduler of PyTorch may have changed already.
    fn end(&self, cx: &Context<'_>, member: &Context<'_>) -> Result<f64, Refusal> {
        if let Some(end) = self.warmup_end_value {
            return Ok(end);
        }
        if let Any::LRScheduler(it) = member.attempt(Any::read)?
            && let Some(torch) = of_torch(member, &it.lr_scheduler)?
        {
            return Ok(torch.translate()?.lr.at(0));
        }
        Optimizer::lr(cx)
    }
}

/// The value that a scheduler gives before its first event, with the library's own rounding.
fn first_value(member: &Context<'_>) -> Result<f64, Refusal> {
    Ok(member.attempt(|cx| match Any::read(cx)? {
        Any::LinearCyclicalScheduler(LinearCyclicalScheduler { monotonic: false, values }) => {
            Ok(values.end_value + (values.start_value - values.end_value))
        }
        Any::ConcatScheduler(it) => match it.schedulers.first() {
            Some(first) => first_value(&cx.member(first)?),
            None => Ok(0.0),
        },
        _ => Ok(cx.translate()?.lr.at(0)),
    })?)
}
