//! A value as a function of `where`, the part of the run that is over, and the schedule that it is of steps.
//!
//! Where fvcore compares, it does so with rounded numbers and a margin, so boundaries are found by its own arithmetic.

use sched_core::{Beyond, Node, Phase, PowerLaw, Ramp, Schedule, ScheduleError, Shape, check};

use crate::shared::{advanced, first_step, followed, from_boundary, held_from, stairs};

/// The margin of comparisons.
const EPSILON: f64 = 1e-6;

/// A `ParamScheduler`.
#[derive(Clone)]
pub(in crate::libraries) enum Curve {
    Constant(f64),
    Cosine {
        start: f64,
        end: f64,
    },
    Linear {
        start: f64,
        end: f64,
    },
    Exponential {
        start: f64,
        decay: f64,
    },
    Polynomial {
        base: f64,
        power: f64,
    },
    /// One value after the other, the next at each milestone out of `updates`.
    Stairs {
        values: Vec<f64>,
        milestones: Vec<u64>,
        updates: f64,
        at_end: AtEnd,
    },
    /// One curve after the other.
    Composite(Vec<Part>),
}

/// What the last of several values does where the run is over.
#[derive(Clone, Copy)]
pub(in crate::libraries) enum AtEnd {
    /// It is there still at 1, and raises above.
    Included,
    /// It raises as soon as one more value would begin.
    Excluded,
}

/// A curve for a part of the run; `rescaled` to that part, or else as much of it as there is.
#[derive(Clone)]
pub(in crate::libraries) struct Part {
    pub(in crate::libraries) curve: Curve,
    pub(in crate::libraries) length: f64,
    pub(in crate::libraries) rescaled: bool,
}

/// How `where` follows from the step, within the parts that are rescaled.
struct Clock {
    total_steps: u64,
    /// From the outermost part inwards, its start and its length.
    parts: Vec<(f64, f64)>,
    /// The first step.
    from: u64,
}

impl Clock {
    /// As fvcore rounds it.
    fn position(&self, step: u64) -> f64 {
        let position = step as f64 / self.total_steps as f64;
        self.parts.iter().fold(position, |position, (start, length)| (position - start) / length)
    }

    /// The step, not rounded, at which the position is 0, and how many it takes to 1.
    fn span(&self) -> (f64, f64) {
        let all = (0.0, self.total_steps as f64);
        self.parts.iter().fold(all, |(origin, span), (start, length)| (origin + start * span, span * length))
    }

    /// The first step from whose position on this holds.
    fn first(&self, holds: impl Fn(f64) -> bool) -> u64 {
        first_step(self.from, u64::MAX, |step| holds(self.position(step)))
    }

    /// A schedule that begins at position 0, from the first step on. The margin may let it begin a few steps before.
    fn place(&self, schedule: Schedule, value: impl Fn(f64) -> f64) -> Result<Schedule, ScheduleError> {
        let (origin, _) = self.span();
        let early = origin - self.from as f64;
        if early <= 4.0 * f64::EPSILON * origin {
            return advanced(schedule, -early);
        }
        let first = early.ceil();
        let rule = "short enough for fvcore's margin of 1e-6 to be at most 10000 steps";
        check::within("total_steps", self.total_steps as f64, first <= 1e4, rule)?;
        let least = value(self.position(self.from));
        let rule = "0 or more; fvcore's margin of 1e-6 begins the line before its part, so a run this long needs a higher start";
        check::within("start_value", least, least >= 0.0, rule)?;
        let table = stairs(1..first as u64, |step| value(self.position(self.from + step as u64)))?;
        followed(table, first as u64, advanced(schedule, first - early)?)
    }
}

impl Curve {
    /// The rates of a run of this length. Where fvcore raises, or a rate would be negative, the last one holds.
    pub(in crate::libraries) fn rates(&self, total_steps: u64) -> Result<Schedule, ScheduleError> {
        let clock = Clock { total_steps, parts: vec![], from: 0 };
        let schedule = self.schedule(&clock)?;
        let end = clock.first(|position| !self.is_defined(position));
        let stays = matches!(self, Self::Constant(_) | Self::Stairs { .. })
            && schedule.at(end) == schedule.at(end.saturating_sub(1));
        if end == u64::MAX || stays { Ok(schedule) } else { held_from(schedule, end) }
    }

