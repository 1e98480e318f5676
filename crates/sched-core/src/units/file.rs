//! Schedule files whose times are durations.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Deserialize;
use thiserror::Error;

use super::duration::{Duration, Unit};
use super::plan::{Plan, PlanError};
use super::value::Value;
use super::walk::{at, list, map};
use crate::schedule::{Schedule, line, passage};

/// The fields of nodes that are times.
const TIMES: &[&str] =
    &["steps", "start", "for", "step", "period", "decay_steps", "time_scale", "offset", "n", "k", "by"];

/// Those of them that are whole numbers: `delay.steps` as well, though not the `steps` of a ramp.
const WHOLE_TIMES: &[&str] = &["start", "for", "step", "period", "n"];

/// Nodes whose children have another clock than the run.
const CLOCKS: &[&str] = &["every", "stretch"];

/// Why a schedule file with units cannot be read.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum UnitsError {
    /// A duration cannot be turned into steps.
    #[error("`{}`: {source}", passage(path))]
    Time {
        /// Where, as `sequence[1].start`.
        path: String,
        /// Why.
        source: PlanError,
    },
    /// A duration inside `every` or `stretch`, which do not count the run's steps.
    #[error(
        "`{}` is `{}`, but must be a plain number: inside `every` and `stretch`, time does not count the run's steps",
        passage(path),
        line(text)
    )]
    Clock {
        /// Where.
        path: String,
        /// What was given.
        text: String,
    },
    /// A phase that does not say where it starts, or says so twice.
    #[error("`{}` must {rule}", passage(path))]
    Start {
        /// Where.
        path: String,
        /// The rule, to complete "must ...".
        rule: &'static str,
    },
    /// With every duration turned into steps, it is still not a schedule.
    #[error("{message}")]
    Schedule {
        /// Why.
        message: String,
    },
}

impl Plan {
    /// Reads a schedule from a file in [`Schedule`]'s own form, in which every time may be a text such as `"5 epochs"`, and a
    /// phase may give its length, `for`, instead of the start of the next one.
    ///
    /// A time becomes a whole number of steps, as [`steps`](Self::steps) rounds it. But samples and tokens need not be whole updates:
    /// without a `rounding` in the plan, they stay as exact as they are where a time need not be whole (`steps` of `ramp` and `warp`,
    /// `decay_steps`, `time_scale`, `offset`, `k`, `by`). So a ramp over `"183105 samples"` in batches of 2048 takes 89.4 updates.
    ///
    /// The `for` of the last phase has no effect, because a schedule has no end. Inside `every` and `stretch`, which have
    /// their own clock, times are plain numbers.
    ///
    /// ```
    /// use sched_core::{Plan, Schedule, Value};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let file: Value = serde_json::from_str(
    ///     r#"{"sequence": [
    ///         {"for": "5 epochs", "schedule": {"ramp": {"from": 0, "to": 0.1, "steps": "5 epochs"}}},
    ///         {"schedule": {"ramp": {"from": 0.1, "to": 0, "steps": "85 epochs", "shape": "cosine"}}}
    ///     ]}"#,
    /// )?;
    /// let schedule = Plan::new().steps_per_epoch(100).schedule(&file)?;
    /// assert_eq!(schedule, Schedule::cosine_annealing(0.1, 0.0, 8_500)?.warmup(0.0, 500)?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A text is not a duration, the plan cannot turn it into steps, or the result is not a schedule.
    pub fn schedule(&self, file: &Value) -> Result<Schedule, UnitsError> {
        let resolved = self.resolve(file)?;
        Schedule::deserialize(&resolved).map_err(|error| UnitsError::Schedule { message: error.to_string() })
    }

    /// The file that [`schedule`](Self::schedule) reads, with every duration turned into steps and every `for` into a `start`.
    ///
    /// # Errors
    ///
    /// A text is not a duration, or the plan cannot turn it into steps.
    pub fn resolve(&self, file: &Value) -> Result<Value, UnitsError> {
        self.resolve_node(file, &mut String::new(), true)
    }

