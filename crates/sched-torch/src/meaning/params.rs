//! From the keys of a state dict to the parameters of the constructor.

use sched_core::{Ramp, Shape};
use sched_dialects::Value as Param;

use super::class::Class;
use super::error::{Problem, ResumeError};
use super::fields::Fields;
use super::number::whole;
use super::optimizer::Optimizer;
use crate::read::Value;

/// The most milestones that a `MultiStepLR` may have here, far more than anybody writes.
const MAX_MILESTONES: i64 = 10_000;

/// The parameters by name, and what had to be assumed.
#[derive(Default)]
pub(super) struct Params {
    pub(super) entries: Vec<(String, Param)>,
    pub(super) assumed: Vec<String>,
}

impl Params {
    fn set(&mut self, name: &str, value: Param) {
        self.entries.push((name.to_owned(), value));
    }

    fn set_numbers(&mut self, name: &str, values: &[f64]) {
        self.set(name, Param::List(values.iter().copied().map(Param::Number).collect()));
    }
}

/// The parameters of a class that is not made of others. `base_lrs` has one element per parameter group.
pub(super) fn params(
    class: &'static Class,
    fields: &Fields<'_>,
    optimizer: Option<&Optimizer<'_>>,
    base_lrs: &[f64],
) -> Result<Params, ResumeError> {
    let mut params = Params::default();
    match class.name {
        "MultiStepLR" => {
            copy(fields, &["gamma"], &mut params)?;
            params.set("milestones", Param::List(milestones(fields)?));
        }
        "CosineAnnealingWarmRestarts" => copy(fields, &["T_0", "T_mult", "eta_min"], &mut params)?,
        "CyclicLR" => cyclic(fields, &mut params)?,
        "OneCycleLR" => one_cycle(fields, optimizer, base_lrs, &mut params)?,
        "SWALR" => swa(fields, optimizer, base_lrs, &mut params)?,
        "ReduceLROnPlateau" => {
            copy(
                fields,
                &["mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "eps"],
                &mut params,
            )?;
            params.set_numbers("min_lr", &fields.rates("min_lrs")?.unwrap_or_default());
        }
        _ => copy(fields, class.keys, &mut params)?,
    }
    Ok(params)
}

/// Keys that are parameters of the same name.
fn copy(fields: &Fields<'_>, keys: &[&'static str], params: &mut Params) -> Result<(), ResumeError> {
    for key in keys {
        if let Some(value) = fields.param(key)? {
            params.set(key, value);
        }
    }
    Ok(())
}

/// A `Counter` from milestone to how often it is given; before PyTorch 1.4 a sorted list.
fn milestones(fields: &Fields<'_>) -> Result<Vec<Param>, ResumeError> {
    let wrong = || fields.wrong("milestones", "a Counter of whole numbers, or a list of them");
    let Some(value) = fields.get("milestones") else { return Ok(Vec::new()) };
    let counts: Option<Vec<(i64, i64)>> = match value.as_dict() {
        Some(dict) => dict.entries().map(|(key, count)| Some((whole(key)?, whole(count)?))).collect(),
        None => value.as_items().ok_or_else(wrong)?.map(|key| Some((whole(key)?, 1))).collect(),
    };
    let mut counts = counts.ok_or_else(wrong)?;
    // Epochs count from 0.
    counts.retain(|(milestone, count)| *milestone >= 0 && *count > 0);
    let total = counts.iter().fold(0_i64, |total, (_, count)| total.saturating_add(*count));
    if total > MAX_MILESTONES {
        return Err(fields.wrong("milestones", "a Counter of at most 10000 milestones"));
    }
    Ok(counts.into_iter().flat_map(|(m, count)| (0..count).map(move |_| Param::Int(m.into()))).collect())
}

