//! PyTorch-Ignite 0.5: `ignite.handlers.param_scheduler`, attached to `ITERATION_STARTED`, for the parameter `lr`.

use super::torch;
use crate::declare::DialectError;
use crate::declare::Translation;
use crate::declare::legacy::Params;
use crate::declare::{Kind, Library, Param};
use crate::shared::{Cycles, one_by_one};
use sched_core::{Beyond, Phase, Ramp, Repeat, Schedule, ScheduleError, Shape};

pub(super) const LIBRARY: Library = Library {
    name: "ignite",
    optimizer: &[
        Param::null("optimizer"),
        Param::null("optimizer_lr").per_group(),
        Param::null("optimizer_momentum").per_group(),
        Param::null("optimizer_betas"),
    ],
    kinds: &[
        Kind::old(
            "LinearCyclicalScheduler",
            &[
                Param::required("start_value"),
                Param::required("end_value"),
                Param::required("cycle_size"),
                Param::number("cycle_mult", 1.0),
                Param::number("start_value_mult", 1.0),
                Param::number("end_value_mult", 1.0),
                Param::int("warmup_duration", 0),
                Param::bool("monotonic", false),
            ],
            linear_cyclical,
        ),
        Kind::old(
            "CosineAnnealingScheduler",
            &[
                Param::required("start_value"),
                Param::required("end_value"),
                Param::required("cycle_size"),
                Param::number("cycle_mult", 1.0),
                Param::number("start_value_mult", 1.0),
                Param::number("end_value_mult", 1.0),
                Param::int("warmup_duration", 0),
            ],
            cosine_annealing,
        ),
        Kind::old("PiecewiseLinear", &[Param::required("milestones_values")], piecewise_linear),
        Kind::old("ConcatScheduler", &[Param::required("schedulers"), Param::required("durations")], |p| {
            concat(p, None).map(Translation::from)
        }),
        Kind::old(
            "create_lr_scheduler_with_warmup",
            &[
                Param::required("lr_scheduler"),
                Param::required("warmup_start_value"),
                Param::required("warmup_duration"),
                Param::null("warmup_end_value"),
            ],
            with_warmup,
        ),
        Kind::old("LRScheduler", &[Param::required("lr_scheduler")], |p| wrapped(p, None).map(Translation::from)),
    ],
};

/// The parameters of a cyclical scheduler. A cycle's length is its size and the warmup after it.
struct Cyclical {
    start: f64,
    end: f64,
    cycle_mult: f64,
    start_mult: f64,
    end_mult: f64,
    shape: Shape,
    /// There and back within a cycle.
    triangular: bool,
}

/// From the start value to the end value and back within `cycle_size`, or only there (`monotonic`).
fn linear_cyclical(p: &Params<'_>) -> Result<Translation, DialectError> {
    let monotonic = p.flag("monotonic")?;
    p.check(monotonic || p.count("warmup_duration")? == 0, "warmup_duration", "be 0 unless `monotonic`")?;
    cyclical(p, Shape::Linear, !monotonic)
}

/// From the start value to the end value within `cycle_size`.
fn cosine_annealing(p: &Params<'_>) -> Result<Translation, DialectError> {
    cyclical(p, Shape::Cosine, false)
}

/// After each cycle: the warmup, from its end value to the next start value; then sizes and values are multiplied, sizes
/// cut to whole steps. A size of 0 divides by 0.
fn cyclical(p: &Params<'_>, shape: Shape, triangular: bool) -> Result<Translation, DialectError> {
    let size = p.count("cycle_size")?;
    p.check(size >= 2, "cycle_size", "be 2 or more")?;
    let cycle_mult = p.number("cycle_mult")?;
    p.check(cycle_mult >= 0.0, "cycle_mult", "be 0 or more")?;
    let cycles = Cyclical {
        start: p.number("start_value")?,
        end: p.number("end_value")?,
        cycle_mult,
        start_mult: p.number("start_value_mult")?,
        end_mult: p.number("end_value_mult")?,
        shape,
        triangular,
    };
    let length = (size, p.count("warmup_duration")?);
    let lr = if cycle_mult >= 1.0 && cycle_mult == libm::floor(cycle_mult) {
        cycles.repeat(0, length, cycle_mult).map(Some)
    } else {
        one_by_one(&cycles, length)
    };
    let lr = lr.map_err(|error| p.invalid(error))?;
    let rule = "not make more than 10000 cycles of different lengths";
    Ok(Translation::from(lr.ok_or_else(|| p.refused("cycle_mult", rule))?))
}

