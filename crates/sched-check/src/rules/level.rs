//! Rates that look wrong wherever the run ends: too high or low, at 0, jumping, or going the wrong way.

use sched_core::{Beyond, Node, Phase, Shape};
use sched_plot::Short;

use super::optimizer::Usual;
use crate::change::Change;
use crate::finding::{Finding, Severity};
use crate::kind::Kind;
use crate::run::{Course, NOTABLE, Piece};

/// A rate of at most this fraction of the peak trains nothing.
const NEGLIGIBLE: f64 = 1e-6;
/// The smallest fraction of the run that is worth reporting as wasted.
const WASTE: f64 = 0.1;
/// The limit on jumps, which tend to be alike.
const MAX_JUMPS: usize = 5;
/// A range test starts at most here, and ends at least and at most there.
const RANGE_TEST: (f64, f64, f64) = (1e-4, 1e-2, 100.0);
/// More growth than this is a mistake rather than a warmup.
const MUCH_GROWTH: f64 = 10.0;

pub(super) fn findings(course: &Course<'_>, usual: &Usual) -> Vec<Finding> {
    let mut findings = jumps(course);
    findings.extend(floor_above_rate(course));
    findings.extend(zero_start(course).or_else(|| nearly_zero(course)));
    let grows = grows(course);
    if grows.is_none() && !is_range_test(course) {
        findings.extend(unusual_peak(course, usual));
    }
    findings.extend(grows);
    findings
}

/// Whether the rate grows by equal factors from next to nothing to what no training survives.
fn is_range_test(course: &Course<'_>) -> bool {
    let (start, least, most) = RANGE_TEST;
    let geometric = course.pieces.iter().any(|piece| match piece.node {
        Node::Ramp(ramp) => ramp.shape == Shape::Geometric && ramp.from < ramp.to,
        Node::Exponential(exponential) => exponential.gamma > 1.0,
        _ => false,
    });
    let rates = course.points.iter().map(|point| point.1);
    geometric && rates.is_sorted() && course.at(0) <= start && (least..=most).contains(&course.peak.1)
}

fn jumps(course: &Course<'_>) -> Vec<Finding> {
    let mut jumps = Vec::new();
    for piece in &course.pieces {
        let Node::Sequence(phases) = piece.node else { continue };
        for pair in phases.windows(2) {
            let seam = piece.step(pair[1].start as f64).ceil();
            // A phase of one step has no direction to compare with.
            if seam > 0.0 && seam < piece.stop && pair[1].start - pair[0].start > 1 && jumps.len() < MAX_JUMPS {
                let over = match pair[0].schedule.node() {
                    Node::Ramp(ramp) => Some(piece.step(pair[0].start as f64 + ramp.steps)),
                    _ => None,
                };
                jumps.extend(jump(course, &pair[0], &pair[1], seam as u64, over));
            }
        }
    }
    jumps
}

/// A jump between two phases, unless it is the point of them: levels, or a restart. A ramp before it is `over` at a step.
fn jump(course: &Course<'_>, before: &Phase, after: &Phase, seam: u64, over: Option<f64>) -> Option<Finding> {
    let (old, new) = (course.at(seam - 1), course.at(seam));
    // The value that the phase was heading for: a short warmup takes its last step to it, which is no jump.
    let from = before.schedule.at(after.start - before.start);
    let to = after.schedule.at(0);
    let is_level = |phase: &Phase| matches!(phase.schedule.node(), Node::Constant(_) | Node::Steps(_));
    let is_flat = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
    let stairs = seam >= 2 && is_flat(course.at(seam - 2), old) && is_flat(new, course.at(seam + 1));
    let restart = new > old && to <= before.schedule.at(0) * (1.0 + NOTABLE);
    let close = |a: f64, b: f64| (a - b).abs() <= NOTABLE * a.abs().max(b.abs());
    if (is_level(before) && is_level(after)) || stairs || restart || close(from, to) || close(old, new) {
        return None;
    }
    let mut changes = vec![Change::Rate(to, from), Change::Rate(from, to)];
    let mut message = format!("the rate jumps from {} to {} between two phases", Short(old), Short(new));
    if let Some(over) = over.filter(|&over| over > seam as f64) {
        message += &format!("; the first of them would last until step {over}");
        changes.insert(0, Change::Length(seam as f64, over));
        changes.insert(1, Change::Length(over, seam as f64));
    }
    Some(Finding::new(Kind::Jump, seam, message, changes))
}

