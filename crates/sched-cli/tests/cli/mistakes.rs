//! `sched check` on the mistakes that people make, and on what only looks like one.
//!
//! `mistakes.json` is the table: a file, the run, the kinds of the findings, and a part of the fix. Every fix is applied, and
//! then the next check is quiet.

use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::common::Folder;

#[derive(Deserialize)]
struct Case {
    about: String,
    file: Value,
    run: String,
    finding: Vec<String>,
    fix: String,
}

#[derive(Deserialize)]
struct Finding {
    kind: String,
    severity: String,
    message: String,
    fix: String,
    edits: Vec<Edit>,
    options: Option<String>,
}

#[derive(Deserialize)]
struct Edit {
    path: String,
    value: Value,
}

fn check(folder: &Folder, file: &Value, run: &str) -> Vec<Finding> {
    fs::write(folder.path("x.json"), file.to_string()).unwrap();
    let output = folder.sched(&format!("check x.json --json {run}")).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let findings: Vec<Finding> =
        serde_json::from_str(&said).unwrap_or_else(|_| panic!("{file}: {}", String::from_utf8_lossy(&output.stderr)));
    let has_problem = findings.iter().any(|finding| finding.severity == "problem");
    assert_eq!(output.status.code(), Some(i32::from(has_problem)), "{file}: {said}");
    findings
}

/// Replaces, or adds, what stands at a path such as `params.milestones[0]`.
fn set(file: &mut Value, path: &str, value: Value) {
    let pointer = path.replace('[', ".").replace(']', "").replace('.', "/");
    let (parent, name) = pointer.rsplit_once('/').unwrap_or(("", &pointer));
    let parent = if parent.is_empty() { String::new() } else { format!("/{parent}") };
    match file.pointer_mut(&parent) {
        Some(Value::Object(map)) => drop(map.insert(name.to_owned(), value)),
        Some(Value::Array(list)) => list[name.parse::<usize>().unwrap()] = value,
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn every_mistake_is_found_and_its_fix_makes_the_next_check_quiet() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("mistakes.json")).unwrap();
    let folder = Folder::with([]);
    let mut wrong = Vec::new();
    for Case { about, mut file, mut run, finding, fix } in cases {
        let mut findings = check(&folder, &file, &run);
        let kinds: Vec<_> = findings.iter().map(|finding| finding.kind.clone()).collect();
        if kinds != finding || (!findings.is_empty() && !findings.iter().any(|finding| finding.fix.contains(&fix))) {
            let said: Vec<_> = findings.iter().map(|finding| format!("{}: {}", finding.message, finding.fix)).collect();
            wrong.push(format!("{about}: {kinds:?} {said:#?}"));
            continue;
        }
        // One fix may mend several findings, so there are at most as many to apply.
        for _ in 0..kinds.len() {
            let Some(first) = findings.first() else { break };
            match &first.options {
                Some(options) => run = format!("{run} {options}"),
                None => first.edits.iter().for_each(|edit| set(&mut file, &edit.path, edit.value.clone())),
            }
            findings = check(&folder, &file, &run);
        }
        if let Some(left) = findings.first() {
            wrong.push(format!("{about}: after the fix, {}: {}", left.kind, left.message));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn several_files_share_a_plan() {
    let cosine = |steps: u64| {
        format!(
            r#"{{"library": "torch", "kind": "CosineAnnealingLR", "params": {{"optimizer_lr": 0.1, "T_max": {steps}}}}}"#
        )
    };
    let (right, long) = (cosine(1_000), cosine(4_000));
    let plan = r#"{"epochs": 10, "steps_per_epoch": 100, "accumulation": 2, "devices": 2}"#;
    let folder = Folder::with([("right.json", right.as_str()), ("long.json", long.as_str()), ("plan.json", plan)]);
    let output = folder.sched("check right.json long.json --plan plan.json").assert().code(1).get_output().clone();
    let (said, fine) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(said.starts_with("long.json: schedule too long at step 999"), "{said}");
    assert!(said.contains("the batches of 2 devices with 2 per update"), "{said}");
    assert!(said.contains("set `params.T_max` to 1000 (now 4000)"), "{said}");
    assert!(fine.contains("right.json: no problems found for a run of 1000 steps"), "{fine}");
    let json = folder.sched("check right.json long.json --plan plan.json --json").output().unwrap().stdout;
    let findings: Vec<Value> = serde_json::from_slice(&json).unwrap();
    assert_eq!((findings.len(), &findings[0]["file"]), (1, &Value::from("long.json")));
}

#[test]
fn what_is_intended_can_be_allowed() {
    let folder = Folder::with([("x.json", r#"{"constant": 10}"#)]);
    folder.sched("check x.json --steps 10 --allow high-peak,jump").assert().success();
    folder.sched("check x.json --steps 10 --allow jump").assert().code(1);
    assert!(folder.refusal("check x.json --steps 10 --allow hihg-peak").contains("high-peak"));
}

#[test]
fn the_peak_that_is_proposed_is_enough() {
    let folder = Folder::with([("x.json", r#"{"product": [{"constant": 3.3333333}, {"constant": 3}]}"#)]);
    let said = String::from_utf8(folder.sched("check x.json --steps 10").output().unwrap().stdout).unwrap();
    let (_, option) = said.split_once("pass `").unwrap();
    let option = option.split('`').next().unwrap();
    assert_eq!(option, "--peak 10");
    folder.sched(&format!("check x.json --steps 10 {option}")).assert().success();
}
