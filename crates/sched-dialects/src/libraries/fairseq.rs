//! fairseq 0.12: `fairseq.optim.lr_scheduler`.
//!
//! `lr` is a list with one rate per epoch. Schedulers that look at the epoch need `epoch_len`, the updates per epoch, which
//! fairseq knows from its data; without it the first epoch never ends. `manual` and `pass_through` have no translation: the
//! one reads a program text, the other an optimizer.

use crate::declare::DialectError;
use crate::declare::Translation;
use crate::declare::legacy::Params;
use crate::declare::legacy::only_lr;
use crate::declare::{Default, Kind, Library, Param};
use crate::shared::{followed, held_from};
use sched_core::Value;
use sched_core::{
    Exponential, Node, Phase, Plateau, PlateauMode, Ramp, Repeat, Schedule, ScheduleError, Shape, ThresholdMode,
};

const LR: Param = Param { name: "lr", default: Default::Numbers(&[0.25]), per_group: false };
const MAX_UPDATE: Param = Param::int("max_update", 0);
const WARMUP_UPDATES: Param = Param::int("warmup_updates", 0);
const WARMUP_INIT_LR: Param = Param::number("warmup_init_lr", -1.0);
const MIN_LR: Param = Param::number("min_lr", 0.0);
const FORCE_ANNEAL: Param = Param::null("force_anneal");
const LR_SHRINK: Param = Param::number("lr_shrink", 0.1);

pub(super) const LIBRARY: Library = Library {
    name: "fairseq",
    optimizer: &[Param::null("epoch_len")],
    kinds: &[
        Kind::old(
            "cosine",
            &[
                WARMUP_UPDATES,
                WARMUP_INIT_LR,
                LR,
                MIN_LR,
                Param::number("t_mult", 1.0),
                Param::number("lr_period_updates", -1.0),
                LR_SHRINK,
                MAX_UPDATE,
            ],
            cosine,
        ),
        Kind::old("fixed", &[FORCE_ANNEAL, LR_SHRINK, WARMUP_UPDATES, LR], fixed),
        Kind::old("inverse_sqrt", &[Param::int("warmup_updates", 4000), WARMUP_INIT_LR, LR], inverse_sqrt),
        Kind::old(
            "polynomial_decay",
            &[
                WARMUP_UPDATES,
                FORCE_ANNEAL,
                Param::number("end_learning_rate", 0.0),
                Param::number("power", 1.0),
                Param::required("total_num_update"),
                LR,
            ],
            polynomial_decay,
        ),
        Kind::old(
            "reduce_lr_on_plateau",
            &[
                LR_SHRINK,
                Param::number("lr_threshold", 1e-4),
                Param::int("lr_patience", 0),
                WARMUP_UPDATES,
                WARMUP_INIT_LR,
                LR,
                Param::bool("maximize_best_checkpoint_metric", false),
            ],
            reduce_lr_on_plateau,
        ),
        Kind::old(
            "step",
            &[
                WARMUP_UPDATES,
                WARMUP_INIT_LR,
                LR,
                MIN_LR,
                Param::int("lr_deacy_period", 25000),
                Param::number("lr_decay", 0.5),
            ],
            step,
        ),
        Kind::old(
            "tri_stage",
            &[
                Param::int("warmup_steps", 0),
                Param::int("hold_steps", 0),
                Param::int("decay_steps", 0),
                Param::null("phase_ratio"),
                Param::number("init_lr_scale", 0.01),
                Param::number("final_lr_scale", 0.01),
                MAX_UPDATE,
                LR,
            ],
            tri_stage,
        ),
        Kind::old(
            "triangular",
            &[
                Param::required("max_lr"),
                Param::number("lr_period_updates", 5000.0),
                LR_SHRINK,
                Param::bool("shrink_min", false),
                LR,
            ],
            triangular,
        ),
    ],
};

/// The rates by epoch; a single number is a list of one.
fn rates(p: &Params<'_>) -> Result<Vec<f64>, DialectError> {
    if !matches!(p.value("lr")?, Value::List(_)) {
        return Ok(vec![p.number("lr")?]);
    }
    let rates = p.numbers("lr")?;
    p.check(!rates.is_empty(), "lr", "have at least one rate")?;
    Ok(rates)
}

