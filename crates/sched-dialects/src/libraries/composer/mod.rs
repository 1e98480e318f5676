//! Composer 0.32: `composer.optim.scheduler`, and LLM Foundry's inverse square root.
//!
//! Times are texts: `10ba`, `2ep`, `0.5dur`. The Trainer steps the schedulers before it advances its clock, so that update `t` has
//! the rate of batch `t - 1`; stepped once per epoch, it does not lag.

mod run;

use sched_core::{Ramp, Repeat, Schedule, ScheduleError, Shape};

use self::run::{Run, Time};
use crate::declare::{
    ABOVE_0, AT_LEAST_0, Context, Member, Param, Params, Refusal, Scheduler, Translation, library, params,
};
use crate::shared::{Cycles, Optimizer, followed, one_by_one, power_law};

library! {
    "composer" | "mosaicml" with Run:
    StepScheduler,
    MultiStepScheduler,
    ConstantScheduler,
    LinearScheduler,
    ExponentialScheduler,
    CosineAnnealingScheduler,
    CosineAnnealingWarmRestartsScheduler,
    PolynomialScheduler,
    MultiStepWithWarmupScheduler,
    ConstantWithWarmupScheduler,
    LinearWithWarmupScheduler,
    CosineAnnealingWithWarmupScheduler,
    PolynomialWithWarmupScheduler,
    InverseSquareRootWithWarmupScheduler,
    list,
}

/// The optimizer's rate and what the Trainer knows.
fn given(cx: &Context<'_>) -> Result<(f64, Run), Refusal> {
    Ok((Optimizer::lr(cx)?, Run::read(cx)?))
}

params! {
    /// `gamma^floor(t / step_size)`.
    struct StepScheduler {
        step_size: Time,
        gamma: f64 where AT_LEAST_0 = 0.1,
    }
}

impl Scheduler for StepScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        let size = positive(Self::step_size, run.batches(self.step_size, true)?)?;
        run.at_updates(Schedule::step(lr, size, self.gamma)?)
    }
}

fn positive(param: Param, batches: u64) -> Result<u64, Refusal> {
    param.must(batches > 0, "be at least one batch")?;
    Ok(batches)
}

params! {
    /// `gamma^(number of milestones <= t)`.
    struct MultiStepScheduler {
        milestones: Vec<Time>,
        gamma: f64 where AT_LEAST_0 = 0.1,
    }
}

impl MultiStepScheduler {
    fn schedule(milestones: &[Time], gamma: f64, lr: f64, run: &Run) -> Result<Schedule, Refusal> {
        let milestones = milestones.iter().map(|time| run.batches(*time, true));
        let mut milestones = milestones.collect::<Result<Vec<_>, _>>()?;
        milestones.sort_unstable();
        Ok(if milestones.is_empty() { Schedule::constant(lr)? } else { Schedule::multi_step(lr, &milestones, gamma)? })
    }
}

impl Scheduler for MultiStepScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        run.at_updates(Self::schedule(&self.milestones, self.gamma, lr, &run)?)
    }
}

params! {
    /// `alpha` until `t_max`, and 1 from there on.
    struct ConstantScheduler {
        alpha: f64 where AT_LEAST_0 = 1.0,
        t_max: Time = "1dur",
    }
}

impl Scheduler for ConstantScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        let end = run.batches(self.t_max, true)?;
        run.at_updates(followed(Schedule::constant(lr * self.alpha)?, end, Schedule::constant(lr)?)?)
    }
}

params! {
    /// From `alpha_i` to `alpha_f` over `t_max`.
    struct LinearScheduler {
        alpha_i: f64 where AT_LEAST_0 = 1.0,
        alpha_f: f64 where AT_LEAST_0 = 0.0,
        t_max: Time = "1dur",
    }
}

impl Scheduler for LinearScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        let end = positive(Self::t_max, run.batches(self.t_max, true)?)?;
        run.at_updates(Schedule::linear(lr * self.alpha_i, lr * self.alpha_f, end)?)
    }
}

params! {
    /// `gamma^(t / decay_period)`.
    struct ExponentialScheduler {
        gamma: f64 where AT_LEAST_0,
        decay_period: Time = "1ep",
    }
}

impl Scheduler for ExponentialScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        let period = positive(Self::decay_period, run.batches(self.decay_period, true)?)?;
        run.at_updates(Schedule::exponential_over(lr, self.gamma, period as f64)?)
    }
}

