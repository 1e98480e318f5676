//! optax 0.2.8: `optax.schedules`, `optax.contrib.reduce_on_plateau`.
//!
//! Every schedule is a function of the count alone. Lengths of 0 or less do not fail but mean "stay at the initial value",
//! also where the end value is another one; boundaries may lie before 0.

use super::Translation;
use super::error::DialectError;
use super::forms::{from_boundary, only_lr, staircase, stairs};
use super::params::{Kind, Library, Param, Params};
use sched_core::{Phase, Plateau, Ramp, Schedule, ScheduleError, Shape, ThresholdMode, Value};

pub(super) const LIBRARY: Library = Library {
    name: "optax",
    optimizer: &[],
    kinds: &[
        Kind { name: "constant_schedule", params: &[Param::required("value")], build: constant_schedule },
        Kind {
            name: "polynomial_schedule",
            params: &[
                Param::required("init_value"),
                Param::required("end_value"),
                Param::required("power"),
                Param::required("transition_steps"),
                Param::int("transition_begin", 0),
            ],
            build: polynomial_schedule,
        },
        Kind {
            name: "linear_schedule",
            params: &[
                Param::required("init_value"),
                Param::required("end_value"),
                Param::required("transition_steps"),
                Param::int("transition_begin", 0),
            ],
            build: linear_schedule,
        },
        Kind {
            name: "piecewise_constant_schedule",
            params: &[Param::required("init_value"), Param::null("boundaries_and_scales")],
            build: piecewise_constant_schedule,
        },
        Kind {
            name: "exponential_decay",
            params: &[
                Param::required("init_value"),
                Param::required("transition_steps"),
                Param::required("decay_rate"),
                Param::int("transition_begin", 0),
                Param::bool("staircase", false),
                Param::null("end_value"),
            ],
            build: exponential_decay,
        },
        Kind {
            name: "cosine_decay_schedule",
            params: &[
                Param::required("init_value"),
                Param::required("decay_steps"),
                Param::number("alpha", 0.0),
                Param::number("exponent", 1.0),
            ],
            build: cosine_decay_schedule,
        },
        Kind {
            name: "piecewise_interpolate_schedule",
            params: &[
                Param::required("interpolate_type"),
                Param::required("init_value"),
                Param::null("boundaries_and_scales"),
            ],
            build: piecewise_interpolate_schedule,
        },
        Kind {
            name: "linear_onecycle_schedule",
            params: &[
                Param::required("transition_steps"),
                Param::required("peak_value"),
                Param::number("pct_start", 0.3),
                Param::number("pct_final", 0.85),
                Param::number("div_factor", 25.0),
                Param::number("final_div_factor", 1e4),
            ],
            build: linear_onecycle_schedule,
        },
        Kind {
            name: "cosine_onecycle_schedule",
            params: &[
                Param::required("transition_steps"),
                Param::required("peak_value"),
                Param::number("pct_start", 0.3),
                Param::number("div_factor", 25.0),
                Param::number("final_div_factor", 1e4),
            ],
            build: cosine_onecycle_schedule,
        },
        Kind {
            name: "warmup_constant_schedule",
            params: &[Param::required("init_value"), Param::required("peak_value"), Param::required("warmup_steps")],
            build: warmup_constant_schedule,
        },
        Kind {
            name: "warmup_cosine_decay_schedule",
            params: &[
                Param::required("init_value"),
                Param::required("peak_value"),
                Param::required("warmup_steps"),
                Param::required("decay_steps"),
                Param::number("end_value", 0.0),
                Param::number("exponent", 1.0),
            ],
            build: warmup_cosine_decay_schedule,
        },
        Kind {
            name: "warmup_exponential_decay_schedule",
            params: &[
                Param::required("init_value"),
                Param::required("peak_value"),
                Param::required("warmup_steps"),
                Param::required("transition_steps"),
                Param::required("decay_rate"),
                Param::int("transition_begin", 0),
                Param::bool("staircase", false),
                Param::null("end_value"),
            ],
            build: warmup_exponential_decay_schedule,
        },
        Kind { name: "sgdr_schedule", params: &[Param::required("cosine_kwargs")], build: sgdr_schedule },
        Kind {
            name: "join_schedules",
            params: &[Param::required("schedules"), Param::required("boundaries")],
            build: join_schedules,
        },
        Kind {
            name: "reduce_on_plateau",
            params: &[
                Param::required("optimizer_lr"),
                Param::number("factor", 0.1),
                Param::int("patience", 10),
                Param::number("rtol", 1e-4),
                Param::number("atol", 0.0),
                Param::int("cooldown", 0),
                Param::int("accumulation_size", 1),
                Param::number("min_scale", 0.0),
            ],
            build: reduce_on_plateau,
        },
    ],
};

