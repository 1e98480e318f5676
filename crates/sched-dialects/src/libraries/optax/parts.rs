//! What the schedules are made of: ramps, scales at boundaries, and schedules one after the other.

use sched_core::{Phase, Ramp, Schedule, ScheduleError, Shape, Value};

use crate::declare::{FromValue, Param, Refusal};
use crate::shared::from_boundary;

/// Boundaries with the scale of each: a list of pairs, or a map whose names are numbers, as a Python `dict` is in a file.
pub(super) struct Scales(pub(super) Vec<(f64, f64)>);

impl FromValue for Scales {
    fn expected(_: bool) -> String {
        "pairs of numbers".to_owned()
    }

    fn from_value(value: &Value, group: usize) -> Option<Self> {
        let pairs = match value {
            Value::Map(entries) => entries
                .iter()
                .map(|(key, value)| Some((key.parse().ok()?, f64::from_value(value, group)?)))
                .collect::<Option<_>>()?,
            _ => Vec::from_value(value, group)?,
        };
        Some(Self(as_dict(&pairs)))
    }
}

impl Scales {
    /// In order of the boundaries, none of which has a negative scale.
    pub(super) fn checked(scales: &Option<Self>, param: Param) -> Result<&[(f64, f64)], Refusal> {
        let scales = scales.as_ref().map_or(&[][..], |scales| &scales.0);
        param.must(scales.iter().all(|(_, scale)| *scale >= 0.0), "have scales of 0 or more")?;
        Ok(scales)
    }
}

/// As a Python `dict` has them, sorted: of several values for one key the last.
pub(super) fn as_dict(pairs: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut dict: Vec<(f64, f64)> = Vec::new();
    for &(key, value) in pairs {
        dict.retain(|(known, _)| *known != key);
        dict.push((key, value));
    }
    dict.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    dict
}

pub(super) fn ramp(init: f64, end: f64, steps: f64, shape: Shape) -> Result<Schedule, ScheduleError> {
    if steps <= 0.0 {
        return Schedule::constant(init);
    }
    Ramp { steps, ..Ramp::new(init, end, 0).shape(shape) }.build()
}

pub(super) fn begin_at(begin: i64, schedule: Schedule) -> Result<Schedule, ScheduleError> {
    if begin > 0 { schedule.delay(begin.unsigned_abs()) } else { Ok(schedule) }
}

pub(super) fn cosine(init: f64, end: f64, steps: f64, exponent: f64) -> Result<Schedule, ScheduleError> {
    let end = if exponent == 0.0 { init } else { end }; // 0^0 is 1, at the end too
    let shape = if exponent == 1.0 { Shape::Cosine } else { Shape::CosinePower(exponent) };
    ramp(init, end, steps, shape)
}

/// Between two boundaries that are less than a step apart, the ramp is as long as a step.
pub(super) fn interpolate(init: f64, scales: &[(f64, f64)], shape: Shape) -> Result<Schedule, ScheduleError> {
    let mut phases = Vec::new();
    let (mut from, mut start) = (init, 0.0);
    for &(boundary, scale) in scales {
        let to = from * scale;
        if boundary > start {
            let ramp = Ramp { steps: (boundary - start).max(1.0), ..Ramp::new(from, to, 0).shape(shape) }.build()?;
            phases.push(from_boundary(start, ramp)?);
        }
        (from, start) = (to, boundary);
    }
    phases.push(from_boundary(start, Schedule::constant(from)?)?);
    Schedule::sequence(phases)
}

/// Each of `rest` from its boundary on. Where boundaries go backwards, the later schedule wins.
pub(super) fn join<I: DoubleEndedIterator<Item = (f64, Schedule)>>(
    first: Schedule,
    rest: impl IntoIterator<IntoIter = I>,
) -> Result<Schedule, ScheduleError> {
    let mut phases = Vec::new();
    let mut end = f64::INFINITY;
    for (boundary, schedule) in rest.into_iter().rev() {
        if boundary < end {
            phases.push(from_boundary(boundary, schedule)?);
            end = boundary;
        }
    }
    phases.push(Phase { start: 0, schedule: first });
    phases.reverse();
    Schedule::sequence(phases)
}

/// The schedules that a parameter holds, one after the other.
pub(super) fn joined(schedules: Vec<Schedule>, boundaries: &[f64], param: Param) -> Result<Schedule, Refusal> {
    let mut schedules = schedules.into_iter();
    let first = schedules.next().ok_or_else(|| param.refused("have at least one element"))?;
    let rest: Vec<(f64, Schedule)> = boundaries.iter().copied().zip(schedules).collect();
    Ok(join(first, rest)?)
}
