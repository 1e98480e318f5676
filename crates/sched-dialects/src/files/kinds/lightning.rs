//! The YAML of LightningCLI: `class_path` and `init_args`.

use sched_core::{Schedule, Value};

use super::{Fields, FileError, FileKind, Params, per_epoch};
use crate::files::run::steps_per_epoch;

pub(super) const KIND: FileKind = FileKind {
    name: "configuration of Lightning's command line",
    is_own: false,
    names: &["trainer", "model", "data", "optimizer", "lr_scheduler"],
    run: [&["trainer.max_steps"], &["trainer.max_epochs"]],
    is_it: |file| {
        [file.find("lr_scheduler"), file.find("optimizer")]
            .into_iter()
            .flatten()
            .any(|holder| holder.has("lr_scheduler.class_path") || holder.has("optimizer.class_path"))
    },
    read: |file, found| {
        let scheduler = file.find("lr_scheduler").filter(|holder| holder.has("lr_scheduler.class_path"));
        // The optimizer stands beside the scheduler, or alone.
        let optimizer = scheduler.filter(|holder| holder.has("optimizer")).or(file.find("optimizer"));
        let optimizer = optimizer.and_then(|holder| holder.at("optimizer"));
        let lr = optimizer.map(|optimizer| rate(optimizer)).transpose()?.flatten();
        let Some(scheduler) = scheduler.and_then(|holder| holder.at("lr_scheduler")) else {
            let lr =
                lr.ok_or_else(|| FileError::missing("optimizer.init_args.lr", "without a scheduler it is the rate"))?;
            found.groups = vec![Schedule::constant(lr)?.into()];
            return Ok(());
        };
        let name = optimizer.map(|optimizer| class(optimizer)).transpose()?;
        let Value::Map(member) = member(scheduler)? else { return Ok(()) };
        let (kind, own) = match member.as_slice() {
            [(_, Value::Text(kind)), (_, params)] => (kind, file.of(params)),
            _ => return Ok(()),
        };
        let params = Params::new()
            .with("optimizer", name.map(|name| Value::Text(name.to_owned())))
            .number("optimizer_lr", lr)
            .all(own, &["monitor", "optimizer"]);
        let groups = params.of("torch", kind)?;
        found.groups = per_epoch(groups, steps_per_epoch(&found.plan)?)?;
        Ok(())
    },
};

/// The last part of `class_path`.
fn class(part: Fields<'_>) -> Result<&str, FileError> {
    let path = part.text("class_path")?.ok_or_else(|| FileError::missing("class_path", "the class"))?;
    Ok(path.rsplit('.').next().unwrap_or(path))
}

/// The optimizer's rate; 1e-3 is PyTorch's own for these.
fn rate(optimizer: Fields<'_>) -> Result<Option<f64>, FileError> {
    const BY_DEFAULT: &[&str] = &["Adam", "AdamW", "SGD", "NAdam", "RAdam", "Adamax", "SparseAdam"];
    let given = optimizer.number("init_args.lr")?;
    let default = BY_DEFAULT
        .contains(&class(optimizer)?)
        .then_some(if class(optimizer)? == "NAdam" || class(optimizer)? == "Adamax" { 2e-3 } else { 1e-3 });
    Ok(given.or(default))
}

/// `{"class_path", "init_args"}` as `{"kind", "params"}`, members included.
fn member(part: Fields<'_>) -> Result<Value, FileError> {
    let params = part.at("init_args").map(|args| args.entries()).unwrap_or_default();
    let params = params.iter().map(|(name, value)| {
        let value = match value {
            Value::List(members) if name == "schedulers" => {
                let members = members.iter().map(|value| member(part.of(value)));
                Value::List(members.collect::<Result<_, _>>()?)
            }
            value => value.clone(),
        };
        Ok((name.clone(), value))
    });
    let params = Value::Map(params.collect::<Result<_, FileError>>()?);
    Ok(Value::Map(vec![("kind".to_owned(), Value::Text(class(part)?.to_owned())), ("params".to_owned(), params)]))
}
