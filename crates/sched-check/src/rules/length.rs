//! Schedules that are not as long as the run.

use sched_core::{Beyond, HorizonMismatch, Node, Shape};
use sched_plot::Short;

use super::level::falling;
use crate::change::Change;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::run::{Course, NOTABLE};

/// More cycles than this look like epochs taken for steps.
const MANY_CYCLES: u64 = 100;
/// How many cycles are usual.
const FEW_CYCLES: f64 = 10.0;
/// A warmup that takes more of the run than this leaves too little of it.
const LONG_WARMUP: f64 = 0.5;
/// The warmup that is proposed instead.
const USUAL_WARMUP: f64 = 0.05;
/// A run this many times longer than its schedule suggests that epochs were taken for steps.
const EPOCHS: u64 = 10;

pub(super) fn findings(course: &Course<'_>) -> Vec<Finding> {
    let warmup = warmup_too_long(course);
    let mut findings: Vec<_> = [warmup, too_short(course)].into_iter().flatten().collect();
    // A schedule that is too long often never changes within the run; one finding is enough.
    let late = late_phase(course);
    findings.extend(
        too_long(course)
            .or_else(|| cycle_cut(course))
            .or_else(|| if late.is_some() { None } else { never_changes(course) }),
    );
    findings.extend(late);
    findings.extend(too_many_cycles(course).or_else(|| rises_again(course)));
    findings
}

fn too_short(course: &Course<'_>) -> Option<Finding> {
    let Some(HorizonMismatch::TooShort { horizon, rate, .. }) = course.schedule.compare_horizon(course.end) else {
        return None;
    };
    let end = course.end as f64;
    let mut message =
        format!("the schedule ends here, but the run has {} steps; the rate stays at {}", course.end, Short(rate));
    // Milestones end with a level, which is to be seen for a while.
    let length = course.schedule.extent().max(horizon) as f64;
    let mut changes = vec![Change::Length(horizon as f64, end), Change::Lengths(end / length)];
    let mut needs_steps_per_epoch = false;
    if let Some(n) = course.epochs(length).or_else(|| course.epochs(horizon as f64)) {
        message += &format!("; its lengths look like epochs taken for steps ({n} per epoch)");
        changes.insert(0, Change::Epochs);
    } else if let Some(why) = course.miscounts(end / length) {
        message += &format!("; {why}, divided once too often");
    } else if course.end / horizon >= EPOCHS {
        changes.reverse();
        message += "; its lengths may be epochs taken for steps";
        needs_steps_per_epoch = true;
    }
    Some(Finding { needs_steps_per_epoch, ..Finding::new(Kind::ScheduleTooShort, horizon, message, changes) })
}

fn too_long(course: &Course<'_>) -> Option<Finding> {
    let (end, last) = (course.end as f64, Short(course.last()));
    let (goal, begins, own) = match course.schedule.compare_horizon(course.end) {
        Some(HorizonMismatch::TooLong { horizon, .. }) => (horizon as f64, None, None),
        Some(_) => return None,
        None => course.pieces.iter().filter(|piece| course.is_last(piece)).find_map(|piece| match piece.node {
            Node::Ramp(ramp) if ramp.from > ramp.to && piece.step(ramp.steps) > end => {
                let (turn, length) = (piece.step(ramp.steps), ramp.steps * piece.scale);
                // What is left may be little, but the decay is as long as the run, and starts later.
                let includes_warmup = piece.start >= 1.0 && (length - end).abs() <= piece.scale.max(1.0);
                let goal = course.at(turn as u64);
                let is_cut = ramp.beyond == Beyond::Mirror && course.differ(course.last(), goal);
                let own = Change::Length(ramp.steps, (end - piece.start) / piece.scale);
                (is_cut || includes_warmup).then_some((turn, includes_warmup.then_some(piece.start), Some(own)))
            }
            Node::Repeat(repeat) => {
                let turn = piece.step(repeat.period as f64);
                let goal = course.at((turn as u64).saturating_sub(1));
                (turn > end && piece.start < end && course.differ(course.last(), goal)).then_some((turn, None, None))
            }
            _ => None,
        })?,
    };
    // Of a schedule that is nothing but a warmup, that is said already.
    let rises = course.pieces.iter().any(|piece| {
        matches!(piece.node, Node::Ramp(ramp) if ramp.from < ramp.to && piece.start <= 0.0 && piece.step(ramp.steps) >= goal)
    });
    if rises && warmup_too_long(course).is_some() {
        return None;
    }
    let target = Short(course.at(goal as u64));
    let mut message = format!("the run ends at a rate of {last}; the schedule continues to {target} at step {goal}");
    if let Some(start) = begins {
        message += &format!("; its decay takes {end} steps, which is the whole run, but starts at step {start}");
    } else if let Some(why) = course.miscounts(goal / end) {
        message += &format!("; {why}");
    }
    let others = [Change::Length(goal, end), Change::Lengths(end / goal), Change::Run(goal as u64)];
    let changes = own.into_iter().chain(others).collect();
    Some(Finding::new(Kind::ScheduleTooLong, course.end - 1, message, changes))
}

