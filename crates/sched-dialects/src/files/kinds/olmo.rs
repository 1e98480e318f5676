//! OLMo's YAML.

use sched_core::{Node, PowerLaw, Schedule, Value};

use super::{Fields, FileError, FileKind, Found};
use crate::files::run::steps_per_epoch;

pub(super) const KIND: FileKind = FileKind {
    name: "configuration of OLMo",
    is_own: false,
    names: &["optimizer", "scheduler", "max_duration", "global_train_batch_size", "device_train_microbatch_size"],
    run: [&[], &[]],
    is_it: |file| file.has("optimizer.learning_rate") && file.has("scheduler.name"),
    read: |file, found| {
        let lr = file.needs_number("optimizer.learning_rate", "the peak of the schedule")?;
        if let Some(units) = file.text("scheduler.units")?.filter(|units| *units != "steps") {
            return Err(FileError::field(
                "scheduler.units",
                &Value::Text(units.to_owned()),
                "be `steps`: other units are not read here",
            ));
        }
        let warmup = file.count("scheduler.t_warmup")?.unwrap_or(100);
        let floor = lr * file.number("scheduler.alpha_f")?.unwrap_or(0.1);
        let first = file.number("scheduler.warmup_min_lr")?.unwrap_or(0.1 * lr);
        let end = |found: &Found| match file.count("scheduler.t_max")? {
            Some(steps) => Ok(steps),
            None => duration(file, found),
        };
        let name = file.text("scheduler.name")?.unwrap_or_default();
        let main = match name {
            "cosine_with_warmup" => Schedule::cosine_annealing(lr, floor, end(found)?.saturating_sub(warmup))?,
            "linear_with_warmup" => Schedule::linear(lr, floor, end(found)?.saturating_sub(warmup))?,
            "inverse_sqrt_with_warmup" => {
                let scale = warmup.max(1) as f64;
                Node::PowerLaw(PowerLaw { scale: lr, offset: warmup as f64, time_scale: scale, power: -0.5 })
                    .try_into()?
            }
            "constant" => Schedule::constant(lr)?,
            "constant_with_warmup" => Schedule::constant(lr)?,
            other => {
                let rule = "be one of `cosine_with_warmup`, `linear_with_warmup`, `inverse_sqrt_with_warmup`, `constant`, \
                            `constant_with_warmup`";
                return Err(FileError::field("scheduler.name", &Value::Text(other.to_owned()), rule));
            }
        };
        let whole = if name == "constant" || warmup == 0 {
            main
        } else {
            Schedule::linear(first, lr, warmup)?.then_at(warmup, main)?
        };
        // The step is counted before the update.
        found.groups = vec![whole.advance(1.0)?.into()];
        Ok(())
    },
};

/// `max_duration`: steps, `2ep`, or tokens such as `2e9T`.
fn duration(file: Fields<'_>, found: &Found) -> Result<u64, FileError> {
    let missing = || FileError::missing("max_duration", "the length of the run");
    let Some(Value::Text(text)) = file.get("max_duration") else {
        return file.count("max_duration")?.or(found.plan.total_steps).ok_or_else(missing);
    };
    let number = |text: &str| match crate::files::yaml::number(text) {
        Some(Value::Int(number)) => Ok(number as f64),
        Some(Value::Number(number)) => Ok(number),
        _ => Err(FileError::field(
            "max_duration",
            &Value::Text(text.to_owned()),
            "be a number of steps, `2ep` or `2e9T`",
        )),
    };
    if let Some(epochs) = text.strip_suffix("ep") {
        return Ok((number(epochs)? * steps_per_epoch(&found.plan)? as f64) as u64);
    }
    if let Some(tokens) = text.strip_suffix('T') {
        let batch = file.needs_number("global_train_batch_size", "to turn tokens into steps")?;
        let sequence = file.needs_number("model.max_sequence_length", "to turn tokens into steps")?;
        return Ok((number(tokens)? / (batch * sequence)) as u64);
    }
    Ok(number(text)? as u64)
}
