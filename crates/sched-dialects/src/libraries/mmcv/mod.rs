//! mmcv 1.7: the policies of `lr_config`, as `EpochBasedRunner` and `IterBasedRunner` run them.

mod run;

use sched_core::{Anneal, Phase, Ramp, Repeat, Schedule, ScheduleError, Shape, Value};

use self::run::{Run, Runner};
use crate::declare::{
    ABOVE_0, AT_LEAST_0, Context, FromValue, Params, PerGroup, Refusal, Scheduler, Translation, library, params,
};
use crate::shared::{Fraction, OneCycleShape, Optimizer, followed, held_from, inverse};

library! {
    "mmcv" | "mmcv_full" with Run:
    fixed,
    step,
    exp,
    poly,
    inv,
    CosineAnnealing,
    FlatCosineAnnealing,
    CosineRestart,
    cyclic,
    OneCycle,
    LinearAnnealing,
}

/// The rates of a policy, which makes them of the progress, from the optimizer's rate on.
fn rates(
    cx: &Context<'_>,
    policy: impl FnOnce(&Run, f64) -> Result<Schedule, Refusal>,
) -> Result<Translation, Refusal> {
    Run::read(cx)?.rates(Optimizer::lr(cx)?, policy)
}

/// The rates of a policy that cannot count epochs.
fn rates_by_iteration(
    cx: &Context<'_>,
    policy: impl FnOnce(&Run, f64) -> Result<Schedule, Refusal>,
) -> Result<Translation, Refusal> {
    let run = Run::read(cx)?;
    Run::by_epoch.must(run.by_epoch != Some(true), "be false for this policy")?;
    Run { by_epoch: Some(false), ..run }.rates(Optimizer::lr(cx)?, policy)
}

params! {
    /// The optimizer's rate.
    struct fixed {}
}

impl Scheduler for fixed {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |_, lr| Ok(Schedule::constant(lr)?))
    }
}

/// Every so many steps, or at these.
enum At {
    Every(u64),
    Milestones(Vec<u64>),
}

impl FromValue for At {
    fn expected(_: bool) -> String {
        "a whole number above 0, or a list of them".to_owned()
    }

    fn from_value(value: &Value, _: usize) -> Option<Self> {
        let step = |value: &Value| match *value {
            Value::Int(step @ 1..) => step.try_into().ok(),
            _ => None,
        };
        match value {
            Value::List(steps) => steps.iter().map(step).collect::<Option<_>>().map(Self::Milestones),
            value => step(value).map(Self::Every),
        }
    }
}

params! {
    /// `lr gamma^n` after `n` steps, or every `step`, but not below `min_lr`. A milestone below one before it in the list
    /// counts with that one.
    struct step {
        step: At,
        gamma: f64 where AT_LEAST_0 = 0.1,
        min_lr: Option<f64> where AT_LEAST_0,
    }
}

impl Scheduler for step {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |_, lr| {
            let decay = match &self.step {
                At::Every(steps) => Schedule::step(lr, *steps, self.gamma)?,
                At::Milestones(steps) if steps.is_empty() => Schedule::constant(lr)?,
                At::Milestones(steps) => {
                    let mut latest = 0;
                    let milestones: Vec<u64> = steps
                        .iter()
                        .map(|&step| {
                            latest = step.max(latest);
                            latest
                        })
                        .collect();
                    Schedule::multi_step(lr, &milestones, self.gamma)?
                }
            };
            Ok(match self.min_lr {
                Some(min_lr) => decay.max(Schedule::constant(min_lr)?)?,
                None => decay,
            })
        })
    }
}

params! {
    /// `lr gamma^t`.
    struct exp {
        gamma: f64 where AT_LEAST_0,
    }
}

impl Scheduler for exp {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |_, lr| Ok(Schedule::exponential(lr, self.gamma)?))
    }
}

params! {
    /// `min_lr + (lr - min_lr) (1 - t / end)^power`.
    struct poly {
        power: f64 where AT_LEAST_0 = 1.0,
        min_lr: f64 where AT_LEAST_0 = 0.0,
    }
}

impl Scheduler for poly {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |run, lr| Ok(Schedule::polynomial(lr, self.min_lr, run.end()?, self.power)?))
    }
}

