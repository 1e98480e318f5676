//! `sched diff`.

use serde_json::Value;

use crate::common::{Folder, STEP_LR};

const LINE: &str = r#"{"ramp": {"from": 1, "to": 0, "steps": 100}}"#;
/// The same up to step 50, where the line is at 0.5, and then 0.5.
const HELD: &str = r#"{"sequence": [{"for": 50, "schedule": {"ramp": {"from": 1, "to": 0, "steps": 100}}}, {"schedule": {"constant": 0.5}}]}"#;
const MOMENTUM: &str = r#"{"schedule": {"ramp": {"from": 1, "to": 0, "steps": 100}}, "momentum": {"constant": 0.9}}"#;

#[test]
fn the_first_and_the_largest_difference_are_told_and_drawn() {
    let folder = Folder::with([("a.json", LINE), ("b.json", HELD)]);
    let output = folder.sched("diff a.json b.json --steps 100").assert().code(1).get_output().stdout.clone();
    let text = String::from_utf8(output).unwrap();
    // The line is 1 - t / 100.
    assert!(
        text.starts_with(
            "first difference in the rate: at step 51, 0.49 in a.json and 0.5 in b.json (x 1.02041)\n\
             largest difference in the rate: at step 99, 0.01 in a.json and 0.5 in b.json (x 50)\n"
        ),
        "{text}"
    );
    for sentence in ["a a: linear 1 -> 0 over 100", "then 0.5", "│"] {
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
    let json = folder.sched("diff a.json b.json --steps 100 --json").assert().code(1).get_output().stdout.clone();
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["differences"][0]["first"]["step"], 51);
    assert_eq!(json["differences"][0]["largest"], serde_json::json!({"step": 99, "a": 0.01, "b": 0.5}));
}

#[test]
fn equal_schedules_differ_in_nothing() {
    let folder = Folder::with([("a.json", LINE), ("b.json", HELD), ("step.toml", STEP_LR), ("m.json", MOMENTUM)]);
    assert!(
        folder.stdout("diff a.json a.json").starts_with("a.json and a.json have the same values at all of 101 steps\n")
    );
    folder.stdout("diff a.json b.json --steps 51");
    folder.stdout("diff a.json b.json --steps 52 --tolerance 0.03");
    folder.stdout("diff step.toml step.toml --steps-per-epoch 2 --epochs 90");
    assert!(folder.refusal("diff a.json step.toml --steps-per-epoch 2").contains("they have 1 and 2 parameter groups"));
    let json = folder.sched("diff a.json m.json --json --steps 10").assert().code(1).get_output().stdout.clone();
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["differences"][0]["quantity"], "momentum");
    assert_eq!(json["differences"][0]["first"]["b"], 0.9);
}
