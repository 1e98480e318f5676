//! A scheduler's parameters, some of which are durations.

use alloc::string::String;

use super::duration::Duration;
use super::file::UnitsError;
use super::plan::Plan;
use super::value::Value;
use super::walk::{list, map};

impl Plan {
    /// The parameters of a scheduler, with every text that is a number and a unit turned into steps.
    ///
    /// Other texts stay, and so does a number without a unit.
    ///
    /// # Errors
    ///
    /// The plan cannot turn a duration into steps.
    pub fn resolve_params(&self, params: &Value) -> Result<Value, UnitsError> {
        self.resolve_params_where(params, &|_| false)
    }

    /// [`resolve_params`](Self::resolve_params), but where `may_be_fraction` says so of a path such as `params.milestones[1]`,
    /// samples and tokens stay fractions of an update, as in [`schedule`](Self::schedule).
    ///
    /// # Errors
    ///
    /// As of [`resolve_params`](Self::resolve_params).
    pub fn resolve_params_where(
        &self,
        params: &Value,
        may_be_fraction: &dyn Fn(&str) -> bool,
    ) -> Result<Value, UnitsError> {
        self.resolve_param(params, &mut String::new(), may_be_fraction)
    }

    fn resolve_param(
        &self,
        value: &Value,
        path: &mut String,
        may_be_fraction: &dyn Fn(&str) -> bool,
    ) -> Result<Value, UnitsError> {
        Ok(match value {
            Value::Text(text) if !text.trim_end().ends_with(|c: char| c.is_ascii_digit() || c == '.') => {
                // A bare number in quotes is left as it is; only a unit makes it a duration.
                match text.parse::<Duration>() {
                    Ok(duration) => self
                        .number_of_steps(duration, may_be_fraction(path))
                        .map_err(|source| UnitsError::Time { path: path.clone(), source })?,
                    Err(_) => value.clone(),
                }
            }
            Value::List(values) => list(values, path, |value, path| self.resolve_param(value, path, may_be_fraction))?,
            Value::Map(entries) => {
                map(entries, path, |_, value, path| self.resolve_param(value, path, may_be_fraction))?
            }
            value => value.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use crate::{Plan, Value};

    fn value(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn only_texts_with_a_unit_are_durations_among_parameters() {
        let params = value(
            r#"{"T_max": "9 epochs", "milestones": ["30 %", 7], "mode": "cos", "rule": "0.95", "inner": {"n": "1epoch"}}"#,
        );
        let expected =
            value(r#"{"T_max": 900, "milestones": [300, 7], "mode": "cos", "rule": "0.95", "inner": {"n": 100}}"#);
        let plan = Plan::new().steps_per_epoch(100).epochs(10);
        assert_eq!(plan.resolve_params(&params).unwrap(), expected);
        let error = plan.resolve_params(&value(r#"{"milestones": [1, "2 tokens"]}"#)).unwrap_err();
        assert!(error.to_string().starts_with("`milestones[1]`: `2 tokens` cannot"), "{error}");
    }
}
