//! PaddleDetection's YAML: `LearningRate` with schedulers as tags.

use sched_core::{Schedule, Value};

use super::{Fields, FileError, FileKind};
use crate::files::run::steps_per_epoch;

pub(super) const KIND: FileKind = FileKind {
    name: "configuration of PaddleDetection",
    is_own: false,
    names: &["epoch", "LearningRate", "OptimizerBuilder"],
    run: [&[], &["epoch"]],
    is_it: |file| file.has("LearningRate.base_lr") || file.has("LearningRate.schedulers"),
    read: |file, found| {
        let base = file.needs_number("LearningRate.base_lr", "the rate")?;
        let epochs = file.number("epoch")?.or(found.plan.epochs.map(|epochs| epochs as f64));
        let (mut main, mut warmup) = (None, None);
        for scheduler in file.list("LearningRate.schedulers") {
            let (name, own) = named(scheduler)?;
            match name {
                "LinearWarmup" | "ExpWarmup" => warmup = Some((name, own)),
                _ if main.is_none() => main = Some((name, own)),
                other => {
                    let rule = "be the second scheduler only if it is a warmup";
                    return Err(FileError::field("LearningRate.schedulers", &Value::Text(other.to_owned()), rule));
                }
            }
        }
        let steps = || steps_per_epoch(&found.plan);
        let warmup_steps = match warmup {
            None => 0,
            Some((_, own)) => match own.number("epochs")? {
                Some(epochs) => (epochs * steps()? as f64) as u64,
                None => own.count("steps")?.unwrap_or(500),
            },
        };
        let schedule = match main {
            None => Schedule::constant(base)?,
            Some(("PiecewiseDecay", own)) => {
                let (boundaries, rates) = piecewise(own, base, steps()?)?;
                let changes: Vec<(u64, f64)> = boundaries.into_iter().zip(rates).collect();
                Schedule::piecewise_constant(base, &changes)?
            }
            Some(("CosineDecay", own)) => {
                let epochs = own.number("max_epochs")?.or(epochs).unwrap_or(1000.0);
                let total = (epochs * steps()? as f64) as u64;
                let floor = own.number("min_lr_ratio")?.unwrap_or(0.0).max(own.number("min_lr")?.unwrap_or(0.0) / base);
                let length = total.saturating_sub(warmup_steps);
                let decay = Schedule::cosine_annealing(base, base * floor, length)?;
                if warmup_steps == 0 { decay } else { Schedule::constant(base)?.then_at(warmup_steps, decay)? }
            }
            Some((other, _)) => {
                let rule = "be `PiecewiseDecay` or `CosineDecay`, with `LinearWarmup`: others are not read here";
                return Err(FileError::field("LearningRate.schedulers", &Value::Text(other.to_owned()), rule));
            }
        };
        found.groups = vec![
            match warmup {
                None => schedule,
                Some(("LinearWarmup", own)) => {
                    let factor = own.number("start_factor")?.unwrap_or(1.0 / 3.0);
                    let rise = Schedule::linear(base * factor, base, warmup_steps)?;
                    if warmup_steps == 0 {
                        schedule
                    } else {
                        rise.then_at(warmup_steps, schedule.advance(warmup_steps as f64)?)?
                    }
                }
                Some((other, _)) => {
                    let rule = "be `LinearWarmup`: other warmups are not read here";
                    return Err(FileError::field("LearningRate.schedulers", &Value::Text(other.to_owned()), rule));
                }
            }
            .into(),
        ];
        Ok(())
    },
};

/// A scheduler as a tag, `!PiecewiseDecay {..}`, or as `{name: PiecewiseDecay, ..}`.
fn named(scheduler: Fields<'_>) -> Result<(&str, Fields<'_>), FileError> {
    match scheduler.entries() {
        [(tag, inner)] if tag.starts_with('!') => Ok((&tag[1..], scheduler.of(inner))),
        _ => match scheduler.text("name")? {
            Some(name) => Ok((name, scheduler)),
            None => Err(FileError::field(
                "LearningRate.schedulers",
                scheduler.value(),
                "be a tag such as `!PiecewiseDecay`",
            )),
        },
    }
}

/// A list of factors of the base rate, or one factor, by which the first milestone multiplies and each further one divides by 10.
fn piecewise(own: Fields<'_>, base: f64, steps: u64) -> Result<(Vec<u64>, Vec<f64>), FileError> {
    let numbers = |name: &str, default: &[f64]| -> Result<Vec<f64>, FileError> {
        let list = own.list(name);
        if list.is_empty() {
            return Ok(default.to_vec());
        }
        let number = |field: &Fields<'_>| match field.value() {
            Value::Int(number) => Ok(*number as f64),
            Value::Number(number) => Ok(*number),
            value => Err(FileError::field(name, value, "be a number or a list of numbers")),
        };
        list.iter().map(number).collect()
    };
    let milestones = numbers("milestones", &[8.0, 11.0])?;
    let gamma = numbers("gamma", &[0.1])?;
    let factors: Vec<f64> = match (own.get("gamma"), gamma.as_slice()) {
        (Some(Value::List(_)), gamma) => gamma.to_vec(),
        (_, [gamma, ..]) => (0..milestones.len()).map(|i| gamma / 10_f64.powi(i as i32)).collect(),
        _ => Vec::new(),
    };
    if factors.len() < milestones.len() {
        return Err(FileError::field(
            "gamma",
            own.get("gamma").unwrap_or(&Value::Null),
            "have a factor for each of the `milestones`",
        ));
    }
    let boundaries = milestones.iter().map(|epoch| (epoch * steps as f64) as u64).collect();
    Ok((boundaries, factors.iter().map(|factor| base * factor).collect()))
}