/// A decay to a floor that is above the rate.
fn floor_above_rate(course: &Course<'_>) -> Option<Finding> {
    let end = course.end as f64;
    let warms_up = |before: f64| {
        let rises = |piece: &Piece<'_>| matches!(piece.node, Node::Ramp(ramp) if ramp.from < ramp.to);
        course.pieces.iter().any(|piece| piece.stop <= before && rises(piece))
    };
    course.pieces.iter().find_map(|piece| {
        let is_alone = std::ptr::eq(piece.node, course.schedule.node());
        let ramp = match piece.node {
            Node::Ramp(ramp) => ramp,
            Node::Repeat(repeat) => match repeat.of.node() {
                Node::Ramp(ramp) if ramp.shape != Shape::Linear => ramp,
                _ => return None,
            },
            _ => return None,
        };
        let turn = piece.step(ramp.steps);
        let is_decay = ramp.beyond == Beyond::Mirror
            || matches!(piece.node, Node::Repeat(_))
            || (ramp.shape != Shape::Geometric
                && if is_alone || (piece.start <= 0.0 && (turn - end).abs() <= NOTABLE * end) {
                    // A straight one is a range test.
                    ramp.shape != Shape::Linear && ramp.from > 0.0
                } else {
                    // After a warmup, up to the end of the run.
                    warms_up(piece.start) && course.is_last(piece) && turn >= end * (1.0 - NOTABLE)
                });
        let (start, stop) = (piece.start.max(0.0) as u64, turn.min(end).max(1.0) as u64 - 1);
        // What rises may be a part of a sum that falls.
        if ramp.from >= ramp.to || !is_decay || course.at(stop) - course.at(start) <= NOTABLE * course.peak.1 {
            return None;
        }
        let message =
            format!("the decay goes up from {} to {}: its floor is above its peak", Short(ramp.from), Short(ramp.to));
        let changes = vec![Change::Rate(ramp.to, 0.0), Change::Rate(ramp.to, 0.01 * ramp.from)];
        Some(Finding::new(Kind::FloorAboveRate, start, message, changes))
    })
}

fn zero_start(course: &Course<'_>) -> Option<Finding> {
    if course.at(0) != 0.0 || course.end == 1 {
        return None;
    }
    let (first, rate) = course.points.iter().copied().find(|point| point.1 > 0.0)?;
    if first as f64 >= (WASTE * course.end as f64).max(2.0) {
        return None;
    }
    let message = format!(
        "the rate is 0 at step 0, so the first update changes nothing; it is {} at step {first}, and the peak is {}",
        Short(rate),
        Short(course.peak.1)
    );
    let changes = vec![Change::Rate(0.0, rate), Change::Rate(0.0, 0.01 * course.peak.1)];
    Some(Finding { severity: Severity::Note, ..Finding::new(Kind::ZeroStart, 0, message, changes) })
}

