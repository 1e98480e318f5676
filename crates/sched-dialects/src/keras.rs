//! keras 3.15: `keras.optimizers.schedules`, `keras.callbacks.ReduceLROnPlateau`.

use super::Translation;
use super::error::DialectError;
use super::forms::{between, from_boundary, only_lr, polynomial_cycles, staircase, stairs};
use super::params::{Kind, Library, Param, Params};
use sched_core::{Phase, Plateau, PlateauMode, Ramp, Repeat, Schedule, ScheduleError, Shape, ThresholdMode};

pub(super) const LIBRARY: Library = Library {
    name: "keras",
    optimizer: &[],
    kinds: &[
        Kind {
            name: "ExponentialDecay",
            params: &[
                Param::required("initial_learning_rate"),
                Param::required("decay_steps"),
                Param::required("decay_rate"),
                Param::bool("staircase", false),
                Param::text("name", "ExponentialDecay"),
            ],
            build: exponential_decay,
        },
        Kind {
            name: "PiecewiseConstantDecay",
            params: &[
                Param::required("boundaries"),
                Param::required("values"),
                Param::text("name", "PiecewiseConstant"),
            ],
            build: piecewise_constant_decay,
        },
        Kind {
            name: "PolynomialDecay",
            params: &[
                Param::required("initial_learning_rate"),
                Param::required("decay_steps"),
                Param::number("end_learning_rate", 1e-4),
                Param::number("power", 1.0),
                Param::bool("cycle", false),
                Param::text("name", "PolynomialDecay"),
            ],
            build: polynomial_decay,
        },
        Kind {
            name: "InverseTimeDecay",
            params: &[
                Param::required("initial_learning_rate"),
                Param::required("decay_steps"),
                Param::required("decay_rate"),
                Param::bool("staircase", false),
                Param::text("name", "InverseTimeDecay"),
            ],
            build: inverse_time_decay,
        },
        Kind {
            name: "CosineDecay",
            params: &[
                Param::required("initial_learning_rate"),
                Param::required("decay_steps"),
                Param::number("alpha", 0.0),
                Param::text("name", "CosineDecay"),
                Param::null("warmup_target"),
                Param::int("warmup_steps", 0),
            ],
            build: cosine_decay,
        },
        Kind {
            name: "CosineDecayRestarts",
            params: &[
                Param::required("initial_learning_rate"),
                Param::required("first_decay_steps"),
                Param::number("t_mul", 2.0),
                Param::number("m_mul", 1.0),
                Param::number("alpha", 0.0),
                Param::text("name", "SGDRDecay"),
            ],
            build: cosine_decay_restarts,
        },
        Kind {
            name: "ReduceLROnPlateau",
            params: &[
                Param::required("optimizer_lr"),
                Param::text("monitor", "val_loss"),
                Param::number("factor", 0.1),
                Param::int("patience", 10),
                Param::int("verbose", 0),
                Param::text("mode", "auto"),
                Param::number("min_delta", 1e-4),
                Param::int("cooldown", 0),
                Param::number("min_lr", 0.0),
            ],
            build: reduce_lr_on_plateau,
        },
    ],
};

/// `initial * decay_rate^(t / decay_steps)`, as a staircase with the exponent rounded down.
fn exponential_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (initial, rate) = (p.number("initial_learning_rate")?, p.number("decay_rate")?);
    decay_over(p, |steps| Schedule::exponential_over(initial, rate, steps))
}

/// `initial / (1 + decay_rate t / decay_steps)`, as a staircase with the quotient rounded down.
fn inverse_time_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (initial, rate) = (p.number("initial_learning_rate")?, p.number("decay_rate")?);
    decay_over(p, |steps| Schedule::inverse_time(initial, rate, steps))
}

/// A decay whose unit of time is `decay_steps`, smooth or as a staircase.
fn decay_over(
    p: &Params<'_>,
    decay: impl Fn(f64) -> Result<Schedule, ScheduleError>,
) -> Result<Translation, DialectError> {
    let steps = decay_steps(p, "decay_steps")?;
    let lr = if p.flag("staircase")? { decay(1.0).and_then(|unit| staircase(unit, steps)) } else { decay(steps) };
    only_lr(p, lr)
}

/// The value of the interval in which `t` lies; a boundary itself belongs to the interval before it. Boundaries are cast to
/// whole steps, towards 0. Where they go backwards, keras adds up the values of all intervals that hold `t`.
fn piecewise_constant_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let values = p.numbers("values")?;
    let boundaries: Vec<f64> = p.numbers("boundaries")?.into_iter().map(libm::trunc).collect();
    p.check(values.len() == boundaries.len() + 1, "values", "have one element more than `boundaries`")?;
    p.check(!boundaries.is_empty(), "boundaries", "have at least one element")?;
    let bounds = |i: usize| {
        let low = if i == 0 { f64::NEG_INFINITY } else { boundaries[i - 1] };
        (low, boundaries.get(i).copied().unwrap_or(f64::INFINITY))
    };
    let rate = |t: f64| {
        let holds = |i: &usize| bounds(*i).0 < t && t <= bounds(*i).1;
        (0..values.len()).filter(holds).map(|i| values[i]).sum()
    };
    only_lr(p, stairs(boundaries.iter().map(|boundary| (boundary + 1.0) as u64), rate))
}