/// The rate of a scheduler that takes only one.
fn rate(p: &Params<'_>) -> Result<f64, DialectError> {
    let rates = rates(p)?;
    p.check(rates.len() == 1, "lr", "be one rate: a list by epoch is for `fixed`")?;
    Ok(rates[0])
}

/// `warmup_init_lr`, or `otherwise` where it is negative.
fn warmup_init_lr(p: &Params<'_>, otherwise: f64) -> Result<f64, DialectError> {
    let init = p.number("warmup_init_lr")?;
    Ok(if init < 0.0 { otherwise } else { init })
}

fn max_update(p: &Params<'_>) -> Result<f64, DialectError> {
    let updates = p.number_or_null("max_update")?.unwrap_or(0.0);
    p.check(updates > 0.0, "max_update", "be above 0 where the lengths come from it")?;
    Ok(updates)
}

fn epoch_len(p: &Params<'_>) -> Result<Option<u64>, DialectError> {
    let updates = p.count_or_null("epoch_len")?;
    p.check(updates != Some(0), "epoch_len", "be above 0")?;
    Ok(updates)
}

fn force_anneal(p: &Params<'_>) -> Result<Option<i64>, DialectError> {
    if p.value("force_anneal")? == Value::Null { Ok(None) } else { p.int("force_anneal").map(Some) }
}

/// Cosine restarts: `lr_shrink^i` times the way from `lr` to `min_lr`, cycle `i` being `lr_period_updates t_mult^i` long.
fn cosine(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, min_lr, warmup) = (rate(p)?, p.number("min_lr")?, p.count("warmup_updates")?);
    p.check(lr > min_lr, "lr", "be more than `min_lr`")?;
    let (init, mult, shrink) = (warmup_init_lr(p, min_lr)?, p.number("t_mult")?, p.number("lr_shrink")?);
    p.check(mult > 0.0, "t_mult", "be above 0: a period has a length")?;
    let period = match p.number("lr_period_updates")? {
        period if period > 0.0 => period,
        _ => max_update(p)? - warmup as f64,
    };
    let schedule = || {
        let ramp = Schedule::linear(init, lr, warmup)?;
        if period <= 0.0 {
            // fairseq divides by what is left after the warmup, or counts backwards from `lr`.
            return held_from(ramp, if period < 0.0 { warmup.saturating_add(1) } else { warmup });
        }
        followed(ramp, warmup, cosine_cycles(lr, min_lr, period, mult, shrink)?)
    };
    only_lr(p, schedule())
}

fn cosine_cycles(lr: f64, min_lr: f64, period: f64, mult: f64, shrink: f64) -> Result<Schedule, ScheduleError> {
    // A period that is not whole is counted as 1, and time stretched.
    let whole = period as u64;
    let (length, stretch) = if whole as f64 == period { (whole, 1.0) } else { (1, period) };
    let cycle = Ramp::new(lr, min_lr, length).shape(Shape::Cosine).build()?;
    let cycles = Repeat::new(cycle, length).growth(mult).cycle_scale(shrink);
    let cycles = if mult < 1.0 { cycles.limit(u64::from(u32::MAX)) } else { cycles }.build()?;
    let cycles = if stretch == 1.0 { cycles } else { cycles.stretch(stretch)? };
    if mult < 1.0 {
        // Shrinking cycles come to an end, where fairseq takes the logarithm of 0.
        return held_from(cycles, libm::ceil(period / (1.0 - mult)) as u64);
    }
    Ok(cycles)
}

/// The rate of the epoch, times `(t + 1) / W` before `W`: `lr[epoch - 1]`, and from epoch `force_anneal` on the last of
/// them times `lr_shrink^(epoch + 1 - force_anneal)`. Epochs count from 1.
fn fixed(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (rates, warmup, shrink) = (rates(p)?, p.count("warmup_updates")?, p.number("lr_shrink")?);
    let (force_anneal, epoch_len) = (force_anneal(p)?, epoch_len(p)?);
    let epochs = || {
        let listed: Vec<(u64, f64)> = (0..).zip(rates.iter().copied()).collect();
        let listed = Schedule::piecewise_constant(rates[0], &listed)?;
        let Some(anneal) = force_anneal else { return Ok(listed) };
        // A `force_anneal` below 1 has begun before the first epoch.
        let initial = rates[rates.len() - 1] * libm::pow(shrink, 2_i64.saturating_sub(anneal).max(1) as f64);
        let annealed = Exponential { initial, gamma: shrink, decay_steps: 1.0 };
        followed(listed, anneal.saturating_sub(1).max(0).unsigned_abs(), Node::Exponential(annealed).try_into()?)
    };
    let schedule = || {
        let updates = match epoch_len {
            Some(updates) => epochs()?.every(updates)?,
            None => Schedule::constant(epochs()?.at(0))?,
        };
        match warmup {
            0 => Ok(updates),
            warmup => updates.times(Schedule::linear(0.0, 1.0, warmup)?.advance(1.0)?),
        }
    };
    only_lr(p, schedule())
}

