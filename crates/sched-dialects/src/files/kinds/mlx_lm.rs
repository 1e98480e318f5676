//! mlx-lm's YAML: `lr_schedule`.

use sched_core::{Schedule, Value};

use super::{Fields, FileError, FileKind, Params};

pub(super) const KIND: FileKind = FileKind {
    name: "configuration of mlx-lm",
    is_own: false,
    names: &["lr_schedule", "learning_rate", "iters", "fine_tune_type", "adapter_path", "lora_parameters"],
    run: [&[], &[]],
    is_it: |file| {
        file.has("lr_schedule") || (file.has("iters") && (file.has("adapter_path") || file.has("fine_tune_type")))
    },
    read: |file, found| {
        let Some(own) = file.at("lr_schedule") else {
            let lr = file.needs_number("learning_rate", "without a schedule it is the rate")?;
            found.groups = vec![Schedule::constant(lr)?.into()];
            return Ok(());
        };
        let name = own.text("name")?.ok_or_else(|| FileError::missing("lr_schedule.name", "the schedule's name"))?;
        let names: &[&str] = match name {
            "cosine_decay" => &["init", "decay_steps", "end"],
            "linear_schedule" => &["init", "end", "steps"],
            "exponential_decay" => &["init", "decay_rate"],
            "step_decay" => &["init", "decay_rate", "step_size"],
            other => {
                let rule = "be one of `cosine_decay`, `linear_schedule`, `exponential_decay`, `step_decay`";
                return Err(FileError::field("lr_schedule.name", &Value::Text(other.to_owned()), rule));
            }
        };
        let arguments: Vec<Fields<'_>> = own.list("arguments");
        if arguments.len() > names.len() {
            let rule = format!("have at most {} numbers: {}", names.len(), names.join(", "));
            return Err(FileError::field("lr_schedule.arguments", own.get("arguments").unwrap_or(&Value::Null), rule));
        }
        let values = names.iter().zip(&arguments);
        let params = values.fold(Params::new(), |params, (name, argument)| params.with(name, argument.value().clone()));
        let main = params.of("mlx", name)?;
        let warmup = own.count("warmup")?.unwrap_or(0);
        if warmup == 0 {
            found.groups = main;
            return Ok(());
        }
        let peak = own.of(arguments.first().map_or(&Value::Null, |first| first.value()));
        let peak = match peak.value() {
            Value::Int(peak) => *peak as f64,
            Value::Number(peak) => *peak,
            value => return Err(FileError::field("lr_schedule.arguments", value, "begin with the first rate")),
        };
        let rise = Schedule::linear(own.number("warmup_init")?.unwrap_or(0.0), peak, warmup)?;
        // The schedules are joined one step after the warmup.
        found.groups = vec![rise.then_at(warmup + 1, main[0].lr.clone())?.into()];
        Ok(())
    },
};
