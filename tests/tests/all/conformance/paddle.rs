//! What is special about paddle's cases.

use serde_json::{Value, json};

use super::{Exceptions, nasty};

pub(super) const EXCEPTIONS: Exceptions = Exceptions {
    held: &[],
    closures: &[
        ("paddle-p-LambdaDecay-01", |_group, step| 0.5 * 0.95_f64.powi(step as i32)),
        ("paddle-p-MultiplicativeDecay-01", |_group, step| (1..=step).fold(0.5, |lr, _epoch| lr * 0.95)),
    ],
};

fn assert_rates(kind: &str, params: Value, expected: &[(u64, f64)]) {
    nasty::assert_rates("paddle", kind, params, expected);
}

fn assert_refused(kind: &str, params: Value, words: &str) {
    nasty::assert_refused("paddle", kind, params, words);
}

#[test]
fn noam_peaks_between_two_steps() {
    let params = json!({"d_model": 1, "warmup_steps": 2.5, "learning_rate": 2});
    let expected = [(0, 0.0), (1, 0.5059644256269407), (2, 1.0119288512538813), (3, 1.1547005383792515), (4, 1.0)];
    assert_rates("NoamDecay", params, &expected);
}

#[test]
fn the_first_boundary_above_the_step_decides() {
    let params = json!({"boundaries": [5, 2, 8], "values": [1, 2, 3, 4, 5]});
    assert_rates("PiecewiseDecay", params, &[(0, 1.0), (4, 1.0), (5, 3.0), (7, 3.0), (8, 5.0), (9, 5.0)]);
    let milestones = json!({"learning_rate": 1, "milestones": [-3, 0, 2.5], "gamma": 0.5});
    assert_rates("MultiStepDecay", milestones, &[(0, 0.25), (2, 0.25), (3, 0.125)]);
    assert_rates("MultiStepDecay", json!({"learning_rate": 1, "milestones": []}), &[(0, 1.0), (9, 1.0)]);
}

#[test]
fn a_natural_exponential_keeps_its_precision() {
    let params = json!({"learning_rate": 0.5, "gamma": 1e-3});
    assert_rates("NaturalExpDecay", params, &[(0, 0.5), (100_000, 1.860037988010418e-44)]);
}

#[test]
fn a_cycling_polynomial_may_rise() {
    let params = json!({"learning_rate": 0.1, "decay_steps": 4, "end_lr": 0.5, "power": 2, "cycle": true});
    let expected = [(0, 0.1), (1, 0.275), (4, 0.5), (5, 0.44375), (8, 0.5), (9, 0.475), (12, 0.5)];
    assert_rates("PolynomialDecay", params, &expected);
}

#[test]
fn warmups_nest() {
    let cosine = json!({"kind": "CosineAnnealingDecay", "params": {"learning_rate": 0.5, "T_max": 4, "eta_min": 0.1}});
    let inner = json!({"learning_rate": cosine, "warmup_steps": 3, "start_lr": 0.2, "end_lr": 0.5});
    let inner = json!({"kind": "LinearWarmup", "params": inner});
    let outer = json!({"learning_rate": inner, "warmup_steps": 2, "start_lr": 0, "end_lr": 0.3});
    let expected = [(0, 0.0), (1, 0.15), (2, 0.2), (3, 0.3), (5, 0.5), (6, 0.4414213562373095), (9, 0.1), (13, 0.5)];
    assert_rates("LinearWarmup", outer, &expected);
}

#[test]
fn one_cycle_may_have_one_step_no_way_down_or_no_way_up() {
    let cycle = |total_steps: u64, end: f64, pct: f64| json!({"max_learning_rate": 1, "total_steps": total_steps, "divide_factor": 4, "end_learning_rate": end, "phase_pct": pct});
    assert_rates("OneCycleLR", cycle(1, 0.5, 0.3), &[(0, 0.5), (1, 0.5)]);
    // At step 10 paddle divides by zero, from 11 on it raises.
    assert_rates("OneCycleLR", cycle(10, 0.0, 1.0), &[(0, 0.25), (3, 0.4375), (9, 1.0), (10, 1.0), (11, 1.0)]);
    let mut three = cycle(12, 0.0, 0.05);
    three["three_phase"] = json!(true);
    three["anneal_strategy"] = json!("linear");
    // At step 12 paddle has a negative rate.
    let expected = [(0, 0.2330508474576271), (1, 0.211864406779661), (11, 0.0), (12, 0.0)];
    assert_rates("OneCycleLR", three, &expected);
    assert_refused("OneCycleLR", cycle(10, 0.0, 0.1), "without a length");
}

#[test]
fn triangles_may_point_down() {
    let params = json!({
        "base_learning_rate": 1, "max_learning_rate": 0.25, "step_size_up": 2, "step_size_down": 3, "mode": "triangular2"
    });
    let expected = [(0, 1.0), (1, 0.625), (2, 0.25), (3, 0.5), (5, 1.0), (6, 0.8125), (7, 0.625), (12, 0.8125)];
    assert_rates("CyclicLR", params, &expected);
}

#[test]
fn restarts_may_rise() {
    let params = json!({"learning_rate": 0.1, "T_0": 1, "T_mult": 3, "eta_min": 0.3});
    let expected = [(0, 0.1), (1, 0.1), (2, 0.15), (3, 0.25), (4, 0.1), (12, 0.2939692620785908), (13, 0.1), (40, 0.1)];
    assert_rates("CosineAnnealingWarmRestarts", params, &expected);
}

#[test]
fn what_paddle_refuses_is_refused() {
    let warmup = json!({"learning_rate": 0.5, "warmup_steps": 5, "start_lr": 0.5, "end_lr": 0.5});
    assert_refused("LinearWarmup", warmup, "`end_lr` is 0.5, but must be above `start_lr`");
    assert_refused("NoamDecay", json!({"d_model": 64, "warmup_steps": 0}), "`warmup_steps` is 0, but must be above 0");
    assert_refused("ExponentialDecay", json!({"learning_rate": 0.5, "gamma": 1.0}), "below 1");
    assert_refused(
        "LinearLR",
        json!({"learning_rate": 0.5, "total_steps": 5, "start_factor": 0}),
        "`start_factor` is 0",
    );
    let restarts = json!({"learning_rate": -0.5, "T_0": 5});
    assert_refused("CosineAnnealingWarmRestarts", restarts, "`learning_rate` is -0.5, but must be 0 or more");
    let steps = json!({"learning_rate": 0.5, "step_size": 5, "last_epoch": 7});
    assert_refused("StepDecay", steps, "`last_epoch` is 7, but must be -1");
    let plateau = json!({"kind": "ReduceOnPlateau", "params": {"learning_rate": 0.5}});
    let warmup = json!({"learning_rate": plateau, "warmup_steps": 5, "start_lr": 0, "end_lr": 0.5});
    assert_refused("LinearWarmup", warmup, "not follow a metric");
}

#[test]
fn a_scale_function_is_code() {
    let params = json!({
        "base_learning_rate": 0.1, "max_learning_rate": 1, "step_size_up": 8, "scale_fn": "1 / x", "mode": "mine"
    });
    assert_refused("CyclicLR", params, "|step: u64|");
}