/// `lr sqrt(W / t)` after a warmup over `W`, which must not be 0.
fn inverse_sqrt(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, warmup) = (rate(p)?, p.count("warmup_updates")?);
    p.check(warmup > 0, "warmup_updates", "be above 0, because fairseq divides by it")?;
    let init = warmup_init_lr(p, 0.0)?;
    let schedule = || followed(Schedule::linear(init, lr, warmup)?, warmup, Schedule::inverse_sqrt(lr, warmup as f64)?);
    only_lr(p, schedule())
}

/// `end + (lr - end) (1 - (t - W) / (N - W))^power` after `lr t / W` up to and with `W`; `end` from `N` on.
///
/// In epoch `e`, counted from 1, `lr` is `lr[e]`: the list's second rate is the first epoch's. From epoch `force_anneal`
/// on it is the rate at the epoch's start, so that each epoch decays again what the one before has left.
fn polynomial_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (rates, epoch_len, force_anneal) = (rates(p)?, epoch_len(p)?, force_anneal(p)?);
    let decay = PolynomialDecay {
        warmup: p.count("warmup_updates")?,
        end: p.number("end_learning_rate")?,
        power: p.number("power")?,
        total: p.number("total_num_update")?,
    };
    p.check(decay.total > 0.0, "total_num_update", "be above 0")?;
    let epochs = match epoch_len {
        None => 1,
        Some(_) if force_anneal.is_none() => (rates.len() as u64 - 1).max(1),
        Some(len) => ((decay.total.max(decay.warmup as f64) / len as f64) as u64).saturating_add(1),
    };
    p.check(epochs <= MAX_EPOCHS, "epoch_len", "leave at most 10000 epochs, each of which has a rate of its own")?;
    let schedule = || {
        let mut phases: Vec<Phase> = Vec::new();
        let mut lr = rates[0] / decay.warmup.max(1) as f64; // as the constructor leaves it
        for epoch in 1..=epochs {
            let start = (epoch - 1).saturating_mul(epoch_len.unwrap_or(0));
            if let Some(before) = phases.last() {
                lr = before.schedule.at(start - before.start);
            }
            if force_anneal.is_none_or(|anneal| i128::from(epoch) < i128::from(anneal)) {
                lr = rates[rates.len().min(epoch as usize + 1) - 1];
            }
            let schedule = decay.from(lr)?;
            phases.push(Phase { start, schedule: if start > 0 { schedule.advance(start as f64)? } else { schedule } });
        }
        match phases.as_slice() {
            [only] => Ok(only.schedule.clone()),
            _ => Schedule::sequence(phases),
        }
    };
    only_lr(p, schedule())
}

const MAX_EPOCHS: u64 = 10_000;

struct PolynomialDecay {
    warmup: u64,
    end: f64,
    power: f64,
    total: f64,
}

impl PolynomialDecay {
    fn from(&self, lr: f64) -> Result<Schedule, ScheduleError> {
        let steps = (self.total - self.warmup as f64).max(0.0);
        let shape = Shape::Polynomial(self.power);
        let decay = Ramp { steps, shape, ..Ramp::new(lr, self.end, 0) }.build()?;
        match self.warmup {
            0 => Ok(decay),
            // The warmup has its last update too, also where nothing is left to decay.
            warmup => followed(Schedule::linear(0.0, lr, warmup)?, warmup.saturating_add(1), decay.advance(1.0)?),
        }
    }
}

