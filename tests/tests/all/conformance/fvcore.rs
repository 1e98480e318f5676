//! What fvcore does with parameters that are nastier than its golden ones; more in `tests/fixtures/edges`.

use serde_json::{Value, json};

use super::nasty;

fn composite(lengths: Value, scaling: Value, schedulers: Value) -> Value {
    json!({"total_steps": 10, "lengths": lengths, "interval_scaling": scaling, "schedulers": schedulers})
}

fn line(from: f64, to: f64) -> Value {
    json!({"kind": "LinearParamScheduler", "params": {"start_value": from, "end_value": to}})
}

#[test]
fn a_falling_line_goes_on_until_it_would_be_negative() {
    let params = json!({"total_steps": 10, "start_value": 1.0, "end_value": 0.2});
    nasty::assert_rates("fvcore", "LinearParamScheduler", params, &[(10, 0.2), (12, 0.04), (13, 0.04), (99, 0.04)]);
}

#[test]
fn an_even_power_rises_past_the_end() {
    let params = |power: f64| json!({"total_steps": 10, "base_value": 1.0, "power": power});
    let even = [(9, 0.01), (10, 0.0), (12, 0.04)];
    nasty::assert_rates("fvcore", "PolynomialDecayParamScheduler", params(2.0), &even);
    nasty::assert_rates("fvcore", "PolynomialDecayParamScheduler", params(3.0), &[(9, 0.001), (10, 0.0), (12, 0.0)]);
    nasty::assert_rates("fvcore", "PolynomialDecayParamScheduler", params(0.0), &[(9, 1.0), (10, 1.0), (12, 1.0)]);
}

#[test]
fn the_last_length_is_what_is_left() {
    let params =
        composite(json!([0.5, 0.5005]), json!(["rescaled", "rescaled"]), json!([line(0.0, 1.0), line(1.0, 0.0)]));
    nasty::assert_rates(
        "fvcore",
        "CompositeParamScheduler",
        params,
        &[(4, 0.8), (5, 1.0), (9, 0.2), (10, 0.0), (11, 0.0)],
    );
}

#[test]
fn what_fvcore_refuses_is_refused() {
    let refused = |kind: &str, params: Value, words: &str| nasty::assert_refused("fvcore", kind, params, words);
    refused("ConstantParamScheduler", json!({"value": 1}), "needs `total_steps`");
    let steps = |values: Value, updates: Value, milestones: Value| json!({"total_steps": 9, "values": values, "num_updates": updates, "milestones": milestones});
    let kind = "MultiStepParamScheduler";
    refused(kind, steps(json!([1]), json!(null), json!(null)), "or else `milestones`");
    refused(kind, steps(json!([1, 2]), json!(9), json!([3, 6])), "be one less than `values`");
    refused(kind, steps(json!([1, 2]), json!(null), json!([3])), "be as many as `values`");
    refused(kind, steps(json!([1, 2]), json!(9), json!([9])), "ascend from above 0 to below the end");
    refused(kind, steps(json!([1, 2, 3]), json!(9), json!([3, 3])), "ascend from above 0");
    refused(kind, steps(json!([1, 2, 3]), json!(4), json!(null)), "`num_updates` is 4, but must be enough");
    refused("StepParamScheduler", json!({"total_steps": 9, "num_updates": 1, "values": []}), "at least one element");
    let kind = "CompositeParamScheduler";
    let one = json!([line(0.0, 1.0)]);
    refused(
        kind,
        composite(json!([0.9]), json!(["fixed"]), one.clone()),
        "`lengths` is [0.9], but must have the sum 1",
    );
    refused(kind, composite(json!([0.5, 0.5]), json!(["fixed"]), one.clone()), "be as many as `schedulers`");
    refused(kind, composite(json!([1.0]), json!([]), one.clone()), "be as many as `schedulers`");
    refused(kind, composite(json!([1.0]), json!(["scaled"]), one), "\"rescaled\" or \"fixed\"");
    refused(kind, composite(json!([]), json!([]), json!([])), "`schedulers` is [], but must have at least one");
    // The margin begins the second line 3 steps early, below 0.
    let mut long = composite(json!([0.5, 0.5]), json!(["fixed", "rescaled"]), json!([line(1.0, 1.0), line(0.0, 1.0)]));
    long["total_steps"] = json!(3_000_000);
    refused(kind, long, "margin of 1e-6");
}
