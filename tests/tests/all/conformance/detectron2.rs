//! What detectron2 does with parameters that are nastier than its golden ones.

use serde_json::{Value, json};

use super::nasty;

fn assert_rates(kind: &str, params: Value, expected: &[(u64, f64)]) {
    nasty::assert_rates("detectron2", kind, params, expected);
}

#[test]
fn a_warmup_may_outlast_the_run() {
    let params =
        json!({"MAX_ITER": 4, "BASE_LR": 1, "STEPS": [2], "GAMMA": 0.5, "WARMUP_ITERS": 9, "WARMUP_FACTOR": 0});
    assert_rates("WarmupMultiStepLR", params, &[(0, 0.0), (1, 0.125), (3, 0.375), (4, 0.5), (9, 0.5)]);
}

#[test]
fn the_margin_of_a_long_run_moves_its_seams() {
    // 1e-6 of 2.5 million is 2.5 steps.
    let params = json!({"MAX_ITER": 2_500_000, "BASE_LR": 1, "STEPS": [1_000_000], "WARMUP_FACTOR": 0.5, "WARMUP_ITERS": 1000,
        "WARMUP_METHOD": "constant"});
    assert_rates("WarmupMultiStepLR", params, &[(997, 0.5), (998, 1.0), (999_997, 1.0), (999_998, 0.1)]);
}

#[test]
fn a_rescaled_decay_begins_after_the_warmup() {
    let params = json!({"MAX_ITER": 12, "BASE_LR": 1, "NUM_DECAYS": 1, "GAMMA": 0.5, "WARMUP_FACTOR": 0.5, "WARMUP_ITERS": 4,
        "RESCALE_INTERVAL": true});
    let expected = [(0, 0.5), (2, 0.75), (4, 1.0), (7, 1.0), (8, 0.5), (11, 0.5), (12, 0.5), (50, 0.5)];
    assert_rates("WarmupStepWithFixedGammaLR", params, &expected);
}

#[test]
fn what_detectron2_refuses_is_refused() {
    let refused = |kind: &str, params: Value, words: &str| nasty::assert_refused("detectron2", kind, params, words);
    refused("WarmupMultiStepLR", json!({"MAX_ITER": 9, "STEPS": [9]}), "`STEPS` is [9], but must ascend");
    refused("WarmupMultiStepLR", json!({"MAX_ITER": 9, "STEPS": [5, 3]}), "`STEPS` is [5, 3], but must ascend");
    refused("WarmupMultiStepLR", json!({"MAX_ITER": 9, "STEPS": [0]}), "`STEPS` is [0], but must ascend");
    refused("WarmupMultiStepLR", json!({"MAX_ITER": 0}), "`MAX_ITER` is 0, but must be above 0");
    refused("WarmupMultiStepLR", json!({"WARMUP_METHOD": "exp"}), "\"linear\" or \"constant\"");
    refused("WarmupCosineLR", json!({"BASE_LR": 0.1, "BASE_LR_END": 0.2}), "`BASE_LR_END` is 0.2, but must be at most");
    refused("WarmupCosineLR", json!({"BASE_LR": 0}), "`BASE_LR` is 0, but must be above 0");
    refused("WarmupCosineLR", json!({"LR_SCHEDULER_NAME": "WarmupMultiStepLR"}), "`LR_SCHEDULER_NAME`");
    refused("WarmupStepWithFixedGammaLR", json!({"MAX_ITER": 9, "WARMUP_ITERS": 9}), "`WARMUP_ITERS` is 9");
    refused("WarmupStepWithFixedGammaLR", json!({"NUM_DECAYS": 0}), "`NUM_DECAYS` is 0, but must be above 0");
    refused("WarmupStepWithFixedGammaLR", json!({"GAMMA": 0}), "`GAMMA` is 0, but must be above 0");
}