    /// A duration as steps, which are a fraction only if it counts samples or tokens and the plan does not say how to round.
    pub(super) fn number_of_steps(&self, duration: Duration, may_be_fraction: bool) -> Result<Value, PlanError> {
        let is_exact = matches!(duration.unit(), Unit::Samples | Unit::Tokens) && self.rounding.is_none();
        if is_exact && may_be_fraction {
            self.exact_steps(duration).map(Value::Number)
        } else {
            self.steps(duration).map(whole)
        }
    }

    fn resolve_node(&self, value: &Value, path: &mut String, clock: bool) -> Result<Value, UnitsError> {
        Ok(match value {
            Value::List(values) => list(values, path, |value, path| self.resolve_node(value, path, clock))?,
            Value::Map(entries) => map(entries, path, |name, value, path| match value {
                Value::Text(text) if TIMES.contains(&name) => self.time(text, path, clock),
                Value::List(phases) if name == "sequence" => self.sequence(phases, path, clock),
                Value::Map(node) if CLOCKS.contains(&name) => self.clock(node, path, clock),
                value => self.resolve_node(value, path, clock),
            })?,
            value => value.clone(),
        })
    }

    /// The fields of `every` and `stretch` themselves count the run's steps, those of their child do not.
    fn clock(&self, node: &[(String, Value)], path: &mut String, clock: bool) -> Result<Value, UnitsError> {
        map(node, path, |name, value, path| match value {
            Value::Text(text) if TIMES.contains(&name) => self.time(text, path, clock),
            value => self.resolve_node(value, path, false),
        })
    }

    fn time(&self, text: &str, path: &str, clock: bool) -> Result<Value, UnitsError> {
        if !clock {
            return Err(UnitsError::Clock { path: path.to_owned(), text: text.to_owned() });
        }
        let name = path.rsplit('.').next().unwrap_or_default();
        let is_whole = WHOLE_TIMES.contains(&name) || path.ends_with("delay.steps");
        let steps =
            text.parse().map_err(PlanError::from).and_then(|duration| self.number_of_steps(duration, !is_whole));
        steps.map_err(|source| UnitsError::Time { path: path.to_owned(), source })
    }

    /// Phases with their `start`, which may follow from the lengths of those before.
    fn sequence(&self, phases: &[Value], path: &mut String, clock: bool) -> Result<Value, UnitsError> {
        let mut told = Some(0); // where the previous phase ends, if it says so
        let mut resolved = Vec::with_capacity(phases.len());
        for (i, phase) in phases.iter().enumerate() {
            let phase = at(path, &format!("[{i}]"), |path| {
                let Value::Map(mut entries) = self.resolve_node(phase, path, clock)? else {
                    return Ok(phase.clone()); // the reader reports what is wrong with it
                };
                let length = take(&mut entries, "for");
                let start = match (entries.iter().find(|(name, _)| name == "start"), told) {
                    (Some((_, given)), told) => {
                        // A wrong start of the first phase is for the reader to report.
                        if i > 0 && told.is_some_and(|told| as_steps(given) != Some(told)) {
                            let rule = "have either a `start` or a previous phase with a `for`, not both";
                            return Err(UnitsError::Start { path: path.to_owned(), rule });
                        }
                        as_steps(given)
                    }
                    (None, Some(told)) => {
                        entries.push(("start".to_owned(), whole(told)));
                        Some(told)
                    }
                    (None, None) => {
                        let rule = "have a `start`, because the previous phase has no `for`";
                        return Err(UnitsError::Start { path: path.to_owned(), rule });
                    }
                };
                told = match length {
                    None => None,
                    Some(length) => {
                        let rule = "last a whole number of steps, 0 or more";
                        let length =
                            as_steps(&length).ok_or_else(|| UnitsError::Start { path: format!("{path}.for"), rule })?;
                        start.map(|start| start.saturating_add(length))
                    }
                };
                Ok(Value::Map(entries))
            })?;
            resolved.push(phase);
        }
        Ok(Value::List(resolved))
    }
}