params! {
    /// `lr (1 + gamma t)^-power`.
    struct inv {
        gamma: f64 where AT_LEAST_0,
        power: f64 = 1.0,
    }
}

impl Scheduler for inv {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        rates(cx, |_, lr| Ok(inverse(lr, self.gamma, self.power)?))
    }
}

params! {
    /// Where an annealing ends.
    struct Target {
        min_lr: Option<f64> where AT_LEAST_0,
        min_lr_ratio: Option<f64> where AT_LEAST_0,
    }
}

impl Target {
    /// The rate at its end, by the rate that it begins with.
    fn of(&self) -> Result<impl Fn(f64) -> f64 + use<>, Refusal> {
        let (min_lr, ratio) = match (self.min_lr, self.min_lr_ratio) {
            (Some(_), Some(_)) => return Err(Self::min_lr.refused("not be given together with `min_lr_ratio`")),
            (None, None) => return Err(Self::min_lr.refused("be given, or else `min_lr_ratio`")),
            (min_lr, ratio) => (min_lr.unwrap_or(0.0), ratio.unwrap_or(0.0)),
        };
        Ok(move |lr| min_lr + ratio * lr)
    }
}

params! {
    /// Half a cosine wave from `lr` to `min_lr`, or `min_lr_ratio lr`.
    struct CosineAnnealing {
        ..target: Target,
    }
}

impl Scheduler for CosineAnnealing {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let target = self.target.of()?;
        rates(cx, |run, lr| Ok(Schedule::cosine_annealing(lr, target(lr), run.end()?)?))
    }
}

params! {
    /// `lr` for `start_percent` of the run, rounded, then half a cosine wave.
    struct FlatCosineAnnealing {
        start_percent: Fraction = 0.75,
        ..target: Target,
    }
}

impl Scheduler for FlatCosineAnnealing {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let target = self.target.of()?;
        rates(cx, |run, lr| {
            let end = run.end()?;
            let start = (end as f64 * self.start_percent.0).round_ties_even() as u64;
            let wave = Schedule::cosine_annealing(lr, target(lr), end.saturating_sub(start))?;
            Ok(followed(Schedule::constant(lr)?, start, wave)?)
        })
    }
}

params! {
    /// Half a cosine wave for each of the `periods`; the way down to the target is multiplied by the period's weight. Past
    /// them mmcv raises.
    struct CosineRestart {
        periods: Vec<u64>,
        restart_weights: Vec<f64> where AT_LEAST_0 = [1],
        ..target: Target,
    }
}

impl Scheduler for CosineRestart {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let target = self.target.of()?;
        Self::restart_weights.must(self.restart_weights.len() == self.periods.len(), "be as many as `periods`")?;
        Self::periods.must(self.periods.iter().any(|&period| period > 0), "have at least one element above 0")?;
        let run = Run::read(cx)?;
        let waves = |_: &Run, lr: f64| {
            let (end, mut start) = (target(lr), 0u64);
            let mut phases = vec![];
            for (&period, weight) in self.periods.iter().zip(&self.restart_weights) {
                let top = end + weight * (lr - end);
                Self::restart_weights.must(top >= 0.0, "not make a rate negative")?;
                phases.push(Phase { start, schedule: Schedule::cosine_annealing(top, end, period)? });
                start = start.saturating_add(period);
            }
            Ok(Schedule::sequence(phases)?)
        };
        let lr = run.rates(Optimizer::lr(cx)?, waves)?.lr;
        let periods = self.periods.iter().fold(0u64, |sum, period| sum.saturating_add(*period));
        let over = if run.counts_epochs() && run.runner == Runner::Epochs {
            periods.saturating_mul(run.epoch()?)
        } else {
            periods
        };
        Ok(held_from(lr, over)?.into())
    }
}

/// The highest and the lowest rate over the optimizer's.
struct Ratios(f64, f64);

impl FromValue for Ratios {
    fn expected(_: bool) -> String {
        "a float, or a list of one or two numbers".to_owned()
    }

    fn from_value(value: &Value, group: usize) -> Option<Self> {
        let alone = |high: f64| Self(high, high / 1e5);
        match value {
            Value::List(_) => match *Vec::<f64>::from_value(value, group)?.as_slice() {
                [high] => Some(alone(high)),
                [high, low] => Some(Self(high, low)),
                _ => None,
            },
            // An int is refused.
            Value::Number(_) => f64::from_value(value, group).map(alone),
            _ => None,
        }
    }
}

