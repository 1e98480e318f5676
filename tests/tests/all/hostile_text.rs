//! Text of a file in error messages: at most a line or a few of it, and nothing that a terminal would obey.

use std::fmt::Display;

use sched_core::{
    Duration, Feedback, OnMismatch, Plan, RangeCurve, RangeTest, Rule, Schedule, Scheduler, SchedulerState, Seen, Value,
};
use sched_dialects::Dialect;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

/// What a terminal obeys, at the beginning and at the end of a megabyte.
fn hostile() -> String {
    let controls = "\u{1b}[2J\r\n\0\u{7f}\u{9b}31m\u{202e}\u{2066}\u{2028}\u{200b}";
    format!("{controls}{}{controls}", "A".repeat(1 << 20))
}

/// A short text is not cut, so it must be escaped.
const SHORT: &str = "x\u{1b}[2J\u{202e}";

#[track_caller]
fn assert_safe(error: impl Display, most: usize) {
    let message = error.to_string();
    let start: String = message.chars().take(2000).collect();
    let obeyed =
        message.chars().find(|&c| c != '\u{301}' && c.escape_debug().len() > 1 && !matches!(c, '"' | '\'' | '\\'));
    assert_eq!(obeyed, None, "{start:?}");
    let run = message.split(|c| c != 'A').map(str::len).max().unwrap_or(0);
    assert!(run <= most && message.len() < 2000, "{run} characters of the text, {} in all: {start}", message.len());
}

/// A line of a value, or some lines of what a derived reader says.
const LINE: usize = 80;
const LINES: usize = 600;

/// Reads JSON that should be refused, from its text and, which has other errors, from a value.
#[track_caller]
fn refused<T: DeserializeOwned>(json: &Json) {
    let Err(error) = serde_json::from_str::<T>(&json.to_string()) else { panic!("{json:.100} is accepted") };
    assert_safe(error, LINES);
    let Err(error) = rmp_serde::from_slice::<T>(&rmp_serde::to_vec_named(json).unwrap()) else { panic!("accepted") };
    assert_safe(error, LINES);
    let value = Value::deserialize(json).unwrap();
    let Err(error) = T::deserialize(&value) else { panic!("accepted") };
    assert_safe(error, LINES);
    assert_safe(value, LINE);
}

/// The JSON with `"?"` replaced, wherever it stands, by a hostile text.
fn with(text: &str, json: &Json) -> Json {
    match json {
        Json::String(place) if place == "?" => text.into(),
        Json::Array(values) => values.iter().map(|value| with(text, value)).collect(),
        Json::Object(entries) => entries
            .iter()
            .map(|(name, value)| (if name == "?" { text.to_owned() } else { name.clone() }, with(text, value)))
            .collect(),
        other => other.clone(),
    }
}

fn state() -> Json {
    let mut scheduler = Scheduler::new(Schedule::constant(0.1).unwrap());
    scheduler.step();
    serde_json::to_value(scheduler.state()).unwrap()
}

#[test]
fn what_is_no_schedule() {
    for text in [&hostile(), SHORT] {
        for json in [
            json!("?"),
            json!({"?": 1}),
            json!({"constant": "?"}),
            json!({"ramp": {"from": "?", "to": 0, "steps": 1}}),
            json!({"ramp": {"from": 1, "to": 0, "steps": "?"}}),
            json!({"ramp": {"from": 1, "to": 0, "steps": 1, "?": 1}}),
            json!({"ramp": {"from": 1, "to": 0, "steps": 1, "shape": "?"}}),
            json!({"ramp": {"from": 1, "to": 0, "steps": 1, "shape": {"?": 1}}}),
            json!({"ramp": {"from": 1, "to": 0, "steps": 1, "beyond": "?"}}),
            json!({"sequence": [{"start": 0, "schedule": {"min": [{"constant": 1}, {"?": 1}]}}]}),
            json!({"repeat": {"of": {"constant": 1}, "period": 3, "limit": "?"}}),
        ] {
            refused::<Schedule>(&with(text, &json));
        }
    }
}

#[test]
fn what_is_no_rule_plan_test_or_curve() {
    for text in [&hostile(), SHORT] {
        for json in [
            json!({"?": {}}),
            json!({"plateau": "?"}),
            json!({"plateau": {"?": 1}}),
            json!({"plateau": {"mode": "?"}}),
            json!({"plateau": {"factor": "?"}}),
            json!({"plateau": {"rules": {"?": 1}}}),
            json!({"greedy": {"?": 1}}),
            json!({"greedy": {"window": "?"}}),
            json!({"custom": {"?": 1}}),
            json!({"custom": {"name": "?", "memory": [], "multiplier": -1, "observations": 0}}),
        ] {
            refused::<Feedback>(&with(text, &json));
        }
        refused::<Plan>(&with(text, &json!({"?": 1})));
        refused::<Plan>(&with(text, &json!({"epochs": "?"})));
        refused::<RangeTest>(&with(text, &json!({"?": 1})));
        refused::<RangeCurve>(&with(text, &json!({"?": 1})));
        refused::<Duration>(&with(text, &json!("?")));
        assert_safe(text.parse::<Duration>().unwrap_err(), LINE);
    }
}

