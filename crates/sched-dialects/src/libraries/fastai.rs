//! fastai 2.8: `fastai.callback.schedule`. A schedule is a function of the position `t / total_steps`.

use sched_core::{Beyond, Exponential, Node, Phase, Ramp, Schedule, ScheduleError, Shape};

use crate::declare::{
    AT_LEAST_0, BETWEEN_0_AND_1, Context, Member, Params, Refusal, Scheduler, Translation, library, params,
};

library! {
    "fastai":
    #[allow(dead_code, reason = "what is refused is not read")]
    enum Any {
        SchedLin,
        SchedCos,
        SchedExp,
        SchedNo,
        SchedPoly,
        combine_scheds,
        combined_cos,
        fit_one_cycle,
    }
}

params! {
    /// How many steps the positions from 0 to 1 take; a part of `combine_scheds` has none of its own.
    struct Run {
        total_steps: Option<u64>,
    }
}

/// A schedule that may be a part of another.
trait Course: Params {
    /// What happens between two positions.
    fn parts(&self, cx: &Context<'_>, from: f64, to: f64) -> Result<Vec<Part>, Refusal>;
}

macro_rules! alone {
    ($($course:ident)*) => {$(
        impl Scheduler for $course {
            fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
                Ok(over_total(cx, &self.parts(cx, 0.0, 1.0)?)?.into())
            }
        }
    )*};
}

alone!(SchedLin SchedCos SchedExp SchedNo SchedPoly combine_scheds combined_cos);

impl Any {
    fn parts(&self, cx: &Context<'_>, from: f64, to: f64) -> Result<Vec<Part>, Refusal> {
        match self {
            Self::SchedLin(course) => course.parts(cx, from, to),
            Self::SchedCos(course) => course.parts(cx, from, to),
            Self::SchedExp(course) => course.parts(cx, from, to),
            Self::SchedNo(course) => course.parts(cx, from, to),
            Self::SchedPoly(course) => course.parts(cx, from, to),
            Self::combine_scheds(course) => course.parts(cx, from, to),
            Self::combined_cos(course) => course.parts(cx, from, to),
            Self::fit_one_cycle(_) => {
                Err(fit_one_cycle::lr_max.refused("be in a schedule of its own, not in a part of another"))
            }
        }
    }
}

params! {
    /// `start + (end - start) position`; past position 1 the end holds.
    struct SchedLin {
        start: f64 where AT_LEAST_0,
        end: f64 where AT_LEAST_0,
        .._run: Run,
    }
}

impl Course for SchedLin {
    fn parts(&self, _: &Context<'_>, from: f64, to: f64) -> Result<Vec<Part>, Refusal> {
        Ok(vec![Part { from, to, curve: Curve::Ramp(self.start, self.end, Shape::Linear, Beyond::Hold) }])
    }
}

params! {
    /// Half a cosine wave from `start` to `end`; past position 1 it goes back.
    struct SchedCos {
        start: f64 where AT_LEAST_0,
        end: f64 where AT_LEAST_0,
        .._run: Run,
    }
}

impl Course for SchedCos {
    fn parts(&self, _: &Context<'_>, from: f64, to: f64) -> Result<Vec<Part>, Refusal> {
        Ok(vec![Part { from, to, curve: cosine(self.start, self.end) }])
    }
}

params! {
    /// `start (end / start)^position`; past position 1 a decay goes on, and what would leave the range holds.
    struct SchedExp {
        start: f64 where AT_LEAST_0,
        end: f64 where AT_LEAST_0,
        .._run: Run,
    }
}

impl Course for SchedExp {
    fn parts(&self, _: &Context<'_>, from: f64, to: f64) -> Result<Vec<Part>, Refusal> {
        let (start, end) = (self.start, self.end);
        Self::start.must(start != 0.0, "not be 0")?;
        let curve =
            if end > start { Curve::Ramp(start, end, Shape::Geometric, Beyond::Hold) } else { Curve::Exp(start, end) };
        Ok(vec![Part { from, to, curve }])
    }
}

params! {
    /// `start`.
    struct SchedNo {
        start: f64 where AT_LEAST_0,
        _end: f64,
        .._run: Run,
    }
}

impl Course for SchedNo {
    fn parts(&self, _: &Context<'_>, from: f64, to: f64) -> Result<Vec<Part>, Refusal> {
        Ok(vec![Part { from, to, curve: Curve::Constant(self.start) }])
    }
}

params! {
    /// `start + (end - start) position^power`; past position 1 the end holds.
    struct SchedPoly {
        start: f64 where AT_LEAST_0,
        end: f64 where AT_LEAST_0,
        power: f64 where AT_LEAST_0,
        .._run: Run,
    }
}