/// PyTorch's plateau, observed after each epoch, once the warmup is over.
fn reduce_lr_on_plateau(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, warmup) = (rate(p)?, p.count("warmup_updates")?);
    let init = warmup_init_lr(p, 0.0)?;
    let mode = if p.flag("maximize_best_checkpoint_metric")? { PlateauMode::Max } else { PlateauMode::Min };
    let rule = Plateau::new()
        .mode(mode)
        .factor(p.number("lr_shrink")?)
        .patience(p.count("lr_patience")?)
        .threshold(p.number("lr_threshold")?, ThresholdMode::RelativeSigned)
        .start_step(warmup.saturating_add(1))
        .build()
        .map_err(|error| p.invalid(error))?;
    let lr = Schedule::linear(init, lr, warmup).map_err(|error| p.invalid(error))?;
    Ok(Translation { feedback: Some(rule.into()), ..Translation::from(lr) })
}

/// `max(lr lr_decay^floor((t - W) / lr_deacy_period), min_lr)`, of the list's first rate; the name is fairseq's.
fn step(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, min_lr, warmup) = (rates(p)?[0], p.number("min_lr")?, p.count("warmup_updates")?);
    let (period, decay, init) = (p.count("lr_deacy_period")?, p.number("lr_decay")?, warmup_init_lr(p, min_lr)?);
    p.check(period > 0, "lr_deacy_period", "be above 0")?;
    p.check(decay <= 1.0, "lr_decay", "be at most 1")?;
    p.check(min_lr >= 0.0, "min_lr", "be 0 or more")?;
    p.check(lr > min_lr, "lr", "be more than `min_lr`")?;
    let schedule = || {
        let steps = Schedule::step(lr, period, decay)?;
        let steps = if min_lr > 0.0 { steps.max(Schedule::constant(min_lr)?)? } else { steps };
        followed(Schedule::linear(init, lr, warmup)?, warmup, steps)
    };
    only_lr(p, schedule())
}

/// A line from `lr init_lr_scale`, `lr`, an exponential to `lr final_lr_scale`; lengths may be fractions of `max_update`.
fn tri_stage(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, init, end) = (rate(p)?, p.number("init_lr_scale")?, p.number("final_lr_scale")?);
    let [warmup, hold, decay] = if p.value("phase_ratio")? == Value::Null {
        [p.count("warmup_steps")?, p.count("hold_steps")?, p.count("decay_steps")?]
    } else {
        let three = "be three fractions that add up to 1";
        let ratio = <[f64; 3]>::try_from(p.numbers("phase_ratio")?).map_err(|_| p.refused("phase_ratio", three))?;
        // Whether 0.3 + 0.3 + 0.4 is 1 to the last bit is up to Python's version.
        p.check((ratio.iter().sum::<f64>() - 1.0).abs() <= f64::EPSILON, "phase_ratio", three)?;
        let updates = max_update(p)?;
        ratio.map(|part| (updates * part) as u64)
    };
    p.check(decay > 0, "decay_steps", "be above 0, because fairseq divides by it")?;
    p.check(end > 0.0, "final_lr_scale", "be above 0, because fairseq takes its logarithm")?;
    only_lr(p, Schedule::tri_stage(lr, warmup, hold, decay, init, end))
}

/// Triangles between `lr` and `max_lr lr_shrink^i`, each side half of `lr_period_updates`, rounded down.
fn triangular(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (min, max, shrink) = (rate(p)?, p.number("max_lr")?, p.number("lr_shrink")?);
    p.check(max > min, "max_lr", "be more than `lr`")?;
    let side = (p.number("lr_period_updates")? / 2.0) as u64;
    if side == 0 {
        return only_lr(p, Schedule::constant(min)); // fairseq divides by it at the first update.
    }
    let triangles = |foot, tip, scale| {
        let triangle = followed(Schedule::linear(foot, tip, side)?, side, Schedule::linear(tip, foot, side)?)?;
        Repeat::new(triangle, side.saturating_mul(2)).cycle_scale(scale).build()
    };
    let all_shrinks = p.flag("shrink_min")? || min == 0.0;
    let schedule = || {
        if all_shrinks {
            return triangles(min, max, shrink);
        }
        // Only the tip shrinks, so what is left at the foot is a wave of its own.
        triangles(0.0, max, shrink)?.plus(triangles(min, 0.0, 1.0)?)
    };
    only_lr(p, schedule())
}
