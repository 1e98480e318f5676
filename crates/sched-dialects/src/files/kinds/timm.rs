//! The `args.yaml` that timm's training script writes.

use sched_core::{Plan, Value};

use super::{Fields, FileError, FileKind, Params, per_epoch};
use crate::files::run::steps_per_epoch;

pub(super) const KIND: FileKind = FileKind {
    name: "args.yaml of timm's training script",
    is_own: false,
    names: &["sched", "opt", "epochs", "warmup_epochs", "warmup_lr", "min_lr", "cooldown_epochs"],
    run: [&[], &[]],
    is_it: |file| file.has("sched") && (file.has("opt") || file.has("warmup_epochs")),
    read: |file, found| {
        let by_update = file.flag("sched_on_updates")?;
        let updates = if by_update { steps_per_epoch(&found.plan)? } else { 1 };
        // A length in epochs, in what the scheduler counts.
        let length = |name: &str, default: f64| -> Result<f64, FileError> {
            Ok(file.number(name)?.unwrap_or(default) * updates as f64)
        };
        let epochs = file.number("epochs")?.or(found.plan.epochs.map(|epochs| epochs as f64));
        let epochs = epochs.ok_or_else(|| FileError::missing("epochs", "the length of the schedule"))?;
        let params = Params::new()
            .number("optimizer_lr", lr(file, &found.plan)?)
            .number("warmup_t", length("warmup_epochs", 5.0)?)
            .number("warmup_lr_init", file.number("warmup_lr")?.unwrap_or(1e-5))
            .with(
                "noise_range_t",
                file.get("lr_noise").filter(|noise| !matches!(noise, Value::List(list) if list.is_empty())).cloned(),
            );
        let prefixed = |params: Params| -> Result<Params, FileError> {
            Ok(params.with("warmup_prefix", Value::Bool(file.flag("warmup_prefix")?)))
        };
        let cycles = |params: Params| -> Result<Params, FileError> {
            Ok(prefixed(params)?
                .number("t_initial", epochs * updates as f64)
                .number("lr_min", file.number("min_lr")?.unwrap_or(0.0))
                .number("cycle_mul", file.number("lr_cycle_mul")?.unwrap_or(1.0))
                .number("cycle_decay", file.number("lr_cycle_decay")?.unwrap_or(0.5))
                .number("cycle_limit", file.number("lr_cycle_limit")?.unwrap_or(1.0)))
        };
        let decay_rate = file.number("decay_rate")?.unwrap_or(0.1);
        let k_decay = file.number("lr_k_decay")?.unwrap_or(1.0);
        let scheduler = file.text("sched")?.unwrap_or("cosine");
        let (kind, params) = match scheduler {
            "cosine" => ("CosineLRScheduler", cycles(params)?.number("k_decay", k_decay)),
            "tanh" => ("TanhLRScheduler", cycles(params)?),
            "poly" => ("PolyLRScheduler", cycles(params)?.number("power", decay_rate).number("k_decay", k_decay)),
            "step" => {
                let params = prefixed(params)?.number("decay_t", length("decay_epochs", 90.0)?);
                ("StepLRScheduler", params.number("decay_rate", decay_rate))
            }
            "multistep" => {
                let milestones = file.list("decay_milestones");
                let milestones = milestones.iter().map(|milestone| match milestone.value() {
                    Value::Int(epoch) => Ok(Value::Int(epoch * i128::from(updates))),
                    Value::Number(epoch) => Ok(Value::Number(epoch * updates as f64)),
                    value => Err(FileError::field("decay_milestones", value, "be a list of numbers")),
                });
                let milestones = Value::List(milestones.collect::<Result<_, _>>()?);
                ("MultiStepLRScheduler", prefixed(params)?.with("decay_t", milestones).number("decay_rate", decay_rate))
            }
            "plateau" => {
                if length("warmup_epochs", 5.0)? > 0.0 {
                    let rule = "be 0 with `sched: plateau`: during the warmup metrics do not count, which is per epoch there and per \
                                update here";
                    return Err(FileError::field(
                        "warmup_epochs",
                        file.get("warmup_epochs").unwrap_or(&Value::Null),
                        rule,
                    ));
                }
                let mode = if file.text("eval_metric")?.unwrap_or("top1").contains("loss") { "min" } else { "max" };
                let params = params
                    .number("decay_rate", decay_rate)
                    .count("patience_t", file.count("patience_epochs")?.unwrap_or(10))
                    .number("lr_min", file.number("min_lr")?.unwrap_or(0.0))
                    .with("mode", Value::Text(mode.to_owned()));
                ("PlateauLRScheduler", params)
            }
            other => {
                let rule = "be one of `cosine`, `tanh`, `step`, `multistep`, `plateau`, `poly`";
                return Err(FileError::field("sched", &Value::Text(other.to_owned()), rule));
            }
        };
        let groups = params.of("timm", kind)?;
        found.groups = if by_update { groups } else { per_epoch(groups, steps_per_epoch(&found.plan)?)? };
        Ok(())
    },
};

/// The rate, or `lr_base` times the batch over `lr_base_size`, or the root of it for optimizers that adapt.
fn lr(file: Fields<'_>, plan: &Plan) -> Result<f64, FileError> {
    if let Some(lr) = file.number("lr")?.filter(|lr| *lr != 0.0) {
        return Ok(lr);
    }
    let base = file.needs_number("lr_base", "the rate, where `lr` is not given")?;
    let size = file.number("lr_base_size")?.unwrap_or(256.0);
    let missing = FileError::Run {
        what: "samples in a batch",
        from: "`batch`, and `devices` if there are several, because `lr` follows from `lr_base`",
    };
    let accumulation = plan.accumulation.or(file.count("grad_accum_steps")?).unwrap_or(1);
    let devices = plan.devices.unwrap_or(1) as f64;
    let ratio = plan.batch.ok_or(missing)? as f64 * accumulation as f64 * devices / size;
    let optimizer = file.text("opt")?.unwrap_or("sgd").to_ascii_lowercase();
    let adapts = ["ada", "lamb"].iter().any(|part| optimizer.contains(part));
    let scale = file.text("lr_base_scale")?.filter(|scale| !scale.is_empty());
    Ok(base * if scale.map_or(adapts, |scale| scale == "sqrt") { ratio.sqrt() } else { ratio })
}
