//! Axolotl's YAML.

use sched_core::{Ramp, Schedule, Shape, Value};

use super::training_args::scheduler_of;
use super::{FileError, FileKind, Params};
use crate::files::run::total_steps;

pub(super) const KIND: FileKind = FileKind {
    name: "configuration of Axolotl",
    is_own: false,
    names: &["base_model", "micro_batch_size", "num_epochs", "lr_scheduler", "learning_rate", "warmup_steps"],
    run: [&["max_steps"], &["num_epochs"]],
    is_it: |file| {
        file.has("base_model") && (file.has("micro_batch_size") || file.has("num_epochs") || file.has("lr_scheduler"))
    },
    read: |file, found| {
        let total = || {
            let epochs = Some(file.number("num_epochs")?.unwrap_or(1.0));
            match (file.limit("max_steps")?, total_steps(&found.plan, epochs)) {
                (Some(steps), Ok(total)) => Ok(steps.min(total)),
                (Some(steps), Err(_)) => Ok(steps),
                (None, total) => total,
            }
        };
        let warmup = match (file.count("warmup_steps")?, file.number("warmup_ratio")?) {
            (Some(steps), _) => steps,
            (None, Some(ratio)) => (ratio * total()? as f64) as u64,
            (None, None) => ((0.03 * total()? as f64) as u64).min(100),
        };
        // transformers takes 1 for a share, the whole run.
        let warmup = if warmup == 1 { 2 } else { warmup };
        let scheduler = file.text("lr_scheduler")?.unwrap_or("cosine");
        let lr = file.needs_number("learning_rate", "the peak of the schedule")?;
        let rise = |main: Schedule| {
            if warmup == 0 { Ok(main) } else { Schedule::linear(0.0, lr, warmup)?.then_at(warmup, main) }
        };
        let floor = file.number("cosine_min_lr_ratio")?;
        let constant = file.number("cosine_constant_lr_ratio")?;
        found.groups = match scheduler {
            "cosine" if file.flag("lr_quadratic_warmup")? => {
                let rise = Ramp::new(0.0, lr, warmup).shape(Shape::OneMinusPower(2.0)).build()?;
                let params = Params::new().number("optimizer_lr", lr).count("num_warmup_steps", 0);
                let params = params.count("num_training_steps", total()?.saturating_sub(warmup));
                let main = params.of("transformers", "get_cosine_schedule_with_warmup")?[0].lr.clone();
                vec![if warmup == 0 { main } else { rise.then_at(warmup, main)? }.into()]
            }
            "cosine" if constant.is_some() => {
                let end = (total()? as f64 * constant.unwrap_or(1.0)) as u64;
                let floor = floor.ok_or_else(|| {
                    FileError::missing("cosine_min_lr_ratio", "the floor of `cosine_constant_lr_ratio`")
                })?;
                let steps = end.saturating_sub(warmup).max(1);
                vec![rise(Schedule::cosine_annealing(lr, lr * floor, steps)?)?.into()]
            }
            "cosine" if floor.is_some() => {
                let params = Params::new().number("optimizer_lr", lr).number("min_lr_rate", floor);
                let params = params.count("num_warmup_steps", warmup).count("num_training_steps", total()?);
                params.of("transformers", "get_cosine_with_min_lr_schedule_with_warmup")?
            }
            "one_cycle" => {
                let total = total()?;
                let own = file.at("lr_scheduler_kwargs");
                let params = Params::new().number("max_lr", lr).count("total_steps", total);
                let given = |name: &str| own.is_some_and(|own| own.has(name));
                let share = (!given("pct_start")).then_some(warmup as f64 / total as f64);
                let strategy = (!given("anneal_strategy")).then(|| Value::Text("cos".to_owned()));
                let params = params.number("pct_start", share).with("anneal_strategy", strategy);
                let params = if let Some(own) = own { params.all(own, &[]) } else { params };
                params.of("torch", "OneCycleLR")?
            }
            "rex" => vec![rex(lr, floor.unwrap_or(0.0), warmup, total()?)?.into()],
            "log_sweep" => {
                let rule =
                    "be a scheduler of transformers, `one_cycle` or `rex`: this one is not read from a file here";
                return Err(FileError::field("lr_scheduler", &Value::Text(scheduler.to_owned()), rule));
            }
            scheduler => scheduler_of(file, "lr_scheduler", scheduler, warmup, &total)?,
        };
        Ok(())
    },
};

/// Axolotl's `RexLR`, which counts the updates from 1.
fn rex(lr: f64, floor: f64, warmup: u64, total: u64) -> Result<Schedule, FileError> {
    if !(0.0..=1.0).contains(&floor) {
        return Err(FileError::field("cosine_min_lr_ratio", &Value::Number(floor), "be between 0 and 1"));
    }
    if warmup > total {
        let why = "be at most the number of updates in the run";
        return Err(FileError::field("warmup_steps", &Value::Int(warmup.into()), why));
    }
    let fall = Ramp::new(lr, lr * floor, total - warmup).shape(Shape::RexAlpha(0.1)).build()?;
    let whole = if warmup == 0 { fall } else { Schedule::linear(0.0, lr, warmup)?.then_at(warmup, fall)? };
    Ok(whole.advance(1.0)?)
}
