//! The YAML of Composer and LLM Foundry.

use sched_core::{Schedule, Value};

use super::{Fields, FileError, FileKind, Params};

pub(super) const KIND: FileKind = FileKind {
    name: "configuration of Composer or LLM Foundry",
    is_own: false,
    names: &["scheduler", "optimizer", "max_duration", "global_train_batch_size", "device_train_microbatch_size"],
    run: [&[], &[]],
    is_it: |file| {
        file.has("max_duration") && (file.has("scheduler") || file.has("schedulers")) && file.has("optimizer")
    },
    read: |file, found| {
        let lr = file.needs_number("optimizer.lr", "the rate")?;
        let Some(scheduler) = file.at("scheduler") else {
            let rule = "be one `scheduler`: of several, Composer takes the last";
            return Err(FileError::field("schedulers", file.get("schedulers").unwrap_or(&Value::Null), rule));
        };
        let (name, own) = named(scheduler)?;
        let Some(kind) = kind(name) else {
            let rule = "be a scheduler of LLM Foundry, such as `cosine_with_warmup`";
            return Err(FileError::field("scheduler.name", &Value::Text(name.to_owned()), rule));
        };
        if kind == "constant" {
            found.groups = vec![Schedule::constant(lr)?.into()];
            return Ok(());
        }
        let mut params = Params::new()
            .number("optimizer_lr", lr)
            .with("max_duration", file.get("max_duration").cloned())
            .number("scale_schedule_ratio", file.number("scale_schedule_ratio")?)
            .with("step_schedulers_every_batch", file.get("step_schedulers_every_batch").cloned())
            .count("steps_per_epoch", found.plan.steps_per_epoch);
        for (name, _) in own.entries().iter().filter(|(field, _)| field != "name") {
            params = params.with(name, own.get(name).cloned());
        }
        found.groups = params.of("composer", kind)?;
        Ok(())
    },
};

/// `{name: .., t_warmup: ..}`, or `{cosine_with_warmup: {t_warmup: ..}}`.
fn named(scheduler: Fields<'_>) -> Result<(&str, Fields<'_>), FileError> {
    if let Some(name) = scheduler.text("name")? {
        return Ok((name, scheduler));
    }
    match scheduler.entries() {
        [(name, own)] => Ok((name, scheduler.of(own))),
        _ => Err(FileError::missing("scheduler.name", "the schedule's name")),
    }
}

/// The class by its name in the registry.
fn kind(name: &str) -> Option<&'static str> {
    Some(match name {
        "constant_with_warmup" => "ConstantWithWarmupScheduler",
        "cosine_with_warmup" => "CosineAnnealingWithWarmupScheduler",
        "decoupled_cosine_with_warmup" => return None,
        "inv_sqrt_with_warmup" => "InverseSquareRootWithWarmupScheduler",
        "linear_decay_with_warmup" => "LinearWithWarmupScheduler",
        "polynomial_with_warmup" => "PolynomialWithWarmupScheduler",
        "multistep_with_warmup" => "MultiStepWithWarmupScheduler",
        "cosine" | "cosine_annealing" => "CosineAnnealingScheduler",
        "linear" => "LinearScheduler",
        "multistep" => "MultiStepScheduler",
        "step" => "StepScheduler",
        "exponential" => "ExponentialScheduler",
        "polynomial" => "PolynomialScheduler",
        "cosine_warmrestart" => "CosineAnnealingWarmRestartsScheduler",
        "constant" => "constant",
        _ => return None,
    })
}
