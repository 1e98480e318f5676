//! A schedule in words, on one line.

use alloc::vec::Vec;
use core::fmt;

use super::digits::{Rounded, Short};
use super::error::LONGEST;
use super::node::{Beyond, Node, Phase, PowerLaw, Ramp, Repeat, Schedule};

/// One line for a person to read: `linear 0 -> 1e-3 over 500, then cosine 1e-3 -> 1e-5 over 9500`.
///
/// Computed numbers are rounded to six digits, nested sequences and stairs are said in one, and of a long list the first
/// few are printed. `{:#}` leaves nothing out: it tells any two schedules apart.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node().fmt(f)
    }
}

/// As the [`Schedule`] of this node.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = Words { full: f.alternate() };
        words.node(f, self)
    }
}

/// As the [`Schedule`] of this ramp.
impl fmt::Display for Ramp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = Words { full: f.alternate() };
        words.ramp(f, self)
    }
}

/// How much of a list a person reads.
const LISTED: usize = 8;

/// How to say it: in full, or for a person to read.
#[derive(Clone, Copy)]
struct Words {
    full: bool,
}

struct Number {
    value: f64,
    full: bool,
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.full { Short(self.value).fmt(f) } else { Rounded(self.value).fmt(f) }
    }
}

impl Words {
    fn number(self, value: f64) -> Number {
        Number { value, full: self.full }
    }

    fn node(self, f: &mut fmt::Formatter<'_>, node: &Node) -> fmt::Result {
        if let Some((width, of)) = stairs(node).filter(|_| !self.full) {
            return self.stairs(f, width, of);
        }
        match node {
            Node::Constant(lr) => write!(f, "{}", self.number(*lr)),
            Node::Ramp(ramp) => self.ramp(f, ramp),
            Node::Exponential(e) => {
                write!(f, "exponential {} x {} per ", self.number(e.initial), self.number(e.gamma))?;
                if e.decay_steps == 1.0 {
                    f.write_str("step")
                } else {
                    write!(f, "{} steps", self.number(e.decay_steps))
                }
            }
            Node::PowerLaw(law) => self.power_law(f, law),
            Node::Steps(steps) => {
                let milestones = steps.milestones.iter().map(|milestone| (milestone.step, milestone.value));
                self.steps(f, steps.initial, milestones)
            }
            Node::Sequence(phases) => self.sequence(f, phases),
            Node::Repeat(repeat) => self.repeat(f, repeat),
            Node::Product(of) => self.list(f, "product", of),
            Node::Sum(of) => self.list(f, "sum", of),
            Node::Average(of) => self.list(f, "average", of),
            Node::Min(of) => self.list(f, "min", of),
            Node::Max(of) => self.list(f, "max", of),
            Node::Clamp { min, max, of } => {
                f.write_str("clamp ")?;
                self.inner(f, of)?;
                write!(f, " to {}..{}", self.number(*min), self.number(*max))
            }
            Node::Complement { whole, of } => {
                write!(f, "{} minus ", self.number(*whole))?;
                self.inner(f, of)
            }
            Node::Every { n, of } => {
                self.inner(f, of)?;
                write!(f, " in stairs of {n}")
            }
            Node::Stretch { k, of } => {
                self.inner(f, of)?;
                write!(f, " stretched x {}", self.number(*k))
            }
            Node::Delay { steps, of } => {
                self.inner(f, of)?;
                write!(f, " delayed by {steps}")
            }
            Node::Advance { by, of } => {
                self.inner(f, of)?;
                write!(f, " advanced by {}", self.number(*by))
            }
            Node::Warp { steps, power, of } => {
                if let Some(numbers) = eden(*steps, *power, of).filter(|_| !self.full) {
                    let [initial, time_scale, power] = numbers.map(|number| self.number(number));
                    return write!(f, "eden {initial} x (1 + (t / {time_scale})^2)^{power}");
                }
                self.inner(f, of)?;
                write!(f, " warped over {} by power {}", self.number(*steps), self.number(*power))
            }
        }
    }