fn take(entries: &mut Vec<(String, Value)>, name: &str) -> Option<Value> {
    let index = entries.iter().position(|(entry, _)| entry == name)?;
    Some(entries.remove(index).1)
}

fn whole(steps: u64) -> Value {
    Value::Int(steps.into())
}

fn as_steps(value: &Value) -> Option<u64> {
    match value {
        Value::Int(steps) => u64::try_from(*steps).ok(),
        Value::Number(steps) if *steps as u64 as f64 == *steps => Some(*steps as u64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::{String, ToString};

    use crate::{Plan, Rounding, Schedule, Value};

    fn value(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    fn plan() -> Plan {
        Plan::new().steps_per_epoch(100).epochs(10)
    }

    fn refused(json: &str) -> String {
        plan().schedule(&value(json)).unwrap_err().to_string()
    }

    #[test]
    fn every_time_of_every_node_may_have_a_unit() {
        let with_units = value(
            r#"{"product": [
                {"ramp": {"from": 1, "to": 0.5, "steps": "10 %"}},
                {"exponential": {"initial": 1, "gamma": 0.5, "decay_steps": "1 epochs"}},
                {"power_law": {"scale": 1, "offset": "1 epochs", "time_scale": "10 steps", "power": -0.5}},
                {"steps": {"initial": 1, "milestones": [{"step": "3 epochs", "value": 0.5}]}},
                {"sequence": [{"start": 0, "schedule": {"constant": 1}}, {"start": "2 epochs", "schedule": {"constant": 1}}]},
                {"repeat": {"of": {"constant": 1}, "period": "1 epochs"}},
                {"every": {"n": "1 epochs", "of": {"ramp": {"from": 1, "to": 0.5, "steps": 7}}}},
                {"stretch": {"k": "1 epochs", "of": {"constant": 1}}},
                {"delay": {"steps": "1 epochs", "of": {"constant": 1}}},
                {"advance": {"by": "1 epochs", "of": {"constant": 1}}},
                {"warp": {"steps": "1 epochs", "power": 2, "of": {"constant": 1}}}
            ]}"#,
        );
        let plain = value(
            r#"{"product": [
                {"ramp": {"from": 1, "to": 0.5, "steps": 100}},
                {"exponential": {"initial": 1, "gamma": 0.5, "decay_steps": 100}},
                {"power_law": {"scale": 1, "offset": 100, "time_scale": 10, "power": -0.5}},
                {"steps": {"initial": 1, "milestones": [{"step": 300, "value": 0.5}]}},
                {"sequence": [{"start": 0, "schedule": {"constant": 1}}, {"start": 200, "schedule": {"constant": 1}}]},
                {"repeat": {"of": {"constant": 1}, "period": 100}},
                {"every": {"n": 100, "of": {"ramp": {"from": 1, "to": 0.5, "steps": 7}}}},
                {"stretch": {"k": 100, "of": {"constant": 1}}},
                {"delay": {"steps": 100, "of": {"constant": 1}}},
                {"advance": {"by": 100, "of": {"constant": 1}}},
                {"warp": {"steps": 100, "power": 2, "of": {"constant": 1}}}
            ]}"#,
        );
        assert_eq!(plan().resolve(&with_units).unwrap(), plain);
        assert_eq!(plan().schedule(&with_units).unwrap(), Plan::new().schedule(&plain).unwrap());
    }

    #[test]
    fn samples_and_tokens_need_not_be_whole_updates() {
        let plan = Plan::new().batch(2048).sequence_length(2);
        let file = |time: &str| {
            value(&format!(
                r#"{{"sequence": [
                    {{"for": {time}, "schedule": {{"ramp": {{"from": 0, "to": 1, "steps": {time}}}}}}},
                    {{"schedule": {{"delay": {{"steps": {time}, "of": {{"warp": {{"steps": {time}, "power": 2, "of": {{"constant": 1}}}}}}}}}}}}
                ]}}"#
            ))
        };
        let resolved = |time: &str, whole: &str| {
            value(&format!(
                r#"{{"sequence": [
                    {{"schedule": {{"ramp": {{"from": 0, "to": 1, "steps": {time}}}}}, "start": 0}},
                    {{"schedule": {{"delay": {{"steps": {whole}, "of": {{"warp": {{"steps": {time}, "power": 2, "of": {{"constant": 1}}}}}}}}}}, "start": {whole}}}
                ]}}"#
            ))
        };
        let part = "89.40673828125"; // 183105 / 2048
        assert_eq!(plan.resolve(&file("\"183105 samples\"")).unwrap(), resolved(part, "89"));
        assert_eq!(plan.resolve(&file("\"366210 tokens\"")).unwrap(), resolved(part, "89"));
        assert_eq!(plan.rounding(Rounding::Up).resolve(&file("\"183105 samples\"")).unwrap(), resolved("90", "90"));
        assert_eq!(plan.schedule(&file("\"183105 samples\"")).unwrap().at(88), 88.0 / (183_105.0 / 2048.0));
    }

    #[test]
    fn lengths_of_phases_tell_where_the_next_one_starts() {
        let phases = plan().schedule(&value(
            r#"{"sequence": [
                {"for": "1 epochs", "schedule": {"constant": 1}},
                {"for": 50, "schedule": {"constant": 2}},
                {"schedule": {"constant": 3}},
                {"start": "5 epochs", "for": "10 %", "schedule": {"constant": 4}},
                {"for": "40 %", "schedule": {"constant": 5}}
            ]}"#,
        ));
        let constant = |lr| Schedule::constant(lr).unwrap();
        let expected = constant(1.0).then_at(100, constant(2.0)).unwrap().then_at(150, constant(3.0)).unwrap();
        let expected = expected.then_at(500, constant(4.0)).unwrap().then_at(600, constant(5.0)).unwrap();
        assert_eq!(phases.unwrap(), expected);
    }

    #[test]
    fn the_field_and_the_rule_are_named() {
        for (json, message) in [
            (r#"{"ramp": {"from": 1, "to": 0, "steps": "5 apples"}}"#, "`ramp.steps`: `5 apples` is not a duration"),
            (
                r#"{"ramp": {"from": 1, "to": 0, "steps": "5 samples"}}"#,
                "`ramp.steps`: `5 samples` cannot be turned into steps",
            ),
            (
                r#"{"min": [{"constant": 1}, {"every": {"n": 2, "of": {"delay": {"steps": "1 epochs", "of": {"constant": 1}}}}}]}"#,
                "`min[1].every.of.delay.steps` is `1 epochs`, but must be a plain number",
            ),
            (
                r#"{"sequence": [{"start": 0, "schedule": {"constant": 1}}, {"schedule": {"constant": 1}}]}"#,
                "`sequence[1]` must have a `start`",
            ),
            (
                r#"{"sequence": [{"for": 5, "schedule": {"constant": 1}}, {"start": 6, "schedule": {"constant": 1}}]}"#,
                "`sequence[1]` must have either a `start`",
            ),
            (
                r#"{"sequence": [{"for": -1, "schedule": {"constant": 1}}]}"#,
                "`sequence[0].for` must last a whole number",
            ),
            (r#"{"sequence": [{"start": 3, "schedule": {"constant": 1}}]}"#, "`sequence[0].start` is 3, but must be 0"),
            (r#"{"sequence": [7]}"#, "found 7, expected a map"),
            (r#"{"constant": "5 epochs"}"#, "`constant` is \"5 epochs\", but must be a finite number"),
        ] {
            let error = refused(json);
            assert!(error.contains(message), "{json}: {error}");
        }
    }
}