/// The longest stretch of negligible rates.
fn nearly_zero(course: &Course<'_>) -> Option<Finding> {
    let (end, peak) = (course.end, course.peak.1);
    let limit = peak * NEGLIGIBLE;
    let (mut longest, mut start) = ((0, 0), None);
    for (i, &(step, lr)) in course.points.iter().enumerate() {
        if lr > limit {
            start = None;
            continue;
        }
        let from = *start.get_or_insert(step);
        let to = course.points.get(i + 1).map_or(end, |next| next.0);
        longest = longest.max((to - from, from));
    }
    let (length, from) = longest;
    // The tail of a schedule that ends early has been reported already.
    let horizon = course.schedule.horizon().filter(|_| course.schedule.compare_horizon(end).is_some());
    let reported = horizon.is_some_and(|horizon| from + length == end && from + 1 >= horizon);
    if reported || (length as f64) < WASTE * end as f64 || length < 2 {
        return None;
    }
    // Rates on their way up by equal factors are what a range test is for.
    if from == 0 && length < end && course.at(0) > 0.0 && course.at(0) < course.at(length - 1) {
        return None;
    }
    let part = 100.0 * length as f64 / end as f64;
    let message = format!(
        "the rate is at most {} for {length} steps, {part:.0} % of the run, which train nothing; the peak is {}",
        Short(course.at(from)),
        Short(peak)
    );
    let ratio = end as f64 / course.schedule.extent().max(1) as f64;
    let mut changes =
        vec![Change::Lengths(ratio), Change::Root(ratio), Change::Rate(0.0, 0.01 * peak), Change::Rate(0.0, 1e-3)];
    if let Some(n) = course.plan.steps_per_epoch {
        changes.insert(0, Change::Epochs);
        changes.insert(1, Change::Root(n as f64));
    }
    Some(Finding::new(Kind::NearlyZero, from, message, changes))
}

/// A factor above 1 where one below 1 is usual.
fn grows(course: &Course<'_>) -> Option<Finding> {
    let end = course.end as f64;
    let (factor, times) = course.pieces.iter().find_map(|piece| match piece.node {
        Node::Exponential(exponential) if exponential.gamma > 1.0 => {
            Some((exponential.gamma, end / (exponential.decay_steps * piece.scale)))
        }
        Node::Repeat(repeat) if repeat.cycle_scale > 1.0 => {
            Some((repeat.cycle_scale, end / (repeat.period as f64 * piece.scale)))
        }
        Node::Steps(steps) => {
            let levels = steps.milestones.iter().map(|milestone| milestone.value);
            let levels: Vec<_> = std::iter::once(steps.initial).chain(levels).collect();
            let rises = levels.len() > 2 && levels.windows(2).all(|pair| pair[0] < pair[1]) && levels[0] > 0.0;
            rises.then(|| (levels[1] / levels[0], levels.len() as f64 - 1.0))
        }
        _ => None,
    })?;
    let (first, (step, peak)) = (course.at(0), course.peak);
    if peak < MUCH_GROWTH * first || is_range_test(course) {
        return None;
    }
    let message =
        format!("the rate grows from {} to {}: its factor is {}, above 1", Short(first), Short(peak), Short(factor));
    Some(Finding::new(
        Kind::Grows,
        step,
        message,
        vec![Change::Inverse, Change::Rate(factor, falling(times)), Change::Rate(factor, 0.1)],
    ))
}

/// The factor that takes a rate to a hundredth if it is applied so many times.
pub(super) fn falling(times: f64) -> f64 {
    0.01_f64.powf(1.0 / times)
}

fn unusual_peak(course: &Course<'_>, usual: &Usual) -> Option<Finding> {
    let (step, peak) = course.peak;
    let (kind, limit, beyond) = if peak > usual.highest {
        (Kind::HighPeak, usual.highest, "above")
    } else if peak < usual.lowest && peak > 0.0 {
        (Kind::LowPeak, usual.lowest, "below")
    } else {
        return None;
    };
    let limit = match &usual.optimizer {
        Some(name) => {
            format!("{}, unusual for {name}, whose rates are usually near {}", Short(limit), Short(usual.typical))
        }
        None => Short(limit).to_string(),
    };
    let message = format!("the highest rate is {}, {beyond} {limit}", Short(peak));
    let mut changes = vec![Change::Rate(peak, usual.typical)];
    if kind == Kind::HighPeak {
        changes.push(Change::Peak(peak));
    }
    Some(Finding::new(kind, step, message, changes))
}
