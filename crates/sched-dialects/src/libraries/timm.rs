//! timm 1.0: `timm.scheduler`.
//!
//! The rate of update 0 is the one that the constructor sets, which is not always the formula's.

use crate::declare::DialectError;
use crate::declare::Translation;
use crate::declare::legacy::Params;
use crate::declare::legacy::{mode, only_lr};
use crate::declare::{Kind, Library, Param};
use crate::shared::{followed, held_from};
use sched_core::Value;
use sched_core::{Node, Plateau, PowerLaw, Ramp, Repeat, Schedule, ScheduleError, Shape, ThresholdMode};

const T_IN_EPOCHS: Param = Param::bool("t_in_epochs", true);
const WARMUP_T: Param = Param::int("warmup_t", 0);
const WARMUP_LR_INIT: Param = Param::number("warmup_lr_init", 0.0);
const LR_MIN: Param = Param::number("lr_min", 0.0);
const CYCLE_MUL: Param = Param::number("cycle_mul", 1.0);
const CYCLE_DECAY: Param = Param::number("cycle_decay", 1.0);
const CYCLE_LIMIT: Param = Param::int("cycle_limit", 1);
const NOISE_RANGE_T: Param = Param::null("noise_range_t");
const NOISE_PCT: Param = Param::number("noise_pct", 0.67);
const NOISE_STD: Param = Param::number("noise_std", 1.0);
const NOISE_SEED: Param = Param::int("noise_seed", 42);
const INITIALIZE: Param = Param::bool("initialize", true);

pub(super) const LIBRARY: Library = Library {
    name: "timm",
    optimizer: &[
        Param::null("optimizer"),
        Param::null("optimizer_lr").per_group(),
        Param::null("optimizer_momentum"),
        Param::null("optimizer_betas"),
        Param::number("param_group_lr_scale", 1.0).per_group(),
    ],
    kinds: &[
        Kind::old(
            "CosineLRScheduler",
            &[
                Param::required("t_initial"),
                LR_MIN,
                CYCLE_MUL,
                CYCLE_DECAY,
                CYCLE_LIMIT,
                WARMUP_T,
                WARMUP_LR_INIT,
                Param::bool("warmup_prefix", false),
                T_IN_EPOCHS,
                NOISE_RANGE_T,
                NOISE_PCT,
                NOISE_STD,
                NOISE_SEED,
                Param::number("k_decay", 1.0),
                INITIALIZE,
            ],
            cosine,
        ),
        Kind::old(
            "TanhLRScheduler",
            &[
                Param::required("t_initial"),
                Param::number("lb", -7.0),
                Param::number("ub", 3.0),
                LR_MIN,
                CYCLE_MUL,
                CYCLE_DECAY,
                CYCLE_LIMIT,
                WARMUP_T,
                WARMUP_LR_INIT,
                Param::bool("warmup_prefix", false),
                T_IN_EPOCHS,
                NOISE_RANGE_T,
                NOISE_PCT,
                NOISE_STD,
                NOISE_SEED,
                INITIALIZE,
            ],
            tanh,
        ),
        Kind::old(
            "PolyLRScheduler",
            &[
                Param::required("t_initial"),
                Param::number("power", 0.5),
                LR_MIN,
                CYCLE_MUL,
                CYCLE_DECAY,
                CYCLE_LIMIT,
                WARMUP_T,
                WARMUP_LR_INIT,
                Param::bool("warmup_prefix", false),
                T_IN_EPOCHS,
                NOISE_RANGE_T,
                NOISE_PCT,
                NOISE_STD,
                NOISE_SEED,
                Param::number("k_decay", 1.0),
                INITIALIZE,
            ],
            poly,
        ),
        Kind::old(
            "StepLRScheduler",
            &[
                Param::required("decay_t"),
                Param::number("decay_rate", 1.0),
                WARMUP_T,
                WARMUP_LR_INIT,
                Param::bool("warmup_prefix", true),
                T_IN_EPOCHS,
                NOISE_RANGE_T,
                NOISE_PCT,
                NOISE_STD,
                NOISE_SEED,
                INITIALIZE,
            ],
            step,
        ),
        Kind::old(
            "MultiStepLRScheduler",
            &[
                Param::required("decay_t"),
                Param::number("decay_rate", 1.0),
                WARMUP_T,
                WARMUP_LR_INIT,
                Param::bool("warmup_prefix", true),
                T_IN_EPOCHS,
                NOISE_RANGE_T,
                NOISE_PCT,
                NOISE_STD,
                NOISE_SEED,
                INITIALIZE,
            ],
            multi_step,
        ),
        Kind::old(
            "WSDLRScheduler",
            &[
                Param::required("t_initial"),
                Param::required("decay_t"),
                LR_MIN,
                Param::text("stable_fn", "constant"),
                Param::null("stable_timescale"),
                Param::number("stable_power", 0.5),
                Param::text("decay_fn", "1-sqrt"),
                Param::number("decay_power", 0.5),
                Param::number("decay_ratio", 0.1),
                WARMUP_T,
                WARMUP_LR_INIT,
                T_IN_EPOCHS,
                NOISE_RANGE_T,
                NOISE_PCT,
                NOISE_STD,
                NOISE_SEED,
                INITIALIZE,
            ],
            wsd,
        ),
        Kind::old(
            "PlateauLRScheduler",
            &[
                Param::number("decay_rate", 0.1),
                Param::int("patience_t", 10),
                Param::number("threshold", 1e-4),
                Param::int("cooldown_t", 0),
                WARMUP_T,
                WARMUP_LR_INIT,
                LR_MIN.per_group(),
                Param::text("mode", "max"),
                NOISE_RANGE_T,
                Param::text("noise_type", "normal"),
                NOISE_PCT,
                NOISE_STD,
                Param::null("noise_seed"),
                INITIALIZE,
            ],
            plateau,
        ),
    ],
};

