//! State dicts for PyTorch. `reference/check_torch_writing.py` loads what these tests write with PyTorch itself.

use crate::common::{Json, assert_is, fixture, index};
use sched_core::{Anneal, Cyclic, CyclicMode, OneCycle, Plateau, Schedule, Scheduler, ThresholdMode};
use sched_torch::{Limits, ResumeOptions, ResumedGroup, StateDict, TorchFile, Value, WriteError};
use std::fs;
use std::path::PathBuf;

fn name<'a>(entry: &'a Json, kind: &str) -> &'a str {
    entry.get("files").unwrap().get(kind).unwrap().str()
}

fn open(name: &str) -> TorchFile {
    TorchFile::open(fixture(&format!("state_dicts/{name}"))).unwrap()
}

fn read_back(state_dict: &StateDict) -> TorchFile {
    TorchFile::from_bytes(state_dict.to_bytes().unwrap(), Limits::default()).unwrap()
}

#[test]
fn a_copy_is_the_same_state_dict() {
    for entry in index() {
        for kind in ["checkpoint", "scheduler"] {
            let file = open(name(&entry, kind));
            let found = file.find_scheduler(None).unwrap();
            let copy = read_back(&StateDict::copied(found.value).unwrap());
            assert_is(copy.root(), entry.get("scheduler_state_dict").unwrap(), name(&entry, kind));
        }
    }
}

/// Equal but for rounding; `missing` may be missing.
fn assert_alike(found: Value<'_>, wanted: Value<'_>, missing: &str, place: &str) {
    match (found.as_dict(), wanted.as_dict()) {
        (Some(found), Some(wanted)) => {
            assert_eq!(found.kind(), wanted.kind(), "{place}");
            let keys = |dict: sched_torch::Dict<'_>| {
                let keys = dict.keys().map(|key| key.to_string()).filter(|key| !key.contains(missing));
                keys.collect::<Vec<_>>()
            };
            assert_eq!(keys(found), keys(wanted), "{place}");
            for (key, value) in found.entries() {
                let (_, wanted) = wanted.entries().find(|(other, _)| other.to_string() == key.to_string()).unwrap();
                assert_alike(value, wanted, missing, &format!("{place}.{key}"));
            }
        }
        _ => match (found.as_list(), wanted.as_list()) {
            (Some(found), Some(wanted)) => {
                assert_eq!(found.len(), wanted.len(), "{place}");
                found
                    .zip(wanted)
                    .enumerate()
                    .for_each(|(i, (f, w))| assert_alike(f, w, missing, &format!("{place}.{i}")));
            }
            _ => {
                assert_eq!(found.type_name(), wanted.type_name(), "{place}");
                match (found.as_f64(), wanted.as_f64()) {
                    (Some(f), Some(w)) if f != w => assert!((f - w).abs() <= 1e-12 * w.abs(), "{place}: {f} {w}"),
                    _ => assert_eq!(found.to_string(), wanted.to_string(), "{place}"),
                }
            }
        },
    }
}

/// Where PyTorch raises an error before the second member's turn, so that a simpler scheduler has the same rates.
const SIMPLER: &str = "SequentialLR-nested-g1-k9.checkpoint.pt";

#[test]
fn what_is_read_is_recognised_again() {
    let mut written = 0;
    for entry in index() {
        let name = name(&entry, "checkpoint");
        let file = open(name);
        let Ok(resumed) = file.resume(&ResumeOptions::new()) else { continue };
        let state_dict = StateDict::recognised(&resumed.groups).unwrap_or_else(|error| panic!("{name}: {error}"));
        // The constructor finds out by itself whether the optimizer has betas.
        if name != SIMPLER {
            let again = read_back(&state_dict);
            assert_alike(again.root(), file.find_scheduler(None).unwrap().value, "use_beta1", name);
        }
        publish(name, &resumed.groups, &state_dict);
        written += 1;
    }
    // The other five are code.
    assert_eq!(written, 33);
}

