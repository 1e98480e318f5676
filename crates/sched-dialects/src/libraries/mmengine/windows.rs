//! Schedulers that change the rate they find, one after the other at every step, as one schedule.
//!
//! Each is a recursion on the rate. Between the steps at which one begins or ends, the closed form of what they do together
//! is known, except where one that moves towards a floor above 0 overlaps with another for longer than a step: there the
//! recursion is run once, and its rates are kept.

use std::collections::BTreeSet;

use sched_core::{Milestone, Node, Phase, Ramp, Schedule, ScheduleError, Steps};

/// How many rates are kept, and how many cycles are told apart, at most.
const LONGEST_TABLE: u64 = 100_000;

/// Steps in which one scheduler multiplies the rate's distance from `floor` by what its curve changes by.
#[derive(Clone)]
pub(super) struct Window {
    pub(super) start: u64,
    /// The first step after it.
    pub(super) end: u64,
    /// A factor at each step from `start`.
    pub(super) curve: Schedule,
    pub(super) floor: f64,
    pub(super) entry: Entry,
    /// The window begins anew every so many steps.
    pub(super) cycle: Option<u64>,
}

/// What the curve is scaled to at the start of its window.
#[derive(Clone, Copy)]
pub(super) enum Entry {
    /// To the rate that is there.
    Found,
    /// To this rate.
    At(f64),
    /// To this rate, plus what the one that is there is above the floor.
    Above(f64),
    /// The curve is the rate, at every step.
    Absolute,
    /// The library raises here: every rate stays as it is.
    Raise,
}

impl Window {
    /// Multiplies the rate by what `curve` changes by.
    pub(super) fn factor(start: u64, end: u64, curve: Schedule) -> Self {
        Self { start, end, curve, floor: 0.0, entry: Entry::Found, cycle: None }
    }

    /// The library raises at this step, and training ends.
    pub(super) fn raise(step: u64) -> Result<Self, ScheduleError> {
        Ok(Self { entry: Entry::Raise, ..Self::factor(step, u64::MAX, Schedule::constant(1.0)?) })
    }

    fn is_active(&self, step: u64) -> bool {
        self.start <= step && step < self.end
    }

    /// What the curve is scaled to, if `rate` is there before `step`.
    fn top(&self, rate: f64, step: u64) -> f64 {
        let first = step == self.start;
        let height = |step: u64| match self.curve.at(step - self.start) {
            0.0 => 0.0,
            factor => (rate - self.floor) / factor,
        };
        match self.entry {
            Entry::Absolute => 1.0,
            Entry::Found | Entry::Raise if first => rate,
            Entry::At(top) if first => top,
            Entry::Above(top) if first => top + height(step),
            _ => self.floor + height(step - 1),
        }
    }

    fn step(&self, rate: f64, step: u64) -> f64 {
        mix(self.floor, self.top(rate, step), self.curve.at(step - self.start))
    }

    /// The rates from `step` on, if the curve is scaled to `top`.
    fn rates(&self, top: f64, step: u64) -> Result<Schedule, ScheduleError> {
        from_step(scaled(&self.curve, self.floor, top)?, step - self.start)
    }

    /// Whether it only multiplies.
    fn is_factor(&self) -> bool {
        self.floor == 0.0 && !matches!(self.entry, Entry::Absolute)
    }
}

fn mix(floor: f64, top: f64, factor: f64) -> f64 {
    floor * (1.0 - factor) + top * factor
}

fn from_step(schedule: Schedule, step: u64) -> Result<Schedule, ScheduleError> {
    if step == 0 { Ok(schedule) } else { schedule.advance(step as f64) }
}

/// `floor + (top - floor) * curve`.
fn scaled(curve: &Schedule, floor: f64, top: f64) -> Result<Schedule, ScheduleError> {
    match curve.node() {
        Node::Ramp(ramp) if top >= 0.0 => {
            Ramp { from: mix(floor, top, ramp.from), to: mix(floor, top, ramp.to), ..*ramp }.build()
        }
        // A rate far below the floor, well on its way there: the distance is what shrinks.
        Node::Ramp(ramp) => {
            let of = Ramp { from: (floor - top) * ramp.from, to: (floor - top) * ramp.to, ..*ramp }.build()?;
            Node::Complement { whole: floor, of }.try_into()
        }
        Node::Exponential(e) => Schedule::exponential_over(top * e.initial, e.gamma, e.decay_steps),
        Node::Every { n, of } => scaled(of, floor, top)?.every(*n),
        Node::Advance { by, of } => scaled(of, floor, top)?.advance(*by),
        Node::Constant(factor) => Schedule::constant(mix(floor, top, *factor)),
        _ if top == 1.0 => Ok(curve.clone()),
        _ => Schedule::constant(top)?.times(curve.clone()),
    }
}

