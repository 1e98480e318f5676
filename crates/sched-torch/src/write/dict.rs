//! The keys of a state dict, in PyTorch's order.

use sched_dialects::{TorchProgress, Value as Param};

use super::python::Python;

/// A parameter by its name.
fn get<'a>(params: &'a Param, name: &str) -> &'a Param {
    let Param::Map(entries) = params else { return &Param::Null };
    entries.iter().find(|(key, _)| key == name).map_or(&Param::Null, |(_, value)| value)
}

fn number(params: &Param, name: &str) -> f64 {
    match get(params, name) {
        Param::Number(value) => *value,
        Param::Int(value) => *value as f64,
        _ => 0.0,
    }
}

/// One element per parameter group, also where all have the same.
fn per_group(params: &Param, name: &str, groups: usize) -> Python {
    match get(params, name) {
        Param::List(values) => Python::List(values.iter().map(Python::of).collect()),
        value => Python::List(vec![Python::of(value); groups]),
    }
}

/// The state dict of a scheduler with these constructor's parameters. What it keeps in the optimizer is not part of it.
pub(super) fn state_dict(kind: &str, params: &Param, progress: &TorchProgress) -> Python {
    let copied = |names: &[&'static str]| names.iter().map(|name| (*name, Python::of(get(params, name)))).collect();
    let groups = progress.base_lrs.len();
    let mut entries: Vec<(&str, Python)> = match kind {
        "StepLR" => copied(&["step_size", "gamma"]),
        "MultiStepLR" => {
            vec![("milestones", counter(get(params, "milestones"))), ("gamma", Python::of(get(params, "gamma")))]
        }
        "ConstantLR" => copied(&["factor", "total_iters"]),
        "LinearLR" => copied(&["start_factor", "end_factor", "total_iters"]),
        "ExponentialLR" => copied(&["gamma"]),
        "PolynomialLR" => copied(&["total_iters", "power"]),
        "CosineAnnealingLR" => copied(&["T_max", "eta_min"]),
        "CosineAnnealingWarmRestarts" => restarts(params, progress),
        "CyclicLR" => cyclic(params, groups),
        "OneCycleLR" => one_cycle(params),
        "SWALR" => {
            let strategy = Python::of(get(params, "anneal_strategy"));
            vec![("_anneal_strategy", strategy), ("anneal_epochs", Python::of(get(params, "anneal_epochs")))]
        }
        "SequentialLR" => return composite(params, progress, true),
        _ => return composite(params, progress, false),
    };
    // Warm restarts have a `step` of their own, which does not count.
    let calls = if kind == "CosineAnnealingWarmRestarts" { 0 } else { progress.step_count };
    entries.extend([
        ("base_lrs", Python::floats(&progress.base_lrs)),
        ("last_epoch", Python::Int(progress.last_epoch.into())),
        ("_step_count", Python::Int(calls.into())),
        ("_is_initial", Python::Bool(false)),
        ("_get_lr_called_within_step", Python::Bool(false)),
        ("_last_lr", Python::floats(&progress.last_lrs)),
    ]);
    if kind == "CyclicLR" {
        entries.push(("_scale_fn_custom", Python::None));
    }
    Python::dict(entries)
}

fn composite(params: &Param, progress: &TorchProgress, is_sequence: bool) -> Python {
    let members = match get(params, "schedulers") {
        Param::List(members) => members.as_slice(),
        _ => &[],
    };
    let member = |(member, progress): (&Param, &TorchProgress)| {
        let kind = if let Param::Text(kind) = get(member, "kind") { kind } else { "" };
        state_dict(kind, get(member, "params"), progress)
    };
    let members = members.iter().zip(&progress.members).map(member).collect();
    let last_lr = ("_last_lr", Python::floats(&progress.last_lrs));
    let schedulers = ("_schedulers", Python::List(members));
    if is_sequence {
        let milestones = ("_milestones", Python::of(get(params, "milestones")));
        let last_epoch = ("last_epoch", Python::Int(progress.last_epoch.into()));
        Python::dict(vec![milestones, last_epoch, last_lr, schedulers])
    } else {
        Python::dict(vec![last_lr, schedulers])
    }
}

fn counter(milestones: &Param) -> Python {
    let Param::List(milestones) = milestones else { return Python::Counter(vec![]) };
    let mut counts: Vec<(Python, i128)> = Vec::new();
    for milestone in milestones.iter().map(Python::of) {
        match counts.iter_mut().find(|(known, _)| *known == milestone) {
            Some((_, count)) => *count += 1,
            None => counts.push((milestone, 1)),
        }
    }
    Python::Counter(counts.into_iter().map(|(milestone, count)| (milestone, Python::Int(count))).collect())
}

fn restarts(params: &Param, progress: &TorchProgress) -> Vec<(&'static str, Python)> {
    let int = |name| if let Param::Int(value) = get(params, name) { *value } else { 1 };
    let (first, factor) = (int("T_0"), int("T_mult"));
    let (mut length, mut current) = (first.max(1), i128::from(progress.last_epoch).max(0));
    if factor == 1 {
        current %= length;
    }
    while current >= length {
        current -= length;
        length = length.saturating_mul(factor);
    }
    let of = |name| Python::of(get(params, name));
    let (t_i, t_cur) = (Python::Int(length), Python::Int(current));
    vec![("T_0", of("T_0")), ("T_i", t_i), ("T_mult", of("T_mult")), ("eta_min", of("eta_min")), ("T_cur", t_cur)]
}

/// `use_beta1` depends on the optimizer, so the one that the constructor found stays.
fn cyclic(params: &Param, groups: usize) -> Vec<(&'static str, Python)> {
    let (up, down) = (number(params, "step_size_up"), number(params, "step_size_down"));
    let scale_mode = if get(params, "mode") == &Param::Text("exp_range".to_owned()) { "iterations" } else { "cycle" };
    let mut entries = vec![
        ("max_lrs", per_group(params, "max_lr", groups)),
        ("total_size", Python::Float(up + down)),
        ("step_ratio", Python::Float(up / (up + down))),
        ("mode", Python::of(get(params, "mode"))),
        ("gamma", Python::of(get(params, "gamma"))),
        ("scale_mode", Python::str(scale_mode)),
        ("cycle_momentum", Python::of(get(params, "cycle_momentum"))),
    ];
    if get(params, "cycle_momentum") == &Param::Bool(true) {
        entries.push(("base_momentums", per_group(params, "base_momentum", groups)));
        entries.push(("max_momentums", per_group(params, "max_momentum", groups)));
    }
    entries
}

fn one_cycle(params: &Param) -> Vec<(&'static str, Python)> {
    let (total, pct) = (number(params, "total_steps"), number(params, "pct_start"));
    let phase = |end: Python, lrs: [&str; 2], momenta: [&str; 2]| {
        Python::dict(vec![
            ("end_step", end),
            ("start_lr", Python::str(lrs[0])),
            ("end_lr", Python::str(lrs[1])),
            ("start_momentum", Python::str(momenta[0])),
            ("end_momentum", Python::str(momenta[1])),
        ])
    };
    // PyTorch writes the sum first; its rounding would show in the number.
    let part = pct * total;
    let part = if (part - part.round()).abs() < 1e-9 * part { part.round() } else { part };
    let (rise, fall) = (["max_momentum", "base_momentum"], ["base_momentum", "max_momentum"]);
    let end = Python::Int(total as i128 - 1);
    let up = phase(Python::Float(part - 1.0), ["initial_lr", "max_lr"], rise);
    let phases = if get(params, "three_phase") == &Param::Bool(true) {
        let down = phase(Python::Float(2.0 * part - 2.0), ["max_lr", "initial_lr"], fall);
        vec![up, down, phase(end, ["initial_lr", "min_lr"], ["max_momentum", "max_momentum"])]
    } else {
        vec![up, phase(end, ["max_lr", "min_lr"], fall)]
    };
    vec![
        ("total_steps", Python::of(get(params, "total_steps"))),
        ("_schedule_phases", Python::List(phases)),
        ("_anneal_func_type", Python::of(get(params, "anneal_strategy"))),
        ("cycle_momentum", Python::of(get(params, "cycle_momentum"))),
    ]
}
