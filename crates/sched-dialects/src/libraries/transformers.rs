//! transformers 5.23: `transformers.optimization`.
//!
//! Each function here is a factor on the optimizer's rate at every step, so `last_epoch`, which is where a run resumes,
//! changes nothing.

use crate::declare::DialectError;
use crate::declare::Translation;
use crate::declare::legacy::Params;
use crate::declare::legacy::{mode, only_lr, threshold_mode};
use crate::declare::{Kind, Library, Param};
use crate::shared::{followed, held_from};
use sched_core::{Beyond, Greedy, Node, Phase, Plateau, PowerLaw, Ramp, Schedule, ScheduleError, Shape};

const WARMUP: Param = Param::required("num_warmup_steps");
const TRAINING: Param = Param::required("num_training_steps");
const WAVES: Param = Param::number("num_cycles", 0.5);
const LAST_EPOCH: Param = Param::int("last_epoch", -1);
const MIN_LR: Param = Param::null("min_lr");
const MIN_LR_RATE: Param = Param::null("min_lr_rate");

pub(super) const LIBRARY: Library = Library {
    name: "transformers",
    optimizer: &[
        Param::null("optimizer"),
        Param::null("optimizer_lr").per_group(),
        Param::null("optimizer_momentum"),
        Param::null("optimizer_betas"),
    ],
    kinds: &[
        Kind::old("get_constant_schedule", &[LAST_EPOCH], constant),
        Kind::old("get_constant_schedule_with_warmup", &[WARMUP, LAST_EPOCH], constant_with_warmup),
        Kind::old("get_linear_schedule_with_warmup", &[WARMUP, TRAINING, LAST_EPOCH], linear),
        Kind::old("get_cosine_schedule_with_warmup", &[WARMUP, TRAINING, WAVES, LAST_EPOCH], cosine),
        Kind::old(
            "get_cosine_with_hard_restarts_schedule_with_warmup",
            &[WARMUP, TRAINING, Param::number("num_cycles", 1.0), LAST_EPOCH],
            hard_restarts,
        ),
        Kind::old(
            "get_polynomial_decay_schedule_with_warmup",
            &[WARMUP, TRAINING, Param::number("lr_end", 1e-7), Param::number("power", 1.0), LAST_EPOCH],
            polynomial,
        ),
        Kind::old("get_inverse_sqrt_schedule", &[WARMUP, Param::null("timescale"), LAST_EPOCH], inverse_sqrt),
        Kind::old(
            "get_cosine_with_min_lr_schedule_with_warmup",
            &[WARMUP, TRAINING, WAVES, LAST_EPOCH, MIN_LR, MIN_LR_RATE],
            cosine_min_lr,
        ),
        Kind::old(
            "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
            &[WARMUP, TRAINING, WAVES, LAST_EPOCH, MIN_LR, MIN_LR_RATE, Param::null("warmup_lr_rate")],
            cosine_min_lr_counting_from_one,
        ),
        Kind::old(
            "get_wsd_schedule",
            &[
                WARMUP,
                Param::required("num_decay_steps"),
                Param::null("num_training_steps"),
                Param::null("num_stable_steps"),
                Param::text("warmup_type", "linear"),
                Param::text("decay_type", "cosine"),
                Param::number("min_lr_ratio", 0.0),
                WAVES,
                LAST_EPOCH,
            ],
            wsd,
        ),
        Kind::old(
            "get_reduce_on_plateau_schedule",
            &[
                Param::text("mode", "min"),
                Param::number("factor", 0.1),
                Param::int("patience", 10),
                Param::number("threshold", 1e-4),
                Param::text("threshold_mode", "rel"),
                Param::int("cooldown", 0),
                Param::number("min_lr", 0.0).per_group(),
                Param::number("eps", 1e-8),
            ],
            reduce_on_plateau,
        ),
        Kind::old(
            "get_greedy_schedule",
            &[
                Param::text("mode", "min"),
                Param::number("factor", 0.95),
                Param::int("patience", 10),
                Param::number("threshold", 1e-6),
                Param::text("threshold_mode", "abs"),
                Param::int("cooldown", 0),
                Param::int("warmup", 0),
                Param::number("min_lr", 1e-3).per_group(),
                Param::number("max_lr", 1.0).per_group(),
                Param::number("eps", 1e-8),
                Param::bool("verbose", false),
                Param::bool("smooth", false),
                Param::int("window_size", 50),
                Param::int("reset_start", 500),
            ],
            greedy,
        ),
        Kind::old(
            "get_adafactor_schedule",
            &[
                Param::bool("relative_step", true),
                Param::bool("scale_parameter", true),
                Param::bool("warmup_init", false),
                Param::number("initial_lr", 0.0),
            ],
            adafactor,
        ),
    ],
};

