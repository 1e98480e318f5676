//! Proves that the factors of layer-wise decay are those of timm and BEiT, layer by layer.

use sched_core::{Factor, Schedule, ScheduleError, Scheduler};

fn scales(decay: f64, layers: usize, min_scale: f64, no_opt_scale: f64) -> Vec<f64> {
    let factors = Factor::layer_decay(decay, layers, min_scale, no_opt_scale).unwrap();
    factors.into_iter().map(Factor::get).collect()
}

/// What BEiT gives a transformer of 12 blocks: the embedding is layer 0, block `i` is layer `i + 1`, the head layer 13.
///
/// ```python
/// values = list(layer_decay ** (num_layers + 1 - i) for i in range(num_layers + 2))
/// ```
const BEIT_065_12: [f64; 14] = [
    0.003697205891018715,
    0.005688009063105715,
    0.008750783174008792,
    0.013462743344628911,
    0.02071191283789063,
    0.03186448128906251,
    0.049022278906250015,
    0.07541889062500001,
    0.11602906250000002,
    0.17850625000000003,
    0.274625,
    0.42250000000000004,
    0.65,
    1.0,
];

fn assert_close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= f64::EPSILON * expected, "{found}, expected {expected}");
    }
}

#[test]
fn they_are_those_of_beit() {
    assert_close(&scales(0.65, 14, 0.0, 0.0), &BEIT_065_12);
}

#[test]
fn powers_of_two_and_the_last_layer_are_exact() {
    assert_eq!(scales(0.5, 5, 0.0, 0.0), [0.0625, 0.125, 0.25, 0.5, 1.0]);
    assert_eq!(scales(0.75, 3, 0.0, 0.0), [0.5625, 0.75, 1.0]);
    assert_eq!(scales(1.0, 3, 0.0, 0.0), [1.0; 3]);
    assert_eq!(scales(0.1, 1, 0.0, 0.0), [1.0]);
    assert_eq!(scales(5e-324, 3, 0.0, 0.0), [0.0, 5e-324, 1.0]);
}

#[test]
fn the_floor_and_the_freezing_are_those_of_timm() {
    // max(min_scale, layer_decay ** (layer_max - i)), and frozen if that is below no_opt_scale.
    let floored = BEIT_065_12.map(|scale| if scale < 0.05 { 0.05 } else { scale });
    assert_close(&scales(0.65, 14, 0.05, 0.0), &floored);
    let frozen = BEIT_065_12.map(|scale| if scale < 0.1 { 0.0 } else { scale });
    assert_close(&scales(0.65, 14, 0.0, 0.1), &frozen);
    assert_close(&scales(0.65, 14, 0.05, 0.1), &frozen);
    // The floor comes first, so a floor at the limit freezes nothing.
    assert_close(&scales(0.65, 14, 0.05, 0.05), &floored);
}

#[test]
fn no_layer_has_no_factor() {
    assert_eq!(Factor::layer_decay(0.5, 0, 0.0, 0.0), Err(ScheduleError::Empty { field: "layers" }));
}

#[test]
fn a_product_stays_a_rate() {
    let factor = Factor::new(f64::MAX).unwrap();
    assert_eq!(factor.apply(2.0), f64::MAX);
    assert!(factor.apply(f64::NAN).is_nan());
    assert!(Factor::new(-0.0).unwrap().get().is_sign_positive());
}

#[test]
fn what_is_multiplied_is_told_apart_from_code() {
    let half = Factor::new(0.5).unwrap();
    let schedule = Schedule::linear(1.0, 0.0, 4).unwrap();
    let scaled = Scheduler::new(schedule.clone()).scaled(half).unwrap();
    assert_eq!(scaled.schedule(), Some(schedule.clone().scaled(half).unwrap()));
    let coded = Scheduler::new(|step: u64| step as f64).scaled(half).unwrap();
    assert_eq!(coded.schedule(), None);
    assert_eq!([0, 1, 7].map(|step| coded.at(step)), [0.0, 0.5, 3.5]);
    // A factor of 1 changes nothing, so neither does the file.
    assert_eq!(Scheduler::new(schedule.clone()).scaled(Factor::ONE).unwrap().schedule(), Some(schedule));
}
