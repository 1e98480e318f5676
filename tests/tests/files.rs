//! Whole files as people have them, with the rates that the peer's program uses.

use sched_core::Plan;
use sched_dialects::{Found, KINDS, read};
use serde::Deserialize;

/// A file, what the run knows beside it, and the rates at some updates; or that the peer fails on it.
#[derive(Deserialize)]
struct Case {
    id: String,
    peer: String,
    text: String,
    plan: Plan,
    group: Option<usize>,
    #[serde(default)]
    error: bool,
    #[serde(default)]
    steps: Vec<u64>,
    #[serde(default)]
    lr: Vec<f64>,
    #[serde(default)]
    rtol: f64,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../fixtures/cases/files.json")).unwrap()
}

#[test]
fn every_file_has_the_rates_of_its_peer() {
    let failures: Vec<String> = cases().iter().filter_map(|case| check(case).err()).collect();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_kind_of_file_has_a_case() {
    let found: Vec<_> = cases().iter().filter_map(|case| Some(read(&case.text, &case.plan).ok()?.kind)).collect();
    let without: Vec<_> = KINDS.iter().filter(|kind| !kind.is_own && !found.contains(&kind.name)).collect();
    assert!(without.is_empty(), "{without:?}");
}

fn check(case: &Case) -> Result<(), String> {
    let name = format!("{} ({})", case.id, case.peer);
    let Found { groups, .. } = match read(&case.text, &case.plan) {
        Ok(_) if case.error => return Err(format!("{name}: the peer fails, but this is read")),
        Err(_) if case.error => return Ok(()),
        found => found.map_err(|error| format!("{name}: {error}"))?,
    };
    let lr = &groups.get(case.group.unwrap_or(0)).ok_or(format!("{name}: has {} groups", groups.len()))?.lr;
    for (&step, &expected) in case.steps.iter().zip(&case.lr) {
        let rate = lr.at(step);
        if (rate - expected).abs() > case.rtol * expected.abs() {
            return Err(format!("{name}: at step {step} it is {rate:e}, expected {expected:e}"));
        }
    }
    Ok(())
}