/// `num_warmup_steps`, and what is left of `num_training_steps` after them.
fn steps(p: &Params<'_>) -> Result<(u64, u64), DialectError> {
    let warmup = p.count("num_warmup_steps")?;
    Ok((warmup, p.count("num_training_steps")?.saturating_sub(warmup)))
}

/// `lr t / warmup` up to `warmup`, then `rest` with its own clock.
fn after_warmup(lr: f64, warmup: u64, rest: Schedule) -> Result<Schedule, ScheduleError> {
    followed(Schedule::linear(0.0, lr, warmup)?, warmup, rest)
}

/// `waves` cosine waves from `from` over `to` in `steps` steps, at least one, and on for ever.
fn waves(from: f64, to: f64, steps: u64, waves: f64) -> Result<Schedule, ScheduleError> {
    if waves == 0.0 {
        return Schedule::constant(from);
    }
    let steps = steps.max(1) as f64 / (2.0 * waves.abs());
    Ramp { from, to, steps, shape: Shape::Cosine, beyond: Beyond::Mirror }.build()
}

/// `lr`.
fn constant(p: &Params<'_>) -> Result<Translation, DialectError> {
    only_lr(p, Schedule::constant(p.optimizer_lr()?))
}

/// `lr min(1, t / W)`.
fn constant_with_warmup(p: &Params<'_>) -> Result<Translation, DialectError> {
    only_lr(p, Schedule::linear(0.0, p.optimizer_lr()?, p.count("num_warmup_steps")?))
}

/// `lr (N - t) / (N - W)` from `W` on, then 0.
fn linear(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, (warmup, rest)) = (p.optimizer_lr()?, steps(p)?);
    only_lr(p, Schedule::linear(lr, 0.0, rest).and_then(|decay| after_warmup(lr, warmup, decay)))
}

/// `lr (1 + cos(2 pi num_cycles (t - W) / (N - W))) / 2`, which rises again past `N`.
fn cosine(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, (warmup, rest)) = (p.optimizer_lr()?, steps(p)?);
    only_lr(p, waves(lr, 0.0, rest, p.number("num_cycles")?).and_then(|waves| after_warmup(lr, warmup, waves)))
}

/// `num_cycles` times half a cosine wave to 0; 0 from `N` on.
fn hard_restarts(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, (warmup, rest), cycles) = (p.optimizer_lr()?, steps(p)?, p.number("num_cycles")?);
    p.check(cycles >= 0.0, "num_cycles", "be 0 or more")?;
    let rest = rest.max(1);
    let decay = || {
        let cycle = match cycles {
            0.0 => Schedule::constant(lr)?,
            cycles => {
                Ramp { from: lr, to: 0.0, steps: rest as f64 / cycles, shape: Shape::Cosine, beyond: Beyond::Repeat }
                    .build()?
            }
        };
        after_warmup(lr, warmup, followed(cycle, rest, Schedule::constant(0.0)?)?)
    };
    only_lr(p, decay())
}

/// `lr_end + (lr - lr_end) (1 - (t - W) / (N - W))^power`, `lr_end` scaled by group as `lr` is to the optimizer's own.
fn polynomial(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, (warmup, rest), lr_end) = (p.optimizer_lr()?, steps(p)?, p.number("lr_end")?);
    let (lr_init, power) = (p.optimizer_default_lr()?, p.number("power")?);
    p.check(lr_init > lr_end, "lr_end", "be smaller than the optimizer's rate")?;
    let training = p.count("num_training_steps")?;
    p.check(training > 0 || warmup > 0, "num_training_steps", "be above 0")?;
    let decay = || {
        if warmup == training {
            return held_from(Schedule::linear(0.0, lr, warmup)?, warmup); // transformers divides by N - W.
        }
        // 0^0 is 1, so that the power 0 decays one step later.
        let steps = if power == 0.0 && rest > 0 { rest.saturating_add(1) } else { rest };
        let decay = Schedule::polynomial(lr, lr * (lr_end / lr_init), steps, power)?;
        after_warmup(lr, warmup, decay)
    };
    only_lr(p, decay())
}

