//! pytorch_optimizer 4.1: `pytorch_optimizer.lr_scheduler`, what it has of its own.

use core::f64::consts::PI;

use super::torch;
use crate::declare::DialectError;
use crate::declare::Translation;
use crate::declare::legacy::Params;
use crate::declare::{Kind, Library, Param};
use crate::shared::{Cycles, one_by_one};
use sched_core::{Beyond, Node, Phase, PowerLaw, Ramp, Repeat, Schedule, ScheduleError, Shape};

pub(super) const LIBRARY: Library = Library {
    name: "pytorch_optimizer",
    optimizer: &[
        Param::null("optimizer"),
        Param::null("optimizer_lr").per_group(),
        Param::null("optimizer_momentum").per_group(),
        Param::null("optimizer_betas"),
    ],
    kinds: &[
        Kind::old(
            "CosineAnnealingWarmupRestarts",
            &[
                Param::required("first_cycle_steps"),
                Param::number("cycle_mult", 1.0),
                Param::number("max_lr", 1e-4),
                Param::number("min_lr", 1e-6),
                Param::int("warmup_steps", 0),
                Param::number("gamma", 0.9),
            ],
            cosine_restarts,
        ),
        Kind::old(
            "LinearScheduler",
            &[
                Param::required("t_max"),
                Param::required("max_lr"),
                Param::number("min_lr", 0.0),
                Param::number("init_lr", 0.0),
                Param::int("warmup_steps", 0),
            ],
            linear,
        ),
        Kind::old(
            "CosineScheduler",
            &[
                Param::required("t_max"),
                Param::required("max_lr"),
                Param::number("min_lr", 0.0),
                Param::number("init_lr", 0.0),
                Param::int("warmup_steps", 0),
            ],
            cosine,
        ),
        Kind::old(
            "PolyScheduler",
            &[
                Param::number("poly_order", 0.5),
                Param::required("t_max"),
                Param::required("max_lr"),
                Param::number("min_lr", 0.0),
                Param::number("init_lr", 0.0),
                Param::int("warmup_steps", 0),
            ],
            poly,
        ),
        Kind::old(
            "REXScheduler",
            &[Param::required("total_steps"), Param::number("max_lr", 1.0), Param::number("min_lr", 0.0)],
            rex,
        ),
        Kind::old(
            "get_wsd_schedule",
            &[
                Param::required("num_warmup_steps"),
                Param::required("num_stable_steps"),
                Param::required("num_decay_steps"),
                Param::number("min_lr_ratio", 0.0),
                Param::number("num_cycles", 0.5),
                Param::text("cooldown_type", "1-sqrt"),
            ],
            wsd,
        ),
        Kind::old(
            "get_chebyshev_schedule",
            &[Param::required("num_epochs"), Param::bool("is_warmup", false)],
            chebyshev,
        ),
        Kind::old(
            "ProportionScheduler",
            &[
                Param::required("lr_scheduler"),
                Param::required("max_lr"),
                Param::number("min_lr", 0.0),
                Param::number("max_value", 2.0),
                Param::number("min_value", 2.0),
            ],
            proportion,
        ),
    ],
};

/// The constructor leaves the optimizer at `first`; from update 1 on it is the schedule.
fn after_first(first: f64, schedule: Schedule) -> Result<Schedule, ScheduleError> {
    if schedule.at(0) == first {
        return Ok(schedule);
    }
    Schedule::constant(first)?.then_at(1, schedule.advance(1.0)?)
}

/// Linear from `min_lr` to `max_lr * gamma^cycle` in `warmup_steps`, then a cosine back, again and again. A cycle's length
/// is the warmup and `int(cycle_mult * ...)` of the cosine before, 1 or more. Update 0 has `min_lr`, warmup or not.
struct CosineRestarts {
    max_lr: f64,
    min_lr: f64,
    warmup: u64,
    gamma: f64,
    cycle_mult: f64,
}

fn cosine_restarts(p: &Params<'_>) -> Result<Translation, DialectError> {
    let restarts = CosineRestarts {
        max_lr: p.number("max_lr")?,
        min_lr: p.number("min_lr")?,
        warmup: p.count("warmup_steps")?,
        gamma: p.number("gamma")?,
        cycle_mult: p.number("cycle_mult")?,
    };
    let first_cycle_steps = p.count("first_cycle_steps")?;
    p.check(restarts.warmup < first_cycle_steps, "warmup_steps", "be below `first_cycle_steps`")?;
    let lr = one_by_one(&restarts, first_cycle_steps - restarts.warmup).map_err(|error| p.invalid(error))?;
    let rule = "not make more than 10000 cycles of different lengths";
    let lr = lr.ok_or_else(|| p.refused("cycle_mult", rule))?;
    after_first(restarts.min_lr, lr).map(Translation::from).map_err(|error| p.invalid(error))
}