/// Puts a state dict where the script finds it, with the rates that PyTorch is to give next.
fn publish(name: &str, groups: &[ResumedGroup], state_dict: &StateDict) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("torch_writing");
    fs::create_dir_all(&folder).unwrap();
    state_dict.save(folder.join(format!("{name}.written.pt"))).unwrap();
    let at = |schedule: &Schedule, from: u64| (0..60).map(|i| schedule.at(from + i)).collect::<Vec<f64>>();
    let metrics: Vec<f64> = (0..60).map(|i| if i < 10 { 0.5 - 0.01 * f64::from(i) } else { 1.0 }).collect();
    let lrs = groups.iter().map(|group| {
        let mut scheduler = group.scheduler.clone();
        let rates = metrics.iter().map(|metric| {
            let rate = scheduler.step();
            if scheduler.feedback().is_some() {
                scheduler.observe(*metric).unwrap();
            }
            rate
        });
        rates.collect::<Vec<f64>>()
    });
    let momenta = groups.iter().map(|group| group.momentum.as_ref().map(|m| at(m, group.scheduler.position())));
    let manifest = serde_json::json!({
        "constructor": state_dict.constructor(),
        "lrs": lrs.collect::<Vec<_>>(),
        "momenta": momenta.collect::<Vec<_>>(),
        "metrics": metrics,
    });
    fs::write(folder.join(format!("{name}.json")), manifest.to_string()).unwrap();
}

fn group(schedule: Schedule, position: u64) -> ResumedGroup {
    let mut scheduler = Scheduler::new(schedule);
    scheduler.seek(position);
    ResumedGroup { scheduler, momentum: None }
}

#[test]
fn schedules_made_here_are_recognised() {
    let cosine = || Schedule::cosine_annealing(0.1, 1e-4, 40).unwrap();
    let cycle = |base, max| Cyclic::new(base, max, 5).step_size_down(8).mode(CyclicMode::ExpRange { gamma: 0.97 });
    let one_cycle = || OneCycle::new(0.5, 90).pct_start(0.37).anneal(Anneal::Linear).div_factor(10.0);
    let with_momentum =
        |lr: Schedule, momentum: Schedule, position| ResumedGroup { momentum: Some(momentum), ..group(lr, position) };
    let cases = [
        ("constant", vec![group(Schedule::constant(0.1).unwrap(), 7)], "ConstantLR(optimizer, factor=1.0, "),
        ("cosine-held", vec![group(cosine(), 12)], "SWALR(optimizer, swa_lr=0.0001, anneal_epochs=40"),
        (
            "warmup-cosine",
            vec![group(cosine().warmup(0.01, 10).unwrap(), 4)],
            "SequentialLR(optimizer, schedulers=[LinearLR(optimizer, start_factor=0.09999999999999999, end_factor=1.0, ",
        ),
        ("warmup-cosine-late", vec![group(cosine().warmup(0.01, 10).unwrap(), 47)], "SequentialLR(optimizer, "),
        (
            "linear-groups",
            [0.1, 0.02].map(|lr| group(Schedule::linear(lr, lr / 4.0, 30).unwrap(), 11)).into(),
            "LinearLR(optimizer, start_factor=1.0, end_factor=0.25, total_iters=30)",
        ),
        (
            "halved-exponential",
            vec![group(Schedule::exponential(0.1, 0.97).unwrap().times(Schedule::constant(0.5).unwrap()).unwrap(), 3)],
            "ExponentialLR(optimizer, gamma=0.97)",
        ),
        (
            "product",
            vec![group(
                Schedule::step(0.4, 7, 0.6).unwrap().times(Schedule::exponential(0.5, 0.98).unwrap()).unwrap(),
                20,
            )],
            "ChainedScheduler(schedulers=[StepLR(optimizer, step_size=7, gamma=0.6), ExponentialLR(optimizer, gamma=0.98)])",
        ),
        (
            "restarts",
            vec![group(Schedule::cosine_warm_restarts(0.2, 0.01, 5, 2.0).unwrap(), 17)],
            "CosineAnnealingWarmRestarts(optimizer, T_0=5, T_mult=2, eta_min=0.01)",
        ),
        (
            "cyclic",
            vec![with_momentum(cycle(0.01, 0.2).lr().unwrap(), cycle(0.01, 0.2).momentum(0.8, 0.95).unwrap(), 21)],
            "CyclicLR(optimizer, base_lr=0.01, max_lr=0.2",
        ),
        (
            "one-cycle",
            vec![with_momentum(one_cycle().lr().unwrap(), one_cycle().momentum(0.8, 0.9).unwrap(), 20)],
            "OneCycleLR(optimizer, max_lr=0.5, total_steps=90, pct_start=0.37, anneal_strategy=\"linear\", cycle_momentum=True",
        ),
        (
            "multi-step",
            vec![group(Schedule::multi_step(0.3, &[10, 10, 25], 0.2).unwrap(), 9)],
            "MultiStepLR(optimizer, milestones=[10, 10, 25], gamma=0.2",
        ),
    ];
    for (name, groups, constructor) in cases {
        let state_dict = StateDict::recognised(&groups).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = state_dict.constructor().unwrap();
        assert!(found.starts_with(constructor), "{name}: {found}");
        publish(name, &groups, &state_dict);
    }
    let plateau =
        Plateau::new().factor(0.5).patience(2).threshold(1e-3, ThresholdMode::Absolute).cooldown(1).min_lr(0.02);
    let mut scheduler = Scheduler::new(Schedule::constant(0.3).unwrap()).with_plateau(plateau.build().unwrap());
    for metric in [1.0, 0.9, 0.95, 0.95, 0.95, 0.95] {
        scheduler.step();
        scheduler.observe(metric).unwrap();
    }
    let groups = [ResumedGroup { scheduler, momentum: None }];
    publish("plateau", &groups, &StateDict::recognised(&groups).unwrap());
}

