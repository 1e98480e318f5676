//! Every golden case of every library, through its dialect, within its own tolerance.
//!
//! A case is checked as it is, or it is one of its library's exceptions, with a reason; an exception that is no longer
//! needed fails. They are printed with `--nocapture`. A library or a kind without a golden case fails by its name.

mod caffe;
mod composer;
mod darknet;
mod deepspeed;
mod detectron2;
mod fvcore;
mod icefall;
mod ignite;
mod keras;
mod lightning_bolts;
mod megatron;
mod mmcv;
mod mmengine;
mod nasty;
mod nemo;
mod optax;
mod paddle;
mod pytorch_optimizer;
mod tf_object_detection;
mod timm;
mod torch;
mod torchtitan;
mod ultralytics;

use std::collections::BTreeSet;

use sched_core::{Schedule, Scheduler};
use sched_dialects::{Dialect, LIBRARIES, Library};
use sched_tests::golden::{Case, cases, edge_cases, with_edge_cases};

/// The libraries with exceptions.
const EXCEPTIONS: &[(&str, Exceptions)] = &[
    ("torch", torch::EXCEPTIONS),
    ("paddle", paddle::EXCEPTIONS),
    ("mmengine", mmengine::EXCEPTIONS),
    ("pytorch_optimizer", pytorch_optimizer::EXCEPTIONS),
];

/// The cases of a library that are not checked as they are.
#[derive(Default)]
struct Exceptions {
    /// Cases that are checked before this step, and hold the last defined value from it on.
    held: &'static [(&'static str, u64, &'static str)],
    /// Cases whose parameters are code: the file is refused, and the rule as a closure, of group and step, has the rates.
    closures: &'static [(&'static str, Closure)],
}

type Closure = fn(usize, u64) -> f64;

#[test]
fn golden_cases() {
    let failures: Vec<String> = LIBRARIES.iter().flat_map(check).collect();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    for (library, _) in EXCEPTIONS {
        assert!(LIBRARIES.iter().any(|known| known.name == *library), "`{library}` has exceptions, but is no library");
    }
}

/// The failures.
fn check(library: &Library) -> Vec<String> {
    let Library { name, kinds, .. } = *library;
    let none = Exceptions::default();
    let exceptions =
        EXCEPTIONS.iter().find(|(library, _)| *library == name).map_or(&none, |(_, exceptions)| exceptions);
    let cases = cases(name);
    let mut failures = Vec::new();
    let of_cases: BTreeSet<&str> = cases.iter().map(|case| case.kind.as_str()).collect();
    for kind in kinds.iter().filter(|kind| !of_cases.contains(kind.name)) {
        failures.push(format!("{name}.{}: has no golden case", kind.name));
    }
    let mut checked = 0;
    for case in &cases {
        let held = exceptions.held.iter().find(|(id, ..)| *id == case.id);
        if let Some((id, step, reason)) = held {
            println!("held from step {step}: {id}: {reason}");
            if check_case(name, case, None).is_ok() {
                failures.push(format!("{id}: is held, but holds without"));
            }
        }
        let result = match exceptions.closures.iter().find(|(id, _)| *id == case.id) {
            Some((_, closure)) => check_closure(name, case, *closure),
            None => check_case(name, case, held.map(|(_, step, _)| *step)),
        };
        match result {
            Ok(()) => checked += 1,
            Err(error) => failures.push(format!("{}: {error}", case.id)),
        }
    }
    for id in ids(exceptions) {
        if !cases.iter().any(|case| case.id == id) {
            failures.push(format!("{id}: is no case"));
        }
    }
    println!("{name}: {checked} of {} cases checked", cases.len());
    failures
}

