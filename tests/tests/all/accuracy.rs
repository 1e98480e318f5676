//! Proves that every rate is within a relative error of 1e-15 of 100-digit arithmetic, for every node, shape and
//! constructor.
//!
//! `tests/reference/accuracy.py` makes the numbers. With `--nocapture` the largest error of each kind is printed.

use std::collections::{BTreeMap, BTreeSet};

use sched_core::{
    Anneal, Beyond, Cyclic, CyclicMode, Node, OneCycle, Ramp, Repeat, Schedule, ScheduleError, Shape, Wsd,
};
use sched_tests::golden::read;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const LARGEST_RELATIVE_ERROR: f64 = 1e-15;

#[derive(Deserialize)]
struct Case {
    name: String,
    schedule: Schedule,
    /// Step, the `f64` nearest to the exact rate, and what is left of it.
    points: Vec<(u64, f64, f64)>,
}

/// Every constructor with a name of its own.
fn named() -> Result<Vec<(&'static str, Schedule)>, ScheduleError> {
    let one_cycle = OneCycle::new(0.1, 100);
    let three_phase = OneCycle::new(1.0, 8001).pct_start(0.2771).three_phase(true);
    let linear = OneCycle::new(0.3, 12_345).pct_start(0.1).anneal(Anneal::Linear).div_factor(7.0).final_div_factor(1e9);
    let triangular = Cyclic::new(1e-4, 0.01, 2000).step_size_down(3000);
    let triangular2 = triangular.mode(CyclicMode::Triangular2);
    let exp_range = triangular.mode(CyclicMode::ExpRange { gamma: 0.99994 });
    let wsd = Wsd::new(1e-3, 800, 300).warmup(1e-6, 100);
    let cosine = Schedule::cosine_annealing(0.1, 0.0, 1000)?;
    Ok(vec![
        ("Schedule::constant", Schedule::constant(0.1)?),
        ("Schedule::linear", Schedule::linear(0.0, 0.4, 777)?),
        ("Schedule::polynomial", Schedule::polynomial(0.1, 1e-4, 999, 0.9)?),
        ("Schedule::exponential", Schedule::exponential(0.1, 0.9997)?),
        ("Schedule::exponential_over", Schedule::exponential_over(0.1, 0.96, 2000.0)?),
        ("Schedule::step", Schedule::step(0.1, 30, 0.1)?),
        ("Schedule::multi_step", Schedule::multi_step(0.1, &[0, 30, 80, 80], 0.1)?),
        ("Schedule::cosine_annealing", cosine.clone()),
        ("Ramp", Ramp::new(0.1, 1e-3, 100).shape(Shape::Cosine).beyond(Beyond::Mirror).build()?),
        ("Schedule::rex", Schedule::rex(0.3, 0.0, 1000)?),
        ("Schedule::tanh", Schedule::tanh(0.1, 1e-6, 1000, -7.0, 3.0)?),
        ("Schedule::inverse_sqrt", Schedule::inverse_sqrt(5e-4, 4000.0)?),
        ("Schedule::inverse_time", Schedule::inverse_time(0.1, 0.5, 70.0)?),
        ("Schedule::noam", Schedule::noam(2.0, 512, 4000)?),
        ("Schedule::tri_stage", Schedule::tri_stage(1e-3, 500, 1000, 3000, 0.01, 0.05)?),
        ("Schedule::warmup", cosine.clone().warmup(0.0, 50)?),
        ("Schedule::warmup_with", cosine.clone().warmup_with(1e-5, 50, Shape::Geometric)?),
        ("Schedule::then", Schedule::linear(0.0, 0.1, 10)?.then(cosine.clone())?),
        ("Schedule::then_at", Schedule::exponential(0.1, 0.99)?.then_at(300, cosine.clone())?),
        ("Schedule::piecewise_constant", Schedule::piecewise_constant(0.1, &[(100, 0.05), (200, 0.01)])?),
        ("Schedule::piecewise", Schedule::piecewise(&[(10, 0.0), (20, 1.0), (400, 0.0)], Shape::Cosine)?),
        ("Schedule::cosine_warm_restarts", Schedule::cosine_warm_restarts(0.1, 1e-5, 10, 2.0)?),
        ("Schedule::cosine_warm_restarts", Schedule::cosine_warm_restarts(0.1, 0.0, 7, 1.3)?),
        ("Schedule::repeat", cosine.clone().repeat(900)?),
        ("Repeat", Repeat::new(cosine.clone(), 1000).growth(1.5).cycle_scale(0.8).limit(6).build()?),
        ("Schedule::per_epoch", Schedule::step(0.1, 30, 0.1)?.per_epoch(391)?),
        ("OneCycle::lr", one_cycle.lr()?),
        ("OneCycle::lr", three_phase.lr()?),
        ("OneCycle::lr", linear.lr()?),
        ("OneCycle::momentum", one_cycle.momentum(0.85, 0.95)?),
        ("OneCycle::momentum", three_phase.momentum(0.0, 0.95)?),
        ("OneCycle::momentum", linear.momentum(0.7, 0.9)?),
        ("Cyclic::lr", triangular.lr()?),
        ("Cyclic::lr", triangular2.lr()?),
        ("Cyclic::lr", exp_range.lr()?),
        ("Cyclic::momentum", triangular.momentum(0.8, 0.9)?),
        ("Cyclic::momentum", triangular2.momentum(0.0, 0.9)?),
        ("Cyclic::momentum", exp_range.momentum(0.0, 0.9)?),
        ("Wsd", wsd.build()?),
        ("Wsd", wsd.decay_shape(Shape::Linear).eta_min(1e-5).build()?),
        ("Wsd", wsd.decay_shape(Shape::Cosine).build()?),
        ("Wsd", wsd.decay_shape(Shape::OneMinusSquare).build()?),
        ("Wsd", wsd.decay_shape(Shape::ExpHalf).build()?),
        ("Wsd", wsd.decay_shape(Shape::Geometric).eta_min(1e-6).warmup_shape(Shape::Cosine).build()?),
        ("Schedule::eden", Schedule::eden(0.045, 7500.0, 0.25)?),
        ("Schedule::eden", Schedule::eden(0.04, 0.3, 0.5)?),
    ])
}

