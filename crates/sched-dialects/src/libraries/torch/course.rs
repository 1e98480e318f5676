//! What schedulers that share an optimizer make of its rate.
//!
//! PyTorch's members know nothing of each other. Call by call each multiplies or sets the one rate in the optimizer, after
//! their constructors have already done so in turn. So the same calls are made here, but only those that matter: between
//! two of them the course is known, and becomes a phase of the schedule.

use sched_core::{Milestone, Node, Phase, Repeat, Schedule, ScheduleError, Steps};

use super::leaf::{Leaf, close};
use super::member::Member;
use super::rule::Group;
use crate::declare::Translation;

/// The most phases that a composite may have, far more than anybody writes by hand.
const MAX_PHASES: usize = 10_000;

/// A course that holds for some steps, or for ever.
struct Run {
    schedule: Schedule,
    steps: Option<u64>,
}

impl Run {
    fn once(lr: f64) -> Result<Self, ScheduleError> {
        Ok(Self { schedule: Schedule::constant(lr)?, steps: Some(1) })
    }

    /// What the leaves make of a rate until one of them does something that the others' course does not allow for.
    fn of(leaves: &[&Leaf], lr: f64) -> Result<Self, ScheduleError> {
        let setter = leaves.iter().rposition(|leaf| leaf.sets());
        let rest = &leaves[setter.map_or(0, |setter| setter + 1)..];
        let moving: Vec<&Leaf> = rest.iter().copied().filter(|leaf| leaf.next_change().is_some()).collect();
        if let Some(setter) = setter {
            return Self::of_setter(leaves[setter], &moving, lr);
        }
        let pulling: Vec<&Leaf> =
            moving.iter().copied().filter(|leaf| leaf.rule.target().is_some_and(|target| target != 0.0)).collect();
        match (moving.as_slice(), pulling.as_slice()) {
            ([], _) => Ok(Self { schedule: Schedule::constant(lr)?, steps: None }),
            ([one], _) if close(one.alone.curve.at(one.clock()), lr) => {
                Ok(Self { schedule: one.advanced(one.alone.curve.clone())?, steps: None })
            }
            (_, []) => Self::of_factors(&moving, lr),
            (_, [one]) => {
                let Some(schedule) = one.course_from(lr)? else { return Self::once(lr) };
                let others = moving.iter().filter(|leaf| leaf.id != one.id);
                let steps = others.filter_map(|leaf| leaf.next_change()).chain(one.until_rise()).min();
                Ok(Self { schedule, steps })
            }
            _ => Self::once(lr),
        }
    }

    /// One sets the rate, and those after it multiply that by what they have changed since the step before.
    fn of_setter(setter: &Leaf, moving: &[&Leaf], lr: f64) -> Result<Self, ScheduleError> {
        let mut factors = vec![setter.advanced(setter.alone.curve.clone())?];
        for leaf in moving {
            if leaf.rule.target().is_some() {
                return Self::once(lr);
            }
            let Some(ratios) = leaf.rule.ratios(MAX_PHASES)? else { return Self::once(lr) };
            factors.push(leaf.advanced(ratios)?);
        }
        let schedule = product(factors)?;
        if close(schedule.at(0), lr) { Ok(Self { schedule, steps: None }) } else { Self::once(lr) }
    }

    /// All of them multiply.
    fn of_factors(moving: &[&Leaf], lr: f64) -> Result<Self, ScheduleError> {
        let steps = moving.iter().filter_map(|leaf| leaf.until_rise()).min();
        if lr == 0.0 {
            return Ok(Self { schedule: Schedule::constant(0.0)?, steps });
        }
        let mut factors = Vec::with_capacity(moving.len());
        let mut first = lr;
        for leaf in &moving[1..] {
            first /= leaf.alone.weight.at(leaf.clock());
            factors.push(leaf.advanced(leaf.alone.weight.clone())?);
        }
        let Some(course) = (if first.is_finite() { moving[0].course_from(first)? } else { None }) else {
            return Self::once(lr);
        };
        factors.insert(0, course);
        Ok(Self { schedule: product(factors)?, steps })
    }
}

