//! Trees of every node and shape with any valid numbers, made of bytes.

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use sched_core::{Beyond, Exponential, Milestone, Node, Phase, PowerLaw, Ramp, Repeat, Schedule, Shape, Steps};

/// A tree of these bytes; where they end, it has only small numbers.
pub fn tree(bytes: &[u8]) -> Option<Schedule> {
    node(&mut Unstructured::new(bytes), 4).ok()
}

/// Small counts, those near powers of two, and any.
fn count(u: &mut Unstructured) -> Result<u64> {
    Ok(match u.int_in_range(0..=3)? {
        0 | 1 => u.int_in_range(0..=99)?,
        2 => (1_u64 << u.int_in_range(0..=63)?).wrapping_add_signed(u.int_in_range(-2..=2)?),
        _ => u.arbitrary()?,
    })
}

/// Numbers between these: those that a person writes, those that arithmetic likes least, and any.
fn number(u: &mut Unstructured, min: f64, max: f64) -> Result<f64> {
    let number = match u.int_in_range(0..=4)? {
        0 => *u.choose(&[0.0, -0.0, 1.0, 0.1, 1e-3, 0.5, 2.0, 3.0, -0.5, -1.0])?,
        1 => *u.choose(&[5e-324, f64::MIN_POSITIVE, 1e-300, 1e-9, 1e9, 1e300, f64::MAX, LONGEST])?,
        2 => f64::from(u.arbitrary::<u16>()?),
        3 => f64::from(u.arbitrary::<u32>()?) / f64::from(u32::MAX),
        _ => f64::from_bits(u.arbitrary()?),
    };
    Ok(if number.is_nan() { max } else { number.clamp(min, max) })
}

const LONGEST: f64 = 18_446_744_073_709_551_616.0;

fn rate(u: &mut Unstructured) -> Result<f64> {
    number(u, 0.0, f64::MAX)
}

fn span(u: &mut Unstructured) -> Result<f64> {
    number(u, 1e-9, LONGEST)
}

fn power(u: &mut Unstructured) -> Result<f64> {
    number(u, f64::MIN, f64::MAX)
}

/// Often near 1, where cycles hardly grow or shrink.
fn factor(u: &mut Unstructured, min: f64, max: f64) -> Result<f64> {
    let near = 1.0_f64.to_bits().wrapping_add_signed(u.arbitrary::<i64>()? >> u.int_in_range(12..=63)?);
    if u.arbitrary()? { Ok(f64::from_bits(near).clamp(min, max)) } else { number(u, min, max) }
}

fn shape(u: &mut Unstructured) -> Result<Shape> {
    Ok(match u.int_in_range(0..=12)? {
        0 => Shape::Linear,
        1 => Shape::Cosine,
        2 => Shape::CosinePower(rate(u)?),
        3 => Shape::Polynomial(rate(u)?),
        4 => Shape::OneMinusSqrt,
        5 => Shape::OneMinusSquare,
        6 => Shape::OneMinusPower(number(u, 5e-324, f64::MAX)?),
        7 => Shape::ExpHalf,
        8 => Shape::ExpRatio(number(u, 5e-324, 1.0_f64.next_down())?),
        9 => Shape::Logarithmic(number(u, 1.0_f64.next_up(), 1e300)?),
        10 => {
            let lb = number(u, -1e3, 999.0)?;
            Shape::Tanh { lb, ub: number(u, lb.next_up(), 1e3)? }
        }
        11 => Shape::Rex,
        _ => Shape::RexAlpha(number(u, 1e-9, 1.0)?),
    })
}

fn ramp(u: &mut Unstructured) -> Result<Ramp> {
    let (from, to) = (rate(u)?, rate(u)?);
    let steps = if u.ratio(1, 16)? { 0.0 } else { span(u)? };
    let beyond = *u.choose(&[Beyond::Hold, Beyond::Mirror, Beyond::Repeat])?;
    if u.ratio(1, 8)? {
        return Ok(Ramp { from: from.max(5e-324), to: to.max(5e-324), steps, shape: Shape::Geometric, beyond });
    }
    Ok(Ramp { from, to, steps, shape: shape(u)?, beyond })
}

fn leaf(u: &mut Unstructured) -> Result<Node> {
    Ok(match u.int_in_range(0..=7)? {
        0 => Node::Constant(rate(u)?),
        1 => {
            let initial = rate(u)?;
            Node::Exponential(Exponential { initial, gamma: factor(u, 0.0, f64::MAX)?, decay_steps: span(u)? })
        }
        2 => {
            let (scale, offset) = (rate(u)?, number(u, 0.0, LONGEST)?);
            Node::PowerLaw(PowerLaw { scale, offset, time_scale: span(u)?, power: power(u)? })
        }
        3 => {
            let mut milestones = vec![Milestone { step: count(u)?, value: rate(u)? }];
            for _ in 0..u.int_in_range(0..=2)? {
                milestones.push(Milestone { step: count(u)?, value: rate(u)? });
            }
            milestones.sort_by_key(|milestone| milestone.step);
            Node::Steps(Steps { initial: rate(u)?, milestones })
        }
        _ => Node::Ramp(ramp(u)?),
    })
}

fn several(u: &mut Unstructured, depth: u32) -> Result<Node> {
    let mut of = vec![node(u, depth)?];
    for _ in 0..u.int_in_range(0..=2)? {
        of.push(node(u, depth)?);
    }
    Ok(match u.int_in_range(0..=5)? {
        0 => {
            let mut phases = vec![];
            for schedule in of {
                phases.push(Phase { start: if phases.is_empty() { 0 } else { count(u)? }, schedule });
            }
            phases.sort_by_key(|phase| phase.start);
            Node::Sequence(phases)
        }
        1 => Node::Product(of),
        2 => Node::Sum(of),
        3 => Node::Average(of),
        4 => Node::Min(of),
        _ => Node::Max(of),
    })
}

fn repeat(u: &mut Unstructured, of: Schedule) -> Result<Node> {
    let limit = if u.arbitrary()? { Some(count(u)?.max(1)) } else { None };
    let slowest = if limit.is_some() { 5e-324 } else { 1.0 };
    let (period, growth) = (count(u)?.max(1), factor(u, slowest, 1e9)?);
    Ok(Node::Repeat(Repeat { of, period, growth, cycle_scale: factor(u, 0.0, f64::MAX)?, floor: rate(u)?, limit }))
}

fn node(u: &mut Unstructured, depth: u32) -> Result<Schedule> {
    let node = match u.int_in_range(0..=3)? {
        _ if depth == 0 => leaf(u)?,
        0 => leaf(u)?,
        1 => several(u, depth - 1)?,
        _ => {
            let of = node(u, depth - 1)?;
            match u.int_in_range(0..=8)? {
                0 | 1 => repeat(u, of)?,
                2 => {
                    let min = rate(u)?;
                    Node::Clamp { min, max: number(u, min, f64::MAX)?, of }
                }
                3 => Node::Complement { whole: rate(u)?, of },
                4 => Node::Every { n: count(u)?.max(1), of },
                5 => Node::Stretch { k: span(u)?, of },
                6 => Node::Delay { steps: count(u)?, of },
                7 => Node::Advance { by: number(u, 0.0, LONGEST)?, of },
                _ => Node::Warp { steps: span(u)?, power: number(u, 5e-324, f64::MAX)?, of },
            }
        }
    };
    Ok(Schedule::try_from(node).expect("every number is in its range"))
}