impl Cyclical {
    /// One cycle between these values, and the warmup to the next.
    fn between(&self, from: f64, to: f64, next: f64, length: (u64, u64)) -> Result<Schedule, ScheduleError> {
        let (size, warmup) = length;
        let ramp = Ramp::new(from, to, size).shape(self.shape);
        let ramp =
            if self.triangular { Ramp { steps: size as f64 / 2.0, ..ramp }.beyond(Beyond::Mirror) } else { ramp };
        if warmup == 0 { ramp.build() } else { ramp.build()?.then_at(size, Schedule::linear(to, next, warmup)?) }
    }

    /// The values of cycle `index`.
    fn values(&self, index: u64) -> (f64, f64) {
        let index = index as f64;
        (self.start * libm::pow(self.start_mult, index), self.end * libm::pow(self.end_mult, index))
    }

    /// Cycle `index` and all after it, each `growth` times as long. The part of a rate that stems from the start value
    /// and the part that stems from the end value have multipliers of their own.
    fn repeat(&self, index: u64, length: (u64, u64), growth: f64) -> Result<Schedule, ScheduleError> {
        let (start, end) = self.values(index);
        let repeat = |start: f64, end: f64, mult: f64| {
            let of = self.between(start, end, start * self.start_mult, length)?;
            Repeat::new(of, length.0.saturating_add(length.1)).growth(growth).cycle_scale(mult).build()
        };
        if self.start_mult == self.end_mult || end == 0.0 {
            repeat(start, end, self.start_mult)
        } else {
            repeat(start, 0.0, self.start_mult)?.plus(repeat(0.0, end, self.end_mult)?)
        }
    }
}

impl Cycles for Cyclical {
    type Length = (u64, u64);

    fn steps(&self, (size, warmup): (u64, u64)) -> Option<u64> {
        (size > 0).then(|| size.saturating_add(warmup))
    }

    fn next(&self, (size, warmup): (u64, u64)) -> (u64, u64) {
        let times = |steps: u64| (steps as f64 * self.cycle_mult) as u64;
        (times(size), times(warmup))
    }

    fn cycle(&self, index: u64, length: (u64, u64)) -> Result<Schedule, ScheduleError> {
        let ((start, end), (next, _)) = (self.values(index), self.values(index + 1));
        self.between(start, end, next, length)
    }

    fn endless(&self, index: u64, length: (u64, u64)) -> Result<Schedule, ScheduleError> {
        self.repeat(index, length, 1.0)
    }
}

/// Straight lines between the points; the first and the last value outside. Of several at one step the last counts.
fn piecewise_linear(p: &Params<'_>) -> Result<Translation, DialectError> {
    let knots = p.pairs("milestones_values")?;
    p.check(!knots.is_empty(), "milestones_values", "have at least one element")?;
    p.check(knots.is_sorted_by_key(|(step, _)| *step), "milestones_values", "be in order")?;
    Schedule::piecewise(&knots, Shape::Linear).map(Translation::from).map_err(|error| p.invalid(error))
}

