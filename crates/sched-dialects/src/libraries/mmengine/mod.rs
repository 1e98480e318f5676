//! mmengine 0.10: `mmengine.optim.scheduler`, the classes for the learning rate.
//!
//! A scheduler acts on steps `begin` to `end - 1`, counts from `begin`, and changes the rate that it finds; outside, the
//! rate stays as it is. `end = 1e9`, the library's infinity, is one here.

mod windows;

use self::windows::{Entry, Window, chain};
use crate::declare::DialectError;
use crate::declare::Translation;
use crate::declare::legacy::Params;
use crate::declare::legacy::threshold_mode;
use crate::declare::{Kind, Library, Param};
use sched_core::{Anneal, Beyond, OneCycle, Plateau, PlateauMode, Ramp, Schedule, Shape, Value};

const INF: u64 = 1_000_000_000;

const BEGIN: Param = Param::int("begin", 0);
const END: Param = Param::int("end", INF as i64);

pub(super) const LIBRARY: Library = Library {
    name: "mmengine",
    optimizer: &[
        Param::null("optimizer"),
        Param::null("optimizer_lr").per_group(),
        Param::null("optimizer_momentum").per_group(),
        Param::null("optimizer_betas"),
    ],
    kinds: &[
        Kind::old("StepLR", &[Param::required("step_size"), Param::number("gamma", 0.1), BEGIN, END], alone),
        Kind::old("MultiStepLR", &[Param::required("milestones"), Param::number("gamma", 0.1), BEGIN, END], alone),
        Kind::old("ConstantLR", &[Param::number("factor", 1.0 / 3.0), BEGIN, END], alone),
        Kind::old(
            "LinearLR",
            &[Param::number("start_factor", 1.0 / 3.0), Param::number("end_factor", 1.0), BEGIN, END],
            alone,
        ),
        Kind::old("ExponentialLR", &[Param::required("gamma"), BEGIN, END], alone),
        Kind::old(
            "CosineAnnealingLR",
            &[Param::null("T_max"), Param::null("eta_min"), BEGIN, END, Param::null("eta_min_ratio")],
            alone,
        ),
        Kind::old(
            "CosineRestartLR",
            &[
                Param::required("periods"),
                Param { default: crate::declare::Default::Numbers(&[1.0]), ..Param::null("restart_weights") },
                Param::null("eta_min"),
                Param::null("eta_min_ratio"),
                BEGIN,
                END,
            ],
            alone,
        ),
        Kind::old("PolyLR", &[Param::number("eta_min", 0.0), Param::number("power", 1.0), BEGIN, END], alone),
        Kind::old(
            "OneCycleLR",
            &[
                Param::number("eta_max", 0.0).per_group(),
                Param::null("total_steps"),
                Param::number("pct_start", 0.3),
                Param::text("anneal_strategy", "cos"),
                Param::number("div_factor", 25.0),
                Param::number("final_div_factor", 1e4),
                Param::bool("three_phase", false),
                BEGIN,
                END,
            ],
            alone,
        ),
        Kind::old(
            "ReduceOnPlateauLR",
            &[
                Param::text("monitor", "loss"),
                Param::text("rule", "less"),
                Param::number("factor", 0.1),
                Param::int("patience", 10),
                Param::number("threshold", 1e-4),
                Param::text("threshold_rule", "rel"),
                Param::int("cooldown", 0),
                Param::number("min_value", 0.0).per_group(),
                Param::number("eps", 1e-8),
                BEGIN,
                END,
            ],
            plateau,
        ),
        Kind::old("list", &[Param::required("schedulers")], list),
    ],
};

/// One scheduler.
fn alone(p: &Params<'_>) -> Result<Translation, DialectError> {
    together(p, &[windows(p, p.optimizer_lr()?)?], "end")
}

/// Several schedulers, which are stepped in this order.
fn list(p: &Params<'_>) -> Result<Translation, DialectError> {
    let mut base = p.optimizer_lr()?;
    let mut all = Vec::new();
    for member in p.members("schedulers")? {
        all.push(windows(&member, base)?);
        if member.kind() == "OneCycleLR" {
            // It replaces the initial rate that later members read.
            base = member.number("eta_max")? / member.number("div_factor")?;
        }
    }
    together(p, &all, "schedulers")
}

