//! What Lightning Bolts does with parameters that are nastier than its golden ones. The numbers come from its recursion.

use serde_json::{Value, json};

use super::nasty;

fn of(warmup_epochs: u64, max_epochs: u64, warmup_start_lr: f64, eta_min: f64) -> Value {
    json!({"optimizer_lr": 0.5, "warmup_epochs": warmup_epochs, "max_epochs": max_epochs,
        "warmup_start_lr": warmup_start_lr, "eta_min": eta_min})
}

fn assert_rates(params: Value, expected: &[(u64, f64)]) {
    nasty::assert_rates("lightning_bolts", "LinearWarmupCosineAnnealingLR", params, expected);
}

#[test]
fn without_a_warmup_the_cosine_starts_where_a_warmup_would() {
    let down = [1.0, 0.871_859_216_769_114_5, 0.5625, 0.253_140_783_230_885_5, 0.125];
    let up = [0.179_917_478_527_522_32, 0.3125, 0.445_082_521_472_477_73, 0.5, 0.445_082_521_472_477_8];
    assert_rates(of(0, 4, 1.0, 0.125), &(0..).zip(down.into_iter().chain(up)).collect::<Vec<_>>());
    assert_rates(of(0, 4, 0.0, 0.0), &[(0, 0.0), (4, 0.0), (5, 0.073_223_304_703_363_1), (8, 0.5), (12, 0.0)]);
    assert_rates(of(0, 1, 1.0, 0.25), &[(0, 1.0), (1, 0.25), (2, 0.5), (3, 0.25), (4, 0.5)]);
}

#[test]
fn a_warmup_may_outlast_the_run() {
    let expected = [(0, 0.0), (5, 0.5), (6, 0.5), (7, 0.441_421_356_237_309_5), (8, 0.3), (10, 0.1), (14, 0.5)];
    assert_rates(of(6, 2, 0.0, 0.1), &expected);
}

#[test]
fn where_bolts_raises_the_rate_holds() {
    assert_rates(of(3, 3, 0.1, 0.0), &[(0, 0.1), (1, 0.3), (2, 0.5), (3, 0.5), (4, 0.5), (100, 0.5)]);
    assert_rates(of(0, 0, 0.1, 0.0), &[(0, 0.1), (1, 0.1), (100, 0.1)]);
}
