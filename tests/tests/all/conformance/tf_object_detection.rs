//! What the object detection API does with parameters that are nastier than its golden ones: `learning_schedules` by hand.

use serde_json::{Value, json};

use super::nasty;

fn assert_rates(kind: &str, params: Value, expected: &[(u64, f64)]) {
    nasty::assert_rates("tf_object_detection", kind, params, expected);
}

#[test]
fn what_is_left_out_has_the_default_of_the_protocol() {
    assert_rates("constant_learning_rate", json!({}), &[(0, 0.002)]);
    let stairs = [(0, 0.002), (3_999_999, 0.002), (4_000_000, 0.002 * 0.95), (8_000_000, 0.002 * 0.9025)];
    assert_rates("exponential_decay_learning_rate", json!({}), &stairs);
    assert_rates("manual_step_learning_rate", json!({"schedule": [{"step": 5}]}), &[(0, 0.002), (9, 0.002)]);
    assert_rates("manual_step_learning_rate", json!({"warmup": true}), &[(0, 0.002), (9, 0.002)]);
    let middle = 10_000 + (4_000_000 - 10_000) / 2;
    let cosine = [(0, 0.0002), (5_000, 0.0011), (10_000, 0.002), (middle, 0.001), (4_000_000, 0.0), (5_000_000, 0.0)];
    assert_rates("cosine_decay_learning_rate", json!({}), &cosine);
}

#[test]
fn a_floor_holds_in_the_burn_in_and_a_cosine_may_have_no_room() {
    let params = json!({"initial_learning_rate": 0.5, "decay_steps": 1, "decay_factor": 0.5, "burnin_learning_rate": 0.01,
        "burnin_steps": 2, "min_learning_rate": 0.2});
    assert_rates("exponential_decay_learning_rate", params, &[(0, 0.2), (1, 0.2), (2, 0.5), (3, 0.25), (4, 0.2)]);
    let of = |hold: u64| {
        json!({"learning_rate_base": 1.0, "total_steps": 8, "warmup_learning_rate": 0.5, "warmup_steps": 4,
            "hold_base_rate_steps": hold})
    };
    for hold in [4, 5, 100] {
        let expected = [(0, 0.5), (3, 0.875), (4, 1.0), (8, 1.0), (9, 0.0), (1000, 0.0)];
        assert_rates("cosine_decay_learning_rate", of(hold), &expected);
    }
    assert_rates("cosine_decay_learning_rate", of(3), &[(7, 1.0), (8, 0.0), (9, 0.0)]);
}

#[test]
fn what_tensorflow_refuses_is_refused() {
    let refused =
        |kind: &str, params: Value, words: &str| nasty::assert_refused("tf_object_detection", kind, params, words);
    let cosine = "cosine_decay_learning_rate";
    refused(cosine, json!({"total_steps": 9_999}), "`total_steps` is 9999, but must be at least `warmup_steps`");
    refused(cosine, json!({"total_steps": 10_000}), "`total_steps` is 10000, but must be above `warmup_steps`");
    refused(cosine, json!({"warmup_learning_rate": 0.01}), "must be at most `learning_rate_base`");
    let manual = "manual_step_learning_rate";
    for schedule in [json!([{"step": 0}]), json!([{"learning_rate": 1.0}]), json!([{"stop": 3}]), json!([5])] {
        refused(manual, json!({"schedule": schedule}), "must be a list of maps of `step`");
    }
    refused(manual, json!({"schedule": [{"step": 3}, {"step": 3}]}), "must be in rising order of `step`");
    refused("exponential_decay_learning_rate", json!({"decay_steps": 0}), "must be above 0");
}