#[test]
fn every_rate_is_within_1e_15_of_100_digits() {
    let cases: Vec<Case> = read("accuracy.json");
    let mut largest: BTreeMap<&str, (f64, String)> = BTreeMap::new();
    for Case { name, schedule, points } in &cases {
        for &(step, nearest, rest) in points {
            let rate = schedule.at(step);
            // Exact where it matters: `rate` and `nearest` differ by a few units in the last place.
            let difference = ((rate - nearest) - rest).abs();
            // What is below the smallest normal number has no 53 bits to be right in.
            let error = difference / nearest.max(f64::MIN_POSITIVE);
            let so_far = largest.entry(name).or_insert((0.0, String::from("exact")));
            if error > so_far.0 || error.is_nan() {
                *so_far = (error, format!("step {step}: {rate:e}, not {nearest:e}, of {schedule}"));
            }
        }
    }
    for (name, (error, where_)) in &largest {
        println!("{name:30} {error:9.2e}  {where_}");
    }
    let worst = largest.values().map(|(error, _)| *error).fold(0.0, f64::max);
    let points: usize = cases.iter().map(|case| case.points.len()).sum();
    println!("largest relative error of {points} rates: {worst:.3e}");
    let bad: Vec<_> =
        largest.iter().filter(|(_, (error, _))| error.is_nan() || *error > LARGEST_RELATIVE_ERROR).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert!(points > 10_000, "the fixture has shrunk to {points} rates");
}

#[test]
fn the_fixture_has_every_constructor_as_it_is_now() {
    let cases: Vec<Case> = read("accuracy.json");
    for (name, schedule) in named().unwrap() {
        assert!(
            cases.iter().any(|case| case.name == name && case.schedule == schedule),
            "run tests/reference/accuracy.py: {name} is now {schedule:?}"
        );
    }
}

/// The fixture holds the tree to its nodes; this holds it to the formula, in 60 digits:
/// `mpf(initial) * (1 + (mpf(t) / mpf(time_scale)) ** 2) ** -mpf(power)`.
#[test]
fn eden_is_its_formula() {
    const TWO_64: f64 = 18_446_744_073_709_551_616.0;
    for (initial, time_scale, power, step, expected) in [
        (0.045, 7500.0, 0.25, 0, 0.045),
        (0.045, 7500.0, 0.25, 1, 0.0449999998),
        (0.045, 7500.0, 0.25, 12_345, 0.0324256772455635),
        (0.1, 3.5, 0.5, 7, 0.044721359549995794),
        (0.3, 0.1, 0.25, 1, 0.09463263027037715),
        (0.001, 1e12, 1.0, 10_000_000_000_000, 9.900990099009901e-06),
        (0.2, 1e-9, 0.5, 1, 2.0000000000000003e-10),
        (0.7, TWO_64, 0.75, u64::MAX, 0.41622249025095237),
        (0.045, 5000.0, 0.5, (1 << 53) + 2, 2.4980018054066016e-14),
        (2.0, 1.0 / 3.0, 0.123, 1_000_000_000_000_000_000, 5.6971567280040556e-05),
    ] {
        let rate = Schedule::eden(initial, time_scale, power).unwrap().at(step);
        assert!((rate - expected).abs() <= 4e-16 * expected, "{rate:e}, not {expected:e}");
    }
}

/// The names of all variants, which serde lists where it is given none of them.
fn variants<T: DeserializeOwned>(unknown: Value) -> Vec<String> {
    let error = serde_json::from_value::<T>(unknown).err().unwrap().to_string();
    let (_, listed) = error.split_once("expected one of ").unwrap();
    listed.split('`').skip(1).step_by(2).map(String::from).collect()
}

/// All keys and texts.
fn words(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            found.insert(key.clone());
            words(value, found);
        }),
        Value::Array(values) => values.iter().for_each(|value| words(value, found)),
        Value::String(text) => {
            found.insert(text.clone());
        }
        _ => {}
    }
}

#[test]
fn the_fixture_has_every_node_and_shape() {
    let cases: Vec<Case> = read("accuracy.json");
    let mut found = BTreeSet::new();
    cases.iter().for_each(|case| words(&serde_json::to_value(&case.schedule).unwrap(), &mut found));
    let (nodes, shapes) = (variants::<Node>(json!({"?": 0})), variants::<Shape>(json!("?")));
    assert!(nodes.len() > 15 && shapes.len() > 10, "{nodes:?} {shapes:?}");
    for name in nodes.into_iter().chain(shapes).chain(variants::<Beyond>(json!("?"))) {
        assert!(found.contains(&name), "add `{name}` to tests/reference/accuracy.py, and run it");
    }
}

#[test]
#[ignore = "prints what tests/reference/accuracy.py reads"]
fn named_constructors_as_json() {
    println!("\n{}", serde_json::to_string(&named().unwrap()).unwrap());
}
