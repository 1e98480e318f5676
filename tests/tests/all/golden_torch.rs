//! Proves that the constructors give PyTorch's rates: every golden case of a single scheduler class, within the tolerance
//! of the case, for every parameter group, momentum included.

use std::collections::BTreeSet;

use sched_core::{
    Anneal, Beyond, Cyclic, CyclicMode, OneCycle, Plateau, PlateauMode, Ramp, Schedule, ScheduleError, Scheduler,
    Shape, ThresholdMode,
};
use sched_tests::golden::{Case, cases};

const KINDS: [&str; 11] = [
    "StepLR",
    "MultiStepLR",
    "ConstantLR",
    "LinearLR",
    "ExponentialLR",
    "PolynomialLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "OneCycleLR",
    "ReduceLROnPlateau",
];

/// Where PyTorch's value is not had, and why: case, steps (none for the whole case), reason.
const DIFFERENCES: [(&str, &[u64], &str); 2] = [
    ("torch-p-CyclicLR-07", &[], "`scale_fn` is code; as data there are triangular, triangular2 and exp_range"),
    (
        "torch-p-OneCycleLR-07",
        &[40],
        "PyTorch turns up again in the one call past the end that it allows; here it holds",
    ),
];

/// The schedule of one parameter group, from the constructor of the same name.
fn schedule(case: &Case, group: usize) -> Result<Schedule, ScheduleError> {
    let float = |name: &str| case.param::<f64>(name, group).unwrap_or_else(|| panic!("{}: no `{name}`", case.id));
    let count = |name: &str| case.param::<u64>(name, group).unwrap_or_else(|| panic!("{}: no `{name}`", case.id));
    let lr = float("optimizer_lr");
    match case.kind.as_str() {
        "StepLR" => Schedule::step(lr, count("step_size"), float("gamma")),
        "MultiStepLR" => {
            let mut milestones: Vec<u64> = serde_json::from_value(case.params["milestones"].clone()).unwrap();
            milestones.sort_unstable(); // PyTorch counts them, in any order
            Schedule::multi_step(lr, &milestones, float("gamma"))
        }
        "ConstantLR" => {
            Schedule::constant(lr * float("factor"))?.then_at(count("total_iters"), Schedule::constant(lr)?)
        }
        "LinearLR" => Schedule::linear(lr * float("start_factor"), lr * float("end_factor"), count("total_iters")),
        "ExponentialLR" => Schedule::exponential(lr, float("gamma")),
        "PolynomialLR" => Schedule::polynomial(lr, 0.0, count("total_iters"), float("power")),
        "CosineAnnealingLR" => {
            Ramp::new(lr, float("eta_min"), count("T_max")).shape(Shape::Cosine).beyond(Beyond::Mirror).build()
        }
        "CosineAnnealingWarmRestarts" => {
            Schedule::cosine_warm_restarts(lr, float("eta_min"), count("T_0"), float("T_mult"))
        }
        "CyclicLR" => cyclic(case, group).lr(),
        "OneCycleLR" => one_cycle(case, group).lr(),
        "ReduceLROnPlateau" => Schedule::constant(lr),
        kind => panic!("{}: no constructor for {kind}", case.id),
    }
}

fn momentum(case: &Case, group: usize) -> Result<Schedule, ScheduleError> {
    let base = case.param("base_momentum", group).unwrap();
    let max = case.param("max_momentum", group).unwrap();
    match case.kind.as_str() {
        "CyclicLR" => cyclic(case, group).momentum(base, max),
        "OneCycleLR" => one_cycle(case, group).momentum(base, max),
        kind => panic!("{}: {kind} drives no momentum", case.id),
    }
}

fn cyclic(case: &Case, group: usize) -> Cyclic {
    let up: u64 = case.param("step_size_up", group).unwrap();
    let mode = match case.params["mode"].as_str().unwrap() {
        "triangular" => CyclicMode::Triangular,
        "triangular2" => CyclicMode::Triangular2,
        "exp_range" => CyclicMode::ExpRange { gamma: case.param("gamma", group).unwrap() },
        mode => panic!("{}: no mode {mode}", case.id),
    };
    Cyclic::new(case.param("base_lr", group).unwrap(), case.param("max_lr", group).unwrap(), up)
        .step_size_down(case.param("step_size_down", group).unwrap_or(up))
        .mode(mode)
}

fn one_cycle(case: &Case, group: usize) -> OneCycle {
    let count = |name| case.param::<u64>(name, group);
    let total = count("total_steps").unwrap_or_else(|| count("epochs").unwrap() * count("steps_per_epoch").unwrap());
    OneCycle::new(case.param("max_lr", group).unwrap(), total)
        .pct_start(case.param("pct_start", group).unwrap())
        .anneal(if case.params["anneal_strategy"] == "cos" { Anneal::Cos } else { Anneal::Linear })
        .div_factor(case.param("div_factor", group).unwrap())
        .final_div_factor(case.param("final_div_factor", group).unwrap())
        .three_phase(case.params["three_phase"].as_bool().unwrap())
}

