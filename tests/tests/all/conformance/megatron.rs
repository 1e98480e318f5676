//! What Megatron does with parameters that are nastier than its golden ones.

use sched_dialects::Dialect;
use serde_json::{Value, json};

use super::nasty;

fn with(mut params: Value, more: Value) -> Value {
    params.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
    params
}

fn constructor(more: Value) -> Value {
    let params = json!({"init_lr": 0.0, "max_lr": 1.0, "min_lr": 0.0, "lr_warmup_steps": 0, "lr_decay_steps": 10,
        "lr_decay_style": "linear", "start_wd": 0, "end_wd": 0, "wd_incr_steps": 10, "wd_incr_style": "constant"});
    with(params, more)
}

fn assert_rates(more: Value, expected: &[(u64, f64)]) {
    nasty::assert_rates("megatron", "OptimizerParamScheduler", constructor(more), expected);
}

fn assert_weight_decay(more: Value, expected: &[(u64, f64)]) {
    let file = json!({"library": "megatron", "kind": "OptimizerParamScheduler", "params": constructor(more)});
    let dialect: Dialect = serde_json::from_value(file).unwrap();
    let weight_decay = dialect.groups()[0].weight_decay.as_ref().unwrap();
    for &(step, expected) in expected {
        assert!((weight_decay.at(step) - expected).abs() < 1e-15, "{step}: {}", weight_decay.at(step));
    }
}

#[test]
fn lengths_need_not_be_whole_updates() {
    // Samples 0, 4, 8, 12: the warmup of 6 ends between two updates, the decay of 10 too.
    let more = json!({"increment": 4, "lr_warmup_steps": 6, "min_lr": 0.2});
    assert_rates(more, &[(0, 0.0), (1, 4.0 / 6.0), (2, 0.6), (3, 0.2), (100, 0.2)]);
    let more = json!({"lr_warmup_steps": 1.5, "lr_decay_style": "constant"});
    assert_rates(more, &[(0, 0.0), (1, 1.0 / 1.5), (2, 1.0), (100, 1.0)]);
}

#[test]
fn a_decay_of_wsd_may_begin_in_the_warmup_or_not_at_all() {
    let wsd = |warmup: u64, decay: u64| json!({"lr_decay_style": "WSD", "lr_wsd_decay_style": "linear", "lr_warmup_steps": warmup, "wsd_decay_steps": decay});
    assert_rates(wsd(4, 8), &[(4, 1.0), (5, 0.625), (6, 0.5), (10, 0.0)]);
    assert_rates(wsd(4, 20), &[(4, 1.0), (5, 0.25), (10, 0.0)]);
    assert_rates(wsd(0, 20), &[(0, 0.5), (1, 0.45)]);
    assert_rates(wsd(0, 0), &[(0, 1.0), (10, 1.0), (11, 0.0)]);
}

#[test]
fn an_inverse_square_root_begins_with_the_peak_and_ends_with_the_floor() {
    let more = json!({"lr_decay_style": "inverse-square-root", "min_lr": 0.4});
    assert_rates(more, &[(0, 1.0), (1, 1.0), (4, 0.5), (9, 0.4), (11, 0.4)]);
    let more = json!({"lr_decay_style": "inverse-square-root", "lr_warmup_steps": 4});
    assert_rates(more, &[(2, 0.5), (4, 1.0), (9, 2.0 / 3.0), (11, 0.0)]);
}

#[test]
fn a_group_has_its_own_ends() {
    let group = json!({"param_groups": [{"max_lr": 0.1, "min_lr": 0.2, "start_wd": 0.5, "end_wd": 0.25, "wd_mult": 2}],
        "wd_incr_style": "linear"});
    assert_rates(group.clone(), &[(0, 0.1), (5, 0.15), (10, 0.2)]);
    assert_weight_decay(group, &[(0, 1.0), (5, 0.75), (10, 0.5), (11, 0.5)]);
    let cosine = json!({"start_wd": 0.0, "end_wd": 1.0, "wd_incr_steps": 4, "wd_incr_style": "cosine", "increment": 2});
    assert_weight_decay(cosine, &[(0, 0.0), (1, 0.5), (2, 1.0), (3, 1.0)]);
}

#[test]
fn what_megatron_refuses_is_refused() {
    let refused = |more: Value, words: &str| {
        nasty::assert_refused("megatron", "OptimizerParamScheduler", constructor(more), words);
    };
    refused(json!({"lr_warmup_steps": 10}), "`lr_warmup_steps` is 10, but must be below `lr_decay_steps`");
    refused(json!({"min_lr": 2}), "`max_lr` is 1.0, but must be at least `min_lr`");
    refused(json!({"init_lr": 2}), "`max_lr` is 1.0, but must be at least `init_lr`");
    refused(json!({"end_wd": 0.1}), "`wd_incr_style` is \"constant\", but must not be constant between two");
    refused(json!({"start_wd": 0.1}), "`end_wd` is 0, but must be at least `start_wd`");
    refused(json!({"wd_incr_style": "linear", "wd_incr_steps": 0}), "`wd_incr_steps` is 0");
    refused(json!({"lr_decay_style": "WSD"}), "needs `wsd_decay_steps`");
    refused(json!({"lr_decay_style": "WSD", "wsd_decay_steps": 1}), "needs `lr_wsd_decay_style`");
    refused(json!({"override_opt_param_scheduler": true}), "`override_opt_param_scheduler` is true");
    refused(json!({"param_groups": [{"lr": 1}]}), "but must be a map with `max_lr`");
    refused(json!({"param_groups": [{"wd_mult": -1}]}), "numbers of 0 or more");
}

#[test]
fn what_megatron_lm_refuses_is_refused() {
    let refused = |more: Value, words: &str| {
        nasty::assert_refused("megatron", "arguments", with(json!({"lr": 1}), more), words);
    };
    refused(json!({}), "`train_iters` is not given, but must be above 0, or else `train_samples`");
    refused(json!({"train_iters": 9, "train_samples": 9}), "not be given together with `train_iters`");
    refused(json!({"train_iters": 9, "lr_decay_samples": 9}), "left out of a run that counts iterations");
    refused(json!({"train_iters": 9, "lr_warmup_samples": 9}), "left out of a run that counts iterations");
    refused(json!({"train_samples": 9, "lr_decay_iters": 9}), "left out of a run that counts samples");
    refused(json!({"train_samples": 9}), "needs `global_batch_size`");
    refused(json!({"train_iters": 9, "lr_warmup_fraction": 0.1, "lr_warmup_iters": 1}), "`lr_warmup_iters` is 1");
    refused(json!({"train_iters": 9, "lr_warmup_fraction": 1.0}), "`lr_warmup_fraction` is 1");
    refused(
        json!({"train_iters": 9, "lr_warmup_iters": 9}),
        "`lr_warmup_iters` is 9, but must make the warmup shorter",
    );
    refused(
        json!({"train_iters": 9, "lr_decay_style": "WSD", "lr_wsd_decay_samples": 3}),
        "needs `lr_wsd_decay_iters`",
    );
    refused(json!({"train_iters": 9, "start_weight_decay": 0.5}), "or equal to `weight_decay`, if that is constant");
    refused(json!({"train_iters": 9, "weight_decay_incr_style": "linear"}), "needs `start_weight_decay`");
    refused(json!({"train_iters": 9, "min_lr": 2}), "`lr` is 1, but must be at least `min_lr`");
    refused(json!({"train_iters": 9, "rampup_batch_size": [1, 1, 9]}), "`rampup_batch_size` is [1, 1, 9]");
}