/// What the schedulers, stepped in order, make of `rate`; `None` if that takes too long a table.
pub(super) fn chain(mut rate: f64, schedulers: &[Vec<Window>]) -> Result<Option<Schedule>, ScheduleError> {
    if let [alone] = schedulers
        && let Some((milestones, gamma)) = milestones(alone)
    {
        return Schedule::multi_step(rate, &milestones, gamma).map(Some);
    }
    let Some(windows) = split_cycles(schedulers) else { return Ok(None) };
    let raise = windows.iter().filter(|window| matches!(window.entry, Entry::Raise)).map(|window| window.start).min();
    let long = windows.iter().filter(|window| window.end - window.start > 1);
    let cuts: BTreeSet<u64> =
        windows.iter().map(|window| window.start).chain(long.map(|window| window.end)).chain([0]).collect();
    let last = raise.unwrap_or(u64::MAX - 1);
    let cuts: Vec<u64> = cuts.into_iter().filter(|&cut| cut <= last).chain([u64::MAX]).collect();
    let mut phases: Vec<Phase> = vec![];
    for cut in cuts.windows(2) {
        let (start, end) = (cut[0], cut[1]);
        let active = |window: &&Window| window.is_active(start) && raise != Some(start);
        let active: Vec<&Window> = windows.iter().filter(active).collect();
        let Some(schedule) = between(rate, &active, start, end)? else { return Ok(None) };
        rate = schedule.at(end - 1 - start);
        let same = phases.last().is_some_and(|last| matches!(last.schedule.node(), Node::Constant(_)));
        if !(same && phases.last().map(|last| &last.schedule) == Some(&schedule)) {
            phases.push(Phase { start, schedule });
        }
    }
    in_short(phases).map(Some)
}

/// The steps at which all that happens is the same factor, and the factor.
fn milestones(windows: &[Window]) -> Option<(Vec<u64>, f64)> {
    let factor = |window: &Window| match window.curve.node() {
        Node::Constant(factor) if window.is_factor() && matches!(window.entry, Entry::Found) => Some(*factor),
        _ => None,
    };
    let gamma = factor(windows.first()?)?;
    let jumps = windows.iter().all(|window| window.end - window.start == 1 && factor(window) == Some(gamma));
    jumps.then(|| (windows.iter().map(|window| window.start).collect(), gamma))
}

/// The windows of all schedulers in order, with a cycle on its own wherever another scheduler may have disturbed it.
fn split_cycles(schedulers: &[Vec<Window>]) -> Option<Vec<Window>> {
    let mut windows = vec![];
    for (index, scheduler) in schedulers.iter().enumerate() {
        for window in scheduler {
            let mut starts = BTreeSet::from([window.start]);
            if let Some(cycle) = window.cycle {
                let others = schedulers.iter().enumerate().filter(|(other, _)| *other != index).flat_map(|(_, w)| w);
                // What happens in a cycle's last step is still felt in the next one.
                for other in others.filter(|other| other.start < window.end && other.end >= window.start) {
                    let first = other.start.saturating_sub(window.start) / cycle;
                    let last = (other.end.min(window.end) - window.start).div_ceil(cycle) + 1;
                    if last - first > LONGEST_TABLE {
                        return None;
                    }
                    let start_of = |i: u64| window.start.saturating_add(i.saturating_mul(cycle));
                    starts.extend((first..=last).map(start_of).filter(|&start| start < window.end));
                }
            }
            let ends = starts.iter().skip(1).copied().chain([window.end]);
            windows.extend(starts.iter().zip(ends).map(|(&start, end)| Window { start, end, ..window.clone() }));
        }
    }
    Some(windows)
}

/// The rates from `start` to `end`, where no window begins or ends.
fn between(rate: f64, active: &[&Window], start: u64, end: u64) -> Result<Option<Schedule>, ScheduleError> {
    let first = active.iter().fold(rate, |rate, window| window.step(rate, start));
    let rest: Vec<&&Window> = active.iter().filter(|window| window.end > start + 1).collect();
    match rest.as_slice() {
        [] => Schedule::constant(first).map(Some),
        [window] if active.len() == 1 => window.rates(window.top(rate, start), start).map(Some),
        [window] if matches!(window.entry, Entry::Absolute) => {
            Schedule::constant(first)?.then_at(1, window.rates(1.0, start + 1)?).map(Some)
        }
        [window] => window.rates(window.top(first, start + 1), start).map(Some),
        _ if rest.iter().all(|window| window.is_factor()) => {
            let factors: Vec<Schedule> = rest
                .iter()
                .map(|window| from_step(window.curve.clone(), start - window.start))
                .collect::<Result<_, _>>()?;
            let now: f64 = factors.iter().map(|factor| factor.at(0)).product();
            let top = if now == 0.0 { 0.0 } else { first / now };
            let product = [Schedule::constant(top)?].into_iter().chain(factors).collect();
            Schedule::try_from(Node::Product(product)).map(Some)
        }
        _ if end - start == 1 => Schedule::constant(first).map(Some),
        _ if end - start > LONGEST_TABLE => Ok(None),
        _ => table(first, active, start, end).map(Some),
    }
}

/// The recursion itself.
fn table(first: f64, active: &[&Window], start: u64, end: u64) -> Result<Schedule, ScheduleError> {
    let mut rate = first;
    let milestones = (start + 1..end).map(|step| {
        rate = active.iter().filter(|w| w.is_active(step)).fold(rate, |rate, window| window.step(rate, step));
        Milestone { step: step - start, value: rate }
    });
    let milestones = milestones.collect();
    Node::Steps(Steps { initial: first, milestones }).try_into()
}

/// A sequence of constants is a rate with milestones, and a sequence of one is that one.
fn in_short(phases: Vec<Phase>) -> Result<Schedule, ScheduleError> {
    let rates: Option<Vec<(u64, f64)>> = phases
        .iter()
        .map(|phase| match phase.schedule.node() {
            Node::Constant(rate) => Some((phase.start, *rate)),
            _ => None,
        })
        .collect();
    match (rates.as_deref(), phases.as_slice()) {
        (_, [phase]) => Ok(phase.schedule.clone()),
        (Some([(_, first), rest @ ..]), _) => Schedule::piecewise_constant(*first, rest),
        _ => Schedule::sequence(phases),
    }
}
