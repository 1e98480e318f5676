//! A schedule as the Rust that builds it.

use sched_core::{Beyond, Exponential, Node, Phase, Ramp, Repeat, Schedule, Shape, Steps};
use sched_dialects::Translation;

/// What an expression may name.
const NAMES: [&str; 9] = ["Beyond", "Feedback", "Node", "Phase", "PowerLaw", "Ramp", "Repeat", "Schedule", "Shape"];

/// The lines that build the schedules of parameter groups.
pub(crate) fn program(groups: &[Translation]) -> Result<String, String> {
    let mut lines = String::new();
    for (i, group) in groups.iter().enumerate() {
        let suffix = if groups.len() > 1 { format!("_{i}") } else { String::new() };
        let schedules = [
            ("lr", Some(&group.lr)),
            ("momentum", group.momentum.as_ref()),
            ("weight_decay", group.weight_decay.as_ref()),
        ];
        for (name, schedule) in schedules {
            if let Some(schedule) = schedule {
                lines += &format!("let {name}{suffix} = {}?;\n", expression(schedule)?);
            }
        }
        if let Some(feedback) = &group.feedback {
            let json = serde_json::to_string(feedback).map_err(|error| error.to_string())?;
            lines += &format!("let feedback{suffix}: Feedback = serde_json::from_str(r#\"{json}\"#)?;\n");
        }
    }
    let words: Vec<&str> = lines.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let used: Vec<&str> = NAMES.into_iter().filter(|name| words.contains(name)).collect();
    Ok(match used.as_slice() {
        [one] => format!("use sched_core::{one};\n\n{lines}"),
        many => format!("use sched_core::{{{}}};\n\n{lines}", many.join(", ")),
    })
}

/// A `Result` of the schedule.
fn expression(schedule: &Schedule) -> Result<String, String> {
    let list = |name: &str, of: &[Schedule]| {
        let of = of.iter().map(|one| Ok(format!("{}?", expression(one)?))).collect::<Result<Vec<_>, String>>()?;
        Ok(format!("Schedule::try_from(Node::{name}(vec![{}]))", of.join(", ")))
    };
    let bent = |of: &Schedule, call: String| Ok(format!("{}?.{call}", expression(of)?));
    match schedule.node() {
        Node::Constant(lr) => Ok(format!("Schedule::constant({lr:?})")),
        Node::Ramp(ramp) => Ok(ramp_expression(ramp)),
        Node::Exponential(Exponential { initial, gamma, decay_steps: 1.0 }) => {
            Ok(format!("Schedule::exponential({initial:?}, {gamma:?})"))
        }
        Node::Exponential(Exponential { initial, gamma, decay_steps }) => {
            Ok(format!("Schedule::exponential_over({initial:?}, {gamma:?}, {decay_steps:?})"))
        }
        // Its debug form is its literal.
        Node::PowerLaw(law) => Ok(format!("Schedule::try_from(Node::PowerLaw({law:?}))")),
        Node::Steps(Steps { initial, milestones }) => {
            let milestones: Vec<_> = milestones.iter().map(|m| format!("({}, {:?})", count(m.step), m.value)).collect();
            Ok(format!("Schedule::piecewise_constant({initial:?}, &[{}])", milestones.join(", ")))
        }
        Node::Sequence(phases) => sequence(schedule, phases),
        Node::Repeat(repeat) => {
            let Repeat { of, period, growth, cycle_scale, floor, limit } = repeat;
            let mut text = format!("Repeat::new({}?, {})", expression(of)?, count(*period));
            for (name, value, default) in
                [("growth", growth, 1.0), ("cycle_scale", cycle_scale, 1.0), ("floor", floor, 0.0)]
            {
                if *value != default {
                    text += &format!(".{name}({value:?})");
                }
            }
            if let Some(limit) = limit {
                text += &format!(".limit({})", count(*limit));
            }
            Ok(text + ".build()")
        }
        Node::Product(of) => list("Product", of),
        Node::Sum(of) => list("Sum", of),
        Node::Average(of) => list("Average", of),
        Node::Min(of) => list("Min", of),
        Node::Max(of) => list("Max", of),
        Node::Clamp { min, max, of } => bent(of, format!("clamp({min:?}, {max:?})")),
        Node::Complement { whole, of } => {
            Ok(format!("Schedule::try_from(Node::Complement {{ whole: {whole:?}, of: {}? }})", expression(of)?))
        }
        Node::Every { n, of } => bent(of, format!("every({})", count(*n))),
        Node::Stretch { k, of } => bent(of, format!("stretch({k:?})")),
        Node::Delay { steps, of } => bent(of, format!("delay({})", count(*steps))),
        Node::Advance { by, of } => bent(of, format!("advance({by:?})")),
        Node::Warp { steps, power, of } => bent(of, format!("warp({steps:?}, {power:?})")),
        // There may be nodes that this does not know.
        _ => Err(format!("there is no Rust for this schedule here: {schedule}")),
    }
}

/// A whole number where any integer type goes: without its type, it would be an `i32`.
fn count(n: u64) -> String {
    if i32::try_from(n).is_ok() { n.to_string() } else { format!("{n}_u64") }
}