fn together(p: &Params<'_>, schedulers: &[Vec<Window>], param: &str) -> Result<Translation, DialectError> {
    let lr = chain(p.optimizer_lr()?, schedulers).map_err(|error| p.invalid(error))?;
    let rule = "not overlap for more than 100000 steps with others where one has a floor: give them an `end`";
    Ok(Translation::from(lr.ok_or_else(|| p.refused(param, rule))?))
}

/// What a scheduler does to the rate, and when; `base` is the initial rate of the optimizer.
fn windows(p: &Params<'_>, base: f64) -> Result<Vec<Window>, DialectError> {
    match p.kind() {
        "StepLR" => step(p),
        "MultiStepLR" => multi_step(p),
        "ConstantLR" => constant(p),
        "LinearLR" => linear(p),
        "ExponentialLR" => exponential(p),
        "CosineAnnealingLR" => cosine_annealing(p, base),
        "CosineRestartLR" => cosine_restart(p, base),
        "PolyLR" => poly(p),
        "OneCycleLR" => one_cycle(p),
        _ => Err(p.refused("schedulers", "follow no metric")),
    }
}

/// `begin`, `end` (never, if it is the library's infinity) and `end - begin`.
fn span(p: &Params<'_>) -> Result<(u64, u64, u64), DialectError> {
    let (begin, end) = (p.count("begin")?, p.count("end")?);
    p.check(end > begin, "end", "be above `begin`")?;
    Ok((begin, if end >= INF { u64::MAX } else { end }, end - begin))
}

/// `gamma^floor(j / step_size)`.
fn step(p: &Params<'_>) -> Result<Vec<Window>, DialectError> {
    let (begin, end, _) = span(p)?;
    let step_size = p.count("step_size")?;
    if step_size == 0 {
        return raise(p, begin.saturating_add(1), end);
    }
    let curve = Schedule::step(1.0, step_size, p.number("gamma")?).map_err(|error| p.invalid(error))?;
    Ok(vec![Window::factor(begin, end, curve)])
}

/// `gamma^n` with `n` the milestones up to `j`, in any order; equal ones count each.
fn multi_step(p: &Params<'_>) -> Result<Vec<Window>, DialectError> {
    let (begin, end, _) = span(p)?;
    let mut milestones = p.counts("milestones")?;
    milestones.sort_unstable();
    let gamma = p.number("gamma")?;
    let within = milestones.into_iter().map(|milestone| begin.saturating_add(milestone)).filter(|&step| step < end);
    within.map(|step| jump(p, step, gamma)).collect()
}

/// `factor` until `j = end - begin - 1`, then 1; with no step between, `factor` stays.
fn constant(p: &Params<'_>) -> Result<Vec<Window>, DialectError> {
    let (begin, end, _) = span(p)?;
    let factor = p.number("factor")?;
    p.check((0.0..=1.0).contains(&factor), "factor", "be between 0 and 1")?;
    let mut jumps = vec![jump(p, begin, factor)?];
    if end != u64::MAX && end - 1 > begin {
        let back = if factor == 0.0 { raise(p, end - 1, end)? } else { vec![jump(p, end - 1, 1.0 / factor)?] };
        jumps.extend(back);
    }
    Ok(jumps)
}

/// The library raises at `step`, unless the window ends before.
fn raise(p: &Params<'_>, step: u64, end: u64) -> Result<Vec<Window>, DialectError> {
    let window = (step < end).then(|| Window::raise(step)).transpose();
    Ok(window.map_err(|error| p.invalid(error))?.into_iter().collect())
}

fn jump(p: &Params<'_>, step: u64, factor: f64) -> Result<Window, DialectError> {
    let curve = Schedule::constant(factor).map_err(|error| p.invalid(error))?;
    Ok(Window::factor(step, step.saturating_add(1), curve))
}

