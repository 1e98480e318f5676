//! What NeMo does with parameters that are nastier than its golden ones. The numbers come from its own classes.

use serde_json::{Value, json};

use super::nasty;

fn assert_rates(kind: &str, params: Value, expected: &[(u64, f64)]) {
    nasty::assert_rates("nemo", kind, params, expected);
}

#[test]
fn a_group_warms_up_to_its_own_rate_and_goes_on_from_the_first_ones() {
    let params = json!({"optimizer_lr": [1.0, 0.25], "max_steps": 20, "warmup_steps": 4});
    let expected = [(0, 0.05), (4, 0.25), (5, 0.9375), (12, 0.5), (20, 0.0), (21, 0.0)];
    nasty::assert_group_rates("nemo", "WarmupAnnealing", params, 1, &expected);
}

#[test]
fn without_a_hold_noam_falls_from_the_warmup_on() {
    let of = |hold: Value| json!({"optimizer_lr": 0.1, "max_steps": 20, "warmup_steps": 4, "decay_rate": 1.0, "min_lr": 0.01, "hold_steps": hold});
    let expected = [(0, 0.02), (4, 0.1), (5, 0.08), (8, 0.05), (20, 0.02), (21, 0.01)];
    for hold in [json!(null), json!(0)] {
        assert_rates("NoamHoldAnnealing", of(hold), &expected);
    }
}

#[test]
fn without_a_warmup_noam_is_at_its_floor_from_the_first_update_on() {
    let params = json!({"optimizer_lr": 0.01, "d_model": 512, "min_lr": 0.001});
    assert_rates("NoamAnnealing", params, &[(0, 0.001), (1, 0.001), (2, 0.001), (100, 0.001)]);
}

#[test]
fn without_a_hold_a_polynomial_starts_again() {
    let params = json!({"optimizer_lr": 0.5, "max_steps": 20, "warmup_steps": 15, "power": 2.0, "cycle": true});
    let expected = [(0, 0.03125), (15, 0.5), (16, 0.02), (19, 0.00125), (20, 0.0), (21, 0.0)];
    assert_rates("PolynomialHoldDecayAnnealing", params, &expected);
}

#[test]
fn a_hold_may_outlast_the_run() {
    let params = json!({"optimizer_lr": 0.5, "max_steps": 4, "warmup_steps": 5, "hold_steps": 3, "min_lr": 0.1});
    assert_rates("WarmupHoldPolicy", params, &[(5, 0.5), (6, 0.5), (7, 0.5), (8, 0.1)]);
}
