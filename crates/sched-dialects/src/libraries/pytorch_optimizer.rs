//! pytorch_optimizer 4.1: `pytorch_optimizer.lr_scheduler`, what it has of its own.

use core::f64::consts::PI;

use sched_core::{Beyond, Node, Phase, PowerLaw, Ramp, Repeat, Schedule, ScheduleError, Shape};

use super::torch;
use crate::declare::{ABOVE_0, AT_LEAST_0, Context, Member, Refusal, Scheduler, Translation, library, params, words};
use crate::shared::{Cycles, Optimizer, one_by_one};

library! {
    "pytorch_optimizer" with Optimizer:
    #[allow(dead_code, reason = "most show the optimizer's rate")]
    enum Any {
        CosineAnnealingWarmupRestarts,
        LinearScheduler,
        CosineScheduler,
        PolyScheduler,
        REXScheduler,
        get_wsd_schedule,
        get_chebyshev_schedule,
        ProportionScheduler,
    }
}

params! {
    /// Linear from `min_lr` to `max_lr * gamma^cycle` in `warmup_steps`, then a cosine back, again and again. A cycle's
    /// length is the warmup and `int(cycle_mult * ...)` of the cosine before, 1 or more. Update 0 has `min_lr`, warmup or
    /// not.
    struct CosineAnnealingWarmupRestarts {
        first_cycle_steps: u64,
        cycle_mult: f64 = 1.0,
        max_lr: f64 where AT_LEAST_0 = 1e-4,
        min_lr: f64 where AT_LEAST_0 = 1e-6,
        warmup_steps: u64 = 0,
        gamma: f64 = 0.9,
    }
}

impl Scheduler for CosineAnnealingWarmupRestarts {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Self::warmup_steps.must(self.warmup_steps < self.first_cycle_steps, "be below `first_cycle_steps`")?;
        let lr = one_by_one(self, self.first_cycle_steps - self.warmup_steps)?;
        let rule = "not make more than 10000 cycles of different lengths";
        let lr = lr.ok_or_else(|| Self::cycle_mult.refused(rule))?;
        Ok(after_first(self.min_lr, lr)?.into())
    }
}

impl CosineAnnealingWarmupRestarts {
    fn between(&self, low: f64, high: f64, cosine: u64) -> Result<Schedule, ScheduleError> {
        let down = Schedule::cosine_annealing(high, low, cosine)?;
        if self.warmup_steps == 0 {
            Ok(down)
        } else {
            Schedule::linear(low, high, self.warmup_steps)?.then_at(self.warmup_steps, down)
        }
    }

    fn peak(&self, index: u64) -> f64 {
        self.max_lr * libm::pow(self.gamma, index as f64)
    }
}

/// The length that varies is the cosine's.
impl Cycles for CosineAnnealingWarmupRestarts {
    type Length = u64;

    fn steps(&self, cosine: u64) -> Option<u64> {
        Some(cosine.saturating_add(self.warmup_steps))
    }

    fn next(&self, cosine: u64) -> u64 {
        ((cosine as f64 * self.cycle_mult) as u64).max(1)
    }

    fn cycle(&self, index: u64, cosine: u64) -> Result<Schedule, ScheduleError> {
        self.between(self.min_lr, self.peak(index), cosine)
    }

    /// `gamma` scales the peak, not the height above the floor: the two parts are apart.
    fn endless(&self, index: u64, cosine: u64) -> Result<Schedule, ScheduleError> {
        let period = cosine.saturating_add(self.warmup_steps);
        if self.gamma == 1.0 {
            return Repeat::new(self.cycle(index, cosine)?, period).build();
        }
        let peak = Repeat::new(self.between(0.0, self.peak(index), cosine)?, period).cycle_scale(self.gamma).build()?;
        if self.min_lr == 0.0 {
            return Ok(peak);
        }
        peak.plus(Repeat::new(self.between(self.min_lr, 0.0, cosine)?, period).build()?)
    }
}

/// The constructor leaves the optimizer at `first`; from update 1 on it is the schedule.
fn after_first(first: f64, schedule: Schedule) -> Result<Schedule, ScheduleError> {
    if schedule.at(0) == first {
        return Ok(schedule);
    }
    Schedule::constant(first)?.then_at(1, schedule.advance(1.0)?)
}

params! {
    /// `min_lr`, then linear from `init_lr` to `max_lr` in `warmup_steps`, then a decay to `t_max`: one update later than it
    /// counts.
    struct WarmedUp {
        t_max: u64,
        max_lr: f64 where AT_LEAST_0,
        min_lr: f64 where AT_LEAST_0 = 0.0,
        init_lr: f64 where AT_LEAST_0 = 0.0,
        warmup_steps: u64 = 0,
    }
}

