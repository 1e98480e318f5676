//! Which of PyTorch's schedulers has the rates of a schedule.

use sched_core::{Beyond, Exponential, Node, Phase, Ramp, Repeat, Schedule, Shape, Steps};
use sched_dialects::Value as Param;

use super::cycles::{cyclic, one_cycle};
use super::guess::{Guess, close, steps};

/// A `ConstantLR` that never ends.
const FOR_EVER: i128 = i64::MAX as i128;

/// Schedulers that may have these rates, the likeliest first. Whether they have them is for the caller to check.
pub(super) fn guesses(schedule: &Schedule, momentum: Option<&Schedule>) -> Vec<Guess> {
    let all = [
        one_cycle(schedule, momentum),
        cyclic(schedule, momentum),
        leaf(schedule, None),
        chained(schedule),
        sequential(schedule),
        factored(schedule).and_then(|product| chained(&product)),
    ];
    all.into_iter().flatten().collect()
}

/// A scheduler that is not made of others, and that starts from `base` if that is known.
fn leaf(schedule: &Schedule, base: Option<f64>) -> Option<Guess> {
    let from = |initial: f64| base.is_none_or(|base| close(base, initial)).then_some(initial);
    Some(match schedule.node() {
        Node::Constant(rate) => {
            let base = base.unwrap_or(*rate);
            let factor = if base == 0.0 { 1.0 } else { rate / base };
            let factor = fraction(factor)?;
            Guess::new("ConstantLR", base, [("factor", factor), ("total_iters", Param::Int(FOR_EVER))])
        }
        Node::Ramp(Ramp { from: start, to, steps: length, shape: Shape::Linear, beyond: Beyond::Hold }) => {
            let base = base.unwrap_or(start.max(*to));
            let (start, end) = (fraction(start / base)?, fraction(to / base)?);
            Guess::new(
                "LinearLR",
                base,
                [("start_factor", start), ("end_factor", end), ("total_iters", steps(*length)?)],
            )
        }
        Node::Ramp(Ramp { from: start, to, steps: length, shape: Shape::Polynomial(power), beyond: Beyond::Hold })
            if *to == 0.0 =>
        {
            let params = [("total_iters", steps(*length)?), ("power", Param::Number(*power))];
            Guess::new("PolynomialLR", from(*start)?, params)
        }
        Node::Ramp(Ramp { from: start, to, steps: length, shape: Shape::Cosine, beyond: Beyond::Mirror }) => {
            let params = [("T_max", steps(*length)?), ("eta_min", Param::Number(*to))];
            Guess::new("CosineAnnealingLR", from(*start)?, params)
        }
        // In a sequence it would not start from the rate that the sequence starts from.
        Node::Ramp(Ramp { from: start, to, steps: length, shape: Shape::Cosine, beyond: Beyond::Hold })
            if base.is_none() =>
        {
            let anneal = Param::Text("cos".to_owned());
            let params =
                [("swa_lr", Param::Number(*to)), ("anneal_epochs", steps(*length)?), ("anneal_strategy", anneal)];
            Guess::new("SWALR", *start, params)
        }
        Node::Exponential(Exponential { initial, gamma, decay_steps }) => {
            let gamma = if *decay_steps == 1.0 { *gamma } else { gamma.powf(1.0 / decay_steps) };
            Guess::new("ExponentialLR", from(*initial)?, [("gamma", Param::Number(gamma))])
        }
        Node::Every { n, of } => {
            let Node::Exponential(Exponential { initial, gamma, decay_steps }) = of.node() else { return None };
            if *decay_steps != 1.0 {
                return None;
            }
            let params = [("step_size", Param::Int((*n).into())), ("gamma", Param::Number(*gamma))];
            Guess::new("StepLR", from(*initial)?, params)
        }
        Node::Steps(stairs) => stairs_of(stairs, base)?,
        Node::Repeat(Repeat { of, period, growth, cycle_scale: 1.0, floor: 0.0, limit: None }) => {
            let Node::Ramp(Ramp { from: start, to, steps: length, shape: Shape::Cosine, .. }) = of.node() else {
                return None;
            };
            if *length != *period as f64 {
                return None;
            }
            let params =
                [("T_0", Param::Int((*period).into())), ("T_mult", steps(*growth)?), ("eta_min", Param::Number(*to))];
            Guess::new("CosineAnnealingWarmRestarts", from(*start)?, params)
        }
        _ => return None,
    })
}

