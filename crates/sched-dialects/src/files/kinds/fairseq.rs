//! fairseq's hydra configuration.

use sched_core::Value;

use super::{FileError, FileKind, Params};

pub(super) const KIND: FileKind = FileKind {
    name: "configuration of fairseq (hydra)",
    is_own: false,
    names: &["optimization", "lr_scheduler", "optimizer", "criterion", "task", "dataset"],
    run: [&["optimization.max_update"], &["optimization.max_epoch"]],
    is_it: |file| {
        let names = file.has("lr_scheduler._name") || matches!(file.get("lr_scheduler"), Some(Value::Text(_)));
        names && (file.has("optimization") || file.has("criterion"))
    },
    read: |file, found| {
        let (kind, own) = match file.get("lr_scheduler") {
            Some(Value::Text(name)) => (name.as_str(), None),
            _ => (file.text("lr_scheduler._name")?.unwrap_or_default(), file.at("lr_scheduler")),
        };
        let lr = match file.get("optimization.lr") {
            Some(Value::Text(_)) => Value::List(vec![Value::Number(file.needs_number("optimization.lr", "")?)]),
            Some(list @ Value::List(_)) => list.clone(),
            Some(value) => Value::List(vec![value.clone()]),
            None => return Err(FileError::missing("optimization.lr", "the rate")),
        };
        let mut params = Params::new().with("lr", lr);
        for (name, _) in own.map(|own| own.entries()).unwrap_or_default() {
            let value = own.and_then(|own| own.get(name));
            if !["_name", "lr"].contains(&name.as_str()) {
                params = params.with(name, value.cloned());
            }
        }
        let needs_total = ["polynomial_decay", "cosine", "tri_stage"].contains(&kind);
        let has_total = own.is_some_and(|own| own.get("total_num_update").is_some());
        if needs_total && kind == "polynomial_decay" && !has_total {
            let total = file.limit("optimization.max_update")?.or(found.plan.total_steps);
            params = params.count("total_num_update", total);
        }
        found.groups = params.of("fairseq", kind)?;
        Ok(())
    },
};
