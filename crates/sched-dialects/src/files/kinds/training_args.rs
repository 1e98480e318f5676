//! Hugging Face's `TrainingArguments`, and what hands them on: LLaMA-Factory and TRL.

use sched_core::{Plan, Value};

use super::{Fields, FileError, FileKind, Params};
use crate::declare::Translation;
use crate::files::run::total_steps;
use crate::files::syntax::{Syntax, parse};
use crate::libraries::transformers;

pub(super) const KIND: FileKind = FileKind {
    name: "TrainingArguments of transformers, LLaMA-Factory or TRL",
    is_own: false,
    names: &["learning_rate", "lr_scheduler_type", "num_train_epochs", "max_steps", "warmup_ratio", "warmup_steps"],
    run: [&["max_steps"], &["num_train_epochs"]],
    is_it: |file| {
        const OWN: &[&str] =
            &["lr_scheduler_type", "num_train_epochs", "per_device_train_batch_size", "gradient_accumulation_steps"];
        file.has("lr_scheduler_type") || (file.has("learning_rate") && OWN.iter().any(|name| file.has(name)))
    },
    read: |file, found| {
        if let Some(config) = file.get("deepspeed").filter(|value| **value != Value::Bool(false)) {
            found.notes.push(format!("`deepspeed` is {config}: a scheduler there replaces that of these arguments"));
        }
        let total = || steps(file, &found.plan);
        let warmup = warmup(file, &total)?;
        let scheduler = file.text("lr_scheduler_type")?.unwrap_or("linear");
        found.groups = scheduler_of(file, "lr_scheduler_type", scheduler, warmup, &total)?;
        Ok(())
    },
};

fn steps(file: Fields<'_>, plan: &Plan) -> Result<u64, FileError> {
    match file.limit("max_steps")? {
        Some(steps) => Ok(steps),
        None => total_steps(plan, Some(file.number("num_train_epochs")?.unwrap_or(3.0))),
    }
}

/// A share is rounded up; as a share of the run, `warmup_steps` below 1 and older releases' `warmup_ratio`.
fn warmup(file: Fields<'_>, total: &dyn Fn() -> Result<u64, FileError>) -> Result<u64, FileError> {
    let given = |name: &str| {
        let number = file.number(name)?.unwrap_or(0.0);
        if number < 0.0 {
            return Err(FileError::field(name, &Value::Number(number), "be 0 or more"));
        }
        Ok(number)
    };
    let (steps, ratio) = (given("warmup_steps")?, given("warmup_ratio")?);
    if ratio > 1.0 {
        return Err(FileError::field("warmup_ratio", &Value::Number(ratio), "be at most 1"));
    }
    let share = if steps > 0.0 { steps } else { ratio };
    Ok(match share {
        _ if steps >= 1.0 => steps as u64,
        0.0 => 0,
        share => (total()? as f64 * share).ceil() as u64,
    })
}

/// The scheduler by its name in the Trainer.
pub(super) fn scheduler_of(
    file: Fields<'_>,
    field: &str,
    scheduler: &str,
    warmup: u64,
    total: &dyn Fn() -> Result<u64, FileError>,
) -> Result<Vec<Translation>, FileError> {
    let parsed;
    let kwargs = match file.get("lr_scheduler_kwargs") {
        // The command line takes them as JSON.
        Some(Value::Text(text)) => {
            parsed = parse(text, Some(Syntax::Json))?;
            Some(&parsed)
        }
        kwargs => kwargs,
    };
    let kwargs = kwargs.map(|kwargs| file.of(kwargs));
    let params = Params::new().number("optimizer_lr", file.number("learning_rate")?.unwrap_or(5e-5));
    let after = |params: Params| if let Some(kwargs) = kwargs { params.all(kwargs, &[]) } else { params };
    let with_warmup = |params: Params| params.count("num_warmup_steps", warmup);
    let with_total = |params: Params| -> Result<Params, FileError> {
        Ok(after(with_warmup(params).count("num_training_steps", total()?)))
    };
    let by_name = |name: &str| transformers::LIBRARY.kinds.iter().find(|kind| kind.is_also_called(name));
    let Some(kind) = by_name(scheduler.strip_prefix("SchedulerType.").unwrap_or(scheduler)) else {
        let known = transformers::LIBRARY.kinds.iter().filter_map(|kind| kind.aliases.first());
        let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
        let rule = format!("be one of {}", known.join(", "));
        return Err(FileError::field(field, &Value::Text(scheduler.to_owned()), rule));
    };
    let params = match kind.name {
        "get_constant_schedule" => params,
        "get_constant_schedule_with_warmup" => with_warmup(params),
        "get_inverse_sqrt_schedule" => after(with_warmup(params)),
        "get_reduce_on_plateau_schedule" | "get_greedy_schedule" => after(params),
        "get_wsd_schedule"
            if kwargs.is_none_or(|kwargs| kwargs.entries().is_empty()) && file.has("finetuning_type") =>
        {
            // LLaMA-Factory's own thirds.
            let rest = total()?.saturating_sub(warmup);
            with_warmup(params).count("num_stable_steps", rest / 3).count("num_decay_steps", rest - rest / 3)
        }
        "get_wsd_schedule" if kwargs.is_some_and(|kwargs| kwargs.has("num_stable_steps")) => after(with_warmup(params)),
        _ => with_total(params)?,
    };
    params.of("transformers", kind.name)
}
