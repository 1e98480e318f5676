//! What Darknet does with parameters that are nastier than its golden ones: `get_current_rate` by hand.

use serde_json::{Value, json};

use super::nasty;

fn assert_rates(kind: &str, params: Value, expected: &[(u64, f64)]) {
    nasty::assert_rates("darknet", kind, params, expected);
}

#[test]
fn a_burn_in_may_take_no_time_or_cover_steps() {
    for burn_in in [0, 1] {
        let params = json!({"learning_rate": 1.0, "burn_in": burn_in, "steps": [2], "scales": [0.5]});
        assert_rates("steps", params, &[(0, 1.0), (1, 0.5), (9, 0.5)]);
    }
    let params =
        json!({"learning_rate": 1.0, "burn_in": 4, "power": 2, "steps": [2, 1, 6], "scales": [0.5, 0.5, 4, 9]});
    let expected = [(0, 0.0625), (1, 0.25), (2, 0.5625), (3, 0.25), (4, 0.25), (5, 1.0), (99, 1.0)];
    assert_rates("steps", params, &expected);
    let params = json!({"learning_rate": 1.0, "burn_in": 4, "power": 0, "max_batches": 8});
    assert_rates("poly", params, &[(0, 1.0), (3, 1.0), (7, 1.0), (8, 1.0)]);
}

#[test]
fn the_original_subtracts_unsigned_numbers() {
    let of = |gamma: f64, fork: &str| json!({"learning_rate": 1.0, "step": 3, "gamma": gamma, "fork": fork});
    let half = |x: f64| 1.0 / (1.0 + x.exp());
    assert_rates("sigmoid", of(0.5, "pjreddie"), &[(0, 0.0), (1, 0.0), (2, 0.5), (3, half(0.5)), (5, half(1.5))]);
    assert_rates("sigmoid", of(-0.5, "pjreddie"), &[(0, 1.0), (1, 1.0), (2, 0.5), (3, half(-0.5)), (5, half(-1.5))]);
    assert_rates("sigmoid", of(0.0, "pjreddie"), &[(0, 0.5), (2, 0.5), (9, 0.5)]);
    assert_rates("sigmoid", of(-0.5, "AlexeyAB"), &[(0, half(1.0)), (1, half(0.5)), (2, 0.5), (5, half(-1.5))]);
}

#[test]
fn cycles_may_be_of_one_batch_or_grow() {
    let of = |cycle: u64, mult: u64| json!({"learning_rate": 1.0, "learning_rate_min": 0.0, "sgdr_cycle": cycle, "sgdr_mult": mult, "fork": "AlexeyAB"});
    assert_rates("sgdr", of(1, 1), &[(0, 0.0), (1, 0.0), (99, 0.0)]);
    // Cycles of 2, 6 and 18 batches, which end with batches 2, 8 and 26.
    let wave = |done: f64, of: f64| 0.5 + 0.5 * (std::f64::consts::PI * done / of).cos();
    let expected =
        [(0, 0.5), (1, 0.0), (2, wave(1.0, 6.0)), (6, wave(5.0, 6.0)), (7, 0.0), (8, wave(1.0, 18.0)), (25, 0.0)];
    assert_rates("sgdr", of(2, 3), &expected);
    let params =
        json!({"learning_rate": 1.0, "learning_rate_min": 0.0, "max_batches": 4, "burn_in": 3, "fork": "AlexeyAB"});
    assert_rates("sgdr", params, &[(1, 16.0 / 81.0), (2, wave(3.0, 4.0)), (3, 0.0), (4, wave(1.0, 8.0))]);
}

#[test]
fn what_darknet_cannot_compute_is_refused() {
    let refused = |kind: &str, params: Value, words: &str| nasty::assert_refused("darknet", kind, params, words);
    refused("step", json!({"step": 0}), "`step` is 0, but must be above 0");
    refused("steps", json!({"steps": [1, 2], "scales": [0.1]}), "one element for each of `steps`");
    refused("poly", json!({"learning_rate": 0.1}), "`max_batches` is not given, but must be above 0");
    refused("sgdr", json!({"sgdr_cycle": 9}), "`fork` is not given, but must be \"AlexeyAB\"");
    refused("sgdr", json!({"fork": "AlexeyAB"}), "`sgdr_cycle` is not given, but must be given, or else `max_batches`");
    refused("sgdr", json!({"fork": "AlexeyAB", "sgdr_cycle": 9, "sgdr_mult": 0}), "must be above 0");
    refused("random", json!({}), "`random`");
    refused("step", json!({"policy": "steps"}), "must be the kind");
}
