//! DeepSpeed's `ds_config.json`.

use sched_core::{Schedule, Value};

use super::{FileError, FileKind, Params};
use crate::files::run::total_steps;

pub(super) const KIND: FileKind = FileKind {
    name: "configuration of DeepSpeed",
    is_own: false,
    names: &["train_batch_size", "train_micro_batch_size_per_gpu", "zero_optimization", "scheduler", "optimizer"],
    run: [&[], &[]],
    is_it: |file| {
        let has = |name| file.has(name);
        let is_config = has("train_batch_size") || has("train_micro_batch_size_per_gpu") || has("zero_optimization");
        is_config && (file.get("scheduler.type").is_some() || file.get("optimizer.type").is_some())
    },
    read: |file, found| {
        let optimizer_lr = match file.get("optimizer.params.lr") {
            Some(Value::Text(text)) if text == "auto" => None,
            _ => file.number("optimizer.params.lr")?,
        };
        let Some(scheduler) = file.text("scheduler.type")? else {
            let lr = optimizer_lr
                .ok_or_else(|| FileError::missing("optimizer.params.lr", "without a scheduler it is the rate"))?;
            found.groups = vec![Schedule::constant(lr)?.into()];
            return Ok(());
        };
        let optimizer = file.text("optimizer.type")?.map(|name| Value::Text(name.to_owned()));
        let mut params = Params::new().with("optimizer", optimizer).number("optimizer_lr", optimizer_lr);
        if let Some(given) = file.at("scheduler.params") {
            for (name, value) in given.entries() {
                let value = match value {
                    Value::Text(text) if text == "auto" && name == "total_num_steps" => {
                        Value::Int(total_steps(&found.plan, None)?.into())
                    }
                    Value::Text(text) if text == "auto" => {
                        let rule = "be a number: `auto` is what transformers' TrainingArguments fill in";
                        return Err(FileError::field(&format!("scheduler.params.{name}"), value, rule));
                    }
                    Value::Text(_) if name != "warmup_type" => Value::Number(given.needs_number(name, "")?),
                    value => value.clone(),
                };
                params = params.with(name, value);
            }
        }
        found.groups = params.of("deepspeed", scheduler)?;
        Ok(())
    },
};