/// A factor between 0 and 1.
fn fraction(factor: f64) -> Option<Param> {
    let factor = if close(factor, 1.0) { 1.0 } else { factor };
    (0.0..=1.0).contains(&factor).then_some(Param::Number(factor))
}

/// `MultiStepLR`, or `ConstantLR` where the only step leads up.
fn stairs_of(stairs: &Steps, base: Option<f64>) -> Option<Guess> {
    let Steps { initial, milestones } = stairs;
    if let [only] = milestones.as_slice()
        && only.value > *initial
    {
        let base = base.unwrap_or(only.value);
        let params = [("factor", fraction(initial / base)?), ("total_iters", Param::Int(only.step.into()))];
        return close(base, only.value).then(|| Guess::new("ConstantLR", base, params));
    }
    if !base.is_none_or(|base| close(base, *initial)) {
        return None;
    }
    let before = std::iter::once(*initial).chain(milestones.iter().map(|milestone| milestone.value));
    let ratios: Vec<f64> = milestones.iter().zip(before).map(|(milestone, before)| milestone.value / before).collect();
    let is_one = |ratio: &&f64| close(**ratio, 1.0);
    // The factor of one milestone; where several are on one step, a power of it.
    let nearest = |a: &f64, b: &f64| a.ln().abs().total_cmp(&b.ln().abs());
    let gamma = ratios.iter().copied().filter(|ratio| !is_one(&ratio)).min_by(nearest).unwrap_or(1.0);
    let mut list = Vec::new();
    for (milestone, ratio) in milestones.iter().zip(&ratios) {
        let times = if is_one(&ratio) { 0.0 } else { (ratio.ln() / gamma.ln()).round() };
        if !(0.0..=1000.0).contains(&times) {
            return None;
        }
        list.extend((0..times as usize).map(|_| Param::Int(milestone.step.into())));
    }
    let params = [("milestones", Param::List(list)), ("gamma", Param::Number(gamma))];
    Some(Guess::new("MultiStepLR", *initial, params))
}

/// `ChainedScheduler`: all factors at once. A constant factor is one on the rate in the optimizer.
fn chained(schedule: &Schedule) -> Option<Guess> {
    let Node::Product(factors) = schedule.node() else { return None };
    let mut base = 1.0;
    let mut members = Vec::new();
    for factor in factors {
        if let Node::Constant(factor) = factor.node() {
            base *= factor;
            continue;
        }
        let member = leaf(factor, None).or_else(|| sequential(factor))?;
        base *= member.base;
        members.push(member);
    }
    match members.as_mut_slice() {
        [] => None,
        [_] => members.pop().map(|only| Guess { base, ..only }),
        _ => {
            let members = members.into_iter().map(Guess::into_member).collect();
            Some(Guess::new("ChainedScheduler", base, [("schedulers", Param::List(members))]))
        }
    }
}

/// `SequentialLR`: one after the other, each from the same rate.
fn sequential(schedule: &Schedule) -> Option<Guess> {
    let mut parts = Vec::new();
    split(schedule, 0, None, &mut parts)?;
    if parts.len() < 2 {
        return None;
    }
    let alone: Vec<_> =
        parts.iter().map(|(_, part)| leaf(part, None).or_else(|| chained(part))).collect::<Option<_>>()?;
    // A linear or a constant one fits any rate above its own.
    let is_flexible = |guess: &&Guess| matches!(guess.kind, "LinearLR" | "ConstantLR");
    let fixed = alone.iter().find(|guess| !is_flexible(guess));
    let base = fixed.map_or_else(|| alone.iter().map(|guess| guess.base).fold(0.0, f64::max), |fixed| fixed.base);
    let fit = |(_, part): &(u64, Schedule)| leaf(part, Some(base)).or_else(|| chained(part));
    let members: Vec<_> = parts.iter().map(fit).collect::<Option<_>>()?;
    let milestones = parts[1..].iter().map(|(start, _)| Param::Int((*start).into())).collect();
    let members = members.into_iter().map(Guess::into_member).collect();
    Some(Guess::new(
        "SequentialLR",
        base,
        [("schedulers", Param::List(members)), ("milestones", Param::List(milestones))],
    ))
}

