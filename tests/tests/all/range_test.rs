//! Proves that a range test records and suggests what fastai's definitions say, and the laws of both: never a panic, rates
//! that are the schedule's, suggestions inside the tested range, and data that survives a file.
//!
//! `tests/reference/range_test.py` makes the numbers.

use std::ops::ControlFlow;

use proptest::prelude::*;
use sched_core::{Growth, NoSuggestion, RangeCurve, RangeEnd, RangeTest, ScheduleError, Suggestion};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Case {
    name: String,
    test: RangeTest,
    /// `None` is what JSON cannot hold.
    losses: Vec<Option<f64>>,
    end: RangeEnd,
    lr: Vec<f64>,
    smoothed: Vec<f64>,
    suggestions: Expected,
}

#[derive(Deserialize)]
struct Expected {
    steepest: Reading,
    valley: Reading,
    minimum: Reading,
}

/// A rate and its step, or the name of the reason.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Reading {
    Some(f64, u64),
    None(String),
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/range_test.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn record(test: RangeTest, losses: impl IntoIterator<Item = f64>) -> RangeCurve {
    let mut recorder = test.start().unwrap();
    for loss in losses {
        let _ = recorder.record(loss);
    }
    recorder.finish()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs()
}

fn assert_reading(suggestion: &Result<Suggestion, NoSuggestion>, expected: &Reading, what: &str) {
    match (suggestion, expected) {
        (Ok(suggestion), Reading::Some(lr, step)) => {
            assert!(near(suggestion.lr, *lr) && suggestion.step == *step, "{what}: {suggestion:?}, not {expected:?}");
        }
        (Err(none), Reading::None(reason)) => {
            let none = serde_json::to_value(none).unwrap();
            let name =
                none.as_str().map_or_else(|| none.as_object().unwrap().keys().next().unwrap().clone(), str::to_owned);
            assert_eq!(&name, reason, "{what}");
        }
        _ => panic!("{what}: {suggestion:?}, not {expected:?}"),
    }
}

#[test]
fn curves_and_suggestions_are_those_of_the_reference() {
    let cases = cases();
    assert!(cases.len() >= 13);
    for case in cases {
        let curve = record(case.test, case.losses.iter().map(|loss| loss.unwrap_or(f64::NAN)));
        assert_eq!(curve.end(), case.end, "{}", case.name);
        assert_eq!(curve.points().len(), case.lr.len(), "{}", case.name);
        for (point, (lr, smoothed)) in curve.points().iter().zip(case.lr.iter().zip(&case.smoothed)) {
            assert!(near(point.lr, *lr), "{}: {point:?}, not {lr}", case.name);
            assert!(near(point.smoothed, *smoothed), "{}: {point:?}, not {smoothed}", case.name);
        }
        let suggestions = curve.suggestions();
        assert_reading(&suggestions.steepest, &case.suggestions.steepest, &format!("{}, steepest", case.name));
        assert_reading(&suggestions.valley, &case.suggestions.valley, &format!("{}, valley", case.name));
        assert_reading(&suggestions.minimum, &case.suggestions.minimum, &format!("{}, minimum", case.name));
    }
}

#[test]
fn defaults_are_those_of_fastai() {
    assert_eq!(
        serde_json::to_value(RangeTest::new(1e-7, 10.0, 100)).unwrap(),
        json!({ "min_lr": 1e-7, "max_lr": 10.0, "steps": 100, "growth": "exponential", "beta": 0.98, "diverge_factor": 4.0 })
    );
    let short = json!({ "min_lr": 1e-7, "max_lr": 10.0, "steps": 100 });
    assert_eq!(serde_json::from_value::<RangeTest>(short).unwrap(), RangeTest::new(1e-7, 10.0, 100));
}

#[test]
fn the_rates_end_exactly_where_they_should() {
    for growth in [Growth::Exponential, Growth::Linear] {
        let schedule = RangeTest::new(3e-7, 0.7, 100).growth(growth).schedule().unwrap();
        assert_eq!([0, 99, 100, u64::MAX].map(|step| schedule.at(step)), [3e-7, 0.7, 0.7, 0.7]);
    }
    let schedule = RangeTest::new(0.1, 0.5, 5).growth(Growth::Linear).schedule().unwrap();
    assert!(near(schedule.at(1), 0.2) && near(schedule.at(3), 0.4));
}

