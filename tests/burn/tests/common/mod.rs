//! What the learner tests share: a task small enough to train in milliseconds, and a training job on each version of burn.
#![allow(dead_code, reason = "each test file takes what it needs")]

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;

use sched_burn::prelude::*;

pub(crate) mod damage;
pub(crate) mod deep_0_21;
pub(crate) mod follow_0_21;
pub(crate) mod learner_0_21;
pub(crate) mod printed;
pub(crate) mod scripted;
pub(crate) mod torch_plateau;
pub(crate) mod torch_trainings;
pub(crate) mod v0_22;

/// Epochs of a whole training.
pub(crate) const EPOCHS: usize = 6;
/// Batches of an epoch.
pub(crate) const ITERATIONS: usize = 5;
/// Items of a batch.
pub(crate) const BATCH: usize = 4;
/// Epochs after which a training is stopped and resumed.
pub(crate) const STOP: usize = 2;
/// The number of updates by then.
pub(crate) const STOPPED_AT: u64 = (STOP * ITERATIONS) as u64;
/// Updates of a whole training.
pub(crate) const UPDATES: u64 = (EPOCHS * ITERATIONS) as u64;

/// What is learned: a function of four inputs.
pub(crate) const INPUTS: usize = 4;
pub(crate) const HIDDEN: usize = 6;

/// Warmup and cosine. Both end in the middle of an epoch.
pub(crate) fn schedule() -> Schedule {
    Schedule::cosine_annealing(3e-2, 1e-4, 20).unwrap().warmup(1e-3, 7).unwrap()
}

/// A schedule's rates in a range of steps.
pub(crate) fn rates(schedule: &Schedule, steps: std::ops::Range<u64>) -> Vec<f64> {
    steps.map(|step| schedule.at(step)).collect()
}

/// Numbers between -1 and 1 that look random and are always the same.
pub(crate) fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|i| (((i + 1) * (seed * 31 + 17)) as f32 * 0.7).sin()).collect()
}

/// The inputs and the target of an item.
pub(crate) fn item(index: usize) -> (Vec<f32>, f32) {
    let inputs = numbers(INPUTS, index + 10);
    let target = inputs[0] * inputs[1] + inputs[2] - 0.5 * inputs[3];
    (inputs, target)
}

/// Blocks of the deep model: enough for two-digit indices.
pub(crate) const BLOCKS: usize = 11;

/// The paths of the parts of the deep model, from the input to the output.
pub(crate) fn parts() -> Vec<String> {
    let blocks = (0..BLOCKS).map(|block| format!("blocks.{block}"));
    ["embed".to_owned()].into_iter().chain(blocks).chain(["head".to_owned()]).collect()
}

/// The numbers of inputs and outputs of each part of the deep model, and its weights and biases, which are the same
/// every time and on every version of burn.
pub(crate) fn deep_parts() -> Vec<(usize, usize, Vec<f32>, Vec<f32>)> {
    let sizes = |part| match part {
        0 => (INPUTS, HIDDEN),
        part if part > BLOCKS => (HIDDEN, 1),
        _ => (HIDDEN, HIDDEN),
    };
    let part = |index| {
        let (inputs, outputs) = sizes(index);
        (inputs, outputs, numbers(inputs * outputs, 2 * index + 1), numbers(outputs, 2 * index + 2))
    };
    (0..BLOCKS + 2).map(part).collect()
}

/// What a training did, bit for bit.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    /// What the scheduler returned, step by step.
    pub(crate) rates: Vec<f64>,
    /// What the metric of the learning rate showed, iteration by iteration.
    pub(crate) shown: Vec<f64>,
    /// The bits of every parameter at the end.
    pub(crate) parameters: Vec<u32>,
}

/// What the metric of the learning rates wrote into burn's file for an epoch.
pub(crate) fn logged_rates(directory: &Path, epoch: usize) -> Vec<serde_json::Value> {
    let file = directory.join(format!("train/epoch-{epoch}/Learning_Rates.log"));
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The losses in burn's file for an epoch, one for each batch; since burn 0.22, also that of the whole epoch, at the end.
pub(crate) fn burns_losses(directory: &Path, split: &str, epoch: usize) -> Vec<f64> {
    let text = std::fs::read_to_string(directory.join(format!("{split}/epoch-{epoch}/Loss.log"))).unwrap();
    text.lines().map(|line| line.split(',').next().unwrap().parse().unwrap()).collect()
}

/// The lines of a log, without the time of day.
pub(crate) fn logged(path: &Path) -> Vec<serde_json::Value> {
    let without_time = |line| {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line.as_object_mut().unwrap().remove("wall_time").unwrap().as_f64().unwrap() > 1.7e9);
        line
    };
    std::fs::read_to_string(path).unwrap().lines().map(without_time).collect()
}

/// The message that `action` panics with.
pub(crate) fn panic_message<T>(action: impl FnOnce() -> T) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(action)) else {
        panic!("expected a panic");
    };
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().expect("a panic with a message")).to_owned(),
    }
}

/// Keeps thousands of expected refusals out of the output; every other panic is still reported.
pub(crate) fn silence_refusals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = take_hook();
        set_hook(Box::new(move |info| {
            let message = info.payload_as_str().unwrap_or_default();
            if !message.starts_with("cannot resume the learning-rate scheduler") {
                hook(info);
            }
        }));
    });
}

/// Asserts that a message contains each of these parts.
#[track_caller]
pub(crate) fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}