/// `value`, for ever.
fn constant_schedule(p: &Params<'_>) -> Result<Translation, DialectError> {
    only_lr(p, Schedule::constant(p.number("value")?))
}

/// `end + (init - end) (1 - (t - begin) / transition_steps)^power`, held before `begin` and from the end on.
fn polynomial_schedule(p: &Params<'_>) -> Result<Translation, DialectError> {
    let power = p.number("power")?;
    let (init, end) = (p.number("init_value")?, p.number("end_value")?);
    let end = if power == 0.0 { init } else { end }; // 0^0 is 1, at the end too
    transition(p, init, end, Shape::Polynomial(power))
}

/// `init + (end - init) (t - begin) / transition_steps`, held before `begin` and from the end on.
fn linear_schedule(p: &Params<'_>) -> Result<Translation, DialectError> {
    transition(p, p.number("init_value")?, p.number("end_value")?, Shape::Linear)
}

fn transition(p: &Params<'_>, init: f64, end: f64, shape: Shape) -> Result<Translation, DialectError> {
    let (steps, begin) = (p.number("transition_steps")?, p.int("transition_begin")?);
    only_lr(p, ramp(init, end, steps, shape).and_then(|ramp| begin_at(begin, ramp)))
}

/// `init` times the scales of all boundaries up to `t`.
fn piecewise_constant_schedule(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (init, scales) = (p.number("init_value")?, boundaries_and_scales(p)?);
    let rate = |t: f64| {
        let passed = scales.iter().take_while(|(boundary, _)| *boundary <= t);
        passed.fold(init, |rate, (_, scale)| rate * scale)
    };
    only_lr(p, stairs(scales.iter().map(|(boundary, _)| libm::ceil(*boundary) as u64), rate))
}

/// `init * decay_rate^((t - begin) / transition_steps)`, as a staircase with the exponent rounded down; `end_value` bounds
/// it from below, or from above where `decay_rate` is 1 or more. With `decay_rate = 0` it is `init`, bounded by nothing.
fn exponential_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let init = p.number("init_value")?;
    only_lr(p, exponential(p, init)?)
}

/// A cosine to the power of `exponent`, from `init` to `alpha * init` at `decay_steps`.
fn cosine_decay_schedule(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (init, alpha) = (p.number("init_value")?, p.number("alpha")?);
    let steps = p.number("decay_steps")?;
    p.check(steps > 0.0, "decay_steps", "be above 0")?;
    only_lr(p, cosine(init, init * alpha, steps, p.number("exponent")?))
}

/// Ramps between `init` times the scales so far, one value at each boundary.
fn piecewise_interpolate_schedule(p: &Params<'_>) -> Result<Translation, DialectError> {
    let shape = match p.text("interpolate_type")?.as_str() {
        "linear" => Shape::Linear,
        "cosine" => Shape::Cosine,
        _ => return Err(p.refused("interpolate_type", "be `linear` or `cosine`")),
    };
    only_lr(p, interpolate(p.number("init_value")?, &boundaries_and_scales(p)?, shape))
}

/// Straight lines from `peak / div` up to `peak` at `pct_start`, back down at `pct_final`, and on to
/// `peak / div / final_div` at the end. The boundaries are `int(pct * transition_steps)`; of two at the same step the
/// later one's scale replaces the other, so that a short cycle ends elsewhere.
fn linear_onecycle_schedule(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (steps, div, final_div) = onecycle(p)?;
    let boundary = |pct: f64| libm::trunc(pct * steps);
    let scales = [
        (boundary(p.number("pct_start")?), div),
        (boundary(p.number("pct_final")?), 1.0 / div),
        (steps, 1.0 / final_div),
    ];
    only_lr(p, interpolate(p.number("peak_value")? / div, &as_dict(&scales), Shape::Linear))
}

/// Cosines from `peak / div` up to `peak` at `int(pct_start * transition_steps)` and down to `peak / div / final_div` at the
/// end; where both are the same step, the second scale replaces the first.
fn cosine_onecycle_schedule(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (steps, div, final_div) = onecycle(p)?;
    let start = libm::trunc(p.number("pct_start")? * steps);
    let scales = [(start, div), (libm::trunc(steps), 1.0 / (div * final_div))];
    only_lr(p, interpolate(p.number("peak_value")? / div, &as_dict(&scales), Shape::Cosine))
}

/// A straight line from `init` to `peak` over `warmup_steps`, then `peak`. Without a warmup it stays at `init`.
fn warmup_constant_schedule(p: &Params<'_>) -> Result<Translation, DialectError> {
    only_lr(p, warmup(p).map(|(_, warmup)| warmup)?)
}

