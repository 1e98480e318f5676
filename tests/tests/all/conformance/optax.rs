//! What optax does with parameters that are nastier than its golden ones.

use sched_core::Scheduler;
use sched_dialects::Dialect;
use serde_json::{Value, json};

use super::nasty;

fn assert_rates(kind: &str, params: Value, expected: &[(u64, f64)]) {
    nasty::assert_rates("optax", kind, params, expected);
}

fn assert_refused(kind: &str, params: Value, words: &str) {
    nasty::assert_refused("optax", kind, params, words);
}

#[test]
fn without_a_length_the_initial_value_stays() {
    let linear = json!({"init_value": 0.1, "end_value": 0.5, "transition_steps": 0});
    assert_rates("linear_schedule", linear, &[(0, 0.1), (100, 0.1)]);
    let warmup = json!({"init_value": 0.1, "peak_value": 0.5, "warmup_steps": -2});
    assert_rates("warmup_constant_schedule", warmup, &[(0, 0.1), (100, 0.1)]);
    let decay = json!({"init_value": 0.1, "transition_steps": -3, "decay_rate": 0.5, "end_value": 0.5});
    assert_rates("exponential_decay", decay, &[(0, 0.1), (5, 0.1)]);
}

#[test]
fn zero_to_the_power_of_zero_is_one() {
    let flat = json!({"init_value": 0.1, "end_value": 0.5, "power": 0, "transition_steps": 3});
    assert_rates("polynomial_schedule", flat, &[(0, 0.1), (3, 0.1), (9, 0.1)]);
    let flat = json!({"init_value": 0.1, "decay_steps": 3, "alpha": 0.5, "exponent": 0});
    assert_rates("cosine_decay_schedule", flat, &[(0, 0.1), (3, 0.1), (9, 0.1)]);
}

#[test]
fn the_end_value_bounds_from_the_first_step_on() {
    let decay = |end: f64| json!({"init_value": 0.1, "transition_steps": 3, "decay_rate": 0.5, "end_value": end});
    assert_rates("exponential_decay", decay(0.5), &[(0, 0.5), (5, 0.5)]);
    assert_rates("exponential_decay", decay(-0.5), &[(0, 0.1), (5, 0.03149802624737183)]);
}

#[test]
fn stairs_need_not_be_whole_steps_long() {
    let decay =
        json!({"init_value": 1, "transition_steps": 2.5, "decay_rate": 0.5, "transition_begin": 1, "staircase": true});
    let expected = [(0, 1.0), (3, 1.0), (4, 0.5), (5, 0.5), (7, 0.25), (8, 0.25), (10, 0.125), (11, 0.0625)];
    assert_rates("exponential_decay", decay, &expected);
}

#[test]
fn colliding_boundaries_keep_the_last_scale() {
    let cycle = |steps: u64| json!({"transition_steps": steps, "peak_value": 1.0});
    assert_rates("linear_onecycle_schedule", cycle(1), &[(0, 0.0016), (1, 1.6e-7), (5, 1.6e-7)]);
    assert_rates("linear_onecycle_schedule", cycle(3), &[(0, 1.0), (1, 0.52), (2, 0.04), (3, 4e-6), (5, 4e-6)]);
    let whole = json!({"transition_steps": 10, "peak_value": 1.0, "pct_start": 1.0});
    assert_rates("cosine_onecycle_schedule", whole, &[(0, 0.04), (5, 0.02000008), (10, 1.6e-7), (11, 1.6e-7)]);
}

#[test]
fn boundaries_are_sorted_and_may_lie_before_the_start() {
    let scales = json!([[10, 0.1], [-5, 7.0], [-5, 0.5]]);
    let ramp = json!({"interpolate_type": "linear", "init_value": 1.0, "boundaries_and_scales": scales});
    assert_rates("piecewise_interpolate_schedule", ramp, &[(0, 0.35), (1, 0.32), (5, 0.2), (10, 0.05), (11, 0.05)]);
    let steps = json!({"init_value": 1.0, "boundaries_and_scales": scales});
    assert_rates("piecewise_constant_schedule", steps, &[(0, 0.5), (9, 0.5), (10, 0.05)]);
    let map = json!({"init_value": 1.0, "boundaries_and_scales": {"10": 0.1, "0": 0.5}});
    assert_rates("piecewise_constant_schedule", map, &[(0, 0.5), (9, 0.5), (10, 0.05)]);
    let negative = json!({"init_value": 1.0, "boundaries_and_scales": [[10, -0.1]]});
    assert_refused("piecewise_constant_schedule", negative, "have scales of 0 or more");
}

