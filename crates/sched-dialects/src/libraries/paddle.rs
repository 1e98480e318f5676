//! paddle 3.3: `paddle.optimizer.lr`, in dynamic mode.

use crate::declare::DialectError;
use crate::declare::Translation;
use crate::declare::legacy::Params;
use crate::declare::legacy::only_lr;
use crate::declare::{Kind, Library, Param};
use crate::shared::{between, polynomial_cycles, stairs};
use sched_core::{
    Anneal, Beyond, Cyclic, CyclicMode, Node, OneCycle, Plateau, PlateauMode, PowerLaw, Ramp, Repeat, Schedule,
    ScheduleError, Shape, ThresholdMode, Value,
};

const LEARNING_RATE: Param = Param::required("learning_rate");
const GAMMA: Param = Param::required("gamma");
const LAST_EPOCH: Param = Param::int("last_epoch", -1);
const VERBOSE: Param = Param::bool("verbose", false);

pub(super) const LIBRARY: Library = Library {
    name: "paddle",
    optimizer: &[],
    kinds: &[
        Kind::old(
            "NoamDecay",
            &[
                Param::required("d_model"),
                Param::required("warmup_steps"),
                Param::number("learning_rate", 1.0),
                LAST_EPOCH,
                VERBOSE,
            ],
            noam_decay,
        ),
        Kind::old(
            "PiecewiseDecay",
            &[Param::required("boundaries"), Param::required("values"), LAST_EPOCH, VERBOSE],
            piecewise_decay,
        ),
        Kind::old("NaturalExpDecay", &[LEARNING_RATE, GAMMA, LAST_EPOCH, VERBOSE], natural_exp_decay),
        Kind::old("InverseTimeDecay", &[LEARNING_RATE, GAMMA, LAST_EPOCH, VERBOSE], inverse_time_decay),
        Kind::old(
            "PolynomialDecay",
            &[
                LEARNING_RATE,
                Param::required("decay_steps"),
                Param::number("end_lr", 1e-4),
                Param::number("power", 1.0),
                Param::bool("cycle", false),
                LAST_EPOCH,
                VERBOSE,
            ],
            polynomial_decay,
        ),
        Kind::old(
            "LinearWarmup",
            &[
                LEARNING_RATE,
                Param::required("warmup_steps"),
                Param::required("start_lr"),
                Param::required("end_lr"),
                LAST_EPOCH,
                VERBOSE,
            ],
            linear_warmup,
        ),
        Kind::old("ExponentialDecay", &[LEARNING_RATE, GAMMA, LAST_EPOCH, VERBOSE], exponential_decay),
        Kind::old(
            "MultiStepDecay",
            &[LEARNING_RATE, Param::required("milestones"), Param::number("gamma", 0.1), LAST_EPOCH, VERBOSE],
            multi_step_decay,
        ),
        Kind::old(
            "StepDecay",
            &[LEARNING_RATE, Param::required("step_size"), Param::number("gamma", 0.1), LAST_EPOCH, VERBOSE],
            step_decay,
        ),
        Kind::old("LambdaDecay", &[LEARNING_RATE, Param::required("lr_lambda"), LAST_EPOCH, VERBOSE], lambda_decay),
        Kind::old(
            "MultiplicativeDecay",
            &[LEARNING_RATE, Param::required("lr_lambda"), LAST_EPOCH, VERBOSE],
            multiplicative_decay,
        ),
        Kind::old(
            "ReduceOnPlateau",
            &[
                LEARNING_RATE,
                Param::text("mode", "min"),
                Param::number("factor", 0.1),
                Param::int("patience", 10),
                Param::number("threshold", 1e-4),
                Param::text("threshold_mode", "rel"),
                Param::int("cooldown", 0),
                Param::number("min_lr", 0.0),
                Param::number("epsilon", 1e-8),
                VERBOSE,
            ],
            reduce_on_plateau,
        ),
        Kind::old(
            "CosineAnnealingDecay",
            &[LEARNING_RATE, Param::required("T_max"), Param::number("eta_min", 0.0), LAST_EPOCH, VERBOSE],
            cosine_annealing_decay,
        ),
        Kind::old(
            "OneCycleLR",
            &[
                Param::required("max_learning_rate"),
                Param::required("total_steps"),
                Param::number("divide_factor", 25.0),
                Param::number("end_learning_rate", 1e-4),
                Param::number("phase_pct", 0.3),
                Param::text("anneal_strategy", "cos"),
                Param::bool("three_phase", false),
                LAST_EPOCH,
                VERBOSE,
            ],
            one_cycle_lr,
        ),
        Kind::old(
            "CyclicLR",
            &[
                Param::required("base_learning_rate"),
                Param::required("max_learning_rate"),
                Param::required("step_size_up"),
                Param::null("step_size_down"),
                Param::text("mode", "triangular"),
                Param::number("exp_gamma", 1.0),
                Param::null("scale_fn"),
                Param::text("scale_mode", "cycle"),
                LAST_EPOCH,
                VERBOSE,
            ],
            cyclic_lr,
        ),
        Kind::old(
            "LinearLR",
            &[
                LEARNING_RATE,
                Param::required("total_steps"),
                Param::number("start_factor", 1.0 / 3.0),
                Param::number("end_factor", 1.0),
                LAST_EPOCH,
                VERBOSE,
            ],
            linear_lr,
        ),
        Kind::old(
            "CosineAnnealingWarmRestarts",
            &[
                LEARNING_RATE,
                Param::required("T_0"),
                Param::int("T_mult", 1),
                Param::number("eta_min", 0.0),
                LAST_EPOCH,
                VERBOSE,
            ],
            cosine_annealing_warm_restarts,
        ),
    ],
};