fn cyclic(fields: &Fields<'_>, params: &mut Params) -> Result<(), ResumeError> {
    let numbers = [fields.number("total_size")?, fields.number("step_ratio")?];
    let [Some(total), Some(ratio)] = numbers else {
        return Err(fields.wrong("total_size", "a number"));
    };
    // `step_size_up / (step_size_up + step_size_down)` of the whole.
    let up = total * ratio;
    let near = if (up - up.round()).abs() <= 1e-9 * up { up.round() } else { up };
    params.set("step_size_up", Param::Number(near));
    params.set("step_size_down", Param::Number(total - near));
    copy(fields, &["mode", "gamma", "cycle_momentum"], params)?;
    params.set_numbers("base_lr", &fields.rates("base_lrs")?.unwrap_or_default());
    params.set_numbers("max_lr", &fields.rates("max_lrs")?.unwrap_or_default());
    if fields.flag("cycle_momentum")? == Some(true) {
        for (name, key) in [("base_momentum", "base_momentums"), ("max_momentum", "max_momentums")] {
            let momenta = fields.rates(key)?;
            params.set_numbers(name, &momenta.ok_or_else(|| fields.wrong(key, "a list of numbers"))?);
        }
    }
    // A custom function is saved as `None`, but only without one does `scale_mode` follow `mode`.
    let own = fields.get("_scale_fn_custom").map(|_| "_scale_fn_custom");
    let scale_mode = if fields.text("mode")? == Some("exp_range") { "iterations" } else { "cycle" };
    let other = fields.text("scale_mode")?.filter(|found| *found != scale_mode).map(|_| "scale_mode");
    if let Some(key) = own.or(other) {
        params.set("scale_fn", Param::Text(format!("`{key}` in the file")));
    }
    Ok(())
}

fn one_cycle(
    fields: &Fields<'_>,
    optimizer: Option<&Optimizer<'_>>,
    base_lrs: &[f64],
    params: &mut Params,
) -> Result<(), ResumeError> {
    copy(fields, &["total_steps", "cycle_momentum"], params)?;
    let total = fields.number("total_steps")?.unwrap_or_default();
    let (first_end, phases) = match fields.get("_schedule_phases").and_then(Value::as_items) {
        Some(mut phases) => {
            let count = phases.len();
            let first = phases.next().and_then(Value::as_dict);
            let end = first.and_then(|first| super::number::number(first.get("end_step")?));
            (end, count)
        }
        // Before PyTorch 1.7.
        None => (fields.number("step_size_up")?, 2),
    };
    let Some(first_end) = first_end else {
        return Err(fields.wrong("_schedule_phases", "a list of phases, each with its `end_step`"));
    };
    params.set("pct_start", Param::Number(((first_end + 1.0) / total).clamp(0.0, 1.0)));
    params.set("three_phase", Param::Bool(phases == 3));
    let anneal = anneal_strategy(fields, "_anneal_func_type")?;
    params.set("anneal_strategy", anneal);

    let from_optimizer = |key: &str| optimizer.and_then(|optimizer| optimizer.numbers(key));
    let cycles_momentum = fields.flag("cycle_momentum")? == Some(true);
    if let (Some(max_lrs), Some(min_lrs)) = (from_optimizer("max_lr"), from_optimizer("min_lr")) {
        // One `div_factor` made all groups' rates.
        let initial = from_optimizer("initial_lr").unwrap_or_else(|| base_lrs.to_vec());
        let ratio = |of: &[f64], over: &[f64]| {
            let ratios = of.iter().zip(over).filter(|(of, over)| **of > 0.0 && **over > 0.0);
            ratios.map(|(of, over)| of / over).next()
        };
        params.set_numbers("max_lr", &max_lrs);
        for (name, factor) in
            [("div_factor", ratio(&max_lrs, &initial)), ("final_div_factor", ratio(&initial, &min_lrs))]
        {
            if let Some(factor) = factor {
                params.set(name, Param::Number(factor));
            }
        }
    } else {
        params.set_numbers("max_lr", &base_lrs.iter().map(|initial| initial * 25.0).collect::<Vec<_>>());
        let keys = "`max_lr` and `min_lr` are in the optimizer's `param_groups`, which this file does not have";
        params.assumed.push(format!("{keys}: PyTorch's `div_factor=25` and `final_div_factor=1e4` are taken"));
    }
    if cycles_momentum {
        match (from_optimizer("base_momentum"), from_optimizer("max_momentum")) {
            (Some(base), Some(max)) => {
                params.set_numbers("base_momentum", &base);
                params.set_numbers("max_momentum", &max);
            }
            _ => params.assumed.push(
                "`base_momentum` and `max_momentum` are in the optimizer's `param_groups`, which this file does not have: \
                 PyTorch's defaults of 0.85 and 0.95 are taken"
                    .to_owned(),
            ),
        }
    }
    Ok(())
}

