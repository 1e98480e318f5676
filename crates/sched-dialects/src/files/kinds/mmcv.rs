//! mmcv 1.x's configuration: `lr_config`.

use sched_core::Value;

use super::{FileError, FileKind, Params};
use crate::files::run::steps_per_epoch;

pub(super) const KIND: FileKind = FileKind {
    name: "configuration of mmcv 1 (lr_config)",
    is_own: false,
    names: &["lr_config", "runner", "optimizer", "optimizer_config", "checkpoint_config"],
    run: [&["runner.max_iters"], &["runner.max_epochs", "total_epochs"]],
    is_it: |file| file.has("lr_config"),
    read: |file, found| {
        let lr_config = file.at("lr_config").ok_or_else(|| FileError::missing("lr_config", "the schedule"))?;
        let policy =
            lr_config.text("policy")?.ok_or_else(|| FileError::missing("lr_config.policy", "the schedule's name"))?;
        let epochs = match file.limit("runner.max_epochs")? {
            Some(epochs) => Some(epochs),
            None => file.limit("total_epochs")?,
        };
        let iterations = file.limit("runner.max_iters")?;
        let epochs = if epochs.is_none() && iterations.is_none() { found.plan.epochs } else { epochs };
        let by_default = if epochs.is_none() && iterations.is_some() { "IterBasedRunner" } else { "EpochBasedRunner" };
        let runner = file.text("runner.type")?.unwrap_or(by_default);
        // The length of the loader; only what counts epochs needs it.
        let steps = match (steps_per_epoch(&found.plan), runner) {
            (Err(_), "IterBasedRunner") => None,
            (steps, _) => Some(steps?),
        };
        found.groups = Params::new()
            .number("optimizer_lr", file.needs_number("optimizer.lr", "the rate")?)
            .with("runner", Value::Text(runner.to_owned()))
            .count("max_epochs", epochs)
            .count("max_iters", iterations)
            .count("steps_per_epoch", steps)
            .all(lr_config, &["policy"])
            .of("mmcv", policy)?;
        Ok(())
    },
};