/// `learning_rate / sqrt(d_model) * min(t^-0.5, t warmup_steps^-1.5)`: 0 at step 0, the peak at `warmup_steps`.
fn noam_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (d_model, warmup_steps) = (p.number("d_model")?, p.number("warmup_steps")?);
    p.check(d_model > 0.0, "d_model", "be above 0")?;
    p.check(warmup_steps > 0.0, "warmup_steps", "be above 0")?;
    let peak = rate(p, "learning_rate")? / libm::sqrt(d_model * warmup_steps);
    let start = libm::ceil(warmup_steps);
    let noam = || {
        let rise = Ramp { steps: warmup_steps, ..Ramp::new(0.0, peak, 0) }.build()?;
        let fall = PowerLaw { scale: peak, offset: start, time_scale: warmup_steps, power: -0.5 };
        rise.then_at(start as u64, Node::PowerLaw(fall).try_into()?)
    };
    fresh(p, noam())
}

/// The value before the first boundary above `t`, else the last value; there may be more values than intervals.
fn piecewise_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (boundaries, values) = (p.numbers("boundaries")?, p.numbers("values")?);
    p.check(!boundaries.is_empty(), "boundaries", "have at least one element")?;
    p.check(values.len() > boundaries.len(), "values", "have more elements than `boundaries`")?;
    let rate = |t: f64| values[boundaries.iter().position(|boundary| t < *boundary).unwrap_or(values.len() - 1)];
    fresh(p, stairs(boundaries.iter().map(|boundary| libm::ceil(*boundary) as u64), rate))
}

/// `learning_rate * e^(-gamma t)`.
fn natural_exp_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let gamma = p.number("gamma")?;
    p.check(gamma > 0.0, "gamma", "be above 0")?;
    // Not `e^-gamma` per step, whose rounding error would grow with every step.
    fresh(p, Schedule::exponential_over(rate(p, "learning_rate")?, libm::exp(-1.0), 1.0 / gamma))
}

/// `learning_rate / (1 + gamma t)`.
fn inverse_time_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let gamma = p.number("gamma")?;
    p.check(gamma >= 0.0, "gamma", "be 0 or more, because a rate that grows without bound is none")?;
    fresh(p, Schedule::inverse_time(rate(p, "learning_rate")?, gamma, 1.0))
}

/// `end_lr + (learning_rate - end_lr) (1 - t / decay_steps)^power`, then `end_lr`; with `cycle`, see
/// [`polynomial_cycles`].
fn polynomial_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (initial, end) = (rate(p, "learning_rate")?, p.number("end_lr")?);
    let (steps, power) = (positive(p, "decay_steps")?, p.number("power")?);
    p.check(power > 0.0, "power", "be above 0")?;
    fresh(
        p,
        if p.flag("cycle")? {
            polynomial_cycles(initial, end, steps, power)
        } else {
            Schedule::polynomial(initial, end, steps, power)
        },
    )
}

/// A straight line from `start_lr` towards `end_lr`, which it does not reach: at `warmup_steps` `learning_rate` takes over,
/// a rate or a scheduler on its own clock.
fn linear_warmup(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (start, end) = (rate(p, "start_lr")?, p.number("end_lr")?);
    let warmup_steps = positive(p, "warmup_steps")?;
    p.check(end > start, "end_lr", "be above `start_lr`")?;
    let next = match p.nested("learning_rate") {
        None => only_lr(p, Schedule::constant(p.number("learning_rate")?))?,
        Some((kind, params)) => p.old_member(kind, params)?.build()?,
    };
    p.check(next.feedback.is_none(), "learning_rate", "not follow a metric, for which it is given the epoch")?;
    fresh(p, Schedule::linear(start, end, warmup_steps).and_then(|warmup| warmup.then_at(warmup_steps, next.lr)))
}

