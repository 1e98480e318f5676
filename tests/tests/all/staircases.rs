//! Proves that a staircase of powers has the same bits by every name, and that they are the nearest to the exact products.

use sched_core::{Cyclic, CyclicMode, Schedule};
use sched_dialects::Dialect;
use serde_json::{Value, json};

const STEPS: u64 = 7;
const STAIRS: u64 = 60;

fn dialect(library: &str, kind: &str, params: Value) -> (String, Schedule) {
    let file = json!({"library": library, "kind": kind, "params": params});
    let dialect: Dialect = serde_json::from_value(file).unwrap();
    (format!("{library}.{kind}"), dialect.groups()[0].lr.clone())
}

/// Every way to say "times `gamma` every seven steps".
fn staircases(lr: f64, gamma: f64) -> Vec<(String, Schedule)> {
    let milestones: Vec<u64> = (1..=STAIRS).map(|stair| stair * STEPS).collect();
    let one_later: Vec<u64> = milestones.iter().map(|step| step + 1).collect(); // timm changes the rate one step early
    let stair = |schedule: Result<Schedule, _>| schedule.unwrap().every(STEPS).unwrap();
    vec![
        (String::from("step"), Schedule::step(lr, STEPS, gamma).unwrap()),
        (String::from("multi_step"), Schedule::multi_step(lr, &milestones, gamma).unwrap()),
        (String::from("exponential, every"), stair(Schedule::exponential(lr, gamma))),
        dialect("torch", "StepLR", json!({"optimizer_lr": lr, "step_size": STEPS, "gamma": gamma})),
        dialect("torch", "MultiStepLR", json!({"optimizer_lr": lr, "milestones": milestones, "gamma": gamma})),
        dialect("paddle", "StepDecay", json!({"learning_rate": lr, "step_size": STEPS, "gamma": gamma})),
        dialect("paddle", "MultiStepDecay", json!({"learning_rate": lr, "milestones": milestones, "gamma": gamma})),
        dialect("timm", "StepLRScheduler", json!({"optimizer_lr": lr, "decay_t": STEPS, "decay_rate": gamma})),
        dialect("timm", "MultiStepLRScheduler", json!({"optimizer_lr": lr, "decay_t": one_later, "decay_rate": gamma})),
        dialect("mmengine", "StepLR", json!({"optimizer_lr": lr, "step_size": STEPS, "gamma": gamma})),
        dialect("mmengine", "MultiStepLR", json!({"optimizer_lr": lr, "milestones": milestones, "gamma": gamma})),
    ]
}

#[test]
fn a_staircase_has_the_same_bits_by_every_name() {
    for (lr, gamma) in [(0.1, 0.1), (0.3, 0.7), (0.05, 0.97), (1e-3, 0.5), (6e-4, 0.9)] {
        let all = staircases(lr, gamma);
        let (_, first) = &all[0];
        for (name, schedule) in &all {
            for step in 0..STEPS * (STAIRS + 1) {
                let (rate, expected) = (schedule.at(step), first.at(step));
                assert_eq!(rate, expected, "{name} at {step}, {lr} times {gamma}: {schedule}");
            }
        }
    }
}

#[test]
fn halved_triangles_have_exact_tips() {
    let triangles = Cyclic::new(0.0, 0.1, 5).mode(CyclicMode::Triangular2).lr().unwrap();
    let halved = Schedule::step(0.1, 1, 0.5).unwrap();
    for cycle in 0..300 {
        assert_eq!(triangles.at(5 + 10 * cycle), halved.at(cycle), "cycle {cycle}");
    }
}