/// `lr / sqrt((t - W + timescale) / timescale)`; it starts at `lr` whatever the timescale, `W` or else 10000.
fn inverse_sqrt(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, warmup) = (p.optimizer_lr()?, p.count("num_warmup_steps")?);
    let timescale = p.number_or_null("timescale")?.unwrap_or(if warmup > 0 { warmup as f64 } else { 1e4 });
    p.check(timescale > 0.0 || (timescale == 0.0 && warmup > 0), "timescale", "be above 0")?;
    if timescale == 0.0 {
        // transformers divides by it after the warmup.
        return only_lr(p, Schedule::linear(0.0, lr, warmup).and_then(|ramp| held_from(ramp, warmup)));
    }
    only_lr(p, Schedule::inverse_sqrt(lr, timescale).and_then(|decay| after_warmup(lr, warmup, decay)))
}

/// The lowest rate over the rate: `min_lr_rate`, or `min_lr` over the optimizer's own rate.
fn min_lr_rate(p: &Params<'_>) -> Result<f64, DialectError> {
    match (p.number_or_null("min_lr")?, p.number_or_null("min_lr_rate")?) {
        (Some(_), Some(_)) => Err(p.refused("min_lr", "not be given together with `min_lr_rate`")),
        (None, None) => Err(p.refused("min_lr", "be given, or else `min_lr_rate`")),
        (None, Some(rate)) => Ok(rate),
        (Some(min_lr), None) => {
            let lr = p.optimizer_default_lr()?;
            p.check(lr != 0.0, "optimizer_lr", "not be 0 when `min_lr` is given")?;
            Ok(min_lr / lr)
        }
    }
}

/// `cosine` down to `min_lr` instead of 0.
fn cosine_min_lr(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, (warmup, rest), floor) = (p.optimizer_lr()?, steps(p)?, min_lr_rate(p)?);
    let waves = waves(lr, lr * floor, rest, p.number("num_cycles")?);
    only_lr(p, waves.and_then(|waves| after_warmup(lr, warmup, waves)))
}

/// As `cosine_min_lr`, one step ahead: the warmup from `lr / W` or `lr warmup_lr_rate` up to `W - 1`, the end at `N - 1`.
fn cosine_min_lr_counting_from_one(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, (warmup, rest), floor) = (p.optimizer_lr()?, steps(p)?, min_lr_rate(p)?);
    let (cycles, start) = (p.number("num_cycles")?, p.number_or_null("warmup_lr_rate")?);
    let schedule = || {
        let ramp = match start {
            None => Schedule::linear(0.0, lr, warmup)?.advance(1.0)?,
            // Of a single step it is the start.
            Some(start) => Schedule::linear(lr * start, lr, warmup.saturating_sub(1).max(1))?,
        };
        followed(ramp, warmup, waves(lr, lr * floor, rest, cycles)?.advance(1.0)?)
    };
    only_lr(p, schedule())
}