/// One scheduler after the other, each from its own start. A duration of 0 skips the first one, but makes any other
/// last for ever, as a negative one does: it is counted down past 0.
fn concat(p: &Params<'_>, before: Option<f64>) -> Result<Schedule, DialectError> {
    let members = p.members("schedulers")?;
    let durations = p.ints("durations")?;
    p.check(members.len() >= 2, "schedulers", "be two or more")?;
    p.check(durations.len() + 1 == members.len(), "durations", "be one less than `schedulers`")?;
    for member in &members {
        member.build()?; // also one that is never reached
    }
    let mut phases: Vec<Phase> = vec![];
    let mut start = 0u64;
    let mut rate = before;
    for (index, member) in members.iter().enumerate() {
        let schedule = follow(member, rate)?;
        let duration = match durations.get(index).map(|&duration| u64::try_from(duration)) {
            Some(Ok(0)) if index == 0 => continue,
            Some(Ok(duration)) if duration > 0 => Some(duration),
            _ => None,
        };
        rate = duration.map(|duration| schedule.at(duration - 1));
        phases.push(Phase { start, schedule });
        match duration {
            Some(duration) => start = start.saturating_add(duration),
            None => break,
        }
    }
    Schedule::sequence(phases).map_err(|error| p.invalid(error))
}

/// A member, and the rate that it finds if it is not the first.
fn follow(member: &Params<'_>, before: Option<f64>) -> Result<Schedule, DialectError> {
    match member.kind() {
        "ConcatScheduler" => concat(member, before),
        "LRScheduler" => wrapped(member, before),
        _ => Ok(member.build()?.lr),
    }
}

/// The scheduler of PyTorch in `{"kind": "torch.X", "params"}`; `None` if it is none of PyTorch's.
fn torch_scheduler<'a>(p: &Params<'a>) -> Result<Option<Params<'a>>, DialectError> {
    let (kind, params) = p.nested("lr_scheduler").ok_or_else(|| p.wrong("lr_scheduler", "{\"kind\", \"params\"}"))?;
    kind.strip_prefix("torch.").map(|kind| p.old_member_of(&torch::LIBRARY, kind, params)).transpose()
}

/// Whether a scheduler of PyTorch multiplies the rate that it finds.
fn is_relative(kind: &str) -> bool {
    matches!(kind, "StepLR" | "MultiStepLR" | "ConstantLR" | "LinearLR" | "ExponentialLR" | "PolynomialLR")
}

/// The rates that the wrapper reads from a scheduler of PyTorch, which finds the rate `before`. Its constructor has
/// already made its first update, and the wrapper's first call makes it once more.
fn wrapped(p: &Params<'_>, before: Option<f64>) -> Result<Schedule, DialectError> {
    let rule = "be a scheduler of PyTorch, \"torch.X\", whose rates through the wrapper are known here";
    let member = torch_scheduler(p)?.ok_or_else(|| p.refused("lr_scheduler", rule))?;
    let lr = member.build()?.lr;
    let found = before.unwrap_or(lr.at(0));
    let first = match member.kind() {
        "StepLR" => 1.0,
        "MultiStepLR" => {
            let at_once = member.counts("milestones")?.iter().filter(|&&milestone| milestone == 0).count();
            libm::pow(member.number("gamma")?, at_once as f64)
        }
        "ConstantLR" => member.number("factor")?,
        "LinearLR" => member.number("start_factor")?,
        "ExponentialLR" => member.number("gamma")?,
        "PolynomialLR" => {
            let total_iters = member.number("total_iters")?;
            if total_iters == 0.0 { 1.0 } else { libm::pow(total_iters / (total_iters + 1.0), member.number("power")?) }
        }
        "CyclicLR" | "OneCycleLR" => return Ok(lr),
        "CosineAnnealingWarmRestarts" => return lr.advance(1.0).map_err(|error| p.invalid(error)),
        "CosineAnnealingLR" => {
            let (t_max, floor) = (member.number("T_max")?, member.number("eta_min")?);
            let stretched = floor + (found - floor) * 2.0 / (1.0 + libm::cos(core::f64::consts::PI / t_max));
            let first = if t_max == 1.0 { found + lr.at(0) - floor } else { stretched };
            let first = Schedule::constant(first).and_then(|first| first.then_at(1, lr.advance(1.0)?));
            return first.map_err(|error| p.invalid(error));
        }
        _ => return Err(p.refused("lr_scheduler", rule)),
    };
    continued(&lr, found * first).map_err(|error| p.invalid(error))
}

