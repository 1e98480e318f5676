//! mmengine's configuration: `param_scheduler`.

use sched_core::Value;

use super::{Fields, FileError, FileKind, Found, Params, per_epoch};
use crate::declare::Translation;
use crate::files::run::{steps_per_epoch, total_steps};

pub(super) const KIND: FileKind = FileKind {
    name: "configuration of mmengine (param_scheduler)",
    is_own: false,
    names: &["param_scheduler", "train_cfg", "optim_wrapper", "default_hooks", "default_scope"],
    run: [&["train_cfg.max_iters"], &["train_cfg.max_epochs"]],
    is_it: |file| file.has("param_scheduler") || (file.has("optim_wrapper") && file.has("train_cfg")),
    read: |file, found| {
        let optimizer = file.at("optim_wrapper.optimizer").or(file.at("optimizer"));
        let lr = optimizer.map(|optimizer| optimizer.number("lr")).transpose()?.flatten();
        let lr = lr.ok_or_else(|| FileError::missing("optim_wrapper.optimizer.lr", "the rate"))?;
        let mut by_update = Vec::new();
        let mut by_epoch = Vec::new();
        for scheduler in file.list("param_scheduler") {
            let member = Member::read(scheduler, file, found)?;
            if member.by_epoch { by_epoch.push(member) } else { by_update.push(member) }
        }
        let alone = |members: &[Member], lr: f64| -> Result<Vec<Translation>, FileError> {
            let schedulers = Value::List(members.iter().map(|member| member.value.clone()).collect());
            Params::new().number("optimizer_lr", lr).with("schedulers", schedulers).of("mmengine", "list")
        };
        found.groups = match (by_update.as_slice(), by_epoch.as_slice()) {
            ([], []) => vec![sched_core::Schedule::constant(lr)?.into()],
            (_, []) => alone(&by_update, lr)?,
            ([], _) => per_epoch(alone(&by_epoch, lr)?, steps_per_epoch(&found.plan)?)?,
            _ => {
                // Those that count updates only multiply, so they and those that count epochs do not interfere.
                let interferes = |member: &&Member| !member.is_factor;
                if let Some(member) = by_update.iter().chain(&by_epoch).find(interferes) {
                    let rule = "not count epochs while another counts updates, unless both only multiply the rate; use \
                                `convert_to_iter_based`";
                    return Err(FileError::field("param_scheduler", &Value::Text(member.kind.clone()), rule));
                }
                let factor = alone(&by_update, 1.0)?[0].lr.clone();
                let groups = per_epoch(alone(&by_epoch, lr)?, steps_per_epoch(&found.plan)?)?;
                let product = |group: Translation| Ok(Translation { lr: group.lr.times(factor.clone())?, ..group });
                groups.into_iter().map(product).collect::<Result<_, sched_core::ScheduleError>>()?
            }
        };
        Ok(())
    },
};

/// A scheduler, with its `end`, in epochs or in updates.
struct Member {
    kind: String,
    value: Value,
    by_epoch: bool,
    /// Whether it only multiplies the rate that it finds.
    is_factor: bool,
}

impl Member {
    fn read(own: Fields<'_>, file: Fields<'_>, found: &Found) -> Result<Self, FileError> {
        let kind =
            own.text("type")?.ok_or_else(|| FileError::missing("param_scheduler.type", "the class of a scheduler"))?;
        let kind = kind.rsplit('.').next().unwrap_or(kind);
        let by_epoch = !own.has("by_epoch") || own.flag("by_epoch")?;
        let convert = own.flag("convert_to_iter_based")?;
        // What changes at whole epochs only, changes at updates as well.
        let steps_only = matches!(kind, "MultiStepLR" | "StepLR" | "ConstantLR");
        let scale = if by_epoch && (convert || steps_only) { Some(steps_per_epoch(&found.plan)?) } else { None };
        let mut params = Params::new();
        for (name, value) in own.entries() {
            let value = match (name.as_str(), scale) {
                ("type" | "by_epoch" | "convert_to_iter_based" | "verbose", _) => continue,
                ("begin" | "end" | "T_max" | "step_size" | "total_steps" | "milestones" | "periods", Some(scale)) => {
                    times(value, scale)
                }
                ("gamma", Some(scale)) if kind == "ExponentialLR" => {
                    Value::Number(own.needs_number("gamma", "")?.powf(1.0 / scale as f64))
                }
                _ => value.clone(),
            };
            params = params.with(name, value);
        }
        if own.get("end").is_none() {
            let end = match (by_epoch, scale) {
                (true, None) => epochs(file, found)?,
                (true, Some(scale)) => epochs(file, found)?.saturating_mul(scale),
                (false, _) => iterations(file, found)?,
            };
            params.0.retain(|(name, _)| name != "end");
            params = params.count("end", end);
        }
        let floor = own
            .get("eta_min")
            .or(own.get("eta_min_ratio"))
            .is_some_and(|floor| *floor != Value::Int(0) && *floor != Value::Number(0.0));
        let is_factor = !floor && !matches!(kind, "OneCycleLR" | "ReduceOnPlateauLR" | "CosineRestartLR");
        let value = Value::Map(vec![
            ("kind".to_owned(), Value::Text(kind.to_owned())),
            ("params".to_owned(), Value::Map(params.0)),
        ]);
        Ok(Self { kind: kind.to_owned(), value, by_epoch: by_epoch && scale.is_none(), is_factor })
    }
}

fn times(value: &Value, scale: u64) -> Value {
    match value {
        Value::Int(value) => Value::Int(value.saturating_mul(scale.into())),
        Value::Number(value) => Value::Number(value * scale as f64),
        Value::List(values) => Value::List(values.iter().map(|value| times(value, scale)).collect()),
        value => value.clone(),
    }
}

fn epochs(file: Fields<'_>, found: &Found) -> Result<u64, FileError> {
    let given = file.limit("train_cfg.max_epochs")?.or(found.plan.epochs);
    given.ok_or_else(|| FileError::missing("train_cfg.max_epochs", "a scheduler without `end` ends with the run"))
}

fn iterations(file: Fields<'_>, found: &Found) -> Result<u64, FileError> {
    match file.limit("train_cfg.max_iters")? {
        Some(iterations) => Ok(iterations),
        None => total_steps(&found.plan, file.number("train_cfg.max_epochs")?),
    }
}
