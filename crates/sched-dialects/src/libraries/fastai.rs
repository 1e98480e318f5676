//! fastai 2.8: `fastai.callback.schedule`. A schedule is a function of the position `t / total_steps`.

use crate::declare::DialectError;
use crate::declare::Translation;
use crate::declare::legacy::Params;
use crate::declare::{Kind, Library, Param};
use sched_core::{Beyond, Exponential, Node, Phase, Ramp, Schedule, ScheduleError, Shape};

/// How many steps the positions from 0 to 1 take; a part of `combine_scheds` has none of its own.
const TOTAL: Param = Param::null("total_steps");

pub(super) const LIBRARY: Library = Library {
    name: "fastai",
    optimizer: &[],
    kinds: &[
        Kind::old("SchedLin", &[Param::required("start"), Param::required("end"), TOTAL], alone),
        Kind::old("SchedCos", &[Param::required("start"), Param::required("end"), TOTAL], alone),
        Kind::old("SchedExp", &[Param::required("start"), Param::required("end"), TOTAL], alone),
        Kind::old("SchedNo", &[Param::required("start"), Param::required("end"), TOTAL], alone),
        Kind::old(
            "SchedPoly",
            &[Param::required("start"), Param::required("end"), Param::required("power"), TOTAL],
            alone,
        ),
        Kind::old("combine_scheds", &[Param::required("pcts"), Param::required("scheds"), TOTAL], alone),
        Kind::old(
            "combined_cos",
            &[
                Param::required("pct"),
                Param::required("start"),
                Param::required("middle"),
                Param::required("end"),
                TOTAL,
            ],
            alone,
        ),
        Kind::old(
            "fit_one_cycle",
            &[
                Param::required("lr_max"),
                Param::number("div", 25.0),
                Param::number("div_final", 1e5),
                Param::number("pct_start", 0.25),
                Param { default: crate::declare::Default::Numbers(&[0.95, 0.85, 0.95]), ..Param::null("moms") },
                TOTAL,
            ],
            fit_one_cycle,
        ),
    ],
};

/// A curve between two positions.
struct Part {
    from: f64,
    to: f64,
    curve: Curve,
}

impl Part {
    fn is_constant(&self) -> bool {
        matches!(self.curve, Curve::Constant(_))
    }
}

/// What a part does, over any number of steps.
enum Curve {
    /// The end holds, or with `Mirror` the way back follows.
    Ramp(f64, f64, Shape, Beyond),
    /// `start * (end / start)^position`, for ever.
    Exp(f64, f64),
    Constant(f64),
    /// The last rate before it: where the library gives no number any more.
    Undefined,
}

impl Curve {
    fn over(&self, steps: f64, before: f64) -> Result<Schedule, ScheduleError> {
        match *self {
            Self::Ramp(from, to, shape, beyond) => {
                Ramp { steps, ..Ramp::new(from, to, 0).shape(shape).beyond(beyond) }.build()
            }
            Self::Exp(start, end) => {
                Node::Exponential(Exponential { initial: start, gamma: end / start, decay_steps: steps }).try_into()
            }
            Self::Constant(rate) => Schedule::constant(rate),
            Self::Undefined => Schedule::constant(before),
        }
    }
}

/// The schedule of one kind over its `total_steps`.
fn alone(p: &Params<'_>) -> Result<Translation, DialectError> {
    over_total(p, &parts(p, 0.0, 1.0)?).map(Translation::from)
}

fn over_total(p: &Params<'_>, parts: &[Part]) -> Result<Schedule, DialectError> {
    let total = p.count("total_steps")?;
    p.check(total > 0, "total_steps", "be above 0")?;
    in_steps(parts, total as f64).map_err(|error| p.invalid(error))
}

/// The learning rate and the momentum of the 1cycle policy, each `combined_cos`; `moms` are the `Learner`'s.
fn fit_one_cycle(p: &Params<'_>) -> Result<Translation, DialectError> {
    let (lr_max, div, div_final) = (p.number("lr_max")?, p.number("div")?, p.number("div_final")?);
    p.check(div != 0.0, "div", "not be 0")?;
    p.check(div_final != 0.0, "div_final", "not be 0")?;
    let Ok([start, middle, end]) = <[f64; 3]>::try_from(p.numbers("moms")?) else {
        return Err(p.refused("moms", "be three numbers"));
    };
    let lr = two_cosines(p, "pct_start", [lr_max / div, lr_max, lr_max / div_final], 0.0, 1.0)?;
    let momentum = two_cosines(p, "pct_start", [start, middle, end], 0.0, 1.0)?;
    Ok(Translation { momentum: Some(over_total(p, &momentum)?), ..Translation::from(over_total(p, &lr)?) })
}