    /// Every value times a factor.
    pub(in crate::libraries) fn scaled(self, by: f64) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(value * by),
            Self::Cosine { start, end } => Self::Cosine { start: start * by, end: end * by },
            Self::Linear { start, end } => Self::Linear { start: start * by, end: end * by },
            Self::Exponential { start, decay } => Self::Exponential { start: start * by, decay },
            Self::Polynomial { base, power } => Self::Polynomial { base: base * by, power },
            Self::Stairs { values, milestones, updates, at_end } => {
                let values = values.into_iter().map(|value| value * by).collect();
                Self::Stairs { values, milestones, updates, at_end }
            }
            Self::Composite(parts) => {
                Self::Composite(parts.into_iter().map(|part| Part { curve: part.curve.scaled(by), ..part }).collect())
            }
        }
    }

    /// The value at a position where it is defined.
    pub(in crate::libraries) fn value(&self, position: f64) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Cosine { start, end } => end + 0.5 * (start - end) * (1.0 + (core::f64::consts::PI * position).cos()),
            Self::Linear { start, end } => end * position + start * (1.0 - position),
            Self::Exponential { start, decay } => start * decay.powf(position),
            Self::Polynomial { base, power } => base * (1.0 - position).powf(*power),
            Self::Stairs { values, milestones, updates, .. } => {
                values[passed(milestones, *updates, position).min(values.len() - 1)]
            }
            Self::Composite(parts) => {
                let (index, start) = active(parts, position);
                parts[index].curve.value(parts[index].position(start, position))
            }
        }
    }

    /// Whether fvcore has a value there, of 0 or more. From where it has none, it has none any more.
    pub(in crate::libraries) fn is_defined(&self, position: f64) -> bool {
        match self {
            Self::Constant(_) => position < 1.0,
            Self::Cosine { .. } | Self::Exponential { .. } => true,
            Self::Linear { .. } => position <= 1.0 || self.value(position) >= 0.0,
            Self::Polynomial { power, .. } => position <= 1.0 || power % 2.0 == 0.0,
            Self::Stairs { at_end: AtEnd::Included, .. } => position <= 1.0,
            Self::Stairs { values, updates, .. } => ((position + EPSILON) * updates) < values.len() as f64,
            Self::Composite(parts) => {
                let (index, start) = active(parts, position);
                let part = &parts[index];
                !part.is_empty() && part.curve.is_defined(part.position(start, position))
            }
        }
    }

    /// From the clock's first step on.
    fn schedule(&self, clock: &Clock) -> Result<Schedule, ScheduleError> {
        let (origin, span) = clock.span();
        let ramp = |from: f64, to: f64, steps: f64, shape: Shape| Ramp { steps, ..Ramp::new(from, to, 0).shape(shape) };
        let place = |schedule: Schedule| clock.place(schedule, |position| self.value(position));
        // What comes after position 1.
        let then = |schedule: Schedule, after: Schedule| {
            let Phase { start, schedule: after } = from_boundary(origin + span - clock.from as f64, after)?;
            followed(schedule, start, after)
        };
        let power = |scale: f64, offset: f64, power: f64| {
            Node::PowerLaw(PowerLaw { scale, offset, time_scale: span, power }).try_into()
        };
        match *self {
            Self::Constant(value) => Schedule::constant(value),
            Self::Cosine { start, end } => place(ramp(start, end, span, Shape::Cosine).beyond(Beyond::Mirror).build()?),
            Self::Linear { start, end } if start == end => Schedule::constant(start),
            Self::Linear { start, end } => {
                let line = place(ramp(start, end, span, Shape::Linear).build()?)?;
                let rest = span * end / (end - start);
                if end > start {
                    then(line, power(end - start, rest, 1.0)?)
                } else {
                    then(line, ramp(end, 0.0, -rest, Shape::Linear).build()?)
                }
            }
            Self::Exponential { start, decay } => place(Schedule::exponential_over(start, decay, span)?),
            Self::Polynomial { base, power: 0.0 } => Schedule::constant(base),
            Self::Polynomial { base, power: exponent } => {
                let fall = place(ramp(base, 0.0, span, Shape::Polynomial(exponent)).build()?)?;
                if exponent % 2.0 == 0.0 { then(fall, power(base, 0.0, exponent)?) } else { Ok(fall) }
            }
            Self::Stairs { ref values, ref milestones, updates, .. } => {
                let start = |index: usize| clock.first(|position| passed(milestones, updates, position) >= index);
                let starts: Vec<u64> = (1..values.len()).map(start).take_while(|&step| step < u64::MAX).collect();
                let here = starts.partition_point(|&step| step <= clock.from);
                let changes: Vec<(u64, f64)> = starts
                    .iter()
                    .zip(&values[1..])
                    .skip(here)
                    .map(|(step, value)| (step - clock.from, *value))
                    .collect();
                if changes.is_empty() {
                    return Schedule::constant(values[here]);
                }
                Schedule::piecewise_constant(values[here], &changes)
            }
            Self::Composite(ref parts) => {
                let start = |index: usize| clock.first(|position| active(parts, position).0 >= index);
                let mut phases = vec![];
                let mut total = 0.0;
                for (index, part) in parts.iter().enumerate() {
                    total += part.length;
                    let (from, to) = (start(index), start(index + 1));
                    if from == to || part.is_empty() {
                        continue;
                    }
                    let mut inner = clock.parts.clone();
                    if part.rescaled {
                        inner.push((total - part.length, part.length));
                    }
                    let inner = Clock { total_steps: clock.total_steps, parts: inner, from };
                    phases.push(Phase { start: from - clock.from, schedule: part.curve.schedule(&inner)? });
                }
                match phases.as_slice() {
                    // It raises at once.
                    [] => Schedule::constant(0.0),
                    [Phase { start: 0, schedule }] => Ok(schedule.clone()),
                    _ => Schedule::sequence(phases),
                }
            }
        }
    }
}

impl Part {
    /// Whether fvcore would divide by its length of 0.
    fn is_empty(&self) -> bool {
        self.rescaled && self.length <= 0.0
    }

    /// The position within this part, which starts there.
    fn position(&self, start: f64, position: f64) -> f64 {
        if self.rescaled { (position - start) / self.length } else { position }
    }
}

/// How many milestones are passed.
fn passed(milestones: &[u64], updates: f64, position: f64) -> usize {
    let update = ((position + EPSILON) * updates) as u64;
    milestones.partition_point(|&milestone| milestone <= update)
}

/// Which part it is, and where that one starts.
fn active(parts: &[Part], position: f64) -> (usize, f64) {
    let (mut index, mut total) = (0, parts[0].length);
    while position + EPSILON > total && index < parts.len() - 1 {
        index += 1;
        total += parts[index].length;
    }
    (index, total - parts[index].length)
}
