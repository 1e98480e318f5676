//! NeMo's YAML: `model.optim.sched`.

use super::{FileError, FileKind, Params};
use crate::files::run::total_steps;

pub(super) const KIND: FileKind = FileKind {
    name: "configuration of NeMo",
    is_own: false,
    names: &["trainer", "model", "exp_manager", "name"],
    run: [&["trainer.max_steps"], &["trainer.max_epochs"]],
    is_it: |file| ["model.optim", "optim"].iter().any(|optim| file.has(&format!("{optim}.sched.name"))),
    read: |file, found| {
        let optim = file.at("model.optim").filter(|optim| optim.has("sched")).or(file.at("optim"));
        let optim = optim.ok_or_else(|| FileError::missing("model.optim", "the optimizer and its schedule"))?;
        let sched = optim.at("sched").ok_or_else(|| FileError::missing("model.optim.sched", "the schedule"))?;
        let name =
            sched.text("name")?.ok_or_else(|| FileError::missing("model.optim.sched.name", "the schedule's name"))?;
        let limit = match sched.limit("max_steps")? {
            Some(steps) => Some(steps),
            None => file.limit("trainer.max_steps")?,
        };
        let total = match limit {
            Some(steps) => steps,
            None => total_steps(&found.plan, file.number("trainer.max_epochs")?.filter(|epochs| *epochs > 0.0))?,
        };
        let mut params =
            Params::new().number("optimizer_lr", optim.needs_number("lr", "the rate")?).count("max_steps", total);
        // How a metric is watched is not the schedule's business.
        const OTHERS: &[&str] =
            &["name", "max_steps", "monitor", "reduce_on_plateau", "last_epoch", "iters_per_batch", "t_max"];
        for (name, _) in sched.entries().iter().filter(|(name, _)| !OTHERS.contains(&name.as_str())) {
            params = params.with(name, sched.get(name).cloned());
        }
        found.groups = params.of("nemo", name)?;
        Ok(())
    },
};