/// The parts of a schedule that runs between two positions.
fn parts(p: &Params<'_>, from: f64, to: f64) -> Result<Vec<Part>, DialectError> {
    let curve = match p.kind() {
        "combine_scheds" => return combine(p, from, to),
        "combined_cos" => {
            let values = [p.number("start")?, p.number("middle")?, p.number("end")?];
            return two_cosines(p, "pct", values, from, to);
        }
        "fit_one_cycle" => return Err(p.refused("lr_max", "be in a schedule of its own, not in a part of another")),
        kind => curve(p, kind)?,
    };
    Ok(vec![Part { from, to, curve }])
}

/// `start + (end - start) f(position)` with `f` the identity, half a cosine wave or a power; `start (end / start)^position`.
///
/// Past position 1 a cosine goes back and a decaying exponential goes on; what would leave the range holds.
fn curve(p: &Params<'_>, kind: &str) -> Result<Curve, DialectError> {
    let (start, end) = (p.number("start")?, p.number("end")?);
    Ok(match kind {
        "SchedLin" => Curve::Ramp(start, end, Shape::Linear, Beyond::Hold),
        "SchedCos" => Curve::Ramp(start, end, Shape::Cosine, Beyond::Mirror),
        "SchedNo" => Curve::Constant(start),
        "SchedPoly" => {
            let power = p.number("power")?;
            p.check(power >= 0.0, "power", "be 0 or more")?;
            match power {
                0.0 => Curve::Constant(end),
                _ => Curve::Ramp(start, end, Shape::OneMinusPower(power), Beyond::Hold),
            }
        }
        _ => {
            p.check(start != 0.0, "start", "not be 0")?;
            if end > start { Curve::Ramp(start, end, Shape::Geometric, Beyond::Hold) } else { Curve::Exp(start, end) }
        }
    })
}

/// Schedules that share the positions; each counts from where it begins. The library sums positions up as `f32`, so that
/// decides which one has a step on a boundary.
fn combine(p: &Params<'_>, from: f64, to: f64) -> Result<Vec<Part>, DialectError> {
    let pcts = p.numbers("pcts")?;
    p.check(pcts.iter().sum::<f64>() == 1.0, "pcts", "sum up to exactly 1")?;
    p.check(pcts.iter().all(|&pct| pct >= 0.0), "pcts", "be 0 or more each")?;
    let scheds = p.members("scheds")?;
    p.check(!scheds.is_empty(), "scheds", "have at least one element")?;
    let width = to - from;
    let mut sum = 0.0;
    let mut all = vec![];
    for (index, pct) in pcts.iter().enumerate() {
        let (start, end) = (from + width * sum, from + width * (sum + pct));
        sum += pct;
        let ended = Part { from: start, to: end, curve: Curve::Undefined };
        match scheds.get(index).map(|sched| parts(sched, start, end)).transpose()? {
            Some(parts) if *pct > 0.0 => all.extend(parts),
            // Parts of no length are stepped over. The last one divides by 0, which only a constant does not mind.
            Some(_) if index + 1 < pcts.len() => {}
            Some(parts) => all.push(parts.into_iter().find(Part::is_constant).unwrap_or(ended)),
            None => all.push(ended),
        }
    }
    Ok(all)
}

/// `combine_scheds([pct, 1 - pct], ...)` of two cosines.
fn two_cosines(p: &Params<'_>, pct: &str, values: [f64; 3], from: f64, to: f64) -> Result<Vec<Part>, DialectError> {
    let share = p.number(pct)?;
    p.check((0.0..=1.0).contains(&share), pct, "be between 0 and 1")?;
    let [start, middle, end] = values;
    let cosine = |from: f64, to: f64| Curve::Ramp(from, to, Shape::Cosine, Beyond::Mirror);
    let turn = from + (to - from) * share;
    let mut parts = vec![];
    if share > 0.0 {
        parts.push(Part { from, to: turn, curve: cosine(start, middle) });
    }
    let second = if share < 1.0 { cosine(middle, end) } else { Curve::Undefined };
    parts.push(Part { from: turn, to, curve: second });
    Ok(parts)
}

/// The parts as phases of whole steps.
fn in_steps(parts: &[Part], total: f64) -> Result<Schedule, ScheduleError> {
    let mut phases: Vec<Phase> = vec![];
    for part in parts {
        let start = first_step(part.from, total);
        let active = phases.iter().rfind(|phase| phase.start < start);
        let before = active.map_or(0.0, |active| active.schedule.at(start - active.start - 1));
        let curve = part.curve.over((part.to - part.from) * total, before)?;
        let head_start = start as f64 - part.from * total;
        let schedule = if head_start > 1e-9 * total { curve.advance(head_start)? } else { curve };
        phases.push(Phase { start, schedule });
    }
    match phases.as_slice() {
        [phase] => Ok(phase.schedule.clone()),
        _ => Schedule::sequence(phases),
    }
}

/// The first step whose position is not before this one, in `f32`.
fn first_step(position: f64, total: f64) -> u64 {
    let is_there = |step: f64| (step / total) as f32 >= position as f32;
    let mut step = libm::ceil(position * total);
    if step > 0.0 && is_there(step - 1.0) {
        step -= 1.0;
    }
    if !is_there(step) {
        step += 1.0;
    }
    step as u64
}
