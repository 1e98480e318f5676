//! What mmcv does with parameters that are nastier than its golden ones.

use serde_json::{Value, json};

use super::nasty;

fn assert_rates(kind: &str, params: Value, expected: &[(u64, f64)]) {
    nasty::assert_rates("mmcv", kind, params, expected);
}

fn iterations(mut params: Value) -> Value {
    params["runner"] = json!("IterBasedRunner");
    params["optimizer_lr"] = json!(1.0);
    params
}

#[test]
fn milestones_count_only_after_all_before_them() {
    let params = iterations(json!({"step": [8, 5, 9], "gamma": 0.5, "min_lr": 0.2}));
    assert_rates("step", params, &[(5, 1.0), (7, 1.0), (8, 0.25), (9, 0.2), (100, 0.2)]);
    assert_rates("step", iterations(json!({"step": []})), &[(0, 1.0), (100, 1.0)]);
}

#[test]
fn a_warmup_is_a_factor_on_the_rate_of_the_moment() {
    let params = json!({"optimizer_lr": 1.0, "step": 1, "gamma": 0.5, "steps_per_epoch": 2, "warmup": "linear",
        "warmup_iters": 4, "warmup_ratio": 0.5});
    assert_rates("step", params, &[(0, 0.5), (1, 0.625), (2, 0.375), (3, 0.4375), (4, 0.25), (6, 0.125)]);
}

#[test]
fn a_warmup_of_half_an_iteration_more_lasts_until_the_next_epoch() {
    // 0.3 epochs are 1.5 iterations: no iteration is the one that ends the warmup.
    let params = json!({"optimizer_lr": 1.0, "steps_per_epoch": 5, "warmup": "constant", "warmup_iters": 0.3,
        "warmup_by_epoch": true, "warmup_ratio": 0.5});
    assert_rates("fixed", params.clone(), &[(0, 0.5), (1, 0.5), (4, 0.5), (5, 1.0)]);
    let mut by_iteration = params;
    by_iteration["by_epoch"] = json!(false);
    assert_rates("fixed", by_iteration, &[(1, 0.5), (2, 1.0)]);
}

#[test]
fn runners_decide_what_is_counted() {
    let params = json!({"optimizer_lr": 1.0, "gamma": 0.5, "steps_per_epoch": 2, "by_epoch": false});
    assert_rates("exp", params, &[(1, 0.5), (2, 0.25)]);
    // Epochs never begin there.
    assert_rates("exp", iterations(json!({"gamma": 0.5, "by_epoch": true})), &[(0, 1.0), (9, 1.0)]);
}

#[test]
fn a_flat_part_is_rounded_half_to_even() {
    let params = |max_iters: u64| iterations(json!({"max_iters": max_iters, "start_percent": 0.5, "min_lr": 0.0}));
    // 2.5 and 3.5 steps.
    assert_rates("FlatCosineAnnealing", params(5), &[(2, 1.0), (3, 0.75), (4, 0.25)]);
    assert_rates("FlatCosineAnnealing", params(7), &[(4, 1.0), (5, 0.75), (6, 0.25)]);
}

#[test]
fn cycles_go_on_where_they_do_not_divide_the_run() {
    let params =
        iterations(json!({"max_iters": 9, "cyclic_times": 4, "step_ratio_up": 0.5, "target_ratio": [3.0, 0.0],
        "gamma": 0.5, "anneal_strategy": "linear"}));
    assert_rates("cyclic", params, &[(0, 1.0), (1, 3.0), (2, 1.0), (3, 2.0), (5, 1.5), (7, 1.25), (8, 1.0)]);
    // Without a way up, gamma moves the low end.
    let params = iterations(json!({"max_iters": 4, "cyclic_times": 2, "step_ratio_up": 0, "target_ratio": [3.0, 0.0],
        "gamma": 0.5, "anneal_strategy": "linear"}));
    assert_rates("cyclic", params, &[(0, 3.0), (1, 1.5), (2, 3.0), (3, 1.75)]);
}

#[test]
fn what_mmcv_refuses_is_refused() {
    let refused = |kind: &str, params: Value, words: &str| nasty::assert_refused("mmcv", kind, params, words);
    let fixed = |warmup: Value| {
        let mut params = json!({"optimizer_lr": 1});
        params.as_object_mut().unwrap().append(&mut warmup.as_object().unwrap().clone());
        params
    };
    refused("fixed", fixed(json!({"warmup": "cosine"})), "\"constant\", \"linear\" or \"exp\"");
    refused("fixed", fixed(json!({"warmup": "linear"})), "`warmup_iters` is not given, but must be above 0");
    refused("fixed", fixed(json!({"warmup": "linear", "warmup_iters": 1, "warmup_ratio": 0})), "`warmup_ratio` is 0");
    refused(
        "fixed",
        iterations(json!({"warmup": "linear", "warmup_iters": 1, "warmup_by_epoch": true})),
        "`warmup_by_epoch` is true, but must be false with IterBasedRunner",
    );
    refused("exp", json!({"optimizer_lr": 1, "gamma": 0.9}), "needs `steps_per_epoch`");
    refused("poly", json!({"optimizer_lr": 1, "steps_per_epoch": 3}), "needs `max_epochs`");
    refused("poly", iterations(json!({})), "needs `max_iters`");
    refused("step", iterations(json!({"step": [3, 0]})), "a whole number above 0, or a list of them");
    refused("step", iterations(json!({"step": 2.0})), "a whole number above 0, or a list of them");
    refused("CosineAnnealing", iterations(json!({"max_iters": 9})), "or else `min_lr_ratio`");
    refused(
        "CosineAnnealing",
        iterations(json!({"max_iters": 9, "min_lr": 0, "min_lr_ratio": 0})),
        "together with `min_lr_ratio`",
    );
    refused("CosineRestart", iterations(json!({"periods": [1, 2], "min_lr": 0})), "be as many as `periods`");
    refused("cyclic", iterations(json!({"max_iters": 9, "target_ratio": 10})), "a float, or a list of one or two");
    refused("cyclic", iterations(json!({"max_iters": 9, "by_epoch": true})), "`by_epoch` is true, but must be false");
    refused("cyclic", iterations(json!({"max_iters": 9, "gamma": 1.5})), "`gamma` is 1.5, but must be at most 1");
    refused("cyclic", iterations(json!({"max_iters": 9, "cyclic_times": 10})), "at most the iterations of the run");
    refused("OneCycle", iterations(json!({"max_iters": 9, "max_lr": 1, "total_steps": 8})), "`total_steps` is 8");
    refused("OneCycle", iterations(json!({"max_iters": 4, "max_lr": 1, "pct_start": 0.25})), "`pct_start` is 0.25");
}