    /// A child, in parentheses.
    fn inner(self, f: &mut fmt::Formatter<'_>, of: &Schedule) -> fmt::Result {
        f.write_str("(")?;
        self.node(f, of.node())?;
        f.write_str(")")
    }

    fn ramp(self, f: &mut fmt::Formatter<'_>, ramp: &Ramp) -> fmt::Result {
        let [from, to, steps] = [ramp.from, ramp.to, ramp.steps].map(|number| self.number(number));
        write!(f, "{} {from} -> {to} over {steps}", ramp.shape)?;
        match ramp.beyond {
            Beyond::Hold => Ok(()),
            Beyond::Mirror => f.write_str(" and back"),
            Beyond::Repeat => f.write_str(" again and again"),
        }
    }

    fn power_law(self, f: &mut fmt::Formatter<'_>, law: &PowerLaw) -> fmt::Result {
        let [scale, offset, time_scale, power] =
            [law.scale, law.offset, law.time_scale, law.power].map(|number| self.number(number));
        write!(f, "power law {scale} x ")?;
        match (law.offset == 0.0, law.time_scale == 1.0) {
            (true, true) => f.write_str("t")?,
            (true, false) => write!(f, "(t / {time_scale})")?,
            (false, true) => write!(f, "(t + {offset})")?,
            (false, false) => write!(f, "((t + {offset}) / {time_scale})")?,
        }
        write!(f, "^{power}")
    }

    fn steps(
        self,
        f: &mut fmt::Formatter<'_>,
        initial: f64,
        milestones: impl ExactSizeIterator<Item = (impl fmt::Display, f64)>,
    ) -> fmt::Result {
        write!(f, "steps {}", self.number(initial))?;
        let count = milestones.len();
        for (step, value) in milestones.take(self.listed(count)) {
            write!(f, ", {} from {}", self.number(value), step)?;
        }
        self.more(f, count)
    }

    fn stairs(self, f: &mut fmt::Formatter<'_>, width: f64, of: &Schedule) -> fmt::Result {
        match of.node() {
            Node::Constant(lr) => write!(f, "{}", self.number(*lr)),
            Node::Exponential(e) if e.decay_steps == 1.0 => {
                let [initial, gamma, width] = [e.initial, e.gamma, width].map(|number| self.number(number));
                write!(f, "steps {initial} x {gamma} every {width}")
            }
            Node::Steps(steps) => {
                let milestones = steps.milestones.iter();
                let milestones = milestones.map(|m| (libm::ceil(m.step as f64 * width), m.value));
                self.steps(f, steps.initial, milestones)
            }
            _ => {
                self.inner(f, of)?;
                write!(f, " in stairs of {}", self.number(width))
            }
        }
    }

    fn sequence(self, f: &mut fmt::Formatter<'_>, phases: &[Phase]) -> fmt::Result {
        let mut parts: Vec<(u64, &Schedule)> = Vec::new();
        if self.full {
            parts.extend(phases.iter().map(|phase| (phase.start, &phase.schedule)));
        } else {
            flatten(phases, 0, None, &mut parts);
        }
        for (i, &(start, schedule)) in parts.iter().take(self.listed(parts.len())).enumerate() {
            if i > 0 {
                f.write_str(", then ")?;
            }
            let commas = matches!(schedule.node(), Node::Sequence(_) | Node::Steps(_));
            if commas {
                self.inner(f, schedule)?
            } else {
                self.node(f, schedule.node())?
            }
            if let Some((next, _)) = parts.get(i + 1) {
                let length = next - start;
                if !matches!(schedule.node(), Node::Ramp(ramp) if ramp.steps == length as f64) {
                    write!(f, " for {length}")?;
                }
            }
        }
        self.more(f, parts.len())
    }