/// `end + (initial - end) (1 - t / decay_steps)^power`, then `end`; with `cycle`, see [`polynomial_cycles`].
fn polynomial_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (initial, end) = (p.number("initial_learning_rate")?, p.number("end_learning_rate")?);
    let (steps, power) = (decay_steps(p, "decay_steps")?, p.number("power")?);
    let lr = if p.flag("cycle")? {
        polynomial_cycles(initial, end, p.count("decay_steps")?, power)
    } else if power == 0.0 {
        Schedule::constant(initial) // 0^0 is 1, at the end too
    } else {
        Ramp { steps, ..Ramp::new(initial, end, 0).shape(Shape::Polynomial(power)) }.build()
    };
    only_lr(p, lr)
}

/// A cosine from the initial rate to `alpha` times it over `decay_steps`; or, with a `warmup_target`, a straight line to
/// that over `warmup_steps`, and the cosine from there, so that the whole takes `warmup_steps + decay_steps`.
fn cosine_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (initial, alpha) = (p.number("initial_learning_rate")?, p.number("alpha")?);
    let steps = decay_steps(p, "decay_steps")?;
    let cosine = |from: f64| Ramp { steps, ..Ramp::new(from, from * alpha, 0).shape(Shape::Cosine) }.build();
    let Some(target) = p.number_or_null("warmup_target")? else {
        return only_lr(p, cosine(initial));
    };
    let warmup_steps = p.number("warmup_steps")?;
    let warmup = || {
        let rise = Ramp { steps: warmup_steps.max(0.0), ..Ramp::new(initial, target, 0) }.build()?;
        Schedule::sequence([Phase { start: 0, schedule: rise }, from_boundary(warmup_steps, cosine(target)?)?].into())
    };
    only_lr(p, warmup())
}

/// Cosines to `alpha` times the initial rate; cycle `i` is `first_decay_steps * t_mul^i` long, and the part of its peak above
/// that floor is `m_mul^i` of the first one's. With `t_mul` below 1 the cycles come to an end, where keras has NaN.
fn cosine_decay_restarts(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (initial, alpha) = (p.number("initial_learning_rate")?, p.number("alpha")?);
    decay_steps(p, "first_decay_steps")?;
    let (period, growth) = (p.count("first_decay_steps")?, p.number("t_mul")?);
    let m_mul = p.number("m_mul")?;
    let restarts = || {
        let wave = Ramp::new(1.0, 0.0, period).shape(Shape::Cosine).build()?;
        let waves = Repeat::new(wave, period).growth(growth).cycle_scale(m_mul);
        let waves = if growth < 1.0 { waves.limit(u64::MAX) } else { waves }.build()?;
        let lr = between(initial, initial * alpha, waves)?;
        if growth >= 1.0 {
            return Ok(lr);
        }
        let last = libm::ceil(period as f64 / (1.0 - growth)) as u64 - 1;
        let held = Schedule::constant(lr.at(last))?;
        lr.then_at(last, held)
    };
    only_lr(p, restarts())
}

/// Reduces at the `patience`-th bad epoch, PyTorch one later; 0 is as 1. In the last epoch of a cooldown the count begins
/// again, so a cooldown of 1 is none. `min_delta` is absolute.
fn reduce_lr_on_plateau(p: &Params<'_>) -> Result<Translation, DialectError> {
    let factor = p.number("factor")?;
    p.check(factor < 1.0, "factor", "be below 1")?;
    let one_less = |count: i64| count.max(1).unsigned_abs() - 1;
    let plateau = Plateau::new()
        .mode(mode(p)?)
        .factor(factor.max(0.0))
        .patience(one_less(p.int("patience")?))
        .threshold(p.number("min_delta")?.abs(), ThresholdMode::Absolute)
        .cooldown(one_less(p.int("cooldown")?))
        .min_lr(p.number("min_lr")?.max(0.0))
        .eps(0.0)
        .build()
        .map_err(|error| p.invalid(error))?;
    let lr = only_lr(p, Schedule::constant(p.optimizer_lr()?))?;
    Ok(Translation { feedback: Some(plateau.into()), ..lr })
}

/// A mode that keras does not know is `auto`, which asks the model for its metrics: of those only the usual names are known
/// here.
fn mode(p: &Params<'_>) -> Result<PlateauMode, DialectError> {
    match p.text("mode")?.as_str() {
        "min" => return Ok(PlateauMode::Min),
        "max" => return Ok(PlateauMode::Max),
        _ => {}
    }
    let monitor = p.text("monitor")?;
    let metric = monitor.strip_prefix("val_").unwrap_or(&monitor);
    if metric == "loss" {
        Ok(PlateauMode::Min)
    } else if metric == "acc" || metric.ends_with("accuracy") {
        Ok(PlateauMode::Max)
    } else {
        Err(p.refused("mode", "be `min` or `max`, because only keras's model knows which way this `monitor` is better"))
    }
}

fn decay_steps(p: &Params<'_>, name: &str) -> Result<f64, DialectError> {
    let steps = p.number(name)?;
    p.check(steps > 0.0, name, "be above 0")?;
    Ok(steps)
}