#[test]
fn what_pytorch_lacks_is_refused() {
    let refused = |schedule: Schedule| StateDict::recognised(&[group(schedule, 5)]).unwrap_err().to_string();
    for (schedule, message) in [
        (Schedule::linear(0.0, 0.1, 10).unwrap(), "LinearLR cannot start at 0"),
        (Schedule::cosine_annealing(0.1, 0.0, 90).unwrap().warmup(0.0, 10).unwrap(), "LinearLR cannot start at 0"),
        (Schedule::polynomial(0.1, 0.01, 10, 2.0).unwrap(), "PolynomialLR goes to 0"),
        (Schedule::piecewise_constant(0.1, &[(5, 0.05), (9, 0.04)]).unwrap(), "MultiStepLR comes closest"),
        (Schedule::cosine_annealing(0.1, 0.0, 9).unwrap().every(10).unwrap(), "changes once in several updates"),
        (Schedule::inverse_sqrt(0.1, 10.0).unwrap(), "LambdaLR comes closest"),
    ] {
        let error = refused(schedule);
        assert!(error.contains(message), "{message}: {error}");
    }
    let differ =
        [Schedule::exponential(0.1, 0.9).unwrap(), Schedule::exponential(0.1, 0.8).unwrap()].map(|s| group(s, 5));
    assert!(StateDict::recognised(&differ).unwrap_err().to_string().contains("differ in `gamma`"));
    assert!(matches!(StateDict::recognised(&[]), Err(WriteError::NoGroups)));
    let function = ResumedGroup { scheduler: Scheduler::new(|_: u64| 0.1), momentum: None };
    assert!(matches!(StateDict::recognised(&[function]), Err(WriteError::Function)));
    let plateau = Plateau::new().accumulation(2).build().unwrap();
    let scheduler = Scheduler::new(Schedule::constant(0.1).unwrap()).with_plateau(plateau);
    let error = StateDict::recognised(&[ResumedGroup { scheduler, momentum: None }]).unwrap_err();
    assert!(error.to_string().contains("it averages several metrics"), "{error}");
}

#[test]
fn what_holds_itself_or_a_tensor_is_not_copied() {
    let file = TorchFile::open(fixture("torch/protocol2.pt")).unwrap();
    let error = StateDict::copied(file.at("itself").unwrap()).unwrap_err();
    assert!(matches!(error, WriteError::TooLarge), "{error}");
    let error = StateDict::copied(file.root()).unwrap_err();
    assert_eq!(error.to_string().split(';').next(), Some("`dtypes.0` is a tensor"));
}