#[test]
fn what_is_no_state() {
    let edited = |field: &str, value: Json| {
        let mut state = state();
        state[field] = value;
        state
    };
    for text in [&hostile(), SHORT] {
        for (field, value) in [
            ("kind", json!("?")),
            ("version", json!("?")),
            ("position", json!("?")),
            ("schedule", json!({"?": 1})),
            ("feedback", json!({"plateau": {"?": 1}})),
            ("checksum", json!("?")),
            ("?", json!(1)),
        ] {
            refused::<SchedulerState>(&with(text, &edited(field, value)));
        }
        let mut foreign: SchedulerState = serde_json::from_value(state()).unwrap();
        foreign.kind = text.into();
        assert_safe(foreign.verify().unwrap_err(), LINE);
    }
}

struct Named(String);

impl Rule for Named {
    fn name(&self) -> &str {
        &self.0
    }

    fn observe(&self, seen: &Seen, _: &mut [f64]) -> f64 {
        if seen.metric > 0.0 { -1.0 } else { 1.0 }
    }
}

#[test]
fn the_name_of_a_rule() {
    let scheduler = || Scheduler::new(Schedule::constant(0.1).unwrap());
    for text in [&hostile(), SHORT] {
        let saved = scheduler().with_rule(Named(text.into())).unwrap().state();
        assert_safe(saved.feedback.as_ref().unwrap(), LINE);
        let error = scheduler().load_state(&saved, OnMismatch::Refuse).unwrap_err();
        assert_safe(error, LINE);
        let error = Scheduler::from_state(&saved).unwrap().observe(1.0).unwrap_err();
        assert_safe(error, LINE);
        let error = scheduler().with_rule(Named(text.into())).unwrap().observe(1.0).unwrap_err();
        assert_safe(error, LINE);
    }
}

/// Not a hostile text, but a message of megabytes all the same.
#[test]
fn a_difference_far_down_in_long_schedules() {
    let steps = |last: f64| {
        let milestones: Vec<_> = (1..100_000_u64).map(|step| (step, 0.5)).chain([(100_000, last)]).collect();
        Scheduler::new(Schedule::piecewise_constant(1.0, &milestones).unwrap())
    };
    let error = steps(0.125).load_state(&steps(0.25).state(), OnMismatch::Refuse).unwrap_err();
    assert_safe(&error, 0);
    let message = error.to_string();
    assert!(message.contains("0.25") && message.contains("0.125"), "{message}");
}

#[test]
fn units() {
    let plan = Plan::new().steps_per_epoch(10);
    for text in [&hostile(), SHORT] {
        for (json, most) in [
            (json!({"ramp": {"from": 1, "to": 0, "steps": "?"}}), LINE),
            (json!({"?": {"steps": "5 apples"}}), LINES),
            (json!({"?": {"steps": "5 samples"}}), LINES),
            (json!({"every": {"n": 2, "of": {"?": {"steps": "?"}}}}), LINES),
            (json!({"?": {"sequence": [{"start": 0}, {"for": 1}]}}), LINES),
            (json!({"?": {"sequence": [{"for": "?"}]}}), LINES),
            (json!({"?": 1}), LINES),
            (json!({"constant": "?"}), LINES),
        ] {
            let file = Value::deserialize(with(text, &json)).unwrap();
            assert_safe(plan.schedule(&file).unwrap_err(), most);
        }
        let params = Value::deserialize(with(text, &json!({"?": "5 samples"}))).unwrap();
        assert_safe(plan.resolve_params(&params).unwrap_err(), LINES);
    }
}

#[test]
fn another_librarys_scheduler() {
    for text in [&hostile(), SHORT] {
        let refusal = |library: &str, kind: &str, params: Json| {
            let params = Value::deserialize(with(text, &params)).unwrap();
            assert_safe(Dialect::new(library, kind, params).unwrap_err(), LINE);
        };
        refusal(text, "StepLR", json!({}));
        refusal("torch", text, json!({}));
        refusal("torch", "StepLR", json!("?"));
        refusal("torch", "StepLR", json!({"?": 1}));
        refusal("torch", "StepLR", json!({"optimizer_lr": 0.1, "step_size": "?"}));
        refusal("torch", "StepLR", json!({"optimizer_lr": 0.1, "step_size": ["?", "?"]}));
        refusal("torch", "ReduceLROnPlateau", json!({"optimizer_lr": 0.1, "mode": "?"}));
        refusal("torch", "LambdaLR", json!({"optimizer_lr": 0.1, "lr_lambda": "?"}));
        refusal("torch", "ChainedScheduler", json!({"optimizer_lr": 0.1, "schedulers": [{"kind": "?", "params": {}}]}));
        let twice = |name: &String| (name.clone(), Value::Int(1));
        let params = Value::Map([text.to_owned(), text.to_owned()].iter().map(twice).collect());
        assert_safe(Dialect::new("torch", "StepLR", params).unwrap_err(), LINE);
        for json in [
            json!({"library": "?", "kind": "StepLR", "params": {}}),
            json!({"library": "torch", "kind": "?", "params": {}}),
            json!({"library": "torch", "kind": "StepLR", "params": {"?": 1}}),
            json!({"library": "torch", "kind": "StepLR", "params": {}, "?": 1}),
            json!({"library": {"?": 1}}),
        ] {
            refused::<Dialect>(&with(text, &json));
        }
    }
}