/// `learning_rate * gamma^t`.
fn exponential_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let gamma = p.number("gamma")?;
    p.check(gamma > 0.0 && gamma < 1.0, "gamma", "be above 0 and below 1")?;
    fresh(p, Schedule::exponential(rate(p, "learning_rate")?, gamma))
}

/// `learning_rate * gamma^(number of milestones up to t)`.
fn multi_step_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (milestones, gamma) = (p.numbers("milestones")?, gamma_below_one(p)?);
    p.check(milestones.windows(2).all(|pair| pair[0] < pair[1]), "milestones", "be strictly increasing")?;
    let initial = rate(p, "learning_rate")?;
    let powers = Schedule::exponential(initial, gamma).map_err(|error| p.invalid(error))?;
    let rate = |t: f64| powers.at(milestones.iter().filter(|m| **m <= t).count() as u64);
    fresh(p, stairs(milestones.iter().map(|m| libm::ceil(*m) as u64), rate))
}

/// `learning_rate * gamma^floor(t / step_size)`.
fn step_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    fresh(p, Schedule::step(rate(p, "learning_rate")?, positive(p, "step_size")?, gamma_below_one(p)?))
}

/// `learning_rate * lr_lambda(t)`.
fn lambda_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    Err(p.code("lr_lambda", "`Scheduler::new(|step: u64| 0.5 * 0.95_f64.powi(step as i32))`"))
}

/// `learning_rate` times `lr_lambda` of every step from 1 to `t`.
fn multiplicative_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    Err(p.code("lr_lambda", "`Scheduler::new(|step: u64| (1..=step).fold(0.5, |lr, _epoch| lr * 0.95))`"))
}

/// As PyTorch's, but a metric during the cooldown is not looked at, and the rate is a parameter of its own.
fn reduce_on_plateau(p: &Params<'_>) -> Result<Translation, DialectError> {
    let mode = match p.text("mode")?.to_lowercase().as_str() {
        "min" => PlateauMode::Min,
        "max" => PlateauMode::Max,
        _ => return Err(p.refused("mode", "be `min` or `max`")),
    };
    let threshold_mode = match p.text("threshold_mode")?.to_lowercase().as_str() {
        "rel" => ThresholdMode::RelativeSigned,
        "abs" => ThresholdMode::Absolute,
        _ => return Err(p.refused("threshold_mode", "be `rel` or `abs`")),
    };
    let factor = p.number("factor")?;
    p.check(factor < 1.0, "factor", "be below 1")?;
    let plateau = Plateau::new()
        .mode(mode)
        .factor(factor.max(0.0))
        .patience(p.count("patience")?)
        .threshold(p.number("threshold")?, threshold_mode)
        .cooldown(p.int("cooldown")?.max(0).unsigned_abs())
        .blind_cooldown(true)
        .min_lr(p.number("min_lr")?.max(0.0))
        .eps(p.number("epsilon")?)
        .build()
        .map_err(|error| p.invalid(error))?;
    let lr = only_lr(p, Schedule::constant(p.number("learning_rate")?))?;
    Ok(Translation { feedback: Some(plateau.into()), ..lr })
}

/// A cosine from `learning_rate` to `eta_min` at `T_max`, then back up, and so on.
fn cosine_annealing_decay(p: &Params<'_>) -> Result<Translation, DialectError> {
    let wave = Ramp::new(rate(p, "learning_rate")?, p.number("eta_min")?, positive(p, "T_max")?);
    fresh(p, wave.shape(Shape::Cosine).beyond(Beyond::Mirror).build())
}

