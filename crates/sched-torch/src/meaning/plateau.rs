//! A plateau with what it has seen.

use sched_core::Feedback;
use serde_json::{Value as Json, json};

use super::error::ResumeError;
use super::fields::Fields;

/// The rule with the best metric and the counters of the state dict.
pub(super) fn recalled(rule: &Feedback, fields: &Fields<'_>) -> Result<Feedback, ResumeError> {
    let best = fields.number("best")?.filter(|best| !is_worst(fields, *best));
    if best.is_some_and(f64::is_nan) {
        return Err(fields.wrong("best", "a number, which PyTorch never takes NaN for"));
    }
    let best = best.map(|best| best.clamp(f64::MIN, f64::MAX)); // as a plateau stores an infinity
    let count = |key, expected| match fields.whole(key)? {
        Some(count) => u64::try_from(count).map_err(|_| fields.wrong(key, expected)),
        None => Ok(0),
    };
    let bad_observations = count("num_bad_epochs", "0 or more")?;
    let cooldown_left = count("cooldown_counter", "0 or more")?;
    let memory = json!({
        "best": best,
        "bad_observations": bad_observations,
        "cooldown_left": cooldown_left,
        "reductions": 0, // they are in the rate already
        "accumulated": 0,
        "mean": Json::Null,
    });
    let mut file = serde_json::to_value(rule).unwrap_or_default();
    if let Some(state) = file.get_mut("plateau").and_then(Json::as_object_mut) {
        state.insert("memory".to_owned(), memory);
    }
    serde_json::from_value(file).map_err(|_| fields.wrong("best", "a finite number"))
}

/// The value before the first metric.
fn is_worst(fields: &Fields<'_>, best: f64) -> bool {
    let worst = if fields.get("mode").and_then(|mode| mode.as_str()) == Some("max") {
        f64::NEG_INFINITY
    } else {
        f64::INFINITY
    };
    best == worst
}