params! {
    /// A cosine from 1 to `alpha_f` over `t_max`.
    struct CosineAnnealingScheduler {
        t_max: Time = "1dur",
        alpha_f: f64 where AT_LEAST_0 = 0.0,
    }
}

impl Scheduler for CosineAnnealingScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        let end = positive(Self::t_max, run.batches(self.t_max, true)?)?;
        run.at_updates(Schedule::cosine_annealing(lr, lr * self.alpha_f, end)?)
    }
}

params! {
    /// Cosines from 1 to `alpha_f`, each `int(t_mult * length)` of the one before.
    struct CosineAnnealingWarmRestartsScheduler {
        t_0: Time,
        t_mult: f64 where ABOVE_0 = 1.0,
        alpha_f: f64 where AT_LEAST_0 = 0.0,
    }
}

struct Restarts {
    lr: f64,
    end: f64,
    mult: f64,
}

impl Cycles for Restarts {
    type Length = u64;

    fn steps(&self, length: u64) -> Option<u64> {
        (length > 0).then_some(length)
    }

    fn next(&self, length: u64) -> u64 {
        (length as f64 * self.mult) as u64
    }

    fn cycle(&self, _: u64, length: u64) -> Result<Schedule, ScheduleError> {
        Schedule::cosine_annealing(self.lr, self.end, length)
    }

    fn endless(&self, index: u64, length: u64) -> Result<Schedule, ScheduleError> {
        Repeat::new(self.cycle(index, length)?, length).build()
    }
}

impl Scheduler for CosineAnnealingWarmRestartsScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        let first = positive(Self::t_0, run.batches(self.t_0, true)?)?;
        let cycles = Restarts { lr, end: lr * self.alpha_f, mult: self.t_mult };
        let schedule = one_by_one(&cycles, first)?;
        let schedule =
            schedule.ok_or_else(|| Self::t_mult.refused("not make more than 10000 cycles of different lengths"))?;
        run.at_updates(schedule)
    }
}

params! {
    /// From 1 to `alpha_f` over `t_max`, by a power.
    struct PolynomialScheduler {
        power: f64 where AT_LEAST_0,
        t_max: Time = "1dur",
        alpha_f: f64 where AT_LEAST_0 = 0.0,
    }
}

impl Scheduler for PolynomialScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        let end = positive(Self::t_max, run.batches(self.t_max, true)?)?;
        run.at_updates(Ramp::new(lr, lr * self.alpha_f, end).shape(Shape::Polynomial(self.power)).build()?)
    }
}

params! {
    struct Warmup {
        t_warmup: Time,
        scale_warmup: bool = false,
    }
}

impl Warmup {
    /// Where it ends.
    fn steps(&self, run: &Run) -> Result<u64, Refusal> {
        run.batches(self.t_warmup, false)
    }

    /// The warmup, then `main`, whose clock begins at its end. `scale_warmup` stretches only the line, not the time for it.
    fn then(&self, run: &Run, peak: f64, main: Schedule) -> Result<Schedule, Refusal> {
        let steps = self.steps(run)?;
        if steps == 0 {
            return Ok(main);
        }
        let length = run.batches(self.t_warmup, self.scale_warmup)?;
        Self::scale_warmup.must(length > 0, "leave something of `t_warmup`")?;
        Ok(followed(Schedule::linear(0.0, peak, length)?, steps, main)?)
    }
}

params! {
    struct End {
        t_max: Time = "1dur",
    }
}

impl End {
    /// From one factor to another after the warmup and up to `t_max`, which Composer wants to be no earlier than the end of the run.
    fn ramp(&self, run: &Run, warmup: u64, (from, to): (f64, f64), shape: Shape) -> Result<Schedule, Refusal> {
        let end = run.batches(self.t_max, true)?;
        Self::t_max.must(end >= run.duration()?, "not be before the end of the run, `max_duration`")?;
        Ok(match end.saturating_sub(warmup) {
            0 => Schedule::constant(from)?,
            steps => Ramp::new(from, to, steps).shape(shape).build()?,
        })
    }
}

params! {
    /// The warmup, then `gamma^(number of milestones <= t)`.
    struct MultiStepWithWarmupScheduler {
        milestones: Vec<Time>,
        gamma: f64 where AT_LEAST_0 = 0.1,
        ..warmup: Warmup,
    }
}

impl Scheduler for MultiStepWithWarmupScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        let steps = self.warmup.steps(&run)?;
        let main = MultiStepScheduler::schedule(&self.milestones, self.gamma, lr, &run)?.advance(steps as f64)?;
        run.at_updates(self.warmup.then(&run, lr, main)?)
    }
}