/// The parts of a sequence and when each begins, those of sequences in it included. A cosine that holds its end is one that
/// goes on as PyTorch's does, and then a constant.
fn split(schedule: &Schedule, start: u64, end: Option<u64>, parts: &mut Vec<(u64, Schedule)>) -> Option<()> {
    match schedule.node() {
        Node::Sequence(phases) => {
            for (i, Phase { start: own, schedule }) in phases.iter().enumerate() {
                let next = phases.get(i + 1).map(|next| next.start);
                if next == Some(*own) {
                    continue;
                }
                let begin = start.checked_add(*own)?;
                let stop = next.and_then(|next| start.checked_add(next)).into_iter().chain(end).min();
                if stop.is_none_or(|stop| begin < stop) {
                    split(schedule, begin, stop, parts)?;
                }
            }
        }
        Node::Ramp(ramp) if ramp.shape == Shape::Cosine && ramp.beyond == Beyond::Hold => {
            steps(ramp.steps)?;
            let stop = start.checked_add(ramp.steps as u64)?;
            parts.push((start, ramp.beyond(Beyond::Mirror).build().ok()?));
            if end.is_none_or(|end| stop < end) {
                parts.push((stop, Schedule::constant(ramp.to).ok()?));
            }
        }
        _ => parts.push((start, schedule.clone())),
    }
    Some(())
}

/// A sequence of products that all have a factor in common, which goes on from one to the next, as a product of a sequence
/// and that factor: what is made of a `SequentialLR` in a `ChainedScheduler`.
fn factored(schedule: &Schedule) -> Option<Schedule> {
    let Node::Sequence(phases) = schedule.node() else { return None };
    let factors = |phase: &Phase| if let Node::Product(of) = phase.schedule.node() { Some(of.clone()) } else { None };
    let (first, rest) = phases.split_first()?;
    for common in factors(first)? {
        let at = |start: u64| if start == 0 { Some(common.clone()) } else { common.clone().advance(start as f64).ok() };
        let without = |phase: &Phase| {
            let mut of = factors(phase)?;
            let goes_on = at(phase.start)?;
            of.remove(of.iter().position(|factor| *factor == goes_on)?);
            let schedule = if of.len() == 1 { of.pop()? } else { Node::Product(of).try_into().ok()? };
            Some(Phase { start: phase.start, schedule })
        };
        let others: Option<Vec<_>> = std::iter::once(first).chain(rest).map(without).collect();
        if let Some(sequence) = others.and_then(|others| Schedule::sequence(others).ok()) {
            return Node::Product(vec![sequence, common]).try_into().ok();
        }
    }
    None
}

/// Why no scheduler has these rates, and the one that comes closest.
pub(super) fn nearest(schedule: &Schedule) -> (&'static str, &'static str) {
    match schedule.node() {
        Node::Sequence(phases) => {
            let from_zero = phases.iter().any(|phase| {
                matches!(phase.schedule.node(), Node::Ramp(ramp)
                if ramp.shape == Shape::Linear && ramp.from == 0.0 && ramp.to > 0.0)
            });
            if from_zero {
                return ("LinearLR cannot start at 0, because it multiplies the rate step by step", "SequentialLR");
            }
            ("its parts are not schedulers of PyTorch that all start from one rate", "SequentialLR")
        }
        Node::Product(_) => {
            ("its factors are not all schedulers of PyTorch that multiply the rate", "ChainedScheduler")
        }
        Node::Ramp(ramp) => match ramp.shape {
            Shape::Linear if ramp.from == 0.0 => {
                ("LinearLR cannot start at 0, because it multiplies the rate step by step", "LinearLR")
            }
            Shape::Linear => ("LinearLR holds its end, and takes a whole number of steps", "LinearLR"),
            Shape::Polynomial(_) => ("PolynomialLR goes to 0, and takes a whole number of steps", "PolynomialLR"),
            Shape::Cosine => ("CosineAnnealingLR and SWALR take a whole number of steps", "CosineAnnealingLR"),
            _ => ("PyTorch has no such shape", "LambdaLR"),
        },
        Node::Steps(_) => ("MultiStepLR multiplies by one factor at each milestone", "MultiStepLR"),
        Node::Every { .. } => (
            "it changes once in several updates; in PyTorch, that is a scheduler stepped once an epoch, whose state has the \
             number of epochs",
            "StepLR",
        ),
        Node::Repeat(_) => {
            ("its cycles are neither cosines nor triangles as PyTorch has them", "CosineAnnealingWarmRestarts")
        }
        _ => ("PyTorch has no such curve", "LambdaLR"),
    }
}
