//! torchtitan's TOML.

use super::{FileError, FileKind, Params};

pub(super) const KIND: FileKind = FileKind {
    name: "job of torchtitan",
    is_own: false,
    names: &["job", "optimizer", "lr_scheduler", "training", "parallelism", "profiling"],
    run: [&["training.steps"], &[]],
    is_it: |file| file.has("training.steps") && file.has("optimizer.lr"),
    read: |file, found| {
        let steps = file.limit("training.steps")?.or(found.plan.total_steps);
        let mut params = Params::new().number("optimizer_lr", file.needs_number("optimizer.lr", "the rate")?).count(
            "training_steps",
            steps.ok_or_else(|| FileError::missing("training.steps", "the length of the run"))?,
        );
        if let Some(own) = file.at("lr_scheduler") {
            for (name, value) in own.entries() {
                // Releases before 0.2 write `lr_min`.
                let name = if name == "lr_min" { "min_lr_factor" } else { name };
                params = params.with(name, value.clone());
            }
        }
        found.groups = params.of("torchtitan", "lr_scheduler")?;
        Ok(())
    },
};