/// The parameter group's factor: every rate of these schedulers is proportional to it.
fn scale(p: &Params<'_>) -> Result<f64, DialectError> {
    Ok(p.number_or_null("param_group_lr_scale")?.unwrap_or(1.0))
}

/// What comes before a schedule: a line from `init` over `steps`, or the optimizer's own rate at update 0.
struct Warmup {
    base: f64,
    init: f64,
    steps: u64,
    /// Whether the schedule's clock starts after the warmup. If not, it has run on meanwhile, and the rate jumps.
    prefix: bool,
}

impl Warmup {
    fn read(p: &Params<'_>, prefix: bool) -> Result<Self, DialectError> {
        let noise = "be null: the noise comes from PyTorch's random generator, and a schedule has none";
        p.check(p.value("noise_range_t")? == Value::Null, "noise_range_t", noise)?;
        let initialize = "be true: where the schedule starts is given as `optimizer_lr`";
        p.check(p.flag("initialize")?, "initialize", initialize)?;
        let scale = scale(p)?;
        Ok(Self {
            base: p.optimizer_lr()? * scale,
            init: p.number("warmup_lr_init")? * scale,
            steps: p.count("warmup_t")?,
            prefix,
        })
    }

    /// The warmup up to the optimizer's rate, then `main`.
    fn then(&self, main: Schedule) -> Result<Schedule, ScheduleError> {
        self.up_to(self.base, main)
    }

    fn up_to(&self, target: f64, main: Schedule) -> Result<Schedule, ScheduleError> {
        if self.steps == 0 {
            let first = Schedule::constant(self.base)?;
            return if main.at(0) == self.base { Ok(main) } else { followed(first, 1, main.advance(1.0)?) };
        }
        let main = if self.prefix { main } else { main.advance(self.steps as f64)? };
        followed(Schedule::linear(self.init, target, self.steps)?, self.steps, main)
    }

    /// The rate just before the schedule itself begins.
    fn last(&self) -> Result<f64, ScheduleError> {
        let before = self.steps.saturating_sub(1);
        Ok(if self.steps == 0 { self.base } else { Schedule::linear(self.init, self.base, self.steps)?.at(before) })
    }
}

/// Cycles from a peak to `lr_min`, and `lr_min` after the last one.
struct Cycles {
    steps: u64,
    shape: Shape,
    k_decay: f64,
    mul: f64,
    limit: u64,
    /// Each peak over the one before; `lr_min` stays.
    decay: f64,
    lr_min: f64,
}

impl Cycles {
    fn read(p: &Params<'_>, shape: Shape, k_decay: f64) -> Result<Self, DialectError> {
        let (steps, mul, lr_min) = (p.count("t_initial")?, p.number("cycle_mul")?, p.number("lr_min")?);
        p.check(steps > 0, "t_initial", "be above 0")?;
        p.check(lr_min >= 0.0, "lr_min", "be 0 or more")?;
        p.check(mul > 0.0, "cycle_mul", "be above 0: a cycle has a length")?;
        let limit = p.int("cycle_limit")?.max(0).unsigned_abs();
        Ok(Self { steps, shape, k_decay, mul, limit, decay: p.number("cycle_decay")?, lr_min: lr_min * scale(p)? })
    }