impl WarmedUp {
    fn then(&self, decay: Schedule) -> Result<Translation, Refusal> {
        let mut phases = vec![Phase { start: 0, schedule: Schedule::constant(self.min_lr)? }];
        if self.warmup_steps > 0 {
            phases.push(Phase { start: 1, schedule: Schedule::linear(self.init_lr, self.max_lr, self.warmup_steps)? });
        }
        Ok(Schedule::sequence(phases)?.then_at(self.warmup_steps.saturating_add(1), decay)?.into())
    }
}

params! {
    /// From `max_lr` to `min_lr` at `t_max`; past it the library's line goes on below 0, here it holds.
    struct LinearScheduler {
        ..warmup: WarmedUp,
    }
}

impl Scheduler for LinearScheduler {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let w = &self.warmup;
        w.then(match w.t_max.saturating_sub(w.warmup_steps) {
            0 => Schedule::constant(w.max_lr)?,
            steps => Schedule::linear(w.max_lr, w.min_lr, steps)?,
        })
    }
}

params! {
    /// From `max_lr` to `min_lr` at `t_max`, and up and down again.
    struct CosineScheduler {
        ..warmup: WarmedUp,
    }
}

impl Scheduler for CosineScheduler {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let w = &self.warmup;
        w.then(match w.t_max.abs_diff(w.warmup_steps) {
            0 => Schedule::constant(w.max_lr)?,
            steps => Ramp::new(w.max_lr, w.min_lr, steps).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?,
        })
    }
}

params! {
    /// `min_lr + (max_lr - min_lr) u^poly_order`, `u` steps after the warmup: it grows. Past `t_max` it holds here.
    struct PolyScheduler {
        poly_order: f64 where ABOVE_0 = 0.5,
        ..warmup: WarmedUp,
    }
}

impl Scheduler for PolyScheduler {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let w = &self.warmup;
        let (start, held) = (Schedule::constant(w.max_lr)?, w.t_max.saturating_sub(w.warmup_steps));
        if held <= 1 {
            return w.then(start);
        }
        let growth = |height: f64| {
            let power_law = PowerLaw { scale: height, offset: 0.0, time_scale: 1.0, power: self.poly_order };
            Schedule::try_from(Node::PowerLaw(power_law))
        };
        let grown = if w.max_lr >= w.min_lr {
            Schedule::constant(w.min_lr)?.plus(growth(w.max_lr - w.min_lr)?)?
        } else {
            Node::Complement { whole: w.min_lr, of: growth(w.min_lr - w.max_lr)? }.try_into()?
        };
        let last = Schedule::constant(grown.at(held))?;
        w.then(start.then_at(1, grown.advance(1.0)?)?.then_at(held, last)?)
    }
}

params! {
    /// From `max_lr` to `min_lr` in `total_steps`, except that update 0 has `min_lr`.
    struct REXScheduler {
        total_steps: u64,
        max_lr: f64 where AT_LEAST_0 = 1.0,
        min_lr: f64 where AT_LEAST_0 = 0.0,
    }
}

impl Scheduler for REXScheduler {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let lr = Schedule::rex(self.max_lr, self.min_lr, self.total_steps)?;
        Ok(after_first(self.min_lr, lr)?.into())
    }
}

params! {
    /// Linear from 0, constant, then the cooldown, then `min_lr_ratio`: only a cosine gets there by itself, the others go to
    /// 0 and jump.
    struct get_wsd_schedule {
        num_warmup_steps: u64,
        num_stable_steps: u64,
        num_decay_steps: u64,
        min_lr_ratio: f64 where AT_LEAST_0 = 0.0,
        num_cycles: f64 = 0.5,
        cooldown_type: Cooldown = "1-sqrt",
    }
}

enum Cooldown {
    To0(Shape),
    Cosine,
}

words! {
    Cooldown {
        "1-sqrt" => Self::To0(Shape::OneMinusSqrt),
        "1-square" => Self::To0(Shape::OneMinusSquare),
        "linear" => Self::To0(Shape::Linear),
        "cosine" => Self::Cosine,
    }
}

impl Scheduler for get_wsd_schedule {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, steps) = (Optimizer::lr(cx)?, self.num_decay_steps);
        let last = lr * self.min_lr_ratio;
        let waves = self.num_cycles.abs() * 2.0;
        let cooldown = match self.cooldown_type {
            Cooldown::To0(shape) => Ramp::new(lr, 0.0, steps).shape(shape),
            Cooldown::Cosine if waves == 0.0 => Ramp::new(lr, lr, steps),
            Cooldown::Cosine => {
                let ramp = Ramp::new(lr, last, 0).shape(Shape::Cosine).beyond(Beyond::Mirror);
                Ramp { steps: steps as f64 / waves, ..ramp }
            }
        };
        let decay = self.num_warmup_steps.saturating_add(self.num_stable_steps);
        let lr = Schedule::sequence(vec![
            Phase { start: 0, schedule: Schedule::linear(0.0, lr, self.num_warmup_steps)? },
            Phase { start: self.num_warmup_steps, schedule: Schedule::constant(lr)? },
            Phase { start: decay, schedule: cooldown.build()? },
            Phase { start: decay.saturating_add(steps), schedule: Schedule::constant(last)? },
        ]);
        Ok(lr?.into())
    }
}