/// A word, or the function of that name that older versions saved.
fn anneal_strategy(fields: &Fields<'_>, key: &'static str) -> Result<Param, ResumeError> {
    // By its name, or as `getattr(class, name)`.
    let function = || {
        let value = fields.get("anneal_func")?;
        let last = |call: crate::read::Object<'_>| call.args().as_items()?.last()?.as_str().map(str::to_owned);
        value.as_global().map(|function| function.name.to_owned()).or_else(|| last(value.as_object()?))
    };
    let word = match (fields.text(key)?, function().as_deref()) {
        (Some(word), _) => word,
        (None, Some("_annealing_linear" | "_linear_anneal")) => "linear",
        (None, Some("_annealing_cos" | "_cosine_anneal")) => "cos",
        _ => return Err(fields.wrong(key, "\"cos\" or \"linear\"")),
    };
    Ok(Param::Text(word.to_owned()))
}

fn swa(
    fields: &Fields<'_>,
    optimizer: Option<&Optimizer<'_>>,
    base_lrs: &[f64],
    params: &mut Params,
) -> Result<(), ResumeError> {
    copy(fields, &["anneal_epochs"], params)?;
    let anneal = anneal_strategy(fields, "_anneal_strategy")?;
    let is_linear = anneal == Param::Text("linear".to_owned());
    params.set("anneal_strategy", anneal);
    if let Some(swa_lrs) = optimizer.and_then(|optimizer| optimizer.numbers("swa_lr")) {
        params.set_numbers("swa_lr", &swa_lrs);
        return Ok(());
    }
    // The part of the way that is behind, from which the end follows.
    let epochs = fields.whole("anneal_epochs")?.unwrap_or_default();
    let calls = fields.whole("_step_count")?.map_or(fields.whole("last_epoch")?, |count| Some(count.saturating_sub(1)));
    let calls = u64::try_from(calls.unwrap_or_default()).unwrap_or(0);
    let shape = if is_linear { Shape::Linear } else { Shape::Cosine };
    let behind = Ramp::new(0.0, 1.0, u64::try_from(epochs).unwrap_or(0)).shape(shape).build()?.at(calls);
    let ends = fields.rates("_last_lr")?.unwrap_or_default();
    if behind == 0.0 || ends.len() != base_lrs.len() {
        return Err(fields.error(Problem::NeedsOptimizer { class: "SWALR", keys: &["swa_lr"] }));
    }
    let end = |(lr, base): (f64, f64)| if behind == 1.0 { lr } else { (base + (lr - base) / behind).max(0.0) };
    let ends: Vec<f64> = ends.into_iter().zip(base_lrs.iter().copied()).map(end).collect();
    params.set_numbers("swa_lr", &ends);
    if behind < 1.0 {
        params.assumed.push(format!(
            "`swa_lr` is in the optimizer's `param_groups`, which this file does not have: {ends:?} follows from the current \
             rates if the annealing began at `base_lrs`"
        ));
    }
    Ok(())
}
