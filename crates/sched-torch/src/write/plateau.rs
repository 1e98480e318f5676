//! `ReduceLROnPlateau`, from a plateau and what it has seen.

use sched_core::{Feedback, PlateauMode, Scheduler, ThresholdMode};
use sched_dialects::Value as Param;
use serde::Deserialize;

use super::error::WriteError;
use super::python::Python;

/// A plateau in a file.
#[derive(Deserialize, PartialEq)]
struct Plateau {
    rules: Rules,
    memory: Memory,
}

#[derive(Clone, Deserialize, PartialEq)]
struct Rules {
    better: Better,
    factor: f64,
    patience: u64,
    cooldown: u64,
    blind_cooldown: bool,
    accumulation: u64,
    min_lr: f64,
    eps: f64,
    non_finite: String,
    start_step: u64,
}

#[derive(Clone, Deserialize, PartialEq)]
struct Better {
    mode: PlateauMode,
    threshold: f64,
    threshold_mode: ThresholdMode,
    margin: f64,
}

#[derive(Deserialize, PartialEq)]
struct Memory {
    best: Option<f64>,
    bad_observations: u64,
    cooldown_left: u64,
}

/// The constructor's parameters and the state dict, of schedulers that all follow a metric.
pub(super) fn plateau(schedulers: &[&Scheduler]) -> Result<(Param, Python), WriteError> {
    let read = schedulers.iter().map(|scheduler| one(scheduler)).collect::<Result<Vec<_>, _>>()?;
    let Some(Plateau { rules, memory }) = read.first() else { return Err(WriteError::NoGroups) };
    for other in &read {
        // Only `min_lr` may differ between groups.
        let others = Rules { min_lr: rules.min_lr, ..other.rules.clone() };
        if others != *rules || other.memory != *memory {
            return Err(WriteError::Groups { what: "the options of the plateau, or in what it has seen".to_owned() });
        }
    }
    let lrs: Vec<f64> = schedulers.iter().map(|scheduler| scheduler.peek()).collect();
    let min_lrs: Vec<f64> = read.iter().map(|plateau| plateau.rules.min_lr).collect();
    let shared = min_lrs.iter().all(|min_lr| *min_lr == min_lrs[0]).then(|| min_lrs[0]);
    let (mode, worst) = match rules.better.mode {
        PlateauMode::Max => ("max", f64::NEG_INFINITY),
        PlateauMode::Min => ("min", f64::INFINITY),
    };
    // A plateau stores the largest finite number for infinity.
    let best = memory.best.map_or(worst, |best| if best.abs() == f64::MAX { best * 2.0 } else { best });
    let threshold_mode = if rules.better.threshold_mode == ThresholdMode::Absolute { "abs" } else { "rel" };
    let count = |count: u64| Python::Int(count.into());
    let dict = Python::dict(vec![
        ("factor", Python::Float(rules.factor)),
        ("default_min_lr", shared.map_or(Python::None, Python::Float)),
        ("min_lrs", Python::floats(&min_lrs)),
        ("patience", count(rules.patience)),
        ("cooldown", count(rules.cooldown)),
        ("eps", Python::Float(rules.eps)),
        ("last_epoch", count(schedulers.first().map_or(0, |scheduler| scheduler.position()))),
        ("_last_lr", Python::floats(&lrs)),
        ("mode_worse", Python::Float(worst)),
        ("mode", Python::str(mode)),
        ("threshold", Python::Float(rules.better.threshold)),
        ("threshold_mode", Python::str(threshold_mode)),
        ("best", Python::Float(best)),
        ("cooldown_counter", count(memory.cooldown_left)),
        ("num_bad_epochs", count(memory.bad_observations)),
    ]);
    let numbers = |values: &[f64]| Param::List(values.iter().copied().map(Param::Number).collect());
    let params = [
        ("mode", Param::Text(mode.to_owned())),
        ("factor", Param::Number(rules.factor)),
        ("patience", Param::Int(rules.patience.into())),
        ("threshold", Param::Number(rules.better.threshold)),
        ("threshold_mode", Param::Text(threshold_mode.to_owned())),
        ("cooldown", Param::Int(rules.cooldown.into())),
        ("min_lr", shared.map_or_else(|| numbers(&min_lrs), Param::Number)),
        ("eps", Param::Number(rules.eps)),
    ];
    Ok((Param::Map(params.map(|(name, value)| (name.to_owned(), value)).into()), dict))
}

fn one(scheduler: &Scheduler) -> Result<Plateau, WriteError> {
    let rule = scheduler.feedback();
    let refused = |reason| WriteError::Rule { rule: rule.map_or_else(String::new, ToString::to_string), reason };
    let Some(feedback @ Feedback::Plateau(_)) = rule else {
        return Err(refused("PyTorch has no other rule that follows a metric, or the groups have different ones"));
    };
    let mut file = serde_json::to_value(feedback).unwrap_or_default();
    let plateau: Plateau =
        serde_json::from_value(file["plateau"].take()).map_err(|_| refused("it cannot be written out"))?;
    let rules = &plateau.rules;
    let best = plateau.memory.best;
    let schedule = scheduler.schedule().ok_or(WriteError::Function)?;
    let position = scheduler.position();
    let is_flat = schedule.horizon().is_some_and(|end| end <= position) || {
        let rate = schedule.at(position);
        (0..=4096).chain((12..63).map(|power| 1 << power)).all(|i| schedule.at(position.saturating_add(i)) == rate)
    };
    let reason = [
        (!is_flat, "PyTorch's changes the rate by the metric only, and here a schedule does too"),
        (rules.accumulation != 1, "it averages several metrics"),
        (rules.blind_cooldown, "it ignores metrics during a cooldown"),
        (rules.better.margin != 0.0, "it has a margin"),
        (
            !["compare", "count_as_bad"].contains(&rules.non_finite.as_str()),
            "it does not take NaN for bad, or takes the first metric for the best whatever it is",
        ),
        (
            rules.better.threshold_mode == ThresholdMode::AbsoluteFromMetric
                || rules.better.threshold_mode == ThresholdMode::RelativeSignedSum,
            "PyTorch's threshold is rounded in another way (`ThresholdMode::Absolute`, `ThresholdMode::RelativeSigned`)",
        ),
        (rules.start_step > position, "it starts later"),
        (
            rules.better.threshold_mode == ThresholdMode::Relative && best.is_some_and(|best| best < 0.0),
            "for a negative best metric, PyTorch's threshold has the other sign (`ThresholdMode::RelativeSigned`)",
        ),
    ];
    match reason.into_iter().find(|(applies, _)| *applies) {
        Some((_, reason)) => Err(refused(reason)),
        None => Ok(plateau),
    }
}