/// The last cycle, when it is not the first, should be whole.
fn cycle_cut(course: &Course<'_>) -> Option<Finding> {
    let end = course.end as f64;
    course.pieces.iter().filter(|piece| course.is_last(piece)).find_map(|piece| {
        let (period, growth) = match piece.node {
            Node::Repeat(repeat) => (repeat.period as f64 * piece.scale, repeat.growth),
            Node::Ramp(ramp) if ramp.beyond == Beyond::Repeat && ramp.steps > 0.0 => (ramp.steps * piece.scale, 1.0),
            _ => return None,
        };
        let (mut start, mut length, mut cycles) = (piece.start, period, 1);
        while start + length < end && cycles <= MANY_CYCLES {
            (start, length, cycles) = (start + length, length * growth, cycles + 1);
        }
        let stop = start + length;
        let goal = course.at((stop as u64).saturating_sub(1));
        if cycles == 1 || cycles > MANY_CYCLES || stop <= end || !course.differ(course.last(), goal) {
            return None;
        }
        let message = format!(
            "the run ends in the middle of cycle {cycles}, which started at step {start}, at a rate of {}; the cycle would \
             end at {} at step {stop}",
            Short(course.last()),
            Short(goal)
        );
        let whole = |cycles: u64| (end - piece.start) / (0..cycles).map(|i| growth.powf(i as f64)).sum::<f64>();
        let mut periods = [whole(cycles), whole(cycles - 1)];
        periods.sort_by(|a, b| (a - period).abs().total_cmp(&(b - period).abs()));
        let mut changes: Vec<_> = periods.into_iter().map(|length| Change::Length(period, length)).collect();
        let nearest = if end - start < stop - end { start } else { stop };
        changes.extend([Change::Run(nearest as u64), Change::Lengths(end / nearest)]);
        Some(Finding::new(Kind::CycleCut, course.end - 1, message, changes))
    })
}

fn too_many_cycles(course: &Course<'_>) -> Option<Finding> {
    course.pieces.iter().find_map(|piece| {
        let period = match piece.node {
            Node::Repeat(repeat) if repeat.growth == 1.0 => repeat.period as f64 * piece.scale,
            Node::Ramp(ramp) if ramp.beyond == Beyond::Repeat && ramp.steps > 0.0 => ramp.steps * piece.scale,
            _ => return None,
        };
        let span = piece.stop - piece.start;
        let cycles = (span / period).ceil();
        let mut message = format!(
            "the run has {cycles} cycles of {period} steps, between {} and {}",
            Short(course.lowest()),
            Short(course.peak.1)
        );
        let mut changes = vec![Change::Length(period, (span / FEW_CYCLES).ceil()), Change::Length(period, span)];
        if cycles <= MANY_CYCLES as f64 {
            return None;
        }
        match course.plan.steps_per_epoch {
            Some(n) => {
                message += &format!("; the length looks like epochs taken for steps ({n} per epoch)");
                changes.insert(0, Change::Epochs);
            }
            None => message += "; the length may be epochs taken for steps",
        }
        let step = piece.step(period / piece.scale) as u64;
        let needs_steps_per_epoch = course.plan.steps_per_epoch.is_none();
        Some(Finding { needs_steps_per_epoch, ..Finding::new(Kind::TooManyCycles, step, message, changes) })
    })
}

fn rises_again(course: &Course<'_>) -> Option<Finding> {
    course.pieces.iter().find_map(|piece| {
        let Node::Ramp(ramp) = piece.node else { return None };
        let turn = piece.step(ramp.steps).ceil();
        if ramp.beyond != Beyond::Mirror || ramp.from <= ramp.to || turn < 0.0 || turn >= piece.stop {
            return None;
        }
        let (from, stop) = (turn as u64, piece.stop as u64);
        let after = course.points.iter().filter(|(step, _)| (from..stop).contains(step));
        let (step, top) = after.copied().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
        let low = course.at(from);
        if top - low <= 0.01 * course.peak.1 {
            return None;
        }
        let mut message =
            format!("the rate falls to {}, then rises again to {} at step {step}", Short(low), Short(top));
        let mut changes = vec![Change::Length(turn, piece.stop), Change::Lengths(piece.stop / turn)];
        if let Some(n) = course.epochs(turn) {
            message += &format!("; its length looks like epochs taken for steps ({n} per epoch)");
            changes.insert(0, Change::Epochs);
        }
        Some(Finding::new(Kind::RisesAgain, from, message, changes))
    })
}