#[test]
fn what_makes_no_test_is_refused_by_name() {
    let good = RangeTest::new(1e-5, 1.0, 10);
    let field = |test: RangeTest| match test.start().unwrap_err() {
        ScheduleError::NotFinite { field, .. }
        | ScheduleError::OutOfRange { field, .. }
        | ScheduleError::StepsOutOfRange { field, .. } => field,
        error => panic!("{error}"),
    };
    assert_eq!(field(RangeTest::new(0.0, 1.0, 10)), "min_lr");
    assert_eq!(field(RangeTest::new(f64::NAN, 1.0, 10)), "min_lr");
    assert_eq!(field(RangeTest::new(0.1, 0.1, 10)), "max_lr");
    assert_eq!(field(RangeTest::new(0.1, f64::INFINITY, 10)), "max_lr");
    assert_eq!(field(RangeTest::new(0.1, 1.0, 1)), "steps");
    assert_eq!(field(good.beta(1.0)), "beta");
    assert_eq!(field(good.beta(-0.1)), "beta");
    assert_eq!(field(good.diverge_factor(1.0)), "diverge_factor");
    assert_eq!(field(good.diverge_factor(f64::INFINITY)), "diverge_factor");
    let error = serde_json::from_str::<RangeTest>(r#"{"min_lr": 1, "max_lr": 0.5, "steps": 9}"#).unwrap_err();
    assert!(error.to_string().starts_with("`max_lr` is 0.5, but must be greater than `min_lr`"), "{error}");
}

#[test]
fn it_stops_just_past_the_factor_and_takes_nothing_in_after_that() {
    let test = RangeTest::new(1e-5, 1.0, 10).beta(0.0).diverge_factor(1.5);
    let mut recorder = test.start().unwrap();
    for loss in [4.0, 2.0, 3.0] {
        assert_eq!(recorder.record(loss), ControlFlow::Continue(()));
    }
    assert_eq!(recorder.record(3.0_f64.next_up()), ControlFlow::Break(RangeEnd::Diverged));
    assert_eq!(recorder.next_lr(), None);
    assert_eq!(recorder.record(1.0), ControlFlow::Break(RangeEnd::Diverged));
    assert_eq!(recorder.points().len(), 4);

    // A negative loss that gets worse by half of its size.
    let mut recorder = test.start().unwrap();
    assert_eq!(recorder.record(-2.0), ControlFlow::Continue(()));
    assert_eq!(recorder.record(-1.0), ControlFlow::Continue(()));
    assert_eq!(recorder.record(-0.99), ControlFlow::Break(RangeEnd::Diverged));
}

#[test]
fn without_a_factor_only_a_loss_that_is_not_finite_stops_it() {
    let test = RangeTest::new(1e-5, 1.0, 10).beta(0.0).never_diverge();
    let losses = [1.0, 1e9, 1.0, f64::INFINITY, 1.0];
    let curve = record(test, losses);
    assert_eq!((curve.end(), curve.points().len()), (RangeEnd::NotFinite, 3));
    assert_eq!(record(test, [1.0; 10]).end(), RangeEnd::Completed);
    assert_eq!(record(test, [1.0; 9]).end(), RangeEnd::Interrupted);
}

#[test]
fn equal_losses_have_exactly_that_mean_so_they_never_fall() {
    let curve = record(RangeTest::new(1e-5, 1.0, 100), [0.1; 100]);
    assert!(curve.points().iter().all(|point| point.smoothed == 0.1));
    assert_eq!(curve.suggest_steepest(), Err(NoSuggestion::NeverFell));
}

/// Eight losses, of which the first three are looked at: they fall.
fn small() -> RangeCurve {
    let losses = [1.0, 0.9, 0.5, 0.4, 0.6, 0.7, 0.8, 0.9];
    record(RangeTest::new(1e-4, 0.1, 8).beta(0.0), losses)
}

#[test]
fn it_is_said_in_words() {
    // 1e-4 x 1000^(t / 7) is 2.683e-4 at 1 and 7.197e-4 at 2; the fall of 0.4 is over 3 / 7 of a decade.
    assert_eq!(
        small().to_string(),
        "range test, exponential 1e-4 to 0.1 over 8 steps: completed\n  \
         steepest: 2.68e-4 (the loss falls fastest there, by 0.933 per tenfold rate)\n  \
         valley: 1e-4 (it is in the middle of the longest valley, 3 ever lower losses up to lr 7.2e-4)\n  \
         minimum: none, because it would be 7.2e-5, but must be at least `min_lr`, 1e-4; test lower rates"
    );
    let none = record(RangeTest::new(1e-4, 0.1, 8), [f64::NAN]);
    assert!(
        none.to_string().starts_with("range test, exponential 1e-4 to 0.1 over 8 steps: loss not finite at step 0\n")
    );
    assert!(none.to_string().contains("minimum: none, because there are 0 points, but 7 are needed"), "{none}");
}

#[test]
fn a_curve_that_does_not_follow_from_its_test_is_refused() {
    let curve = serde_json::to_value(small()).unwrap();
    assert_eq!(serde_json::from_value::<RangeCurve>(curve.clone()).unwrap(), small());
    let edits: [(&str, Value, &str); 8] = [
        ("/points/3/lr", json!(0.5), "`lr` must be the rate"),
        ("/points/3/step", json!(4), "`step` must count from 0"),
        ("/points/3/smoothed", json!(0.5), "`smoothed` must be the losses' running mean"),
        ("/points/3/loss", json!(0.5), "`smoothed` must be the losses' running mean"),
        ("/points/2/loss", json!(1e-3), "`smoothed` must be"),
        ("/test/max_lr", json!(0.2), "`lr` must be the rate"),
        ("/test/steps", json!(1), "`steps` is 1, but must be at least 2"),
        ("/end", json!("diverged"), "`end` must be how the test ends"),
    ];
    for (path, value, message) in edits {
        let mut edited = curve.clone();
        *edited.pointer_mut(path).unwrap() = value;
        let error = serde_json::from_value::<RangeCurve>(edited).unwrap_err().to_string();
        assert!(error.contains(message), "{path}: {error}");
    }
    let mut longer = curve;
    let points = longer["points"].as_array_mut().unwrap();
    points.push(points[0].clone());
    let error = serde_json::from_value::<RangeCurve>(longer).unwrap_err().to_string();
    assert!(error.contains("`points` must stop where the test does"), "{error}");
}

/// Losses, with those that arithmetic likes least.
fn loss() -> impl Strategy<Value = f64> {
    prop_oneof![
        20 => 0.0..3.0_f64,
        2 => -3.0..0.0_f64,
        1 => prop::sample::select(vec![0.0, -0.0, 1e-300, 5e-324, 1e300, f64::MAX, f64::MIN, f64::NAN, f64::INFINITY]),
    ]
}

fn range_test() -> impl Strategy<Value = RangeTest> {
    let ends = prop_oneof![
        8 => (-9.0..1.0_f64, 0.1..9.0_f64).prop_map(|(low, width)| (10_f64.powf(low), 10_f64.powf(low + width))),
        1 => prop::sample::select(vec![(5e-324, f64::MAX), (1.0, 1.0_f64.next_up()), (1e-300, 1e-299), (5e-324, 1e-323)]),
    ];
    let beta = prop_oneof![Just(0.0), 0.0..1.0_f64, Just(1.0_f64.next_down())];
    (ends, 2..300_u64, any::<bool>(), beta, prop::option::of(1.001..1e3_f64)).prop_map(
        |((min_lr, max_lr), steps, linear, beta, factor)| {
            let growth = if linear { Growth::Linear } else { Growth::Exponential };
            let test = RangeTest::new(min_lr, max_lr, steps).growth(growth).beta(beta);
            match factor {
                Some(factor) => test.diverge_factor(factor),
                None => test.never_diverge(),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn suggestions_lie_in_the_tested_range(test in range_test(), losses in prop::collection::vec(loss(), 0..300)) {
        let curve = record(test, losses);
        let schedule = test.schedule().unwrap();
        let (min_lr, max_lr) = (schedule.at(0), schedule.at(test.steps() - 1));
        for (step, point) in (0..).zip(curve.points()) {
            prop_assert_eq!((point.step, point.lr), (step, schedule.at(step)));
            prop_assert!(point.loss.is_finite() && point.smoothed.is_finite());
        }
        for (name, suggestion) in curve.suggestions().named() {
            if let Ok(suggestion) = suggestion {
                prop_assert!((min_lr..=max_lr).contains(&suggestion.lr), "{}: {:?}", name, suggestion);
                prop_assert!(suggestion.step < curve.points().len() as u64);
            }
        }
        prop_assert!(!curve.to_string().is_empty());
    }

    #[test]
    fn curves_survive_a_file(test in range_test(), losses in prop::collection::vec(loss(), 0..300)) {
        let curve = record(test, losses);
        let json = serde_json::to_string(&curve).unwrap();
        prop_assert_eq!(&serde_json::from_str::<RangeCurve>(&json).unwrap(), &curve);
        let bytes = rmp_serde::to_vec(&curve).unwrap();
        prop_assert_eq!(&rmp_serde::from_slice::<RangeCurve>(&bytes).unwrap(), &curve);
    }

    #[test]
    fn the_smoothed_loss_stays_among_the_losses(test in range_test(), losses in prop::collection::vec(0.1..3.0_f64, 1..100)) {
        let curve = record(test.never_diverge(), losses.clone());
        let lowest = losses.iter().copied().fold(f64::MAX, f64::min);
        let highest = losses.iter().copied().fold(0.0, f64::max);
        for point in curve.points() {
            let slack = 1e-12;
            prop_assert!((lowest - slack..=highest + slack).contains(&point.smoothed), "{:?}", point);
        }
    }
}
