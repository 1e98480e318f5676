//! Keras's serialised schedules, and optimizers that have one.

use sched_core::{Schedule, Value};

use super::{Fields, FileError, FileKind, Found, Params};

pub(super) const KIND: FileKind = FileKind {
    name: "schedule or optimizer of Keras, serialised",
    is_own: false,
    names: &["class_name", "config", "registered_name", "module"],
    run: [&[], &[]],
    is_it: |file| file.has("class_name") && file.has("config"),
    read: |file, found| {
        if is_schedule(file) {
            return schedule(file, found);
        }
        if let Some(steps) = file.limit("config.gradient_accumulation_steps")? {
            found.notes.push(format!(
                "`gradient_accumulation_steps` is {steps}: Keras's schedules count batches then, not updates"
            ));
        }
        match file.at("config.learning_rate") {
            Some(inner) if inner.has("class_name") => schedule(inner, found),
            _ => {
                let lr = file.needs_number("config.learning_rate", "the rate of the optimizer")?;
                found.groups = vec![Schedule::constant(lr)?.into()];
                Ok(())
            }
        }
    },
};

fn is_schedule(file: Fields<'_>) -> bool {
    let module = matches!(file.get("module"), Some(Value::Text(module)) if module.contains("schedules"));
    module
        || (!file.has("config.learning_rate") && file.has("config.initial_learning_rate"))
        || file.has("config.boundaries")
}

fn schedule(file: Fields<'_>, found: &mut Found) -> Result<(), FileError> {
    let class =
        file.text("class_name")?.ok_or_else(|| FileError::missing("class_name", "the class of the schedule"))?;
    let config = file.at("config").ok_or_else(|| FileError::missing("config", "the parameters of the schedule"))?;
    found.groups = Params::new().all(config, &["name"]).of("keras", class)?;
    Ok(())
}
