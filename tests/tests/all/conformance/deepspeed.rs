//! What DeepSpeed does with parameters that are nastier than its golden ones.

use serde_json::{Value, json};

use super::nasty;

fn assert_rates(kind: &str, params: Value, expected: &[(u64, f64)]) {
    nasty::assert_rates("deepspeed", kind, params, expected);
}

#[test]
fn a_warmup_may_outlast_the_run() {
    let params = json!({"total_num_steps": 4, "warmup_max_lr": 1.0, "warmup_num_steps": 8, "warmup_type": "linear"});
    assert_rates("WarmupDecayLR", params, &[(0, 0.0), (1, 0.0), (2, 0.125), (8, 0.875), (9, 0.0), (100, 0.0)]);
    let params = json!({"optimizer_lr": 1.0, "total_num_steps": 4, "warmup_num_steps": 8, "warmup_type": "linear"});
    assert_rates("WarmupCosineLR", params, &[(0, 0.0), (8, 0.875), (9, 1e-4), (100, 1e-4)]);
}

#[test]
fn a_warmup_may_fall() {
    let params = json!({"warmup_min_lr": 0.3, "warmup_max_lr": 0.1, "warmup_num_steps": 4});
    let half = 0.2; // ln 2 / ln 4
    assert_rates("WarmupLR", params, &[(0, 0.3), (1, 0.3), (2, half), (4, 0.1), (5, 0.1)]);
}

#[test]
fn stairs_may_be_more_than_steps() {
    let params = json!({"optimizer": "SGD", "cycle_min_lr": 0.0, "cycle_max_lr": 1.0, "cycle_first_step_size": 4,
        "cycle_first_stair_count": 6, "cycle_second_stair_count": 1});
    // floor(6 t / 4) / 6 on the way up, floor((8 - t) / 4) on the way down.
    let up = [0.0, 1.0 / 6.0, 0.5, 4.0 / 6.0, 1.0];
    let expected: Vec<(u64, f64)> = (0..).zip(up).chain((5..10).map(|step| (step, 0.0))).collect();
    assert_rates("OneCycle", params, &expected);
}

#[test]
fn what_deepspeed_refuses_is_refused() {
    let refused = |kind: &str, params: Value, words: &str| nasty::assert_refused("deepspeed", kind, params, words);
    refused(
        "WarmupLR",
        json!({"optimizer_lr": 1, "warmup_num_steps": 0}),
        "`warmup_num_steps` is 0, but must be above 0",
    );
    refused("WarmupLR", json!({"optimizer_lr": 1, "warmup_type": "cosine"}), "\"log\" or \"linear\"");
    refused("WarmupDecayLR", json!({}), "needs `total_num_steps`");
    refused("WarmupLR", json!({}), "needs `optimizer_lr`");
}