/// A straight line from `init` to `peak` over `warmup_steps`, then a cosine to the power of `exponent` to `end_value` at
/// `decay_steps`, which includes the warmup.
fn warmup_cosine_decay_schedule(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (peak, end) = (p.number("peak_value")?, p.number("end_value")?);
    let end = if peak == 0.0 { 0.0 } else { end };
    let (warmup_steps, warmup) = warmup(p)?;
    let steps = p.number("decay_steps")? - warmup_steps;
    p.check(steps > 0.0, "decay_steps", "be above `warmup_steps`, which it includes")?;
    let cosine = cosine(peak, end, steps, p.number("exponent")?);
    only_lr(p, warmup.and_then(|warmup| join(warmup, [(warmup_steps, cosine?)])))
}

/// A straight line from `init` to `peak` over `warmup_steps`, then [`exponential_decay`] from `peak` on its own clock.
fn warmup_exponential_decay_schedule(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (warmup_steps, warmup) = warmup(p)?;
    let decay = exponential(p, p.number("peak_value")?)?;
    only_lr(p, warmup.and_then(|warmup| join(warmup, [(warmup_steps, decay?)])))
}

/// One [`warmup_cosine_decay_schedule`] after another, each for its own `decay_steps`; the last one holds its end.
fn sgdr_schedule(p: &Params<'_>) -> Result<Translation, DialectError> {
    let cycles = p.members_of_kind("cosine_kwargs", "warmup_cosine_decay_schedule")?;
    let mut boundaries = Vec::new();
    let mut step = 0.0;
    for cycle in &cycles {
        step += cycle.number("decay_steps")?;
        boundaries.push(step);
    }
    joined(p, "cosine_kwargs", &cycles, &boundaries)
}

/// The first schedule, and each other one from its boundary on, on its own clock.
fn join_schedules(p: &Params<'_>) -> Result<Translation, DialectError> {
    joined(p, "schedules", &p.members("schedules")?, &p.numbers("boundaries")?)
}

/// Reduces at the `patience`-th observation that is not below `(1 - rtol) best - atol`, PyTorch one later. An observation is
/// the mean of `accumulation_size` metrics. The scale, not the rate, has the lower bound.
fn reduce_on_plateau(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (factor, rtol, atol) = (p.number("factor")?, p.number("rtol")?, p.number("atol")?);
    let (patience, min_scale) = (p.int("patience")?, p.number("min_scale")?);
    p.check(factor > 0.0 && factor < 1.0, "factor", "be above 0 and below 1")?;
    p.check((0.0..=1.0).contains(&rtol), "rtol", "be between 0 and 1")?;
    p.check(atol >= 0.0, "atol", "be 0 or more")?;
    p.check(rtol < 1.0, "rtol", "not be 1, with which optax takes no metric for better")?;
    p.check(rtol > 0.0 || atol > 0.0, "rtol", "be above 0 unless `atol` is")?;
    p.check(patience != 0, "patience", "not be 0, with which optax reduces whenever the metric improves")?;
    p.check(min_scale <= 1.0, "min_scale", "be at most 1, above which optax raises the rate")?;
    let lr = p.optimizer_lr()?;
    let plateau = Plateau::new()
        .factor(factor)
        .patience(or_never(patience) - 1)
        .threshold(rtol, ThresholdMode::RelativeSigned)
        .margin(atol)
        .cooldown(p.int("cooldown")?.max(0).unsigned_abs())
        .accumulation(or_never(p.int("accumulation_size")?))
        .min_lr(lr * min_scale.max(0.0))
        .eps(0.0)
        .build()
        .map_err(|error| p.invalid(error))?;
    Ok(Translation { feedback: Some(plateau.into()), ..only_lr(p, Schedule::constant(lr))? })
}

type MaybeSchedule = Result<Schedule, ScheduleError>;

/// A count that is compared with `==`, and so never reached if it is not above 0.
fn or_never(count: i64) -> u64 {
    if count > 0 { count.unsigned_abs() } else { u64::MAX }
}

fn ramp(init: f64, end: f64, steps: f64, shape: Shape) -> MaybeSchedule {
    if steps <= 0.0 {
        return Schedule::constant(init);
    }
    Ramp { steps, ..Ramp::new(init, end, 0).shape(shape) }.build()
}

fn begin_at(begin: i64, schedule: Schedule) -> MaybeSchedule {
    if begin > 0 { schedule.delay(begin.unsigned_abs()) } else { Ok(schedule) }
}

fn cosine(init: f64, end: f64, steps: f64, exponent: f64) -> MaybeSchedule {
    let end = if exponent == 0.0 { init } else { end }; // 0^0 is 1, at the end too
    let shape = if exponent == 1.0 { Shape::Cosine } else { Shape::CosinePower(exponent) };
    ramp(init, end, steps, shape)
}