    fn from(&self, peak: f64) -> Result<Schedule, ScheduleError> {
        let floor = Schedule::constant(self.lr_min)?;
        if self.limit == 0 {
            return Ok(floor);
        }
        let cycles = if self.decay == 1.0 || self.lr_min == 0.0 {
            self.repeat(peak, self.lr_min, self.decay)?
        } else {
            self.repeat(peak, 0.0, self.decay)?.plus(self.repeat(0.0, self.lr_min, 1.0)?)?
        };
        let cycles = cycles.then(floor)?;
        // Where shrinking cycles have come to an end, timm takes the logarithm of 0.
        match self.end() {
            Some(end) => held_from(cycles, end),
            None => Ok(cycles),
        }
    }

    fn end(&self) -> Option<u64> {
        (self.mul < 1.0).then(|| libm::ceil(self.steps as f64 / (1.0 - self.mul)) as u64)
    }

    fn repeat(&self, from: f64, to: f64, decay: f64) -> Result<Schedule, ScheduleError> {
        // (t / T)^0 is 1: the end of the cycle.
        let ramp = Ramp::new(from, to, if self.k_decay == 0.0 { 0 } else { self.steps }).shape(self.shape).build()?;
        let bent = !matches!(self.k_decay, 0.0 | 1.0);
        let cycle = if bent { ramp.warp(self.steps as f64, self.k_decay)? } else { ramp };
        Repeat::new(cycle, self.steps).growth(self.mul).cycle_scale(decay).limit(self.limit).build()
    }
}

/// `lr_min + (lr cycle_decay^i - lr_min) (1 + cos(pi (c / T_i)^k_decay)) / 2`, `c` steps into cycle `i`.
fn cosine(p: &Params<'_>) -> Result<Translation, DialectError> {
    let warmup = Warmup::read(p, p.flag("warmup_prefix")?)?;
    let cycles = Cycles::read(p, Shape::Cosine, p.number("k_decay")?)?;
    only_lr(p, cycles.from(warmup.base).and_then(|main| warmup.then(main)))
}

/// As `cosine`, with `(1 - c / T_i)^power` bent by `k_decay`.
fn poly(p: &Params<'_>) -> Result<Translation, DialectError> {
    let warmup = Warmup::read(p, p.flag("warmup_prefix")?)?;
    let cycles = Cycles::read(p, Shape::Polynomial(p.number("power")?), p.number("k_decay")?)?;
    only_lr(p, cycles.from(warmup.base).and_then(|main| warmup.then(main)))
}

/// As `cosine`, with a hyperbolic tangent; without `warmup_prefix` the warmup ends where the curve is by then.
fn tanh(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lb, ub) = (p.number("lb")?, p.number("ub")?);
    p.check(lb < ub, "lb", "be below `ub`")?;
    p.check(p.int("cycle_limit")? >= 0, "cycle_limit", "be 0 or more")?;
    let warmup = Warmup::read(p, p.flag("warmup_prefix")?)?;
    let cycles = Cycles::read(p, Shape::Tanh { lb, ub }, 1.0)?;
    let ended = !warmup.prefix && cycles.end().is_some_and(|end| warmup.steps >= end);
    p.check(!ended, "warmup_t", "be over before the shrinking cycles are")?;
    only_lr(
        p,
        cycles.from(warmup.base).and_then(|main| {
            let target = if warmup.prefix { warmup.base } else { main.at(warmup.steps) };
            warmup.up_to(target, main)
        }),
    )
}

/// `lr * decay_rate^floor(t / decay_t)`; `decay_t` need not be whole.
fn step(p: &Params<'_>) -> Result<Translation, DialectError> {
    let warmup = Warmup::read(p, p.flag("warmup_prefix")?)?;
    let (decay_t, rate) = (p.number("decay_t")?, p.number("decay_rate")?);
    p.check(decay_t >= 0.0, "decay_t", "not be negative")?;
    let main = || {
        if decay_t == 0.0 {
            return Schedule::constant(warmup.last()?); // timm divides by it.
        }
        let decay = Schedule::exponential(warmup.base, rate)?;
        let whole = decay_t as u64;
        if whole as f64 == decay_t { decay.every(whole) } else { decay.every(1)?.stretch(decay_t) }
    };
    only_lr(p, main().and_then(|main| warmup.then(main)))
}

/// `lr * decay_rate^(number of milestones <= t + 1)`: each applies one step early, but never at update 0.
fn multi_step(p: &Params<'_>) -> Result<Translation, DialectError> {
    let warmup = Warmup::read(p, p.flag("warmup_prefix")?)?;
    let milestones = p.numbers("decay_t")?;
    let early: Vec<u64> = milestones.iter().map(|milestone| (libm::ceil(*milestone) - 1.0) as u64).collect();
    let rate = p.number("decay_rate")?;
    let main = if early.is_empty() {
        Schedule::constant(warmup.base)
    } else {
        Schedule::multi_step(warmup.base, &early, rate)
    };
    only_lr(p, main.and_then(|main| warmup.then(main)))
}