params! {
    /// The warmup, then `alpha`.
    struct ConstantWithWarmupScheduler {
        alpha: f64 where AT_LEAST_0 = 1.0,
        ..end: End,
        ..warmup: Warmup,
    }
}

impl Scheduler for ConstantWithWarmupScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        let peak = lr * self.alpha;
        let main = self.end.ramp(&run, self.warmup.steps(&run)?, (peak, peak), Shape::Linear)?;
        run.at_updates(self.warmup.then(&run, peak, main)?)
    }
}

params! {
    /// The warmup to `alpha_i`, then a line to `alpha_f` at `t_max`.
    struct LinearWithWarmupScheduler {
        alpha_i: f64 where AT_LEAST_0 = 1.0,
        alpha_f: f64 where AT_LEAST_0 = 0.0,
        ..end: End,
        ..warmup: Warmup,
    }
}

impl Scheduler for LinearWithWarmupScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        let ends = (lr * self.alpha_i, lr * self.alpha_f);
        let main = self.end.ramp(&run, self.warmup.steps(&run)?, ends, Shape::Linear)?;
        run.at_updates(self.warmup.then(&run, ends.0, main)?)
    }
}

params! {
    /// The warmup, then a cosine to `alpha_f` at `t_max`.
    struct CosineAnnealingWithWarmupScheduler {
        alpha_f: f64 where AT_LEAST_0 = 0.0,
        ..end: End,
        ..warmup: Warmup,
    }
}

impl Scheduler for CosineAnnealingWithWarmupScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        let main = self.end.ramp(&run, self.warmup.steps(&run)?, (lr, lr * self.alpha_f), Shape::Cosine)?;
        run.at_updates(self.warmup.then(&run, lr, main)?)
    }
}

params! {
    /// The warmup, then a power to `alpha_f` at `t_max`.
    struct PolynomialWithWarmupScheduler {
        power: f64 where AT_LEAST_0 = 2.0,
        alpha_f: f64 where AT_LEAST_0 = 0.0,
        ..end: End,
        ..warmup: Warmup,
    }
}

impl Scheduler for PolynomialWithWarmupScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        let shape = Shape::Polynomial(self.power);
        let main = self.end.ramp(&run, self.warmup.steps(&run)?, (lr, lr * self.alpha_f), shape)?;
        run.at_updates(self.warmup.then(&run, lr, main)?)
    }
}

params! {
    /// The warmup; `d + (1 - d) / sqrt(1 + (t - W) / t_scale)`, with `d = alpha_f_decay`; and from `t_max - t_cooldown` on a line
    /// from where that is to `alpha_f_cooldown`.
    struct InverseSquareRootWithWarmupScheduler {
        t_warmup: Time,
        t_scale: Time,
        t_cooldown: Time,
        t_max: Time = "1dur",
        alpha_f_decay: f64 where AT_LEAST_0 = 0.0,
        alpha_f_cooldown: f64 where AT_LEAST_0 = 0.0,
    }
}

impl Scheduler for InverseSquareRootWithWarmupScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, run) = given(cx)?;
        Self::alpha_f_decay.must(self.alpha_f_decay <= 1.0, "be at most 1")?;
        let warmup = run.batches(self.t_warmup, false)?;
        let scale = positive(Self::t_scale, run.batches(self.t_scale, true)?)? as f64;
        let cooldown = run.batches(self.t_cooldown, true)?;
        let end = run.batches(self.t_max, true)?;
        let start = warmup.max(end.saturating_sub(cooldown));
        let (floor, swing) = (lr * self.alpha_f_decay, lr * (1.0 - self.alpha_f_decay));
        let decay = power_law(swing, scale, -0.5)?.plus(Schedule::constant(floor)?)?;
        let last = decay.at(start - warmup);
        let down = Schedule::linear(last, lr * self.alpha_f_cooldown, cooldown)?;
        let main = followed(decay, start - warmup, down)?;
        let all = if warmup == 0 { main } else { followed(Schedule::linear(0.0, lr, warmup)?, warmup, main)? };
        run.at_updates(all)
    }
}

params! {
    /// Several, of which the last one wins: each writes the rate anew.
    struct list {
        schedulers: Vec<Member>,
    }
}

impl Scheduler for list {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let members = self.schedulers.iter().map(|member| Ok(cx.member(member)?.translate()?));
        let mut members = members.collect::<Result<Vec<_>, Refusal>>()?;
        members.pop().ok_or_else(|| Self::schedulers.refused("have at least one element"))
    }
}
