//! What Composer does with runs that are stretched or stepped once per epoch. The numbers come from its own schedulers.

use serde_json::{Map, Value, json};

use super::nasty;

/// A scheduler in a run of so many batches per epoch.
fn of(steps_per_epoch: u64, max_duration: &str, ratio: f64, params: Value) -> Map<String, Value> {
    let run = json!({"optimizer_lr": 1.0, "steps_per_epoch": steps_per_epoch, "max_duration": max_duration,
        "scale_schedule_ratio": ratio});
    let (Value::Object(mut all), Value::Object(params)) = (run, params) else { unreachable!() };
    all.extend(params);
    all
}

fn per_epoch(mut params: Map<String, Value>) -> Value {
    params.insert("step_schedulers_every_batch".to_owned(), json!(false));
    params.into()
}

fn assert_rates(kind: &str, params: impl Into<Value>, expected: &[(u64, f64)]) {
    nasty::assert_rates("composer", kind, params.into(), expected);
}

#[test]
fn an_epoch_begins_with_its_first_batch_whatever_a_fifth_rounds_to() {
    let steps = per_epoch(of(5, "25ba", 2.0, json!({"step_size": "1ba", "gamma": 0.5})));
    let expected = [(0, 1.0), (4, 1.0), (5, 0.25), (9, 0.25), (10, 0.03125), (15, 0.007_812_5), (35, 0.5_f64.powi(17))];
    assert_rates("StepScheduler", steps, &expected);
    let milestones = per_epoch(of(7, "42ba", 1.0, json!({"milestones": ["3ep", "0.5dur"], "gamma": 0.5})));
    assert_rates("MultiStepScheduler", milestones, &[(20, 1.0), (21, 0.25), (27, 0.25), (28, 0.25)]);
    // 1 / 49 is rounded up.
    let constant = per_epoch(of(49, "10ep", 1.0, json!({"alpha": 0.5, "t_max": "3ep"})));
    assert_rates("ConstantScheduler", constant, &[(146, 0.5), (147, 1.0)]);
}

#[test]
fn a_stretched_run_has_whole_epochs() {
    // 2 of 6 epochs, not 17 of 48 batches.
    let expected = [(0, 1.0), (1, 1.0), (2, 0.9375), (9, 0.5), (16, 0.0625), (17, 0.0), (18, 0.0)];
    assert_rates("LinearScheduler", of(8, "6ep", 0.37, json!({})), &expected);
    assert_rates("CosineAnnealingScheduler", of(6, "5ep", 0.37, json!({"t_max": "0.25dur"})), &[(1, 1.0), (2, 0.0)]);
    let refused = |kind: &str, params: Map<String, Value>, words: &str| {
        nasty::assert_refused("composer", kind, params.into(), words);
    };
    refused("LinearScheduler", of(8, "2ep", 0.37, json!({})), "must leave something of `max_duration`");
}

#[test]
fn a_stretched_warmup_has_as_much_time_as_before() {
    let params = |ratio: f64| of(5, "20ba", ratio, json!({"t_warmup": "4ba", "scale_warmup": true}));
    let shorter =
        [(0, 0.0), (1, 0.0), (2, 0.5), (3, 1.0), (4, 1.0), (5, 1.0), (6, 5.0 / 6.0), (8, 0.5), (10, 1.0 / 6.0)];
    assert_rates("LinearWithWarmupScheduler", params(0.5), &shorter);
    let longer = [(0, 0.0), (1, 0.0), (4, 0.375), (5, 1.0), (6, 35.0 / 36.0), (22, 19.0 / 36.0)];
    assert_rates("LinearWithWarmupScheduler", params(2.0), &longer);
    let nothing = of(5, "20ba", 0.2, json!({"t_warmup": "4ba", "scale_warmup": true}));
    nasty::assert_refused("composer", "LinearWithWarmupScheduler", nothing.into(), "leave something of `t_warmup`");
}
