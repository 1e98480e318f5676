//! The `args.yaml` of Ultralytics.

use sched_core::{Plan, Value};

use super::{Fields, FileError, FileKind, Params};
use crate::files::run::steps_per_epoch;

pub(super) const KIND: FileKind = FileKind {
    name: "args.yaml of Ultralytics",
    is_own: false,
    names: &["lr0", "lrf", "warmup_epochs", "warmup_bias_lr", "cos_lr", "close_mosaic", "imgsz", "nbs"],
    run: [&[], &[]],
    is_it: |file| file.has("lr0") && (file.has("lrf") || file.has("imgsz")),
    read: |file, found| {
        const OWN: &[&str] = &[
            "lr0",
            "lrf",
            "momentum",
            "warmup_epochs",
            "warmup_momentum",
            "warmup_bias_lr",
            "cos_lr",
            "epochs",
            "optimizer",
            "batch",
            "nbs",
            "time",
        ];
        if file.get("epochs").is_none() {
            return Err(FileError::missing("epochs", "the length of the schedule"));
        }
        let mut params = Params::new().count("steps_per_epoch", batches(file, &found.plan)?);
        for name in OWN {
            params = params.with(name, file.get(name).cloned());
        }
        let groups = ["weight", "bn", "bias"].map(|group| Value::Text(group.to_owned()));
        found.groups = params.with("param_groups", Value::List(groups.to_vec())).of("ultralytics", "train")?;
        Ok(())
    },
};

/// Batches in an epoch. The run's steps are updates, which may take several.
pub(super) fn batches(file: Fields<'_>, plan: &Plan) -> Result<u64, FileError> {
    let batch = file.number("batch")?.unwrap_or(16.0);
    let rule = "be a number of images: `-1` and shares of the memory are found out when training starts";
    if batch < 1.0 {
        return Err(FileError::field("batch", file.get("batch").unwrap_or(&Value::Null), rule));
    }
    let accumulated = (file.number("nbs")?.unwrap_or(64.0) / batch).round_ties_even().max(1.0);
    Ok(steps_per_epoch(plan)?.saturating_mul(accumulated as u64))
}
