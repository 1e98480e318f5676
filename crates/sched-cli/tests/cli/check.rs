//! `sched check`.

use serde_json::Value;

use crate::common::{COSINE, Folder};

/// The kinds of the findings that are no notes, and the whole text.
fn check(schedule: &str, args: &str) -> (Vec<String>, String) {
    let folder = Folder::with([("x.json", schedule)]);
    let text = |args: &str| {
        let output = folder.sched(args).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, json) = text(&format!("check x.json {args} --json"));
    let findings: Vec<Value> = serde_json::from_str(&json).unwrap();
    let problems = findings.iter().filter(|finding| finding["severity"] == "problem");
    let kinds: Vec<_> = problems.map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect();
    let (same_code, text) = text(&format!("check x.json {args}"));
    let expected = if kinds.is_empty() { 0 } else { 1 };
    assert_eq!((code, same_code), (Some(expected), Some(expected)), "{text}");
    (kinds, text)
}

const MILESTONES: &str =
    r#"{"steps": {"initial": 0.1, "milestones": [{"step": 30, "value": 0.01}, {"step": 60, "value": 0.001}]}}"#;

#[test]
fn good_schedules_have_no_findings() {
    for (schedule, args) in [
        (COSINE, ""),
        (COSINE, "--steps 9001"),
        (MILESTONES, "--steps 90"),
        (r#"{"constant": 0.1}"#, "--steps 100"),
        (r#"{"ramp": {"from": 0.1, "to": 0, "steps": 90, "shape": "cosine", "beyond": "mirror"}}"#, "--steps 90"),
        // A plateau for most of the run, then a decay.
        (
            r#"{"sequence": [
                {"for": 5, "schedule": {"ramp": {"from": 0, "to": 0.1, "steps": 5}}},
                {"for": 85, "schedule": {"constant": 0.1}},
                {"schedule": {"ramp": {"from": 0.1, "to": 0, "steps": 10}}}
            ]}"#,
            "--steps 100",
        ),
        // Warmup to a constant.
        (
            r#"{"sequence": [
                {"for": 5, "schedule": {"ramp": {"from": 0, "to": 0.1, "steps": 5}}},
                {"schedule": {"constant": 0.1}}
            ]}"#,
            "--steps 100",
        ),
        // Warm restarts rise on purpose.
        (
            r#"{"sequence": [
                {"for": 50, "schedule": {"ramp": {"from": 0.1, "to": 0, "steps": 50}}},
                {"schedule": {"ramp": {"from": 0.1, "to": 0, "steps": 50}}}
            ]}"#,
            "--steps 100",
        ),
        // Levels jump on purpose.
        (
            r#"{"sequence": [{"for": 50, "schedule": {"constant": 0.1}}, {"schedule": {"constant": 0.01}}]}"#,
            "--steps 100",
        ),
        // The first step of a warmup of one.
        (
            r#"{"sequence": [
                {"for": 1, "schedule": {"ramp": {"from": 0, "to": 0.1, "steps": 1}}},
                {"schedule": {"ramp": {"from": 0.1, "to": 0, "steps": 99}}}
            ]}"#,
            "--steps 100",
        ),
    ] {
        let (kinds, text) = check(schedule, args);
        assert!(kinds.is_empty(), "{schedule} {args}: {text}");
    }
}

#[test]
fn each_finding_has_its_step_values_and_fix() {
    let mut said = String::new();
    for (schedule, args, expected) in [
        (MILESTONES, "--steps 9000", &["schedule-too-short"][..]),
        (MILESTONES, "--steps 9000 --steps-per-epoch 150", &["schedule-too-short"]),
        (MILESTONES, "--steps 50", &["schedule-too-long"]),
        (COSINE, "--steps 12000", &["schedule-too-short"]),
        (COSINE, "--steps 300", &["warmup-too-long", "schedule-too-long"]),
        (
            r#"{"ramp": {"from": 0.1, "to": 0, "steps": 90, "shape": "cosine", "beyond": "mirror"}}"#,
            "--steps 120",
            &["rises-again"],
        ),
        (
            r#"{"sequence": [
                {"for": 100, "schedule": {"ramp": {"from": 0, "to": 0.001, "steps": 100}}},
                {"schedule": {"ramp": {"from": 0.01, "to": 0, "steps": 900, "shape": "cosine"}}}
            ]}"#,
            "--steps 1000",
            &["jump"],
        ),
        (r#"{"exponential": {"initial": 0.1, "gamma": 0.95, "decay_steps": 1}}"#, "--steps 9000", &["nearly-zero"]),
        (r#"{"constant": 0}"#, "--steps 10", &["nearly-zero"]),
        (
            r#"{"every": {"n": 30, "of": {"exponential": {"initial": 0.1, "gamma": 0.1, "decay_steps": 1}}}}"#,
            "--steps 20",
            &["never-changes"],
        ),
        (r#"{"constant": 10}"#, "--steps 10", &["high-peak"]),
        (r#"{"constant": 10}"#, "--steps 10 --peak 10", &[]),
        (
            r#"{"schedule": {"constant": 0.1}, "feedback": {"plateau": {"rules": {
                "better": {"mode": "min", "threshold": 1e-4, "threshold_mode": "relative"},
                "factor": 0.1, "patience": 10, "cooldown": 0, "min_lr": 0, "eps": 1e-8}}}}"#,
            "--steps 1000 --steps-per-epoch 100",
            &["patience-too-long"],
        ),
    ] {
        let (kinds, text) = check(schedule, args);
        assert_eq!(kinds, expected, "{schedule} {args}: {text}");
        said += &text;
    }
    insta::assert_snapshot!(said);
}

#[test]
fn the_length_of_the_run_must_be_known() {
    let folder = Folder::with([("x.json", r#"{"constant": 1}"#)]);
    assert!(folder.refusal("check x.json").contains("x.json: the length of the run is unknown"));
    assert!(folder.refusal("check x.json --steps 0").contains("must be 1 or more"));
}