/// The course of the optimizer's rate, as far as it is known.
pub(super) struct Course {
    root: Member,
    group: Group,
    step: u64,
    phases: Vec<Phase>,
    /// The leaves that are called, which of them are not at rest, and the first phase of which this is true.
    at_work: Vec<(usize, bool)>,
    since: usize,
    /// The momentum's phases, and the leaf that drives it in the last one.
    momentum: Vec<Phase>,
    driver: Option<usize>,
}

impl Course {
    pub(super) fn new(root: Member, group: Group) -> Self {
        Self { root, group, step: 0, phases: vec![], at_work: vec![], since: 0, momentum: vec![], driver: None }
    }

    /// The whole course; `None` if it has too many phases.
    pub(super) fn finish(mut self) -> Result<Option<Translation>, ScheduleError> {
        loop {
            self.follow_momentum()?;
            if self.close_circle()? {
                break;
            }
            if self.phases.len() >= MAX_PHASES {
                return Ok(None);
            }
            let mut leaves = vec![];
            self.root.active(&mut leaves);
            let run = Run::of(&leaves, self.group.lr)?;
            let errors = leaves.iter().filter_map(|leaf| leaf.next_error());
            let steps = errors.chain(run.steps).chain(self.root.until_turn()).min();
            self.phases.push(Phase { start: self.step, schedule: run.schedule.clone() });
            let Some((steps, next)) = steps.and_then(|steps| Some((steps, self.step.checked_add(steps)?))) else {
                break;
            };
            self.step = next;
            self.group.lr = run.schedule.at(steps - 1);
            self.group.momentum = self.momentum.last().map(|phase| phase.schedule.at(next - 1 - phase.start));
            self.root.skip(steps - 1);
            let (lr, momentum) = (self.group.lr, self.group.momentum);
            let result = self.root.step(&mut self.group);
            if result.is_err() || !(0.0..=f64::MAX).contains(&self.group.lr) {
                self.phases.push(Phase { start: next, schedule: Schedule::constant(lr)? });
                self.group.momentum = momentum;
                self.hold_momentum()?;
                break;
            }
        }
        let momentum = if self.momentum.is_empty() { None } else { Some(sequence(self.momentum)?) };
        Ok(Some(Translation { momentum, ..sequence(self.phases)?.into() }))
    }

    /// Whether the rate has been here before, a whole number of periods of everything at work ago; then that is repeated.
    fn close_circle(&mut self) -> Result<bool, ScheduleError> {
        let mut leaves = vec![];
        self.root.active(&mut leaves);
        let is_at_work = |leaf: &&Leaf| leaf.next_change().is_some();
        let at_work: Vec<_> = leaves.iter().map(|leaf| (leaf.id, is_at_work(leaf))).collect();
        if at_work != self.at_work {
            (self.at_work, self.since) = (at_work, self.phases.len());
        }
        let moving = leaves.into_iter().filter(is_at_work);
        let period = moving.map(|leaf| leaf.rule.period()).try_fold(1, |all, one| least_common_multiple(all, one?));
        let (Some(period), None) = (period, self.root.until_turn()) else { return Ok(false) };
        let Some(start) = self.step.checked_sub(period) else { return Ok(false) };
        let Ok(first) = self.phases[self.since..].binary_search_by_key(&start, |phase| phase.start) else {
            return Ok(false);
        };
        let first = self.since + first;
        if !close(self.phases[first].schedule.at(0), self.group.lr) {
            return Ok(false);
        }
        let circle = self.phases.split_off(first).into_iter();
        let circle = circle.map(|phase| Phase { start: phase.start - start, ..phase }).collect();
        self.phases.push(Phase { start, schedule: Repeat::new(sequence(circle)?, period).build()? });
        Ok(true)
    }