/// From `lr min_lr_ratio` to `lr` over `W`, `lr` for `S`, to `lr min_lr_ratio` over `D`; `S` is `N - W - D` unless given.
///
/// If that is negative, the decay begins during the warmup and is seen from `W` on.
fn wsd(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr, ratio, cycles) = (p.optimizer_lr()?, p.number("min_lr_ratio")?, p.number("num_cycles")?);
    let (warmup, decay) = (p.count("num_warmup_steps")?, p.count("num_decay_steps")?);
    let decay_start = match (p.count_or_null("num_stable_steps")?, p.count_or_null("num_training_steps")?) {
        (Some(stable), _) => i128::from(warmup) + i128::from(stable),
        (None, Some(training)) => i128::from(training) - i128::from(decay),
        (None, None) => return Err(p.refused("num_training_steps", "be given, or else `num_stable_steps`")),
    };
    let warmup_shape = match p.text("warmup_type")?.as_str() {
        "linear" => Shape::Linear,
        "cosine" => Shape::Cosine,
        "1-sqrt" => Shape::Polynomial(0.5),
        _ => return Err(p.refused("warmup_type", "be \"linear\", \"cosine\" or \"1-sqrt\"")),
    };
    let floor = lr * ratio;
    let cooldown = match p.text("decay_type")?.as_str() {
        "linear" => Schedule::linear(lr, floor, decay),
        "cosine" => {
            waves(lr, floor, decay, cycles).and_then(|waves| followed(waves, decay, Schedule::constant(floor)?))
        }
        "1-sqrt" => Ramp::new(lr, floor, decay).shape(Shape::OneMinusSqrt).build(),
        _ => return Err(p.refused("decay_type", "be \"linear\", \"cosine\" or \"1-sqrt\"")),
    };
    let schedule = || {
        let stable_end = u64::try_from(decay_start).unwrap_or(0).max(warmup);
        let begun = i128::from(stable_end) - decay_start;
        let phases: Vec<Phase> = vec![
            Phase { start: 0, schedule: Ramp::new(floor, lr, warmup).shape(warmup_shape).build()? },
            Phase { start: warmup, schedule: Schedule::constant(lr)? },
            Phase { start: stable_end, schedule: if begun > 0 { cooldown?.advance(begun as f64)? } else { cooldown? } },
        ];
        Schedule::sequence(phases)
    };
    only_lr(p, schedule())
}

/// PyTorch's `ReduceLROnPlateau`.
fn reduce_on_plateau(p: &Params<'_>) -> Result<Translation, DialectError> {
    let rule = Plateau::new()
        .mode(mode(p)?)
        .factor(p.number("factor")?)
        .patience(p.count("patience")?)
        .threshold(p.number("threshold")?, threshold_mode(p, "threshold_mode")?)
        .cooldown(p.count("cooldown")?)
        .min_lr(p.number("min_lr")?)
        .eps(p.number("eps")?)
        .build()
        .map_err(|error| p.invalid(error))?;
    Ok(Translation { feedback: Some(rule.into()), ..constant(p)? })
}

/// `GreedyLR`; several groups start again each on its own.
fn greedy(p: &Params<'_>) -> Result<Translation, DialectError> {
    let rule = Greedy::new()
        .mode(mode(p)?)
        .factor(p.number("factor")?)
        .patience(p.count("patience")?)
        .threshold(p.number("threshold")?, threshold_mode(p, "threshold_mode")?)
        .cooldown(p.count("cooldown")?)
        .warmup(p.count("warmup")?)
        .min_lr(p.number("min_lr")?)
        .max_lr(p.number("max_lr")?)
        .eps(p.number("eps")?)
        .window(if p.flag("smooth")? { p.count("window_size")? } else { 1 })
        .reset_start(p.count("reset_start")?)
        .build()
        .map_err(|error| p.invalid(error))?;
    Ok(Translation { feedback: Some(rule.into()), ..constant(p)? })
}

/// What the proxy reports: `initial_lr`, then `min(1e-2, 1 / sqrt(t))`, with `warmup_init` `min(1e-6 t, 1 / sqrt(t))`.
///
/// Without `relative_step` the proxy overwrites the optimizer's rate with its own, which is then for ever `initial_lr`.
fn adafactor(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (relative, warmup, initial) = (p.flag("relative_step")?, p.flag("warmup_init")?, p.number("initial_lr")?);
    let given = p.number_or_null("optimizer_lr")?.is_some();
    p.check(!(given && relative), "optimizer_lr", "not be given together with `relative_step`")?;
    p.check(relative || !warmup, "warmup_init", "not be true without `relative_step`")?;
    let scale = "be false: otherwise the rate follows the size of the weights, which no schedule knows";
    p.check(!p.flag("scale_parameter")?, "scale_parameter", scale)?;
    let power_law =
        |scale, power| Schedule::try_from(Node::PowerLaw(PowerLaw { scale, offset: 1.0, time_scale: 1.0, power }));
    let schedule = || {
        let initial = Schedule::constant(initial)?;
        if !relative {
            return Ok(initial);
        }
        let bound = if warmup { power_law(1e-6, 1.0)? } else { Schedule::constant(1e-2)? };
        followed(initial, 1, bound.min(power_law(1.0, -0.5)?)?)
    };
    only_lr(p, schedule())
}
