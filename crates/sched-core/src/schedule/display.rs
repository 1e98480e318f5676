//! A schedule in words, on one line.

use alloc::format;
use core::fmt;

use super::node::{Beyond, Node, Phase, Ramp, Schedule};

/// One line that a person can read: `linear 0 -> 1e-3 over 500, then cosine 1e-3 -> 1e-5 over 9500`.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node().fmt(f)
    }
}

/// A number as a person writes it: `0.05`, `1e-3`, `9500`.
pub(crate) struct Short(pub(crate) f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = self.0;
        if x != 0.0 && !(0.01..1e7).contains(&x.abs()) { write!(f, "{x:e}") } else { write!(f, "{x}") }
    }
}

/// A number rounded to six digits, which are enough to recognise it.
pub(crate) struct Rounded(pub(crate) f64);

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Short(format!("{:.5e}", self.0).parse().unwrap_or(self.0)).fmt(f)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(lr) => write!(f, "{}", Short(*lr)),
            Self::Ramp(ramp) => ramp.fmt(f),
            Self::Exponential(e) => {
                write!(f, "exponential {} x {}", Short(e.initial), Short(e.gamma))?;
                if e.decay_steps == 1.0 {
                    f.write_str(" per step")
                } else {
                    write!(f, " per {} steps", Short(e.decay_steps))
                }
            }
            Self::PowerLaw(law) => {
                write!(f, "power law {} x (t", Short(law.scale))?;
                if law.offset != 0.0 {
                    write!(f, " + {}", Short(law.offset))?;
                }
                f.write_str(")")?;
                if law.time_scale != 1.0 {
                    write!(f, "/{}", Short(law.time_scale))?;
                }
                write!(f, " ^ {}", Short(law.power))
            }
            Self::Steps(steps) => {
                write!(f, "steps {}", Short(steps.initial))?;
                // A person reads the first few; the rest is a count.
                for milestone in steps.milestones.iter().take(LISTED) {
                    write!(f, ", {} from {}", Short(milestone.value), milestone.step)?;
                }
                more(f, steps.milestones.len(), "milestones")
            }
            Self::Sequence(phases) => sequence(f, phases),
            Self::Repeat(repeat) => {
                write!(f, "repeat ({}) every {}", repeat.of, repeat.period)?;
                if repeat.growth != 1.0 {
                    write!(f, " growing x {}", Short(repeat.growth))?;
                }
                if repeat.cycle_scale != 1.0 {
                    write!(f, " scaled x {}", Short(repeat.cycle_scale))?;
                    if repeat.floor != 0.0 {
                        write!(f, " above {}", Short(repeat.floor))?;
                    }
                }
                match repeat.limit {
                    Some(limit) => write!(f, ", {limit} times"),
                    None => Ok(()),
                }
            }
            Self::Product(of) => list(f, "product", of),
            Self::Sum(of) => list(f, "sum", of),
            Self::Average(of) => list(f, "average", of),
            Self::Min(of) => list(f, "min", of),
            Self::Max(of) => list(f, "max", of),
            Self::Clamp { min, max, of } => {
                write!(f, "clamp ({of}) to {}..{}", Short(*min), Short(*max))
            }
            Self::Complement { whole, of } => write!(f, "{} less ({of})", Short(*whole)),
            Self::Every { n, of } => write!(f, "({of}) once every {n} steps"),
            Self::Stretch { k, of } => write!(f, "({of}) stretched x {}", Short(*k)),
            Self::Delay { steps, of } => write!(f, "({of}) delayed by {steps}"),
            Self::Advance { by, of } => write!(f, "({of}) advanced by {}", Short(*by)),
            Self::Warp { steps, power, of } => {
                write!(f, "({of}) warped over {} by power {}", Short(*steps), Short(*power))
            }
        }
    }
}

const LISTED: usize = 8;

fn more(f: &mut fmt::Formatter<'_>, count: usize, what: &str) -> fmt::Result {
    if count > LISTED { write!(f, ", and {} more {what}", count - LISTED) } else { Ok(()) }
}

impl fmt::Display for Ramp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> {} over {}", self.shape, Short(self.from), Short(self.to), Short(self.steps))?;
        match self.beyond {
            Beyond::Hold => Ok(()),
            Beyond::Mirror => f.write_str(" and back"),
            Beyond::Repeat => f.write_str(" again and again"),
        }
    }
}

fn sequence(f: &mut fmt::Formatter<'_>, phases: &[Phase]) -> fmt::Result {
    for (i, phase) in phases.iter().take(LISTED).enumerate() {
        if i > 0 {
            f.write_str(", then ")?;
        }
        let nested = matches!(phase.schedule.node(), Node::Sequence(_) | Node::Steps(_));
        if nested {
            write!(f, "({})", phase.schedule)?
        } else {
            write!(f, "{}", phase.schedule)?
        }
        if let Some(next) = phases.get(i + 1) {
            let length = next.start - phase.start;
            let own = match phase.schedule.node() {
                Node::Ramp(ramp) => ramp.steps == length as f64,
                _ => false,
            };
            if !own {
                write!(f, " for {length}")?;
            }
        }
    }
    more(f, phases.len(), "phases")
}

fn list(f: &mut fmt::Formatter<'_>, name: &str, of: &[Schedule]) -> fmt::Result {
    write!(f, "{name} of (")?;
    for (i, child) in of.iter().enumerate() {
        if i > 0 {
            f.write_str("; ")?;
        }
        write!(f, "{child}")?;
    }
    f.write_str(")")
}
