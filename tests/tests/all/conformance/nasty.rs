//! Parameters that are nastier than the golden ones. The expected numbers come from the libraries' own code.

use sched_dialects::Dialect;
use serde_json::Value;

/// The library gives these rates, at these steps.
pub(super) fn assert_rates(library: &str, kind: &str, params: Value, expected: &[(u64, f64)]) {
    assert_group_rates(library, kind, params, 0, expected);
}

/// The library gives these rates to this parameter group.
pub(super) fn assert_group_rates(library: &str, kind: &str, params: Value, group: usize, expected: &[(u64, f64)]) {
    let dialect = read(library, kind, &params).unwrap();
    for &(step, expected) in expected {
        let rate = dialect.groups()[group].lr.at(step);
        let close = (rate - expected).abs() <= 1e-12 * expected.abs() + 1e-17;
        assert!(close, "{library}.{kind} {params} at {step} is {rate:e}, expected {expected:e}");
    }
}

/// The library refuses this, and the error says so in these words.
pub(super) fn assert_refused(library: &str, kind: &str, params: Value, words: &str) {
    let error = read(library, kind, &params).expect_err("is accepted");
    assert!(error.contains(words), "{library}.{kind} {params}: {error}");
}

fn read(library: &str, kind: &str, params: &Value) -> Result<Dialect, String> {
    let file = serde_json::json!({"library": library, "kind": kind, "params": params});
    serde_json::from_value(file).map_err(|error| error.to_string())
}