    /// The last leaf that drives the momentum decides; if none does, it stays as it is.
    fn follow_momentum(&mut self) -> Result<(), ScheduleError> {
        let mut leaves = vec![];
        self.root.active(&mut leaves);
        let driver = leaves.iter().rev().find_map(|leaf| Some((leaf, leaf.momentum.as_ref()?)));
        let id = driver.map(|(leaf, _)| leaf.id);
        if !self.momentum.is_empty() && id == self.driver {
            return Ok(());
        }
        match driver {
            Some((leaf, momentum)) => {
                let schedule = leaf.advanced(momentum.clone())?;
                self.momentum.push(Phase { start: self.step, schedule });
            }
            None => self.hold_momentum()?,
        }
        self.driver = id;
        Ok(())
    }

    fn hold_momentum(&mut self) -> Result<(), ScheduleError> {
        if let Some(momentum) = self.group.momentum {
            self.momentum.push(Phase { start: self.step, schedule: Schedule::constant(momentum)? });
        }
        Ok(())
    }
}

/// The phases as one schedule, in which rates that hold for a while are a table.
fn sequence(phases: Vec<Phase>) -> Result<Schedule, ScheduleError> {
    let mut merged: Vec<Phase> = Vec::with_capacity(phases.len());
    for phases in phases.chunk_by(|a, b| constant(&a.schedule).is_some() && constant(&b.schedule).is_some()) {
        let [first, rest @ ..] = phases else { continue };
        let schedule = match constant(&first.schedule) {
            Some(initial) if !rest.is_empty() => {
                let milestone = |phase: &Phase| {
                    let value = constant(&phase.schedule)?;
                    Some(Milestone { step: phase.start - first.start, value })
                };
                Node::Steps(Steps { initial, milestones: rest.iter().filter_map(milestone).collect() }).try_into()?
            }
            _ => first.schedule.clone(),
        };
        merged.push(Phase { start: first.start, schedule });
    }
    match merged.as_slice() {
        [only] => Ok(only.schedule.clone()),
        _ => Schedule::sequence(merged),
    }
}

fn constant(schedule: &Schedule) -> Option<f64> {
    if let Node::Constant(lr) = schedule.node() { Some(*lr) } else { None }
}

fn product(mut factors: Vec<Schedule>) -> Result<Schedule, ScheduleError> {
    match factors.len() {
        1 => Ok(factors.remove(0)),
        _ => Node::Product(factors).try_into(),
    }
}

fn least_common_multiple(a: u64, b: u64) -> Option<u64> {
    let (mut divisor, mut rest) = (a, b);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (a / divisor.max(1)).checked_mul(b)
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use crate::Dialect;

    fn read(json: &str) -> Result<Dialect, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn a_recursion_without_end_is_refused() {
        let error = read(
            r#"{"library": "torch", "kind": "ChainedScheduler", "params": {"optimizer_lr": 0.1, "schedulers": [
                {"kind": "CosineAnnealingWarmRestarts", "params": {"T_0": 3, "T_mult": 2}},
                {"kind": "CosineAnnealingLR", "params": {"T_max": 7}}]}}"#,
        )
        .unwrap_err();
        assert!(error.to_string().contains("`schedulers`") && error.to_string().contains("come to rest"), "{error}");
    }

    #[test]
    fn times_that_no_run_reaches_are_no_trouble() {
        let dialect = read(
            r#"{"library": "torch", "kind": "SequentialLR", "params": {"optimizer_lr": 1.0, "milestones": [9223372036854775807],
                "schedulers": [{"kind": "ChainedScheduler", "params": {"schedulers": [
                    {"kind": "CosineAnnealingLR", "params": {"T_max": 9223372036854775807}},
                    {"kind": "MultiStepLR", "params": {"milestones": [9223372036854775807, 18446744073709551615]}}]}},
                    {"kind": "StepLR", "params": {"step_size": 9223372036854775807, "gamma": 0.5}}]}}"#,
        )
        .unwrap();
        let lr = &dialect.groups()[0].lr;
        assert_eq!(
            [0, i64::MAX as u64, u64::MAX - 2, u64::MAX - 1, u64::MAX].map(|t| lr.at(t)),
            [1.0, 1.0, 1.0, 0.5, 0.5]
        );
    }
}
