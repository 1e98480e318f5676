//! What of timm and transformers no schedule can hold.

use sched_dialects::Dialect;

#[test]
fn what_no_schedule_can_hold_is_refused_with_a_reason() {
    let refusal = |library: &str, kind: &str, params: serde_json::Value| {
        let file = serde_json::json!({"library": library, "kind": kind, "params": params});
        serde_json::from_value::<Dialect>(file).unwrap_err().to_string()
    };
    let noise = serde_json::json!({"optimizer_lr": 0.1, "t_initial": 10, "noise_range_t": [2, 5]});
    let noise = refusal("timm", "CosineLRScheduler", noise);
    assert!(noise.contains("`noise_range_t` is [2, 5]") && noise.contains("random generator"), "{noise}");
    let code = serde_json::json!({"optimizer_lr": 0.1, "t_initial": 9, "decay_t": 3, "decay_fn": "lambda p: 1 - p"});
    let code = refusal("timm", "WSDLRScheduler", code);
    assert!(code.contains("lambda p: 1 - p") && code.contains("|step: u64|"), "{code}");
    let scaled = refusal("transformers", "get_adafactor_schedule", serde_json::json!({}));
    assert!(scaled.contains("`scale_parameter`") && scaled.contains("weights"), "{scaled}");
}