/// A schedule of factors, scaled so that it begins with `first`.
fn continued(lr: &Schedule, first: f64) -> Result<Schedule, ScheduleError> {
    let expected = lr.at(0);
    if first == expected || expected == 0.0 {
        return Ok(lr.clone());
    }
    Schedule::constant(first / expected)?.times(lr.clone())
}

/// Linear from the start value to the end value at `warmup_duration - 1`, then the scheduler. Where the scheduler would
/// begin with the end value too, that step is its first; if not, PyTorch's gets its initial rate at `warmup_duration`.
fn with_warmup(p: &Params<'_>) -> Result<Translation, DialectError> {
    let duration = p.count("warmup_duration")?;
    p.check(duration >= 2, "warmup_duration", "be 2 or more")?;
    let start = p.number("warmup_start_value")?;
    let invalid = |error| p.invalid(error);
    let (kind, params) = p.nested("lr_scheduler").ok_or_else(|| p.wrong("lr_scheduler", "{\"kind\", \"params\"}"))?;
    let warmup = |end: f64| Schedule::linear(start, end, duration - 1).map_err(invalid);

    if let Some(member) = torch_scheduler(p)? {
        let lr = member.build()?.lr;
        let first = lr.at(0);
        let end = p.number_or_null("warmup_end_value")?.unwrap_or(first);
        let warmup = warmup(end)?;
        // With several groups the step at the initial rate is dropped, and the scheduler goes on from the end value.
        return if end == first || p.groups() > 1 {
            let rest = if is_relative(member.kind()) { continued(&lr, end) } else { Ok(lr) };
            rest.and_then(|rest| warmup.then_at(duration, rest.advance(1.0)?))
        } else {
            Schedule::constant(first)
                .and_then(|first| warmup.then_at(duration, first))
                .and_then(|warmup| warmup.then_at(duration.saturating_add(1), lr.advance(1.0)?))
        }
        .map(Translation::from)
        .map_err(invalid);
    }

    let member = p.old_member(kind, params)?;
    let groups = p.groups();
    let end = warmup_end(p, &member)?;
    // With several groups PyTorch's rates are a list, which equals no number.
    let comparable = groups == 1 || member.kind() != "LRScheduler";
    let first = Some(first_value(&member)?).filter(|_| comparable);
    // All groups change over when the last one does.
    let group = groups - 1;
    let last_end = warmup_end(&p.of_group(group), &member.of_group(group))?;
    let change = if first == Some(last_end) { duration - 1 } else { duration };
    let mut schedule = warmup(end)?;
    if first == Some(end) && change == duration {
        // Its own line ends one step early, and stays there.
        let last = Schedule::constant(schedule.at(duration - 2)).map_err(invalid)?;
        schedule = schedule.then_at(duration - 1, last).map_err(invalid)?;
    }
    let rest = follow(&member, Some(schedule.at(change - 1)))?;
    schedule.then_at(change, rest).map(Translation::from).map_err(invalid)
}

/// The end value, or if it is not given the optimizer's rate, which a scheduler of PyTorch may have changed already.
fn warmup_end(p: &Params<'_>, member: &Params<'_>) -> Result<f64, DialectError> {
    if let Some(end) = p.number_or_null("warmup_end_value")? {
        return Ok(end);
    }
    match member.kind() {
        "LRScheduler" => torch_scheduler(member)?.map_or_else(|| p.optimizer_lr(), |torch| Ok(torch.build()?.lr.at(0))),
        _ => p.optimizer_lr(),
    }
}

/// The value that a scheduler gives before its first event, with the library's own rounding.
fn first_value(member: &Params<'_>) -> Result<f64, DialectError> {
    match member.kind() {
        "LinearCyclicalScheduler" if !member.flag("monotonic")? => {
            let end = member.number("end_value")?;
            Ok(end + (member.number("start_value")? - end))
        }
        "ConcatScheduler" => match member.members("schedulers")?.first() {
            Some(first) => first_value(first),
            None => Ok(0.0),
        },
        _ => Ok(member.build()?.lr.at(0)),
    }
}