/// `lr_min + (max(lr stable(t), lr_min) - lr_min) decay(p)`, `p` from 0 to 1 over the last `decay_t` of `t_initial` steps.
fn wsd(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (t_initial, decay_t, lr_min) = (p.count("t_initial")?, p.count("decay_t")?, p.number("lr_min")?);
    p.check(t_initial > 0, "t_initial", "be above 0")?;
    p.check(decay_t > 0 && decay_t <= t_initial, "decay_t", "be above 0 and at most `t_initial`")?;
    p.check(lr_min >= 0.0, "lr_min", "be 0 or more")?;
    let warmup = Warmup::read(p, true)?;
    let (shape, power) = (decay_fn(p)?, stable_power(p)?);
    let (base, lr_min, hold) = (warmup.base, lr_min * scale(p)?, t_initial - decay_t);
    let timescale = p.number_or_null("stable_timescale")?.unwrap_or(warmup.steps as f64);
    p.check(power == 0.0 || timescale > 0.0, "stable_timescale", "be above 0; it is `warmup_t` unless given")?;
    let main = || {
        let peak = base.max(lr_min);
        if power == 0.0 {
            return followed(Schedule::constant(peak)?, hold, Ramp::new(peak, lr_min, decay_t).shape(shape).build()?);
        }
        let law = PowerLaw { scale: base, offset: timescale, time_scale: timescale, power: -power };
        let stable = Schedule::try_from(Node::PowerLaw(law))?.max(Schedule::constant(lr_min)?)?;
        let down = Ramp::new(1.0, 0.0, decay_t).shape(shape).build()?.delay(hold)?;
        stable.times(down)?.plus(Ramp::new(0.0, lr_min, decay_t).shape(shape).build()?.delay(hold)?)
    };
    only_lr(p, main().and_then(|main| warmup.then(main)))
}

/// The exponent of `(1 + t / stable_timescale)^-power`; 0 for a constant.
fn stable_power(p: &Params<'_>) -> Result<f64, DialectError> {
    let power = p.number("stable_power")?;
    p.check(power > 0.0, "stable_power", "be above 0")?;
    match p.text("stable_fn")?.as_str() {
        "constant" => Ok(0.0),
        "rsqrt" => Ok(0.5),
        "power" => Ok(power),
        _ => Err(p.refused("stable_fn", "be \"constant\", \"rsqrt\" or \"power\"")),
    }
}

fn decay_fn(p: &Params<'_>) -> Result<Shape, DialectError> {
    let (power, ratio) = (p.number("decay_power")?, p.number("decay_ratio")?);
    p.check(power > 0.0, "decay_power", "be above 0")?;
    p.check(ratio > 0.0 && ratio < 1.0, "decay_ratio", "be above 0 and below 1")?;
    match p.text("decay_fn")?.as_str() {
        "linear" => Ok(Shape::Linear),
        "1-sqrt" => Ok(Shape::OneMinusSqrt),
        "cosine" => Ok(Shape::Cosine),
        "power" => Ok(Shape::OneMinusPower(power)),
        "exp" => Ok(Shape::ExpRatio(ratio)),
        code if code.contains("lambda") => Err(p.code(
            "decay_fn",
            "Scheduler::new(|step: u64| { let p = step.saturating_sub(900) as f64 / 100.0; 0.1 * (1.0 - p.min(1.0)) })",
        )),
        _ => Err(p.refused("decay_fn", "be \"linear\", \"1-sqrt\", \"cosine\", \"power\" or \"exp\"")),
    }
}

/// PyTorch's plateau after a warmup, during which metrics do not count; `lr_min` is not scaled by group.
fn plateau(p: &Params<'_>) -> Result<Translation, DialectError> {
    let warmup = Warmup::read(p, true)?;
    let rule = Plateau::new()
        .mode(mode(p)?)
        .factor(p.number("decay_rate")?)
        .patience(p.count("patience_t")?)
        .threshold(p.number("threshold")?, ThresholdMode::RelativeSigned)
        .cooldown(p.count("cooldown_t")?)
        .min_lr(p.number("lr_min")?)
        .start_step(warmup.steps.saturating_add(1))
        .build()
        .map_err(|error| p.invalid(error))?;
    let lr = Schedule::constant(warmup.base).and_then(|main| warmup.then(main)).map_err(|error| p.invalid(error))?;
    Ok(Translation { feedback: Some(rule.into()), ..Translation::from(lr) })
}