params! {
    /// Up to `target_ratio[0] lr` in the first `step_ratio_up` of a cycle, down to `target_ratio[1] lr` in the rest.
    /// `gamma` shrinks the swing above the optimizer's rate from cycle to cycle.
    struct cyclic {
        target_ratio: Ratios = [10.0, 1e-4],
        cyclic_times: u64 where ABOVE_0 = 1,
        step_ratio_up: f64 where AT_LEAST_0 = 0.4,
        anneal_strategy: Anneal = "cos",
        gamma: f64 where ABOVE_0 = 1.0,
    }
}

/// More cycles than this of different heights are refused.
const MOST: u64 = 10_000;

impl Scheduler for cyclic {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let Ratios(high, low) = self.target_ratio;
        Self::target_ratio.must(high >= 0.0 && low >= 0.0, "be 0 or more")?;
        Self::step_ratio_up.must(self.step_ratio_up < 1.0, "be below 1")?;
        Self::gamma.must(self.gamma <= 1.0, "be at most 1")?;
        rates_by_iteration(cx, |run, lr| {
            let period = run.iterations()? / self.cyclic_times;
            Self::cyclic_times.must(period > 0, "be at most the iterations of the run")?;
            if self.gamma == 1.0 {
                return Ok(Repeat::new(self.cycle(lr, period, 1.0)?, period).build()?);
            }
            // More than `cyclic_times`, if these do not divide the run.
            let cycles = run.iterations()?.div_ceil(period);
            Self::cyclic_times.must(cycles <= MOST, "not make more than 10000 cycles with a `gamma`")?;
            let phases = (0..cycles).map(|index| {
                let scale = self.gamma.powf(index as f64);
                Ok(Phase { start: index * period, schedule: self.cycle(lr, period, scale)? })
            });
            Ok(Schedule::sequence(phases.collect::<Result<_, ScheduleError>>()?)?)
        })
    }
}

impl cyclic {
    /// A cycle whose swing is multiplied by `scale`: that at the end of the first way, or of the only one.
    fn cycle(&self, lr: f64, period: u64, scale: f64) -> Result<Schedule, ScheduleError> {
        let Ratios(high, low) = self.target_ratio;
        let up = (self.step_ratio_up * period as f64) as u64;
        let swung = |ratio: f64| lr * (1.0 - scale + ratio * scale);
        let way = |from: f64, to: f64, steps: u64| {
            let shape = if self.anneal_strategy == Anneal::Cos { Shape::Cosine } else { Shape::Linear };
            Ramp::new(from, to, steps).shape(shape).build()
        };
        if up == 0 {
            return way(lr * high, swung(low), period);
        }
        followed(way(lr, swung(high), up)?, up, way(swung(high), lr * low, period - up)?)
    }
}

params! {
    /// PyTorch's, between rates that follow from `max_lr` alone.
    struct OneCycle {
        max_lr: PerGroup<f64> where AT_LEAST_0,
        total_steps: Option<u64> where ABOVE_0,
        ..shape: OneCycleShape,
    }
}

impl Scheduler for OneCycle {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let run = Run::read(cx)?;
        Run::by_epoch.must(run.by_epoch != Some(true), "be false for this policy")?;
        let steps = match (self.total_steps, run.iterations()) {
            (None, iterations) => iterations?,
            (Some(steps), Ok(iterations)) => {
                Self::total_steps.must(steps >= iterations, "be at least the iterations of the run")?;
                steps
            }
            (Some(steps), Err(_)) => steps,
        };
        OneCycleShape::pct_start
            .must(!self.shape.divides_by_zero(steps), "not end the rise at step 0, by whose length mmcv divides")?;
        let cycle = self.shape.cycle(*self.max_lr, steps).lr()?;
        Run { by_epoch: Some(false), ..run }.rates(*self.max_lr, |_, _| Ok(cycle))
    }
}

params! {
    /// A line from `lr` to `min_lr`, or `min_lr_ratio lr`.
    struct LinearAnnealing {
        ..target: Target,
    }
}

impl Scheduler for LinearAnnealing {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let target = self.target.of()?;
        rates(cx, |run, lr| Ok(Schedule::linear(lr, target(lr), run.end()?)?))
    }
}