    fn repeat(self, f: &mut fmt::Formatter<'_>, repeat: &Repeat) -> fmt::Result {
        f.write_str("repeat ")?;
        self.inner(f, &repeat.of)?;
        write!(f, " every {}", repeat.period)?;
        if repeat.growth != 1.0 {
            write!(f, " growing x {}", self.number(repeat.growth))?;
        }
        if repeat.cycle_scale != 1.0 {
            write!(f, " scaled x {}", self.number(repeat.cycle_scale))?;
        }
        if repeat.floor != 0.0 && (self.full || repeat.cycle_scale != 1.0) {
            write!(f, " above {}", self.number(repeat.floor))?;
        }
        match repeat.limit {
            Some(limit) => write!(f, ", {limit} times"),
            None => Ok(()),
        }
    }

    fn list(self, f: &mut fmt::Formatter<'_>, name: &str, of: &[Schedule]) -> fmt::Result {
        write!(f, "{name} of (")?;
        for (i, child) in of.iter().take(self.listed(of.len())).enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            self.node(f, child.node())?;
        }
        self.more(f, of.len())?;
        f.write_str(")")
    }

    fn listed(self, count: usize) -> usize {
        if self.full { count } else { LISTED }
    }

    fn more(self, f: &mut fmt::Formatter<'_>, count: usize) -> fmt::Result {
        match count.saturating_sub(self.listed(count)) {
            0 => Ok(()),
            more => write!(f, ", and {more} more"),
        }
    }
}

/// How wide the stairs are, if this is a staircase, and what is evaluated once per stair.
///
/// `floor(floor(t / a) / b) = floor(t / (a b))`, so stairs of stairs are wider stairs; and so are stretched ones.
fn stairs(node: &Node) -> Option<(f64, &Schedule)> {
    match node {
        Node::Every { n, of } => {
            let (width, of) = stairs(of.node()).unwrap_or((1.0, of));
            Some((*n as f64 * width, of))
        }
        Node::Stretch { k, of } => stairs(of.node()).map(|(width, of)| (k * width, of)),
        _ => None,
    }
}

/// The numbers of an Eden, if a power law of warped time is one: `initial`, `time_scale`, `-power`.
fn eden(steps: f64, power: f64, of: &Schedule) -> Option<[f64; 3]> {
    match of.node() {
        Node::PowerLaw(law) if steps == LONGEST && power == 2.0 && law.time_scale == 1.0 && law.offset > 0.0 => {
            Some([law.scale * libm::pow(law.offset, law.power), libm::sqrt(law.offset * steps), law.power])
        }
        _ => None,
    }
}