/// `start_factor + (end_factor - start_factor) j / (end - begin - 1)`; from 0 it divides by 0 at `j = 1`, so it stays there.
fn linear(p: &Params<'_>) -> Result<Vec<Window>, DialectError> {
    let (begin, end, length) = span(p)?;
    let (from, to) = (p.number("start_factor")?, p.number("end_factor")?);
    p.check((0.0..=1.0).contains(&from), "start_factor", "be between 0 and 1")?;
    p.check((0.0..=1.0).contains(&to), "end_factor", "be between 0 and 1")?;
    if from == 0.0 || length == 1 {
        let stop = if from == 0.0 { raise(p, begin.saturating_add(1), end)? } else { vec![] };
        return Ok([jump(p, begin, from)?].into_iter().chain(stop).collect());
    }
    let curve = Schedule::linear(from, to, length - 1).map_err(|error| p.invalid(error))?;
    Ok(vec![Window::factor(begin, end, curve)])
}

/// `gamma^j`.
fn exponential(p: &Params<'_>) -> Result<Vec<Window>, DialectError> {
    let (begin, end, _) = span(p)?;
    let curve = Schedule::exponential(1.0, p.number("gamma")?).map_err(|error| p.invalid(error))?;
    Ok(vec![Window::factor(begin, end, curve)])
}

/// The floor: absolute, or a part of the initial rate; not both. `or`: what it is if neither is given.
fn eta_min(p: &Params<'_>, base: f64, or: Option<f64>) -> Result<f64, DialectError> {
    let both = "be given only if `eta_min` is not, and the other way round";
    match (p.number_or_null("eta_min")?, p.number_or_null("eta_min_ratio")?) {
        (Some(floor), None) => Ok(floor),
        (None, Some(ratio)) => Ok(base * ratio),
        (None, None) => or.ok_or_else(|| p.refused("eta_min_ratio", both)),
        (Some(_), Some(_)) => Err(p.refused("eta_min_ratio", both)),
    }
}

/// From the rate that it finds to the floor in `T_max` steps (`end - begin`, if 0 or not given), then up to the initial
/// rate and down again and again.
fn cosine_annealing(p: &Params<'_>, base: f64) -> Result<Vec<Window>, DialectError> {
    let (begin, end, length) = span(p)?;
    let floor = eta_min(p, base, Some(0.0))?;
    let t_max = p.count_or_null("T_max")?.filter(|&t_max| t_max > 0).unwrap_or(length);
    let wave = Ramp::new(1.0, 0.0, t_max).shape(Shape::Cosine).beyond(Beyond::Mirror).build();
    let wave = wave.map_err(|error| p.invalid(error))?;
    let turn = begin.saturating_add(t_max).saturating_add(1);
    let down =
        Window { start: begin, end: end.min(turn), curve: wave.clone(), floor, entry: Entry::Found, cycle: None };
    if t_max >= length {
        return Ok(vec![down]);
    }
    let curve = wave.advance(t_max as f64 + 1.0).map_err(|error| p.invalid(error))?;
    let cycle = Some(t_max.saturating_mul(2));
    Ok(vec![down, Window { start: turn, end, curve, floor, entry: Entry::Above(base), cycle }])
}

/// Period after period from `base * weight` towards the floor, which the next one's start comes before.
fn cosine_restart(p: &Params<'_>, base: f64) -> Result<Vec<Window>, DialectError> {
    let (begin, end, _) = span(p)?;
    let floor = eta_min(p, base, None)?;
    let (periods, weights) = (p.counts("periods")?, p.numbers("restart_weights")?);
    p.check(periods.len() == weights.len(), "restart_weights", "be as many as `periods`")?;
    let mut start = begin;
    let mut windows = Vec::new();
    for (period, weight) in periods.into_iter().zip(weights) {
        let stop = start.saturating_add(period).min(end);
        if start < stop {
            let curve = Schedule::cosine_annealing(1.0, 0.0, period).map_err(|error| p.invalid(error))?;
            windows.push(Window { start, end: stop, curve, floor, entry: Entry::At(base * weight), cycle: None });
        }
        start = stop;
    }
    Ok(windows)
}