fn exponential(p: &Params<'_>, init: f64) -> Result<MaybeSchedule, DialectError> {
    let (steps, rate) = (p.number("transition_steps")?, p.number("decay_rate")?);
    let (begin, stepwise, end) = (p.int("transition_begin")?, p.flag("staircase")?, p.number_or_null("end_value")?);
    if steps <= 0.0 || rate == 0.0 {
        return Ok(Schedule::constant(init));
    }
    let decay = || {
        let decay = if stepwise {
            staircase(Schedule::exponential(init, rate)?, steps)?
        } else {
            Schedule::exponential_over(init, rate, steps)?
        };
        let decay = begin_at(begin, decay)?;
        match end {
            None => Ok(decay),
            Some(end) if rate < 1.0 => decay.max(Schedule::constant(end.max(0.0))?),
            Some(end) => decay.min(Schedule::constant(end)?),
        }
    };
    Ok(decay())
}

fn warmup(p: &Params<'_>) -> Result<(f64, MaybeSchedule), DialectError> {
    let steps = p.number("warmup_steps")?;
    Ok((steps, ramp(p.number("init_value")?, p.number("peak_value")?, steps, Shape::Linear)))
}

fn onecycle(p: &Params<'_>) -> Result<(f64, f64, f64), DialectError> {
    let steps = p.number("transition_steps")?;
    let (div, final_div) = (p.number("div_factor")?, p.number("final_div_factor")?);
    p.check(steps > 0.0, "transition_steps", "be above 0")?;
    p.check(div > 0.0, "div_factor", "be above 0")?;
    p.check(final_div > 0.0, "final_div_factor", "be above 0")?;
    Ok((steps, div, final_div))
}

/// In order of the boundaries, none of which is negative in scale.
fn boundaries_and_scales(p: &Params<'_>) -> Result<Vec<(f64, f64)>, DialectError> {
    const NAME: &str = "boundaries_and_scales";
    let scales = if p.value(NAME)? == Value::Null { Vec::new() } else { as_dict(&p.number_pairs(NAME)?) };
    p.check(scales.iter().all(|(_, scale)| *scale >= 0.0), NAME, "have scales of 0 or more")?;
    Ok(scales)
}

/// As a Python `dict` has them, sorted: of several values for one key the last.
fn as_dict(pairs: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut dict: Vec<(f64, f64)> = Vec::new();
    for &(key, value) in pairs {
        dict.retain(|(known, _)| *known != key);
        dict.push((key, value));
    }
    dict.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    dict
}

/// Between two boundaries that are less than a step apart, the ramp is as long as a step.
fn interpolate(init: f64, scales: &[(f64, f64)], shape: Shape) -> MaybeSchedule {
    let mut phases = Vec::new();
    let (mut from, mut start) = (init, 0.0);
    for &(boundary, scale) in scales {
        let to = from * scale;
        if boundary > start {
            let ramp = Ramp { steps: (boundary - start).max(1.0), ..Ramp::new(from, to, 0).shape(shape) }.build()?;
            phases.push(from_boundary(start, ramp)?);
        }
        (from, start) = (to, boundary);
    }
    phases.push(from_boundary(start, Schedule::constant(from)?)?);
    Schedule::sequence(phases)
}

/// `join_schedules`: each of `rest` from its boundary on. Where boundaries go backwards, the later schedule wins.
fn join<I: DoubleEndedIterator<Item = (f64, Schedule)>>(
    first: Schedule,
    rest: impl IntoIterator<IntoIter = I>,
) -> MaybeSchedule {
    let mut phases = Vec::new();
    let mut end = f64::INFINITY;
    for (boundary, schedule) in rest.into_iter().rev() {
        if boundary < end {
            phases.push(from_boundary(boundary, schedule)?);
            end = boundary;
        }
    }
    phases.push(Phase { start: 0, schedule: first });
    phases.reverse();
    Schedule::sequence(phases)
}

fn joined(p: &Params<'_>, name: &str, members: &[Params<'_>], boundaries: &[f64]) -> Result<Translation, DialectError> {
    let mut schedules = Vec::new();
    for member in members {
        let translation = member.build()?;
        p.check(translation.feedback.is_none(), name, "be schedules, functions of the count alone")?;
        schedules.push(translation.lr);
    }
    let mut schedules = schedules.into_iter();
    let Some(first) = schedules.next() else {
        return Err(p.refused(name, "have at least one element"));
    };
    let rest: Vec<(f64, Schedule)> = boundaries.iter().copied().zip(schedules).collect();
    only_lr(p, join(first, rest))
}
