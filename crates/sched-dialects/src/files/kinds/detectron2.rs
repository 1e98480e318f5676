//! detectron2's YAML: `SOLVER`.

use sched_core::Value;

use super::{FileError, FileKind, Params};
use crate::files::yaml;

pub(super) const KIND: FileKind = FileKind {
    name: "configuration of detectron2",
    is_own: false,
    names: &["SOLVER", "MODEL", "DATASETS", "INPUT", "VERSION", "OUTPUT_DIR"],
    run: [&["SOLVER.MAX_ITER"], &[]],
    is_it: |file| file.has("SOLVER"),
    read: |file, found| {
        const OWN: &[&str] = &[
            "BASE_LR",
            "BASE_LR_END",
            "BIAS_LR_FACTOR",
            "GAMMA",
            "MAX_ITER",
            "MOMENTUM",
            "NUM_DECAYS",
            "RESCALE_INTERVAL",
            "STEPS",
            "WARMUP_FACTOR",
            "WARMUP_ITERS",
            "WARMUP_METHOD",
        ];
        let solver = file.at("SOLVER").ok_or_else(|| FileError::missing("SOLVER", "the schedule"))?;
        if let Some(base) = file.get("_BASE_") {
            found
                .notes
                .push(format!("`_BASE_` is {base}: what stands only there is not read, and has detectron2's default"));
        }
        let kind = solver.text("LR_SCHEDULER_NAME")?.unwrap_or("WarmupMultiStepLR");
        let mut params = Params::new();
        for name in OWN {
            let value = solver.get(name).map(|value| tuple(name, value)).transpose()?;
            params = params.with(name, value);
        }
        found.groups = params.of("detectron2", kind)?;
        Ok(())
    },
};

/// Python's tuple, which YAML takes for a text: `(52000, 70000)`.
fn tuple(name: &str, value: &Value) -> Result<Value, FileError> {
    let Value::Text(text) = value else { return Ok(value.clone()) };
    let Some(inner) = text.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return Ok(yaml::number(text).unwrap_or_else(|| value.clone()));
    };
    let parts = inner.split(',').map(str::trim).filter(|part| !part.is_empty());
    let numbers =
        parts.map(|part| yaml::number(part).ok_or_else(|| FileError::field(name, value, "be a list of numbers")));
    Ok(Value::List(numbers.collect::<Result<_, _>>()?))
}
