//! `OneCycleLR` and `CyclicLR`, which drive the momentum too.

use sched_core::{Node, Phase, Ramp, Repeat, Schedule, Shape};
use sched_dialects::Value as Param;

use super::guess::{Guess, close, steps};

fn ramp(schedule: &Schedule) -> Option<Ramp> {
    match schedule.node() {
        Node::Ramp(ramp) => Some(*ramp),
        // A boundary between two steps.
        Node::Advance { of, .. } => ramp(of),
        _ => None,
    }
}

/// Up to a peak, down, and further down; or the first two in one.
pub(super) fn one_cycle(schedule: &Schedule, momentum: Option<&Schedule>) -> Option<Guess> {
    let Node::Sequence(phases) = schedule.node() else { return None };
    let ramps: Vec<Ramp> = phases.iter().map(|phase| ramp(&phase.schedule)).collect::<Option<_>>()?;
    let (up, last) = (ramps.first()?, ramps.last()?);
    let is_cycle = ramps.len() == 2 || (ramps.len() == 3 && close(ramps[1].steps, up.steps));
    let anneal = match up.shape {
        Shape::Cosine => "cos",
        Shape::Linear => "linear",
        _ => return None,
    };
    if !(is_cycle && up.from < up.to && up.from > 0.0 && last.to > 0.0) {
        return None;
    }
    let total = (ramps.iter().map(|ramp| ramp.steps).sum::<f64>() + 1.0).round();
    let mut params = vec![
        ("max_lr", Param::Number(up.to)),
        ("total_steps", steps(total)?),
        ("pct_start", Param::Number((up.steps + 1.0) / total)),
        ("anneal_strategy", Param::Text(anneal.to_owned())),
        ("cycle_momentum", Param::Bool(momentum.is_some())),
        ("div_factor", Param::Number(up.to / up.from)),
        ("final_div_factor", Param::Number(up.from / last.to)),
        ("three_phase", Param::Bool(ramps.len() == 3)),
    ];
    if let Some(momentum) = momentum {
        let Node::Sequence(phases) = momentum.node() else { return None };
        let down = ramp(&phases.first()?.schedule)?;
        params.push(("base_momentum", Param::Number(down.to)));
        params.push(("max_momentum", Param::Number(down.from)));
    }
    Some(Guess { kind: "OneCycleLR", params, base: up.from })
}

/// Triangles.
pub(super) fn cyclic(schedule: &Schedule, momentum: Option<&Schedule>) -> Option<Guess> {
    let (base, triangles, gamma) = match schedule.node() {
        Node::Sum(of) => match of.as_slice() {
            [scaled, constant] => {
                let Node::Constant(base) = constant.node() else { return None };
                let (triangles, gamma) = shrinking(scaled)?;
                (Some(*base), triangles, Some(gamma))
            }
            _ => return None,
        },
        Node::Product(_) => {
            let (triangles, gamma) = shrinking(schedule)?;
            (Some(0.0), triangles, Some(gamma))
        }
        _ => (None, schedule, None),
    };
    let Node::Repeat(Repeat { of, growth: 1.0, cycle_scale, limit: None, .. }) = triangles.node() else { return None };
    let Node::Sequence(phases) = of.node() else { return None };
    let [Phase { schedule: up, .. }, Phase { schedule: down, .. }] = phases.as_slice() else { return None };
    let (up, down) = (ramp(up)?, ramp(down)?);
    let low = base.unwrap_or(up.from);
    let mode = match (gamma, *cycle_scale) {
        (Some(_), _) => "exp_range",
        (None, 1.0) => "triangular",
        (None, 0.5) => "triangular2",
        _ => return None,
    };
    let mut params = vec![
        ("base_lr", Param::Number(low)),
        ("max_lr", Param::Number(up.to + base.unwrap_or(0.0))),
        ("step_size_up", steps(up.steps)?),
        ("step_size_down", steps(down.steps)?),
        ("mode", Param::Text(mode.to_owned())),
        ("gamma", Param::Number(gamma.unwrap_or(1.0))),
        ("cycle_momentum", Param::Bool(momentum.is_some())),
    ];
    if let Some(momentum) = momentum {
        let peak = up.steps as u64;
        let shrunk = gamma.map_or(1.0, |gamma| gamma.powf(up.steps));
        let high = momentum.at(0);
        params.push(("base_momentum", Param::Number(high - (high - momentum.at(peak)) / shrunk)));
        params.push(("max_momentum", Param::Number(high)));
    }
    Some(Guess { kind: "CyclicLR", params, base: low })
}

/// Triangles times an exponential from 1.
fn shrinking(schedule: &Schedule) -> Option<(&Schedule, f64)> {
    let Node::Product(of) = schedule.node() else { return None };
    let [triangles, decay] = of.as_slice() else { return None };
    match decay.node() {
        Node::Exponential(decay) if decay.initial == 1.0 && decay.decay_steps == 1.0 => Some((triangles, decay.gamma)),
        _ => None,
    }
}
