//! What Caffe does with parameters that are nastier than its golden ones: `SGDSolver::GetLearningRate` by hand.

use serde_json::{Value, json};

use super::nasty;

fn assert_rates(kind: &str, params: Value, expected: &[(u64, f64)]) {
    nasty::assert_rates("caffe", kind, params, expected);
}

#[test]
fn an_iteration_passes_one_step_at_most() {
    let params = json!({"base_lr": 1.0, "gamma": 0.5, "stepvalue": [0, 0, 10, 5, 5]});
    let rates = [1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125];
    let changes = [0, 1, 10, 11, 12].into_iter().zip(&rates[1..]).map(|(step, rate)| (step, *rate));
    assert_rates("multistep", params, &changes.chain([(9, 0.25), (1000, 0.03125)]).collect::<Vec<_>>());
    assert_rates("multistep", json!({"base_lr": 1.0, "gamma": 0.5}), &[(0, 1.0), (1000, 1.0)]);
}

#[test]
fn numbers_that_are_left_out_are_0() {
    assert_rates("step", json!({"base_lr": 0.1, "stepsize": 3}), &[(2, 0.1), (3, 0.0), (9, 0.0)]);
    assert_rates("exp", json!({"base_lr": 0.1}), &[(0, 0.1), (1, 0.0)]);
    assert_rates("inv", json!({"base_lr": 0.1, "gamma": 0.5}), &[(0, 0.1), (99, 0.1)]);
    assert_rates("inv", json!({"base_lr": 0.1, "power": 0.5}), &[(0, 0.1), (99, 0.1)]);
    // (1 - t / max_iter)^0 is 1, at the end too.
    assert_rates("poly", json!({"base_lr": 0.1, "max_iter": 9}), &[(0, 0.1), (9, 0.1)]);
    assert_rates("sigmoid", json!({"base_lr": 0.1, "stepsize": 3}), &[(0, 0.05), (3, 0.05), (99, 0.05)]);
}

#[test]
fn a_sigmoid_may_be_steep_flat_or_late() {
    let of = |gamma: f64, stepsize: u64| json!({"base_lr": 0.1, "gamma": gamma, "stepsize": stepsize});
    let by_hand = |gamma: f64, stepsize: u64, t: u64| 0.1 / (1.0 + (-gamma * (t as f64 - stepsize as f64)).exp());
    for (gamma, stepsize) in [(0.2, 30), (1e-3, 5000), (3.0, 1), (1e-12, 7), (1e-20, 400), (0.01, 1_000_000)] {
        let near = [0, 1, stepsize - 1, stepsize, stepsize + 1, stepsize + 300, 2 * stepsize];
        assert_rates("sigmoid", of(gamma, stepsize), &near.map(|t| (t, by_hand(gamma, stepsize, t))));
    }
    for gamma in [1e6, 1e300] {
        assert_rates("sigmoid", of(gamma, 30), &[(0, 0.0), (29, 0.0), (30, 0.05), (31, 0.1), (10_000, 0.1)]);
    }
    let early = [(990_000, by_hand(0.01, 1_000_000, 990_000)), (0, 0.0)];
    assert_rates("sigmoid", of(0.01, 1_000_000), &early);
}

#[test]
fn what_caffe_refuses_is_refused() {
    let refused = |kind: &str, params: Value, words: &str| nasty::assert_refused("caffe", kind, params, words);
    refused("exp", json!({"base_lr": 0.1, "gamma": -0.5}), "`gamma` is -0.5, but must be 0 or more");
    refused("step", json!({"base_lr": 0.1, "gamma": 0.5, "stepsize": 0}), "`stepsize` is 0, but must be above 0");
    refused("poly", json!({"base_lr": 0.1, "power": 1.0}), "needs `max_iter`");
    refused("fixed", json!({"base_lr": 0.1, "lr_policy": "step"}), "must be the kind");
}