/// As PyTorch's, with phases that end at `phase_pct N - 1`, (`2 phase_pct N - 2`,) `N - 1`, but the last rate is absolute. At
/// step `N`, where paddle overshoots, and later, where it raises, the last rate holds.
fn one_cycle_lr(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (max, last) = (rate(p, "max_learning_rate")?, rate(p, "end_learning_rate")?);
    let (total_steps, pct) = (positive(p, "total_steps")?, p.number("phase_pct")?);
    let (divide_factor, three_phase) = (p.number("divide_factor")?, p.flag("three_phase")?);
    p.check((0.0..=1.0).contains(&pct), "phase_pct", "be between 0 and 1")?;
    p.check(!three_phase || pct < 0.5, "phase_pct", "be below 0.5 with three phases")?;
    p.check(
        pct * total_steps as f64 != 1.0,
        "phase_pct",
        "not be one step, which leaves the first phase without a length",
    )?;
    p.check(divide_factor > 0.0, "divide_factor", "be above 0")?;
    let anneal = match p.text("anneal_strategy")?.as_str() {
        "cos" => Anneal::Cos,
        "linear" => Anneal::Linear,
        _ => return Err(p.refused("anneal_strategy", "be `cos` or `linear`")),
    };
    let initial = max / divide_factor;
    let rates: &[f64] = if three_phase { &[initial, max, initial, last] } else { &[initial, max, last] };
    let cycle = OneCycle::new(max, total_steps).pct_start(pct).anneal(anneal).three_phase(three_phase);
    fresh(p, cycle.through(rates))
}

/// Triangles from `base` to `max`, `max` being the lower one if it is; their height is `exp_gamma^t` in mode `exp_range`.
fn cyclic_lr(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (base, max) = (rate(p, "base_learning_rate")?, rate(p, "max_learning_rate")?);
    let up = positive(p, "step_size_up")?;
    let down = if p.count_or_null("step_size_down")?.is_none() { up } else { positive(p, "step_size_down")? };
    let scale_mode = p.text("scale_mode")?;
    p.check(matches!(scale_mode.as_str(), "cycle" | "iterations"), "scale_mode", "be `cycle` or `iterations`")?;
    if p.value("scale_fn")? != Value::Null {
        return Err(p.code(
            "scale_fn",
            "`Scheduler::new(move |step: u64| 0.1 + 0.9 * triangle.at(step) * 0.5_f64.powi((step / 16) as i32))` with \
             `triangle = Cyclic::new(0.0, 1.0, 8).lr()?`",
        ));
    }
    let mode = match p.text("mode")?.as_str() {
        "triangular" => CyclicMode::Triangular,
        "triangular2" => CyclicMode::Triangular2,
        "exp_range" => CyclicMode::ExpRange { gamma: p.number("exp_gamma")? },
        _ => return Err(p.refused("mode", "be `triangular`, `triangular2` or `exp_range`")),
    };
    let triangles = Cyclic::new(0.0, 1.0, up).step_size_down(down).mode(mode).lr();
    fresh(p, triangles.and_then(|triangles| between(max, base, triangles)))
}

/// `learning_rate` times a factor that goes from `start_factor` to `end_factor` in `total_steps`.
fn linear_lr(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (start, end) = (p.number("start_factor")?, p.number("end_factor")?);
    p.check(start > 0.0 && start <= 1.0, "start_factor", "be above 0 and at most 1")?;
    p.check((0.0..=1.0).contains(&end), "end_factor", "be between 0 and 1")?;
    let lr = rate(p, "learning_rate")?;
    fresh(p, Schedule::linear(lr * start, lr * end, positive(p, "total_steps")?))
}

/// Cosines from `learning_rate` to `eta_min`; cycle `i` is `T_0 * T_mult^i` long.
fn cosine_annealing_warm_restarts(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (initial, eta_min) = (rate(p, "learning_rate")?, p.number("eta_min")?);
    let (period, growth) = (positive(p, "T_0")?, positive(p, "T_mult")?);
    let wave = Schedule::cosine_annealing(initial, eta_min, period);
    fresh(p, wave.and_then(|wave| Repeat::new(wave, period).growth(growth as f64).build()))
}

/// A learning rate, which paddle refuses below 0.
fn rate(p: &Params<'_>, name: &str) -> Result<f64, DialectError> {
    let rate = p.number(name)?;
    p.check(rate >= 0.0, name, "be 0 or more")?;
    Ok(rate)
}

fn positive(p: &Params<'_>, name: &str) -> Result<u64, DialectError> {
    let count = p.count(name)?;
    p.check(count > 0, name, "be 1 or more")?;
    Ok(count)
}

fn gamma_below_one(p: &Params<'_>) -> Result<f64, DialectError> {
    let gamma = p.number("gamma")?;
    p.check(gamma < 1.0, "gamma", "be below 1")?;
    Ok(gamma)
}

/// A scheduler from its beginning.
fn fresh(p: &Params<'_>, lr: Result<Schedule, ScheduleError>) -> Result<Translation, DialectError> {
    p.check(p.int("last_epoch")? == -1, "last_epoch", "be -1; a run that resumes seeks to its position")?;
    only_lr(p, lr)
}
