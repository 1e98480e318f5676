//! What keras does with parameters that are nastier than its golden ones.

use serde_json::{Value, json};

use super::nasty;

fn assert_rates(kind: &str, params: Value, expected: &[(u64, f64)]) {
    nasty::assert_rates("keras", kind, params, expected);
}

fn assert_refused(kind: &str, params: Value, words: &str) {
    nasty::assert_refused("keras", kind, params, words);
}

#[test]
fn a_cycling_polynomial_may_rise() {
    let params =
        json!({"initial_learning_rate": 0.1, "decay_steps": 4, "end_learning_rate": 0.5, "power": 2, "cycle": true});
    let expected = [(0, 0.1), (1, 0.275), (4, 0.5), (5, 0.44375), (8, 0.5), (9, 0.475), (12, 0.5)];
    assert_rates("PolynomialDecay", params, &expected);
    let flat = json!({"initial_learning_rate": 0.1, "decay_steps": 4, "end_learning_rate": 0.5, "power": 0});
    assert_rates("PolynomialDecay", flat, &[(0, 0.1), (4, 0.1), (5, 0.1)]);
}

#[test]
fn boundaries_are_cast_to_whole_steps() {
    let params = json!({"boundaries": [-0.5, 5.7, 5.7, 8], "values": [1, 2, 4, 8, 16]});
    assert_rates("PiecewiseConstantDecay", params, &[(0, 1.0), (1, 2.0), (5, 2.0), (6, 8.0), (8, 8.0), (9, 16.0)]);
}

#[test]
fn values_of_overlapping_intervals_add_up() {
    let params = json!({"boundaries": [10, 5], "values": [1, 2, 4]});
    assert_rates("PiecewiseConstantDecay", params, &[(0, 1.0), (5, 1.0), (6, 5.0), (10, 5.0), (11, 4.0)]);
}

#[test]
fn a_warmup_may_end_between_two_steps_or_before_the_first() {
    let decay = |warmup_steps: f64, alpha: f64| json!({"initial_learning_rate": 0.1, "decay_steps": 4, "alpha": alpha, "warmup_target": 0.4, "warmup_steps": warmup_steps});
    let expected = [(0, 0.1), (2, 0.34), (3, 0.4076120467488713), (6, 0.5923879532511287), (7, 0.6)];
    assert_rates("CosineDecay", decay(2.5, 1.5), &expected);
    assert_rates("CosineDecay", decay(-2.0, 0.0), &[(0, 0.2), (1, 0.05857864376269051), (2, 0.0), (3, 0.0)]);
}

#[test]
fn shrinking_restarts_hold_their_last_rate() {
    let params = json!({"initial_learning_rate": 1, "first_decay_steps": 8, "t_mul": 0.5, "m_mul": 0.5, "alpha": 0.25});
    let expected = [(0, 1.0), (7, 0.2785451753082675), (8, 0.625), (12, 0.4375), (14, 0.34375), (15, 0.296875)];
    assert_rates("CosineDecayRestarts", params.clone(), &expected);
    // From step 16 on keras gives NaN.
    assert_rates("CosineDecayRestarts", params, &[(16, 0.296875), (1000, 0.296875)]);
}

#[test]
fn restarts_above_the_peak_shrink_towards_their_floor() {
    let params = json!({"initial_learning_rate": 0.2, "first_decay_steps": 2, "t_mul": 1, "m_mul": 0.5, "alpha": 1.5});
    let expected = [(0, 0.2), (1, 0.25), (2, 0.25), (3, 0.275), (4, 0.275), (5, 0.2875)];
    assert_rates("CosineDecayRestarts", params, &expected);
}

#[test]
fn a_decay_rate_of_zero_is_zero_after_the_first_stair() {
    let params = json!({"initial_learning_rate": 0.2, "decay_steps": 2.5, "decay_rate": 0, "staircase": true});
    assert_rates("ExponentialDecay", params, &[(0, 0.2), (2, 0.2), (3, 0.0), (5, 0.0)]);
}

#[test]
fn what_keras_refuses_is_refused() {
    let decay = json!({"initial_learning_rate": 0.2, "decay_steps": 0, "decay_rate": 0.5});
    assert_refused("ExponentialDecay", decay, "`decay_steps` is 0, but must be above 0");
    let values = json!({"boundaries": [5], "values": [1, 2, 3]});
    assert_refused("PiecewiseConstantDecay", values, "have one element more than `boundaries`");
    assert_refused(
        "ReduceLROnPlateau",
        json!({"optimizer_lr": 0.1, "factor": 1.0}),
        "`factor` is 1.0, but must be below 1",
    );
    assert_refused("ReduceLROnPlateau", json!({"optimizer_lr": 0.1, "monitor": "val_speed"}), "`min` or `max`");
}