/// `(1 - j / (end - begin - 1))^power` of the way that is left to the floor.
fn poly(p: &Params<'_>) -> Result<Vec<Window>, DialectError> {
    let (begin, end, length) = span(p)?;
    let (floor, power) = (p.number("eta_min")?, p.number("power")?);
    if length == 1 || power == 0.0 {
        return Ok(vec![]);
    }
    let curve = Schedule::polynomial(1.0, 0.0, length - 1, power).map_err(|error| p.invalid(error))?;
    Ok(vec![Window { start: begin, end, curve, floor, entry: Entry::Found, cycle: None }])
}

/// PyTorch's one-cycle; `total_steps` is `end - begin` if it is not given. Its one step too many holds the last rate.
fn one_cycle(p: &Params<'_>) -> Result<Vec<Window>, DialectError> {
    let (begin, end, length) = span(p)?;
    let total_steps = p.count_or_null("total_steps")?.unwrap_or(length);
    p.check(total_steps > 0, "total_steps", "be above 0")?;
    let pct_start = p.number("pct_start")?;
    let float = matches!(p.value("pct_start")?, Value::Number(_));
    p.check(float && (0.0..=1.0).contains(&pct_start), "pct_start", "be a float between 0 and 1")?;
    let (div, final_div) = (p.number("div_factor")?, p.number("final_div_factor")?);
    p.check(div != 0.0, "div_factor", "not be 0")?;
    p.check(final_div != 0.0, "final_div_factor", "not be 0")?;
    let anneal = match p.text("anneal_strategy")?.as_str() {
        "cos" => Anneal::Cos,
        "linear" => Anneal::Linear,
        _ => return Err(p.refused("anneal_strategy", "be \"cos\" or \"linear\"")),
    };
    if pct_start * total_steps as f64 == 1.0 {
        // The first phase ends where it begins, and its first step divides by 0.
        p.check(begin > 0, "pct_start", "not be 1 / total_steps")?;
        return raise(p, begin, end);
    }
    let curve = OneCycle::new(p.number("eta_max")?, total_steps)
        .pct_start(pct_start)
        .anneal(anneal)
        .div_factor(div)
        .final_div_factor(final_div)
        .three_phase(p.flag("three_phase")?)
        .lr();
    let curve = curve.map_err(|error| p.invalid(error))?;
    let mut windows = vec![Window { start: begin, end, curve, floor: 0.0, entry: Entry::Absolute, cycle: None }];
    let past = begin.saturating_add(total_steps);
    if past.saturating_add(1) < end {
        windows.extend(raise(p, past, end)?);
    }
    Ok(windows)
}

/// PyTorch's plateau. `begin` counts calls without a metric, which the training loop makes once per epoch.
fn plateau(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (begin, end, _) = span(p)?;
    p.check(end == u64::MAX, "end", "be 1e9 (its default), because a plateau has no end here")?;
    p.text("monitor")?;
    p.check(p.number("factor")? < 1.0, "factor", "be below 1")?;
    p.check(p.number("threshold")? >= 0.0, "threshold", "be 0 or more")?;
    let mode = match p.text("rule")?.as_str() {
        "less" => PlateauMode::Min,
        "greater" => PlateauMode::Max,
        _ => return Err(p.refused("rule", "be \"less\" or \"greater\"")),
    };
    let plateau = Plateau::new()
        .mode(mode)
        .factor(p.number("factor")?)
        .patience(p.count("patience")?)
        .threshold(p.number("threshold")?, threshold_mode(p, "threshold_rule")?)
        .cooldown(p.count("cooldown")?)
        .min_lr(p.number("min_value")?)
        .eps(p.number("eps")?)
        .start_step(begin)
        .build()
        .map_err(|error| p.invalid(error))?;
    let lr = Schedule::constant(p.optimizer_lr()?).map_err(|error| p.invalid(error))?;
    Ok(Translation { feedback: Some(plateau.into()), ..Translation::from(lr) })
}