fn ramp_expression(ramp: &Ramp) -> String {
    let Ramp { from, to, steps, shape, beyond } = ramp;
    if *beyond == Beyond::Hold && steps.fract() == 0.0 && *steps < 1e15 {
        let call =
            |name: &str, power: &str| format!("Schedule::{name}({from:?}, {to:?}, {}{power})", count(*steps as u64));
        match shape {
            Shape::Linear => return call("linear", ""),
            Shape::Cosine => return call("cosine_annealing", ""),
            Shape::Polynomial(k) => return call("polynomial", &format!(", {k:?}")),
            Shape::Rex => return call("rex", ""),
            _ => {}
        }
    }
    format!(
        "Schedule::try_from(Node::Ramp(Ramp {{ from: {from:?}, to: {to:?}, steps: {steps:?}, shape: Shape::{shape:?}, beyond: Beyond::{beyond:?} }}))"
    )
}

fn sequence(schedule: &Schedule, phases: &[Phase]) -> Result<String, String> {
    if let [Phase { schedule: first, .. }, Phase { start, schedule: rest }] = phases
        && rest.clone().warmup(first.at(0), *start).is_ok_and(|warmed| warmed == *schedule)
    {
        return Ok(format!("{}?.warmup({:?}, {})", expression(rest)?, first.at(0), count(*start)));
    }
    let phase =
        |phase: &Phase| Ok(format!("Phase {{ start: {}, schedule: {}? }}", phase.start, expression(&phase.schedule)?));
    let phases = phases.iter().map(phase).collect::<Result<Vec<_>, String>>()?;
    Ok(format!("Schedule::sequence(vec![{}])", phases.join(", ")))
}

#[cfg(test)]
mod tests {
    use sched_core::{Beyond, Node, Phase, PowerLaw, Ramp, Repeat, Schedule, ScheduleError, Shape};

    use super::expression;

    fn words(text: &str) -> String {
        text.chars().filter(|c| !c.is_whitespace()).collect()
    }

    /// Each expression builds a schedule whose expression it is.
    #[test]
    fn a_schedule_is_the_rust_that_builds_it() -> Result<(), ScheduleError> {
        macro_rules! same {
            ($($rust:expr;)*) => {
                $(assert_eq!(words(&expression(&$rust?).unwrap()), words(stringify!($rust)));)*
            };
        }
        same! {
            Schedule::constant(0.1);
            Schedule::linear(0.1, 1e-5, 80);
            Schedule::cosine_annealing(0.1, 0.0, 80);
            Schedule::polynomial(0.1, 0.0, 80, 2.0);
            Schedule::rex(0.1, 0.0, 80);
            Schedule::try_from(Node::Ramp(Ramp { from: 0.1, to: 0.01, steps: 80.5, shape: Shape::Linear, beyond: Beyond::Mirror }));
            Schedule::try_from(Node::Ramp(Ramp { from: 0.1, to: 0.0, steps: 80.0, shape: Shape::Tanh { lb: -7.0, ub: 3.0 }, beyond: Beyond::Hold }));
            Schedule::linear(0.1, 0.0, 5000000000_u64);
            Schedule::exponential(0.1, 0.97);
            Schedule::exponential_over(0.1, 0.5, 20.0);
            Schedule::try_from(Node::PowerLaw(PowerLaw { scale: 0.1, offset: 5.0, time_scale: 5.0, power: -0.5 }));
            Schedule::piecewise_constant(0.1, &[(15, 0.02), (35, 0.08)]);
            Schedule::cosine_annealing(0.1, 0.0, 80)?.warmup(0.0, 20);
            Schedule::sequence(vec![Phase { start: 0, schedule: Schedule::constant(0.1)? }, Phase { start: 9, schedule: Schedule::constant(0.2)? }]);
            Repeat::new(Schedule::linear(0.1, 0.0, 10)?, 10).build();
            Repeat::new(Schedule::linear(0.1, 0.0, 10)?, 10).growth(2.0).cycle_scale(0.5).floor(0.01).limit(3).build();
            Schedule::try_from(Node::Product(vec![Schedule::constant(0.1)?, Schedule::constant(0.5)?]));
            Schedule::try_from(Node::Sum(vec![Schedule::constant(0.1)?, Schedule::constant(0.5)?]));
            Schedule::try_from(Node::Average(vec![Schedule::constant(0.1)?, Schedule::constant(0.5)?]));
            Schedule::try_from(Node::Min(vec![Schedule::constant(0.1)?, Schedule::constant(0.5)?]));
            Schedule::try_from(Node::Max(vec![Schedule::constant(0.1)?, Schedule::constant(0.5)?]));
            Schedule::try_from(Node::Complement { whole: 0.95, of: Schedule::constant(0.5)? });
            Schedule::exponential(0.1, 0.95)?.clamp(0.01, 0.08);
            Schedule::exponential(0.1, 0.95)?.every(10);
            Schedule::exponential(0.1, 0.95)?.stretch(2.5);
            Schedule::linear(0.1, 0.0, 60)?.delay(30);
            Schedule::linear(0.1, 0.0, 60)?.advance(30.0);
            Schedule::linear(0.1, 0.0, 60)?.warp(60.0, 3.0);
        }
        Ok(())
    }
}
