//! What icefall does with parameters that are nastier than its golden ones: `get_lr` by hand.

use serde_json::{Value, json};

use super::nasty;

fn eden(lr_batches: f64, lr_epochs: f64, warmup_batches: f64, warmup_start: f64) -> Value {
    json!({"optimizer_lr": 0.5, "steps_per_epoch": 10, "lr_batches": lr_batches, "lr_epochs": lr_epochs,
        "warmup_batches": warmup_batches, "warmup_start": warmup_start})
}

/// `Eden.get_lr`.
fn by_hand(step: u64, lr_batches: f64, lr_epochs: f64, warmup_batches: f64, warmup_start: f64) -> (u64, f64) {
    let (batch, epoch) = ((step + 1) as f64, (step / 10) as f64);
    let decay = |x: f64, scale: f64| ((x.powi(2) + scale.powi(2)) / scale.powi(2)).powf(-0.25);
    let warmup = match batch {
        batch if batch >= warmup_batches => 1.0,
        batch => warmup_start + (1.0 - warmup_start) * (batch / warmup_batches),
    };
    (step, 0.5 * decay(batch, lr_batches) * decay(epoch, lr_epochs) * warmup)
}

#[test]
fn decays_may_be_short_long_and_fractional() {
    for (batches, epochs) in [(1e-6, 0.01), (0.3, 0.7), (1.0, 1.0), (7500.0, 3.5), (1e15, 1e9)] {
        for (warmup, start) in [(0.0, 0.5), (0.7, 0.0), (1.5, 0.0), (12.0, 1.0), (500.0, 0.1), (-3.0, 0.0)] {
            let steps = [0, 1, 2, 9, 10, 11, 12, 498, 499, 500, 12_345, 1_000_000, 1 << 52];
            let expected = steps.map(|step| by_hand(step, batches, epochs, warmup, start));
            nasty::assert_rates("icefall", "Eden", eden(batches, epochs, warmup, start), &expected);
        }
    }
}

#[test]
fn what_icefall_refuses_is_refused() {
    let refused = |params: Value, words: &str| nasty::assert_refused("icefall", "Eden", params, words);
    refused(eden(0.0, 3.5, 0.0, 0.5), "`lr_batches` is 0.0, but must be above 0");
    refused(eden(1e30, 3.5, 0.0, 0.5), "`lr_batches` is 1e30, but must be between 1e-9 and 2^64 steps");
    refused(eden(7500.0, -1.0, 0.0, 0.5), "`lr_epochs` is -1.0, but must be above 0");
    refused(eden(7500.0, 3.5, 9.0, 1.5), "`warmup_start` is 1.5, but must be between 0 and 1");
    refused(json!({"optimizer_lr": 0.1, "lr_batches": 9, "lr_epochs": 9}), "needs `steps_per_epoch`");
    refused(json!({"steps_per_epoch": 9, "lr_batches": 9, "lr_epochs": 9}), "needs `optimizer_lr`");
    let eden2 = json!({"optimizer_lr": 0.1});
    nasty::assert_refused("icefall", "Eden2", eden2, "needs `lr_batches`");
}