/// The cases with parameters at the edges; where the library raises after a while, the last rate holds.
#[test]
fn cases_at_the_edges() {
    let check = |library: &str, case: &Case| {
        check_case(library, case, None)?;
        let held = case.raises.as_ref().and_then(|raises| raises.at.as_u64());
        for step in held.into_iter().flat_map(|at| [at, at + 1, at + 1000]) {
            let rate = read(library, case)?.groups()[0].lr.at(step);
            if !case.lr.last().is_some_and(|&last| case.accepts(rate, last)) {
                return Err(format!("lr at {step} is {rate:e}, after an exception"));
            }
        }
        Ok(())
    };
    let mut failures = Vec::new();
    for library in with_edge_cases() {
        for case in edge_cases(&library) {
            failures.extend(check(&library, &case).err().map(|error| format!("{}: {error}", case.id)));
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

fn ids(exceptions: &Exceptions) -> impl Iterator<Item = &'static str> {
    let held = exceptions.held.iter().map(|(id, ..)| *id);
    held.chain(exceptions.closures.iter().map(|(id, _)| *id))
}

fn read(library: &str, case: &Case) -> Result<Dialect, String> {
    let mut params = case.params.clone();
    if let Some(epoch_len) = case.epoch_len {
        params.insert("epoch_len".to_owned(), epoch_len.into());
    }
    let file = serde_json::json!({"library": library, "kind": case.kind, "params": params});
    let dialect: Dialect = serde_json::from_value(file).map_err(|error| error.to_string())?;
    // A dialect file says the same after it has been read and written.
    let again = serde_json::to_string(&dialect).map_err(|error| error.to_string())?;
    let again: Dialect = serde_json::from_str(&again).map_err(|error| error.to_string())?;
    if again == dialect { Ok(dialect) } else { Err("does not survive being written".to_owned()) }
}

fn check_case(library: &str, case: &Case, held: Option<u64>) -> Result<(), String> {
    let dialect = read(library, case);
    if case.raises_at_construction() {
        return match dialect {
            Ok(_) => Err("the library raises, but this is accepted".to_owned()),
            Err(_) => Ok(()),
        };
    }
    let dialect = dialect?;
    let groups = case.groups();
    if dialect.groups().len() != groups.len() {
        return Err(format!("{} parameter groups, expected {}", dialect.groups().len(), groups.len()));
    }
    for (group, (translation, expected)) in dialect.groups().iter().zip(&groups).enumerate() {
        let rates = rates(case, translation)?;
        compare(case, &format!("lr[{group}]"), held, expected, |index, step| match &rates {
            Some(rates) => rates[index],
            None => translation.lr.at(step),
        })?;
    }
    let momentums = case.momentums();
    for (group, (translation, expected)) in dialect.groups().iter().zip(&momentums).enumerate() {
        let momentum = translation.momentum.as_ref().ok_or("no momentum")?;
        compare(case, &format!("momentum[{group}]"), held, expected, |_, step| momentum.at(step))?;
    }
    for (group, (translation, expected)) in dialect.groups().iter().zip(&case.weight_decays()).enumerate() {
        let weight_decay = translation.weight_decay.as_ref().ok_or("no weight decay")?;
        compare(case, &format!("weight_decay[{group}]"), held, expected, |_, step| weight_decay.at(step))?;
    }
    if !case.value.is_empty() {
        let value = dialect.groups()[0].value.as_ref().ok_or("no value")?;
        compare(case, "value", held, &case.value, |_, step| value.at(step))?;
    }
    Ok(())
}

/// The rates as a running scheduler gives them, where it has more to do than to step.
fn rates(case: &Case, translation: &sched_dialects::Translation) -> Result<Option<Vec<f64>>, String> {
    if let Some(feedback) = &translation.feedback {
        let scheduler = Scheduler::new(translation.lr.clone()).with_feedback(feedback.clone());
        return observed(case, scheduler).map(Some);
    }
    if !case.step_args.is_empty() {
        return at_epochs(case, &translation.lr).map(Some);
    }
    if case.params.get("last_epoch").is_some() {
        let mut scheduler = Scheduler::new(translation.lr.clone());
        scheduler.seek(case.steps[0]);
        return Ok(Some(case.steps.iter().map(|_| scheduler.step()).collect()));
    }
    Ok(None)
}

/// A metric after each epoch, which is a step unless the case says otherwise.
fn observed(case: &Case, mut scheduler: Scheduler) -> Result<Vec<f64>, String> {
    let epoch = case.epoch_len.unwrap_or(1) as usize;
    let mut rates = Vec::new();
    for step in 0..case.lr.len() {
        if step > 0
            && step % epoch == 0
            && let Some(metric) = case.metrics[step / epoch - 1]
        {
            scheduler.observe(metric).map_err(|error| error.to_string())?;
        }
        rates.push(scheduler.step());
    }
    Ok(rates)
}

/// An explicit epoch for each step, or one more than the last; with `n` steps per epoch that is a place to seek to.
fn at_epochs(case: &Case, schedule: &Schedule) -> Result<Vec<f64>, String> {
    let mut epochs = vec![0.0];
    for epoch in &case.step_args {
        epochs.push(epoch.unwrap_or(epochs[epochs.len() - 1] + 1.0));
    }
    let whole = |n: f64| epochs.iter().all(|epoch| (epoch * n).fract() == 0.0);
    let n = (1..=1000).map(f64::from).find(|n| whole(*n)).ok_or("the epochs have no common denominator")?;
    let mut scheduler = Scheduler::new(schedule.clone().stretch(n).map_err(|error| error.to_string())?);
    let rates = epochs.iter().map(|epoch| {
        scheduler.seek((epoch * n) as u64);
        scheduler.step()
    });
    Ok(rates.collect())
}

fn check_closure(library: &str, case: &Case, closure: Closure) -> Result<(), String> {
    match read(library, case) {
        Ok(_) => return Err("is code, but is accepted".to_owned()),
        Err(error) if error.contains("closure") && error.contains("|step") => {}
        Err(error) => return Err(format!("the refusal does not show how to write a closure: {error}")),
    }
    for (group, expected) in case.groups().into_iter().enumerate() {
        let scheduler = Scheduler::new(move |step| closure(group, step));
        compare(case, &format!("lr[{group}]"), None, expected, |_, step| scheduler.at(step))?;
    }
    Ok(())
}

fn compare(
    case: &Case,
    what: &str,
    held: Option<u64>,
    expected: &[f64],
    value: impl Fn(usize, u64) -> f64,
) -> Result<(), String> {
    for (index, (&step, &expected)) in case.steps.iter().zip(expected).enumerate() {
        let value_here = value(index, step);
        if let Some(held) = held
            && step >= held
        {
            let last = value(index, held - 1);
            if value_here != last {
                return Err(format!("{what} at {step} is {value_here:e}, expected {last:e}, held since {held}"));
            }
        } else if !case.accepts(value_here, expected) && !case.fragile_steps.contains(&step) {
            return Err(format!("{what} at {step} is {value_here:e}, expected {expected:e}"));
        }
    }
    Ok(())
}