fn warmup_too_long(course: &Course<'_>) -> Option<Finding> {
    let (step, top) = course.peak;
    let first = course.at(0);
    let rising = course.points.iter().take_while(|point| point.0 <= step);
    if !rising.map(|point| point.1).is_sorted() || !course.differ(first, top) {
        return None;
    }
    course.pieces.iter().find_map(|piece| {
        let Node::Ramp(ramp) = piece.node else { return None };
        let turn = piece.step(ramp.steps);
        // A ramp alone from above 0 to the end of the run, or by equal factors, is a range test.
        let is_alone = std::ptr::eq(piece.node, course.schedule.node()) && ramp.from > 0.0;
        let is_test = is_alone && (turn <= course.end as f64 || ramp.shape == Shape::Geometric);
        let is_it = ramp.from < ramp.to && piece.start <= 0.0 && ramp.beyond == Beyond::Hold && !is_test;
        let is_long =
            turn > LONG_WARMUP * course.end as f64 && step as f64 >= (turn - 2.0).min(course.end as f64 - 1.0);
        if !is_it || !is_long || turn <= 2.0 {
            return None;
        }
        let end = course.end;
        let usual = (USUAL_WARMUP * end as f64).round().max(1.0);
        let changes =
            vec![Change::Length(turn, usual), Change::Lengths(end as f64 / course.schedule.extent().max(1) as f64)];
        let message = if turn > end as f64 {
            format!(
                "the run ends at a rate of {}, still warming up to {} at step {turn}",
                Short(course.last()),
                Short(course.at(turn as u64 - 1).max(course.at(turn as u64)))
            )
        } else {
            format!(
                "the warmup to {} takes {turn} of {end} steps, {:.0} % of the run; a few percent are usual",
                Short(top),
                100.0 * turn / end as f64
            )
        };
        let step = if turn > end as f64 { end - 1 } else { step };
        Some(Finding::new(Kind::WarmupTooLong, step, message, changes))
    })
}

/// A warmup that is over long before the next phase starts, or is cut by it.
fn late_phase(course: &Course<'_>) -> Option<Finding> {
    course.pieces.iter().find_map(|piece| {
        let Node::Sequence(phases) = piece.node else { return None };
        let [warmup, next, ..] = phases.as_slice() else { return None };
        let Node::Ramp(ramp) = warmup.schedule.node() else { return None };
        let (over, starts) = (piece.step(ramp.steps), piece.step(next.start as f64));
        let (held, length) = (starts - over, over - piece.start);
        let is_late = held > piece.scale.max(NOTABLE * length) && starts < course.end as f64 * 2.0;
        if ramp.from >= ramp.to || ramp.beyond != Beyond::Hold || !is_late || matches!(next.schedule.node(), Node::Constant(_)) {
            return None;
        }
        let message = format!(
            "the warmup is over here, but the next phase starts at step {starts}; the rate stays at {} for {held} steps",
            Short(course.at(over as u64))
        );
        let changes = vec![Change::Length(starts, over), Change::Length(over, starts)];
        Some(Finding::new(Kind::LatePhase, over as u64, message, changes))
    })
}

fn never_changes(course: &Course<'_>) -> Option<Finding> {
    if course.end == 1 || course.is_constant_by_design() {
        return None;
    }
    let (lowest, (_, peak), last) = (course.lowest(), course.peak, course.last());
    let end = course.end as f64;
    let extent = course.schedule.extent();
    let later = [Some(extent), course.schedule.next_seam(course.end - 1)].into_iter().flatten();
    let later = later.filter(|&step| step > course.end && course.differ(course.at(step), last)).min();
    match later {
        Some(step) if !course.differ(lowest, peak) => {
            let how = if lowest == peak {
                format!("is {}", Short(peak))
            } else {
                format!("stays between {} and {}", Short(lowest), Short(peak))
            };
            let message =
                format!("the rate {how} at every step of the run; it is {} at step {step}", Short(course.at(step)));
            let extent = extent.max(step) as f64;
            let changes = vec![
                Change::Lengths(end / extent),
                Change::Length(step as f64, end),
                Change::Length(extent, end),
                Change::Root(end / extent),
            ];
            Some(Finding::new(Kind::NeverChanges, 0, message, changes))
        }
        None if lowest == peak && peak > 0.0 => {
            let message = format!("the rate is {} at every step, although the schedule is no constant", Short(peak));
            let changes = vec![
                Change::Rate(1.0, 0.1),
                Change::Rate(1.0, falling(end)),
                Change::Rate(peak, 0.0),
                Change::Rate(peak, 0.01 * peak),
            ];
            Some(Finding::new(Kind::NeverChanges, 0, message, changes))
        }
        _ => None,
    }
}