#[test]
fn a_negative_warmup_is_a_head_start() {
    let params = json!({"init_value": 0.3, "peak_value": 1, "warmup_steps": -3, "decay_steps": 4, "end_value": 0.2});
    let expected = [(0, 0.6890083735825258), (3, 0.2396124528390324), (7, 0.2), (8, 0.2)];
    assert_rates("warmup_cosine_decay_schedule", params, &expected);
}

#[test]
fn a_peak_of_zero_ignores_the_end_value() {
    let params = json!({"init_value": 0.3, "peak_value": 0, "warmup_steps": 1, "decay_steps": 4, "end_value": 0.2});
    assert_rates("warmup_cosine_decay_schedule", params, &[(0, 0.3), (1, 0.0), (4, 0.0)]);
}

#[test]
fn where_joined_boundaries_go_backwards_the_later_schedule_wins() {
    let constant = |value: f64| json!({"kind": "constant_schedule", "params": {"value": value}});
    let rise = json!({"kind": "linear_schedule", "params": {"init_value": 3, "end_value": 4, "transition_steps": 10}});
    let backwards = json!({"schedules": [constant(1.0), constant(2.0), rise], "boundaries": [30, 10]});
    assert_rates("join_schedules", backwards, &[(0, 1.0), (9, 1.0), (10, 3.0), (15, 3.5), (30, 4.0)]);
    let early = json!({"schedules": [constant(1.0), rise, constant(9.0)], "boundaries": [-4]});
    assert_rates("join_schedules", early, &[(0, 3.4), (1, 3.5), (6, 4.0), (7, 4.0)]);
}

#[test]
fn what_optax_refuses_is_refused() {
    let warmup = json!({"init_value": 0, "peak_value": 1, "warmup_steps": 5, "decay_steps": 5});
    assert_refused("warmup_cosine_decay_schedule", warmup, "`decay_steps` is 5, but must be above `warmup_steps`");
    assert_refused("cosine_decay_schedule", json!({"init_value": 1, "decay_steps": 0}), "`decay_steps` is 0");
    assert_refused("reduce_on_plateau", json!({"optimizer_lr": 1, "factor": 1.0}), "below 1");
    assert_refused("reduce_on_plateau", json!({"optimizer_lr": 1, "rtol": 0.0}), "unless `atol` is");
    assert_refused("reduce_on_plateau", json!({"optimizer_lr": 1, "patience": 0}), "whenever the metric improves");
    let plateau = json!({"kind": "reduce_on_plateau", "params": {"optimizer_lr": 1}});
    assert_refused("join_schedules", json!({"schedules": [plateau], "boundaries": []}), "functions of the count alone");
    assert_refused("constant_schedule", json!({"value": 1, "vlaue": 2}), "`value`");
}

#[test]
fn a_mean_that_is_not_a_number_is_bad_from_the_first_on() {
    let params = json!({"optimizer_lr": 1, "factor": 0.5, "patience": 1, "accumulation_size": 3});
    let file = json!({"library": "optax", "kind": "reduce_on_plateau", "params": params});
    let dialect: Dialect = serde_json::from_value(file).unwrap();
    let plateau = dialect.groups()[0].feedback.clone().unwrap();
    let mut scheduler = Scheduler::new(dialect.groups()[0].lr.clone()).with_feedback(plateau);
    let rates = [0.9, f64::NAN, 0.9, 0.9, 0.9, 0.9].map(|metric| {
        scheduler.observe(metric).unwrap();
        scheduler.step()
    });
    assert_eq!(rates, [1.0, 1.0, 0.5, 0.5, 0.5, 0.5]);
}
