//! What PyTorch's parameters are after each update of trainings in which more than the learning rate changes, and their averages:
//! `tests/reference/hyper_parameters.py`. Every burn makes the same trainings, on the first [`BATCH`](super::BATCH) items.

use std::collections::BTreeMap;

use sched_burn::prelude::*;

pub(crate) const STEPS: usize = 50;

/// The bits of every parameter after each update.
pub(crate) type Trained = Vec<Vec<u32>>;

pub(crate) fn one_cycle(max_lr: f64) -> OneCycle {
    OneCycle::new(max_lr, STEPS + 1)
}

pub(crate) fn cyclic() -> Cyclic {
    Cyclic::new(0.01, 0.1, 7)
}

/// The learning rate beside [`weight_decay`].
pub(crate) fn cosine() -> Schedule {
    Schedule::cosine_annealing(0.02, 0.0, STEPS).unwrap()
}

/// As DINO has it: rising.
pub(crate) fn weight_decay() -> Schedule {
    Schedule::cosine_annealing(0.04, 0.4, STEPS).unwrap()
}

/// SGD beside an average of the weights: the decay that makes PyTorch's EMA, and that of BYOL.
pub(crate) fn torch_ema(step: u64) -> f64 {
    if step == 0 { 0.0 } else { 0.9 }
}

pub(crate) fn byol() -> Schedule {
    Schedule::cosine_annealing(0.6, 1.0, STEPS).unwrap()
}

/// Of SWA: the start, and how often the weights are averaged.
pub(crate) const SWA: (u64, u64) = (20, 5);

/// PyTorch's `SWALR` from the start of SWA on.
pub(crate) fn swalr() -> Schedule {
    let anneal = Schedule::cosine_annealing(0.1, 0.05, 8).unwrap();
    Schedule::constant(0.1).unwrap().then_at(SWA.0, anneal).unwrap()
}

/// Asserts that a training has PyTorch's parameters after every update, up to a rounding of the `f32`s per update, and
/// that one with constant hyper-parameters does not.
///
/// Measured over the 50 updates, on every burn: at most 1.7e-6 for SGD with `OneCycleLR`, 5.4e-7 for SGD with `CyclicLR`,
/// 3.6e-7 for AdamW with `OneCycleLR`, 2.4e-7 for AdamW with a weight decay; with constant ones 0.79, 1.6, 0.41 and 0.021.
#[track_caller]
pub(crate) fn assert_trains_as_torch(name: &str, trained: &Trained, with_constants: &Trained) {
    let worst = distance(name, trained);
    assert!(worst < STEPS as f32 * f32::EPSILON, "{name}: off by {worst}");
    let constant = distance(name, with_constants);
    assert!(constant > 1e-2, "{name}: with constant hyper-parameters only off by {constant}");
}

/// The largest difference to PyTorch's parameters.
fn distance(name: &str, trained: &Trained) -> f32 {
    #[derive(serde::Deserialize)]
    struct Reference {
        trainings: BTreeMap<String, Vec<Vec<f32>>>,
    }
    let reference: Reference = serde_json::from_str(include_str!("../../../fixtures/hyper_parameters.json")).unwrap();
    let torch = &reference.trainings[name];
    assert_eq!((torch.len(), trained.len()), (STEPS, STEPS));
    let differences = torch.iter().zip(trained).flat_map(|(torch, ours)| {
        assert_eq!(torch.len(), ours.len());
        torch.iter().zip(ours).map(|(torch, &ours)| (torch - f32::from_bits(ours)).abs())
    });
    differences.fold(0.0, f32::max)
}