/// The phases from `start` until `end`, with those of sequences in between; phases that take no time are left out.
fn flatten<'a>(phases: &'a [Phase], start: u64, end: Option<u64>, parts: &mut Vec<(u64, &'a Schedule)>) {
    for (i, phase) in phases.iter().enumerate() {
        let begin = start.saturating_add(phase.start);
        let next = phases.get(i + 1).map(|next| start.saturating_add(next.start));
        let stop = next.into_iter().chain(end).min();
        if stop.is_some_and(|stop| stop <= begin) {
            continue;
        }
        match phase.schedule.node() {
            Node::Sequence(phases) => flatten(phases, begin, stop, parts),
            _ => parts.push((begin, &phase.schedule)),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use std::string::ToString;
    use std::vec::Vec;

    use crate::{Node, Phase, PowerLaw, Ramp, Repeat, Schedule, ScheduleError};

    fn law(offset: f64, time_scale: f64) -> Result<Schedule, ScheduleError> {
        Node::PowerLaw(PowerLaw { scale: 2.0, offset, time_scale, power: -0.5 }).try_into()
    }

    #[test]
    fn schedules_are_said_plainly() -> Result<(), ScheduleError> {
        let decay = || Schedule::exponential(0.1, 0.5);
        let jumps = || Schedule::multi_step(0.1, &[30, 80], 0.5);
        let down = || Schedule::linear(1.0, 0.0, 4);
        let nested = |starts: [u64; 2]| {
            let phases = starts.map(|start| Phase { start, schedule: down().unwrap() });
            Schedule::sequence(Vec::from(phases))
        };
        for (schedule, words) in [
            (Schedule::cosine_annealing(0.1, 0.1 / 3.0, 10)?, "cosine 0.1 -> 0.0333333 over 10"),
            (Ramp { steps: 100.0 / 3.0, ..Ramp::new(1.0, 0.0, 0) }.build()?, "linear 1 -> 0 over 33.3333"),
            (decay()?, "exponential 0.1 x 0.5 per step"),
            (Schedule::exponential_over(0.1, 0.5, 7.5)?, "exponential 0.1 x 0.5 per 7.5 steps"),
            (law(0.0, 1.0)?, "power law 2 x t^-0.5"),
            (law(0.0, 9.0)?, "power law 2 x (t / 9)^-0.5"),
            (law(3.0, 1.0)?, "power law 2 x (t + 3)^-0.5"),
            (law(3.0, 9.0)?, "power law 2 x ((t + 3) / 9)^-0.5"),
            (Schedule::eden(0.1, 20.0, 0.25)?, "eden 0.1 x (1 + (t / 20)^2)^-0.25"),
            // Stairs, by epochs, and by epochs that need not be whole.
            (decay()?.every(30)?, "steps 0.1 x 0.5 every 30"),
            (decay()?.every(5)?.every(3)?, "steps 0.1 x 0.5 every 15"),
            (decay()?.every(1)?.stretch(2.5)?, "steps 0.1 x 0.5 every 2.5"),
            (jumps()?, "steps 0.1, 0.05 from 30, 0.025 from 80"),
            (jumps()?.per_epoch(500)?, "steps 0.1, 0.05 from 15000, 0.025 from 40000"),
            (down()?.every(5)?.every(3)?, "(linear 1 -> 0 over 4) in stairs of 15"),
            (
                down()?.every(5)?.delay(2)?.every(3)?,
                "(((linear 1 -> 0 over 4) in stairs of 5) delayed by 2) in stairs of 3",
            ),
            (decay()?.every(5)?.repeat(20)?, "repeat (steps 0.1 x 0.5 every 5) every 20"),
            // Sequences in sequences.
            (down()?.then(jumps()?)?, "linear 1 -> 0 over 4, then (steps 0.1, 0.05 from 30, 0.025 from 80)"),
            (nested([0, 7])?, "linear 1 -> 0 over 4 for 7, then linear 1 -> 0 over 4"),
            (
                Schedule::sequence(Vec::from([
                    Phase { start: 0, schedule: nested([0, 7])? },
                    Phase { start: 9, schedule: nested([0, 0])? },
                    Phase { start: 20, schedule: Schedule::constant(0.5)? },
                ]))?,
                "linear 1 -> 0 over 4 for 7, then linear 1 -> 0 over 4 for 2, then linear 1 -> 0 over 4 for 11, then 0.5",
            ),
            (
                Repeat::new(down()?, 4).growth(2.0).cycle_scale(0.5).floor(0.25).limit(3).build()?,
                "repeat (linear 1 -> 0 over 4) every 4 growing x 2 scaled x 0.5 above 0.25, 3 times",
            ),
        ] {
            assert_eq!(schedule.to_string(), words);
        }
        Ok(())
    }

    #[test]
    fn said_in_full_no_two_schedules_are_the_same() -> Result<(), ScheduleError> {
        let third = Schedule::constant(1.0 / 3.0)?;
        let next = Schedule::constant((1.0_f64 / 3.0).next_up())?;
        let milestones = |last: u64| {
            let steps: Vec<u64> = (1..12).chain([last]).collect();
            Schedule::multi_step(1.0, &steps, 0.5)
        };
        let decay = Schedule::exponential(0.1, 0.5)?;
        for (a, b) in [
            (third, next),
            (milestones(u64::MAX - 1)?, milestones(u64::MAX)?),
            (decay.clone().every(15)?, decay.every(5)?.every(3)?),
        ] {
            assert_eq!(a.to_string(), b.to_string());
            assert_ne!(format!("{a:#}"), format!("{b:#}"));
        }
        Ok(())
    }
}