impl CosineRestarts {
    fn between(&self, low: f64, high: f64, cosine: u64) -> Result<Schedule, ScheduleError> {
        let down = Schedule::cosine_annealing(high, low, cosine)?;
        if self.warmup == 0 { Ok(down) } else { Schedule::linear(low, high, self.warmup)?.then_at(self.warmup, down) }
    }

    fn peak(&self, index: u64) -> f64 {
        self.max_lr * libm::pow(self.gamma, index as f64)
    }
}

/// The length that varies is the cosine's.
impl Cycles for CosineRestarts {
    type Length = u64;

    fn steps(&self, cosine: u64) -> Option<u64> {
        Some(cosine.saturating_add(self.warmup))
    }

    fn next(&self, cosine: u64) -> u64 {
        ((cosine as f64 * self.cycle_mult) as u64).max(1)
    }

    fn cycle(&self, index: u64, cosine: u64) -> Result<Schedule, ScheduleError> {
        self.between(self.min_lr, self.peak(index), cosine)
    }

    /// `gamma` scales the peak, not the height above the floor: the two parts are apart.
    fn endless(&self, index: u64, cosine: u64) -> Result<Schedule, ScheduleError> {
        let period = cosine.saturating_add(self.warmup);
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

/// What the schedulers with a linear warmup share.
struct Warmup {
    max_lr: f64,
    min_lr: f64,
    init_lr: f64,
    warmup: u64,
    t_max: u64,
}

fn warmup(p: &Params<'_>) -> Result<Warmup, DialectError> {
    for name in ["min_lr", "max_lr", "init_lr"] {
        p.check(p.number(name)? >= 0.0, name, "be 0 or more")?;
    }
    Ok(Warmup {
        max_lr: p.number("max_lr")?,
        min_lr: p.number("min_lr")?,
        init_lr: p.number("init_lr")?,
        warmup: p.count("warmup_steps")?,
        t_max: p.count("t_max")?,
    })
}

/// `min_lr`, then linear from `init_lr` to `max_lr` in `warmup_steps`, then the decay: one update later than it counts.
fn warmed_up(p: &Params<'_>, w: &Warmup, decay: Result<Schedule, ScheduleError>) -> Result<Translation, DialectError> {
    let lr = || {
        let mut phases = vec![Phase { start: 0, schedule: Schedule::constant(w.min_lr)? }];
        if w.warmup > 0 {
            phases.push(Phase { start: 1, schedule: Schedule::linear(w.init_lr, w.max_lr, w.warmup)? });
        }
        Schedule::sequence(phases)?.then_at(w.warmup.saturating_add(1), decay?)
    };
    lr().map(Translation::from).map_err(|error| p.invalid(error))
}

/// From `max_lr` to `min_lr` at `t_max`; past it the library's line goes on below 0, here it holds.
fn linear(p: &Params<'_>) -> Result<Translation, DialectError> {
    let w = warmup(p)?;
    let decay = match w.t_max.saturating_sub(w.warmup) {
        0 => Schedule::constant(w.max_lr),
        steps => Schedule::linear(w.max_lr, w.min_lr, steps),
    };
    warmed_up(p, &w, decay)
}

/// From `max_lr` to `min_lr` at `t_max`, and up and down again.
fn cosine(p: &Params<'_>) -> Result<Translation, DialectError> {
    let w = warmup(p)?;
    let decay = match w.t_max.abs_diff(w.warmup) {
        0 => Schedule::constant(w.max_lr),
        steps => Ramp::new(w.max_lr, w.min_lr, steps).shape(Shape::Cosine).beyond(Beyond::Mirror).build(),
    };
    warmed_up(p, &w, decay)
}

/// `min_lr + (max_lr - min_lr) u^poly_order`, `u` steps after the warmup: it grows. Past `t_max` it holds here.
fn poly(p: &Params<'_>) -> Result<Translation, DialectError> {
    let order = p.number("poly_order")?;
    p.check(order > 0.0, "poly_order", "be above 0")?;
    let w = warmup(p)?;
    let growth = |height: f64| {
        Schedule::try_from(Node::PowerLaw(PowerLaw { scale: height, offset: 0.0, time_scale: 1.0, power: order }))
    };
    let decay = || {
        let held = w.t_max.saturating_sub(w.warmup);
        let start = Schedule::constant(w.max_lr)?;
        if held <= 1 {
            return Ok(start);
        }
        let grown = if w.max_lr >= w.min_lr {
            Schedule::constant(w.min_lr)?.plus(growth(w.max_lr - w.min_lr)?)?
        } else {
            Node::Complement { whole: w.min_lr, of: growth(w.min_lr - w.max_lr)? }.try_into()?
        };
        let last = Schedule::constant(grown.at(held))?;
        start.then_at(1, grown.advance(1.0)?)?.then_at(held, last)
    };
    warmed_up(p, &w, decay())
}

/// From `max_lr` to `min_lr` in `total_steps`, except that update 0 has `min_lr`.
fn rex(p: &Params<'_>) -> Result<Translation, DialectError> {
    let min_lr = p.number("min_lr")?;
    let lr = Schedule::rex(p.number("max_lr")?, min_lr, p.count("total_steps")?);
    lr.and_then(|lr| after_first(min_lr, lr)).map(Translation::from).map_err(|error| p.invalid(error))
}

/// Linear from 0, constant, then the cooldown, then `min_lr_ratio`: only a cosine gets there by itself, the others go to
/// 0 and jump.
fn wsd(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, floor) = (p.optimizer_lr()?, p.number("min_lr_ratio")?);
    let (warmup, decay_steps) = (p.count("num_warmup_steps")?, p.count("num_decay_steps")?);
    let decay = warmup.saturating_add(p.count("num_stable_steps")?);
    let waves = p.number("num_cycles")?.abs() * 2.0;
    let cooldown = Ramp::new(lr, 0.0, decay_steps);
    let cooldown = match p.text("cooldown_type")?.as_str() {
        "1-sqrt" => cooldown.shape(Shape::OneMinusSqrt),
        "1-square" => cooldown.shape(Shape::OneMinusSquare),
        "linear" => cooldown,
        "cosine" if waves == 0.0 => Ramp::new(lr, lr, decay_steps),
        "cosine" => {
            let ramp = Ramp::new(lr, lr * floor, 0).shape(Shape::Cosine).beyond(Beyond::Mirror);
            Ramp { steps: decay_steps as f64 / waves, ..ramp }
        }
        _ => return Err(p.refused("cooldown_type", "be \"cosine\", \"1-sqrt\", \"linear\" or \"1-square\"")),
    };
    let lr = || {
        Schedule::sequence(vec![
            Phase { start: 0, schedule: Schedule::linear(0.0, lr, warmup)? },
            Phase { start: warmup, schedule: Schedule::constant(lr)? },
            Phase { start: decay, schedule: cooldown.build()? },
            Phase { start: decay.saturating_add(decay_steps), schedule: Schedule::constant(lr * floor)? },
        ])
    };
    lr().map(Translation::from).map_err(|error| p.invalid(error))
}

/// Inverse Chebyshev nodes in fractal order, as many as the power of two from `num_epochs` on; from update 2 on, one each.
fn chebyshev(p: &Params<'_>) -> Result<Translation, DialectError> {
    let lr = p.optimizer_lr()?;
    let epochs = p.int("num_epochs")?;
    p.check(epochs <= 1 << 20, "num_epochs", "be 1048576 or less, because each has a rate of its own")?;
    let schedule = if p.flag("is_warmup")? {
        Schedule::constant(lr)
    } else {
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
        Schedule::piecewise_constant(rates[0].1, &rates)
    };
    schedule.map(Translation::from).map_err(|error| p.invalid(error))
}

/// The lower bound of the interval that the Chebyshev nodes are in; the upper one is 1.
const SMALLEST: f64 = 0.05;

/// Another scheduler, one of these or of PyTorch's, and beside it a value that goes from `min_value` to `max_value` as its
/// rate goes from `min_lr` to `max_lr`, and on in line with it; of the first parameter group.
fn proportion(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (kind, params) = p.nested("lr_scheduler").ok_or_else(|| p.wrong("lr_scheduler", "{\"kind\", \"params\"}"))?;
    let library = if LIBRARY.kinds.iter().any(|own| own.name == kind) { &LIBRARY } else { &torch::LIBRARY };
    let scheduler = p.old_member_of(library, kind, params)?.build()?;
    p.check(scheduler.feedback.is_none(), "lr_scheduler", "follow no metric")?;
    let first = p.of_group(0).old_member_of(library, kind, params)?;
    let mut lr = first.build()?.lr;
    // Some of these show another rate than the optimizer has before their first step.
    let shown = match kind {
        "LinearScheduler" | "CosineScheduler" | "PolyScheduler" => Some(first.number("init_lr")?),
        "REXScheduler" => Some(first.number(if first.count("total_steps")? > 0 { "max_lr" } else { "min_lr" })?),
        _ => None,
    };
    if let Some(shown) = shown {
        lr = after_first(shown, lr).map_err(|error| p.invalid(error))?;
    }
    let (low, high) = (p.number("min_lr")?, p.number("max_lr")?);
    let (from, to) = (p.number("min_value")?, p.number("max_value")?);
    let value =
        if high > low { in_line(lr, (to - from) / (high - low), low, from, high) } else { Schedule::constant(to) };
    Ok(Translation { value: Some(value.map_err(|error| p.invalid(error))?), ..scheduler })
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
