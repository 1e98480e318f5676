//! What Ultralytics does with parameters that are nastier than its golden ones.

use sched_dialects::Dialect;
use serde_json::{Value, json};

use super::nasty;

#[test]
fn updates_take_more_and_more_batches_across_epochs() {
    // 3 batches an update in the end, the warmup is round(7.5) = 8 long, and ends in epoch 1: the updates are those of batches
    // 0, 1, 3, 5, 8, 11, 14 and 17.
    let params = json!({"optimizer": "SGD", "batch": 24, "epochs": 4, "steps_per_epoch": 5, "warmup_epochs": 1.5, "lr0": 0.1,
        "lrf": 0.5});
    let (first, second) = (0.1 / 8.0, 0.0875 / 8.0);
    let expected = [0.0, first, 3.0 * first, 5.0 * second, 0.0875, 0.075, 0.075, 0.0625];
    let expected: Vec<(u64, f64)> = (0..).zip(expected).collect();
    nasty::assert_rates("ultralytics", "train", params, &expected);
}

#[test]
fn a_warmup_of_a_hundredth_of_a_batch_is_none() {
    let params =
        json!({"optimizer": "SGD", "batch": 64, "epochs": 4, "steps_per_epoch": 5, "warmup_epochs": 0.1, "lrf": 0});
    nasty::assert_rates("ultralytics", "train", params, &[(0, 0.01), (4, 0.01), (5, 0.0075), (20, 0.0)]);
}

#[test]
fn every_group_of_musgd_is_there_twice() {
    let params = json!({"optimizer": "auto", "batch": 64, "epochs": 11, "steps_per_epoch": 1000, "lr0": 7});
    let dialect: Dialect =
        serde_json::from_value(json!({"library": "ultralytics", "kind": "train", "params": params})).unwrap();
    let peaks: Vec<f64> = dialect.groups().iter().map(|group| (group.lr.at(3001) * 1e4).round() / 1e4).collect();
    let peak: f64 = 0.01 * (1.0 - 0.99 * 3.0 / 11.0); // epoch 3
    let peaks_expected = [3.0 * peak, peak].map(|peak| (peak * 1e4).round() / 1e4).repeat(4);
    assert_eq!(peaks, peaks_expected);
    let momentum = dialect.groups()[0].momentum.as_ref().unwrap();
    assert_eq!([0, 3000, 5000].map(|step| momentum.at(step)), [0.8, 0.937, 0.937]);
}

#[test]
fn what_ultralytics_refuses_or_does_not_say_is_refused() {
    let refused = |params: Value, words: &str| nasty::assert_refused("ultralytics", "train", params, words);
    refused(json!({"steps_per_epoch": 10}), "needs `nc`, which is not given");
    refused(json!({"optimizer": "Lion", "steps_per_epoch": 10}), "`optimizer` is \"Lion\", but must be \"auto\"");
    // 9976 or 10005 updates of 64: some sizes of the data set are above 10000.
    refused(json!({"batch": 48, "epochs": 29, "steps_per_epoch": 459, "nc": 3}), "decides what \"auto\" is");
    refused(json!({"optimizer": "SGD", "steps_per_epoch": 10, "time": 2}), "`time` is 2, but must be null");
    refused(json!({"optimizer": "SGD", "steps_per_epoch": 10, "batch": -1}), "`batch` is -1");
    refused(json!({"optimizer": "SGD", "epochs": 3}), "needs `steps_per_epoch`");
    refused(
        json!({"optimizer": "SGD", "steps_per_epoch": 1, "param_groups": [null, null, null, null]}),
        "name each group",
    );
    refused(json!({"optimizer": "MuSGD", "steps_per_epoch": 1, "param_groups": ["bias"]}), "the eight groups of MuSGD");
    refused(json!({"optimizer": "SGD", "steps_per_epoch": 1e18}), "at most 2^53 batches");
}
