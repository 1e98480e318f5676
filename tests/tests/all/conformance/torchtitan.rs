//! What torchtitan does past the end and with parameters at the edges. The numbers come from its own `LRSchedulersContainer`.

use serde_json::{Value, json};

use super::nasty;

fn assert_rates(params: Value, expected: &[(u64, f64)]) {
    nasty::assert_rates("torchtitan", "lr_scheduler", params, expected);
}

#[test]
fn past_the_end_the_curve_goes_on() {
    let of = |decay_type: &str| {
        json!({"optimizer_lr": 1.0, "training_steps": 100, "warmup_steps": 2, "total_steps": 10, "decay_ratio": 0.4,
            "min_lr_factor": 0.5, "decay_type": decay_type})
    };
    let up = [(0, 0.5), (1, 1.0), (2, 1.0), (6, 1.0)];
    let linear = [(7, 0.875), (9, 0.625), (10, 0.5), (11, 0.375), (12, 0.25), (13, 0.125), (14, 0.0), (99, 0.0)];
    assert_rates(of("linear"), &[&up[..], &linear].concat());
    let sqrt = [
        (7, 0.75),
        (9, 0.566_987_298_107_780_7),
        (10, 0.5),
        (11, 0.440_983_005_625_052_55),
        (12, 0.387_627_564_304_205_53),
        (13, 0.338_562_172_233_852_3),
    ];
    assert_rates(of("sqrt"), &[&up[..], &sqrt].concat());
    let cosine = [(7, 0.926_776_695_296_636_9), (10, 0.5), (11, 0.573_223_304_703_363), (12, 0.75)];
    assert_rates(of("cosine"), &[&up[..], &cosine].concat());
}

#[test]
fn a_warmup_is_cut_and_a_decay_may_round_to_nothing() {
    let of = |warmup: u64, ratio: Value| json!({"optimizer_lr": 1.0, "training_steps": 10, "warmup_steps": warmup, "decay_ratio": ratio});
    assert_rates(of(20, json!(null)), &[(0, 0.1), (5, 0.6), (9, 1.0)]);
    assert_rates(of(2, json!(0.05)), &[(2, 1.0), (9, 1.0)]);
    for factor in [0.0, 1.0, 1.0_f64.next_down()] {
        let params = json!({"optimizer_lr": 1.0, "training_steps": 10, "warmup_steps": 0, "min_lr_factor": factor});
        assert_rates(params, &[(0, 1.0), (1, 0.9 + 0.1 * factor), (9, 0.1 + 0.9 * factor), (10, factor)]);
    }
}