impl Course for SchedPoly {
    fn parts(&self, _: &Context<'_>, from: f64, to: f64) -> Result<Vec<Part>, Refusal> {
        let curve = match self.power {
            0.0 => Curve::Constant(self.end),
            power => Curve::Ramp(self.start, self.end, Shape::OneMinusPower(power), Beyond::Hold),
        };
        Ok(vec![Part { from, to, curve }])
    }
}

params! {
    /// Schedules that share the positions; each counts from where it begins. The library sums positions up as `f32`, so that
    /// decides which one has a step on a boundary.
    struct combine_scheds {
        pcts: Vec<f64>,
        scheds: Vec<Member>,
        .._run: Run,
    }
}

impl Course for combine_scheds {
    fn parts(&self, cx: &Context<'_>, from: f64, to: f64) -> Result<Vec<Part>, Refusal> {
        let pcts = &self.pcts;
        Self::pcts.must(pcts.iter().sum::<f64>() == 1.0, "sum up to exactly 1")?;
        Self::pcts.must(pcts.iter().all(|&pct| pct >= 0.0), "be 0 or more each")?;
        Self::scheds.must(!self.scheds.is_empty(), "have at least one element")?;
        let width = to - from;
        let mut sum = 0.0;
        let mut all = vec![];
        for (index, pct) in pcts.iter().enumerate() {
            let (start, end) = (from + width * sum, from + width * (sum + pct));
            sum += pct;
            let ended = Part { from: start, to: end, curve: Curve::Undefined };
            let member = self.scheds.get(index).map(|sched| {
                let cx = cx.member(sched)?;
                cx.attempt(|cx| Any::read(cx)?.parts(cx, start, end))
            });
            match member.transpose()? {
                Some(parts) if *pct > 0.0 => all.extend(parts),
                // Parts of no length are stepped over. The last one divides by 0, which only a constant does not mind.
                Some(_) if index + 1 < pcts.len() => {}
                Some(parts) => all.push(parts.into_iter().find(Part::is_constant).unwrap_or(ended)),
                None => all.push(ended),
            }
        }
        Ok(all)
    }
}

params! {
    /// `combine_scheds([pct, 1 - pct], ...)` of two cosines.
    struct combined_cos {
        pct: f64 where BETWEEN_0_AND_1,
        start: f64 where AT_LEAST_0,
        middle: f64 where AT_LEAST_0,
        end: f64 where AT_LEAST_0,
        .._run: Run,
    }
}

impl Course for combined_cos {
    fn parts(&self, _: &Context<'_>, from: f64, to: f64) -> Result<Vec<Part>, Refusal> {
        Ok(two_cosines(self.pct, [self.start, self.middle, self.end], from, to))
    }
}

params! {
    /// The learning rate and the momentum of the 1cycle policy, each `combined_cos`; `moms` are the `Learner`'s.
    struct fit_one_cycle {
        lr_max: f64 where AT_LEAST_0,
        div: f64 where AT_LEAST_0 = 25.0,
        div_final: f64 where AT_LEAST_0 = 1e5,
        pct_start: f64 where BETWEEN_0_AND_1 = 0.25,
        moms: Vec<f64> where AT_LEAST_0 = [0.95, 0.85, 0.95],
        .._run: Run,
    }
}

impl Scheduler for fit_one_cycle {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let Self { lr_max, div, div_final, pct_start, .. } = *self;
        Self::div.must(div != 0.0, "not be 0")?;
        Self::div_final.must(div_final != 0.0, "not be 0")?;
        let Ok(moms) = <[f64; 3]>::try_from(self.moms.as_slice()) else {
            return Err(Self::moms.refused("be three numbers"));
        };
        let lr = over_total(cx, &two_cosines(pct_start, [lr_max / div, lr_max, lr_max / div_final], 0.0, 1.0))?;
        let momentum = over_total(cx, &two_cosines(pct_start, moms, 0.0, 1.0))?;
        Ok(Translation { momentum: Some(momentum), ..lr.into() })
    }
}

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

/// Half a cosine wave, then the way back.
fn cosine(from: f64, to: f64) -> Curve {
    Curve::Ramp(from, to, Shape::Cosine, Beyond::Mirror)
}

fn two_cosines(share: f64, [start, middle, end]: [f64; 3], from: f64, to: f64) -> Vec<Part> {
    let turn = from + (to - from) * share;
    let mut parts = vec![];
    if share > 0.0 {
        parts.push(Part { from, to: turn, curve: cosine(start, middle) });
    }
    let second = if share < 1.0 { cosine(middle, end) } else { Curve::Undefined };
    parts.push(Part { from: turn, to, curve: second });
    parts
}

/// The parts over the run's `total_steps`.
fn over_total(cx: &Context<'_>, parts: &[Part]) -> Result<Schedule, Refusal> {
    let total = Run::read(cx)?.total_steps.ok_or(Run::total_steps.missing())?;
    Run::total_steps.must(total > 0, "be above 0")?;
    Ok(in_steps(parts, total as f64)?)
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