params! {
    /// Inverse Chebyshev nodes in fractal order, as many as the power of two from `num_epochs` on; from update 2 on, one
    /// each.
    struct get_chebyshev_schedule {
        num_epochs: i64,
        is_warmup: bool = false,
    }
}

/// The lower bound of the interval that the Chebyshev nodes are in; the upper one is 1.
const SMALLEST: f64 = 0.05;

impl Scheduler for get_chebyshev_schedule {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, epochs) = (Optimizer::lr(cx)?, self.num_epochs);
        Self::num_epochs.must(epochs <= 1 << 20, "be 1048576 or less, because each has a rate of its own")?;
        if self.is_warmup {
            return Ok(Schedule::constant(lr)?.into());
        }
        let nodes = if epochs > 1 { 2u64 << (epochs - 1).ilog2() } else { 1 };
        let node = |index: u64| {
            let theta = (index as f64 + 0.5) * PI / nodes as f64;
            lr / ((1.0 + SMALLEST) / 2.0 - (1.0 - SMALLEST) / 2.0 * libm::cos(theta))
        };
        let mut order = vec![0];
        while order.len() as u64 + 2 < nodes {
            let last = 2 * order.len() as u64 - 1;
            order = order.into_iter().flat_map(|index| [index, last - index]).collect();
        }
        let rates: Vec<(u64, f64)> = (2..).zip(order.into_iter().map(node)).collect();
        Ok(Schedule::piecewise_constant(rates[0].1, &rates)?.into())
    }
}

params! {
    /// Another scheduler, one of these or of PyTorch's, and beside it a value that goes from `min_value` to `max_value` as
    /// its rate goes from `min_lr` to `max_lr`, and on in line with it; of the first parameter group.
    struct ProportionScheduler {
        lr_scheduler: Member,
        max_lr: f64,
        min_lr: f64 = 0.0,
        max_value: f64 = 2.0,
        min_value: f64 = 2.0,
    }
}

impl Scheduler for ProportionScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let Member { kind, params } = &self.lr_scheduler;
        let is_own = LIBRARY.kinds.iter().any(|own| own.name == kind);
        let member = cx.member_of(if is_own { &LIBRARY } else { &torch::LIBRARY }, kind, params)?;
        let scheduler = member.translate()?;
        Self::lr_scheduler.must(scheduler.feedback.is_none(), "follow no metric")?;
        let first = member.of_group(0);
        let mut lr = first.translate()?.lr;
        if is_own && let Some(shown) = first.attempt(Any::read)?.shown() {
            lr = after_first(shown, lr)?;
        }
        let (low, high, from, to) = (self.min_lr, self.max_lr, self.min_value, self.max_value);
        let value = if high > low {
            in_line(lr, (to - from) / (high - low), low, from, high)?
        } else {
            Schedule::constant(to)?
        };
        Ok(Translation { value: Some(value), ..scheduler })
    }
}

impl Any {
    /// The rate that it shows before its first step, if that is not the optimizer's.
    fn shown(&self) -> Option<f64> {
        match self {
            Self::LinearScheduler(LinearScheduler { warmup })
            | Self::CosineScheduler(CosineScheduler { warmup })
            | Self::PolyScheduler(PolyScheduler { warmup, .. }) => Some(warmup.init_lr),
            Self::REXScheduler(rex) => Some(if rex.total_steps > 0 { rex.max_lr } else { rex.min_lr }),
            _ => None,
        }
    }
}

/// `value + slope * (lr - low)`, where no intermediate result may be negative.
fn in_line(lr: Schedule, slope: f64, low: f64, value: f64, high: f64) -> Result<Schedule, ScheduleError> {
    let part = Schedule::constant(slope.abs())?.times(lr)?;
    let offset = value - slope * low;
    if slope == 0.0 {
        Schedule::constant(value)
    } else if slope < 0.0 {
        Node::Complement { whole: offset, of: part }.try_into()
    } else if offset >= 0.0 {
        Schedule::constant(offset)?.plus(part)
    } else {
        // part - |offset|, for rates up to 16 times the highest that is meant.
        let whole = 16.0 * slope * high;
        let rest = Schedule::try_from(Node::Complement { whole: whole - offset, of: part })?;
        Node::Complement { whole, of: rest }.try_into()
    }
}