fn plateau(case: &Case, group: usize) -> Result<Plateau, ScheduleError> {
    let threshold_mode = match case.params["threshold_mode"].as_str().unwrap() {
        "rel" => ThresholdMode::RelativeSigned,
        _ => ThresholdMode::Absolute,
    };
    Plateau::new()
        .mode(if case.params["mode"] == "min" { PlateauMode::Min } else { PlateauMode::Max })
        .factor(case.param("factor", group).unwrap())
        .patience(case.param("patience", group).unwrap())
        .threshold(case.param("threshold", group).unwrap(), threshold_mode)
        .cooldown(case.param("cooldown", group).unwrap())
        .min_lr(case.param("min_lr", group).unwrap())
        .eps(case.param("eps", group).unwrap())
        .build()
}

/// Our rates at the steps of the case.
fn rates(case: &Case, group: usize) -> Vec<f64> {
    let schedule = schedule(case, group).unwrap();
    if case.kind == "ReduceLROnPlateau" {
        let mut scheduler = Scheduler::new(schedule).with_plateau(plateau(case, group).unwrap());
        let mut rates = vec![scheduler.step()];
        for metric in &case.metrics {
            scheduler.observe(metric.expect("PyTorch's plateau is never called without a metric")).unwrap();
            rates.push(scheduler.step());
        }
        return rates;
    }
    if !case.step_args.is_empty() {
        // `step(epoch)` with fractions: so many steps to an epoch that all of them are whole.
        let per_epoch = 4.0;
        let fine = schedule.stretch(per_epoch).unwrap();
        let epochs = std::iter::once(0.0).chain(case.step_args.iter().map(|epoch| epoch.unwrap()));
        return epochs
            .map(|epoch| {
                let step = epoch * per_epoch;
                assert_eq!(step.fract(), 0.0, "{}: {epoch} is no quarter", case.id);
                fine.at(step as u64)
            })
            .collect();
    }
    let mut scheduler = Scheduler::new(schedule);
    if case.params.contains_key("last_epoch") {
        // A resumed run goes on from where it was, one step after the other.
        scheduler.seek(case.steps[0]);
    }
    case.steps
        .iter()
        .map(|&step| {
            if scheduler.position() != step {
                scheduler.seek(step); // a sampled case
            }
            scheduler.step()
        })
        .collect()
}

/// The steps at which ours is not PyTorch's, with both.
fn wrong(case: &Case, peer: &[f64], ours: &[f64]) -> Vec<(u64, f64, f64)> {
    assert_eq!((peer.len(), ours.len()), (case.steps.len(), case.steps.len()), "{}", case.id);
    let both = case.steps.iter().zip(peer).zip(ours).map(|((&step, &peer), &ours)| (step, peer, ours));
    both.filter(|&(_, peer, ours)| !case.accepts(ours, peer)).collect()
}

#[test]
fn every_single_class_case_has_pytorchs_rates() {
    let cases = cases("torch");
    let mut values = 0;
    let mut problems = vec![];
    let mut found: BTreeSet<(&str, u64)> = BTreeSet::new();
    for kind in KINDS {
        let of_kind: Vec<&Case> = cases.iter().filter(|case| case.kind == kind).collect();
        assert!(!of_kind.is_empty(), "the fixture has no {kind}");
        for case in of_kind {
            let mut curves: Vec<(&[f64], Vec<f64>)> = vec![];
            for (group, peer) in case.groups().into_iter().enumerate() {
                curves.push((peer, rates(case, group)));
            }
            for (group, peer) in case.momentums().into_iter().enumerate() {
                let momentum = momentum(case, group).unwrap();
                curves.push((peer, case.steps.iter().map(|&step| momentum.at(step)).collect()));
            }
            let known = DIFFERENCES.iter().find(|(id, ..)| *id == case.id);
            for (curve, (peer, ours)) in curves.iter().enumerate() {
                values += ours.len();
                for (step, peer, ours) in wrong(case, peer, ours) {
                    if known.is_some_and(|(_, steps, _)| steps.is_empty() || steps.contains(&step)) {
                        found.insert((&case.id, step));
                    } else {
                        problems
                            .push(format!("{} curve {curve} step {step}: PyTorch {peer:e}, ours {ours:e}", case.id));
                    }
                }
            }
            println!("{:40} {} curves of {} steps", case.id, curves.len(), case.steps.len());
        }
    }
    println!("{values} values");
    assert!(problems.is_empty(), "{problems:#?}");
    for (id, steps, reason) in DIFFERENCES {
        println!("not PyTorch's: {id} at {steps:?}: {reason}");
        let needed = match steps {
            [] => found.iter().any(|(case, _)| *case == id),
            steps => steps.iter().all(|step| found.contains(&(id, *step))),
        };
        assert!(needed, "{id} is PyTorch's now, at {steps:?}: {reason}");
    }
}
