//! What the translations of several libraries are made of.

use sched_core::{Beyond, Node, Phase, PowerLaw, Ramp, Repeat, Schedule, ScheduleError, Shape, check};

/// `first` up to `start`, and from there `rest` with its own clock; only `rest` if that is at once.
pub(crate) fn followed(first: Schedule, start: u64, rest: Schedule) -> Result<Schedule, ScheduleError> {
    if start == 0 {
        return Ok(rest);
    }
    Schedule::sequence(vec![Phase { start: 0, schedule: first }, Phase { start, schedule: rest }])
}

/// The first step in `from..to` at which this holds, as it does from there on; `to` if there is none.
pub(crate) fn first_step(from: u64, to: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (from, to.max(from));
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// The rate that the schedule has just before `step`, held from there on: what the library does then is an exception.
pub(crate) fn held_from(schedule: Schedule, step: u64) -> Result<Schedule, ScheduleError> {
    let last = Schedule::constant(schedule.at(step.saturating_sub(1)))?;
    followed(schedule, step.max(1), last)
}

/// `end + (start - end) * factor`, for a factor of 0 or more.
pub(crate) fn between(start: f64, end: f64, factor: Schedule) -> Result<Schedule, ScheduleError> {
    check::rate("start", start)?;
    check::rate("end", end)?;
    let swing = Schedule::constant((start - end).abs())?.times(factor)?;
    if end == 0.0 {
        Ok(swing)
    } else if start < end {
        Node::Complement { whole: end, of: swing }.try_into()
    } else {
        swing.plus(Schedule::constant(end)?)
    }
}

/// `of(floor(t / steps))`; `steps` need not be whole.
pub(crate) fn staircase(of: Schedule, steps: f64) -> Result<Schedule, ScheduleError> {
    let whole = steps as u64;
    if whole as f64 == steps { of.every(whole) } else { of.every(1)?.stretch(steps) }
}

/// A rate that changes at these steps only.
pub(crate) fn stairs(changes: impl Iterator<Item = u64>, rate: impl Fn(f64) -> f64) -> Result<Schedule, ScheduleError> {
    let mut milestones: Vec<(u64, f64)> = changes.map(|step| (step, rate(step as f64))).collect();
    if milestones.is_empty() {
        return Schedule::constant(rate(0.0));
    }
    milestones.sort_by_key(|&(step, _)| step);
    Schedule::piecewise_constant(rate(0.0), &milestones)
}

/// `lr / (1 + e^(slope (t - center)))`, the logistic function: half of `lr` at `center`; it falls if `slope` is above 0.
pub(crate) fn logistic(lr: f64, slope: f64, center: u64) -> Result<Schedule, ScheduleError> {
    /// The largest argument of [`Shape::Tanh`]. That far from the centre an `f64` has nothing left to change.
    const FAR: f64 = 1e3;
    const LONGEST: f64 = 18_446_744_073_709_551_616.0;
    let (from, to) = if slope > 0.0 { (lr, 0.0) } else { (0.0, lr) };
    let half = 0.5 * slope.abs(); // 1 / (1 + e^2x) = (1 - tanh(x)) / 2
    let reach = FAR / half;
    let start = libm::ceil((center as f64 - reach).max(0.0)) as u64;
    let before = center.saturating_sub(start) as f64;
    let steps = (before + reach).clamp(1e-9, LONGEST);
    let (lb, ub) = ((-half * before).max(-FAR), (half * (steps - before)).min(FAR));
    if lb >= ub {
        return Schedule::constant(0.5 * lr); // no slope
    }
    let curve = Ramp { from, to, steps, shape: Shape::Tanh { lb, ub }, beyond: Beyond::Hold }.build()?;
    followed(Schedule::constant(from)?, start, curve)
}

/// `value (1 + t / time_scale)^power`.
pub(crate) fn power_law(value: f64, time_scale: f64, power: f64) -> Result<Schedule, ScheduleError> {
    Node::PowerLaw(PowerLaw { scale: value, offset: time_scale, time_scale, power }).try_into()
}

/// `lr (1 + gamma t)^-power`.
pub(crate) fn inverse(lr: f64, gamma: f64, power: f64) -> Result<Schedule, ScheduleError> {
    if gamma == 0.0 { Schedule::constant(lr) } else { power_law(lr, 1.0 / gamma, -power) }
}

/// A schedule whose clock begins at `boundary`, which may lie between two steps or before the first.
pub(crate) fn from_boundary(boundary: f64, schedule: Schedule) -> Result<Phase, ScheduleError> {
    let start = libm::ceil(boundary.max(0.0));
    Ok(Phase { start: start as u64, schedule: advanced(schedule, start - boundary)? })
}

/// A head start, if it is one.
pub(crate) fn advanced(schedule: Schedule, by: f64) -> Result<Schedule, ScheduleError> {
    if by > 0.0 { schedule.advance(by) } else { Ok(schedule) }
}

/// `PolynomialDecay` with `cycle=True`: `end + (start - end) (1 - t / (m period))^power`, where `m` is the first whole number
/// from 1 with `t <= m period`. So cycle `m` is closed on the right, and its height is `m^-power` of the first one's.
pub(crate) fn polynomial_cycles(start: f64, end: f64, period: u64, power: f64) -> Result<Schedule, ScheduleError> {
    if power == 0.0 {
        return Schedule::constant(start);
    }
    let fall = Ramp::new(1.0, 0.0, period).shape(Shape::Polynomial(power)).build()?.advance(1.0)?;
    let height = power_law(1.0, 1.0, -power)?.every(period)?;
    let cycles = Repeat::new(fall, period).build()?.times(height)?;
    Schedule::constant(start)?.then_at(1, between(start, end, cycles)?)
}
