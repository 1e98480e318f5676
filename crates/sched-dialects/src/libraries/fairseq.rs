//! fairseq 0.12: `fairseq.optim.lr_scheduler`.
//!
//! `lr` is a list with one rate per epoch. Schedulers that look at the epoch need `epoch_len`, the updates per epoch, which
//! fairseq knows from its data; without it the first epoch never ends. `manual` and `pass_through` have no translation: the
//! one reads a program text, the other an optimizer.

use sched_core::{
    NonFinite, Phase, Plateau, PlateauMode, Ramp, Repeat, Schedule, ScheduleError, Shape, ThresholdMode, Value,
};

use crate::declare::{
    ABOVE_0, AT_LEAST_0, Context, FromValue, Param, Params, Refusal, Scheduler, Translation, library, params,
};
use crate::shared::{followed, held_from};

library! {
    "fairseq" with Run:
    cosine,
    fixed,
    inverse_sqrt,
    polynomial_decay,
    reduce_lr_on_plateau,
    step,
    tri_stage,
    triangular,
}

params! {
    /// What fairseq knows from its data.
    struct Run {
        epoch_len: Option<u64> where ABOVE_0,
    }
}

/// The rates by epoch, at least one; a single number is a list of one.
struct Rates(Vec<f64>);

impl FromValue for Rates {
    fn expected(_: bool) -> String {
        "a finite number, or a list of at least one".to_owned()
    }

    fn from_value(value: &Value, group: usize) -> Option<Self> {
        let rates = match value {
            Value::List(_) => Vec::from_value(value, group)?,
            _ => vec![f64::from_value(value, group)?],
        };
        (!rates.is_empty()).then_some(Self(rates))
    }
}

impl Rates {
    /// The rate of a scheduler that takes only one.
    fn only(&self, param: Param) -> Result<f64, Refusal> {
        param.must(self.0.len() == 1, "be one rate: a list by epoch is for `fixed`")?;
        self.first(param)
    }

    fn first(&self, param: Param) -> Result<f64, Refusal> {
        param.follow(&AT_LEAST_0, &self.0[0])?;
        Ok(self.0[0])
    }
}

/// A `warmup_init_lr`, or `otherwise` where it is negative.
fn init_or(warmup_init_lr: f64, otherwise: f64) -> f64 {
    if warmup_init_lr < 0.0 { otherwise } else { warmup_init_lr }
}

/// A `max_update` that lengths come from.
fn length(max_update: Option<f64>, param: Param) -> Result<f64, Refusal> {
    let updates = max_update.unwrap_or(0.0);
    param.must(updates > 0.0, "be above 0 where the lengths come from it")?;
    Ok(updates)
}

params! {
    /// Cosine restarts: `lr_shrink^i` times the way from `lr` to `min_lr`, cycle `i` being `lr_period_updates t_mult^i` long.
    struct cosine {
        warmup_updates: u64 = 0,
        warmup_init_lr: f64 = -1.0,
        lr: Rates = [0.25],
        min_lr: f64 where AT_LEAST_0 = 0.0,
        t_mult: f64 where ABOVE_0 = 1.0,
        lr_period_updates: f64 = -1.0,
        lr_shrink: f64 where AT_LEAST_0 = 0.1,
        max_update: Option<f64> = 0,
    }
}

impl Scheduler for cosine {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, min_lr, warmup) = (self.lr.only(Self::lr)?, self.min_lr, self.warmup_updates);
        Self::lr.must(lr > min_lr, "be more than `min_lr`")?;
        let period = match self.lr_period_updates {
            period if period > 0.0 => period,
            _ => length(self.max_update, Self::max_update)? - warmup as f64,
        };
        let ramp = Schedule::linear(init_or(self.warmup_init_lr, min_lr), lr, warmup)?;
        if period <= 0.0 {
            // fairseq divides by what is left after the warmup, or counts backwards from `lr`.
            return Ok(held_from(ramp, if period < 0.0 { warmup.saturating_add(1) } else { warmup })?.into());
        }
        let cycles = cosine_cycles(lr, min_lr, period, self.t_mult, self.lr_shrink)?;
        Ok(followed(ramp, warmup, cycles)?.into())
    }
}

fn cosine_cycles(lr: f64, min_lr: f64, period: f64, mult: f64, shrink: f64) -> Result<Schedule, ScheduleError> {
    // A period that is not whole is counted as 1, and time stretched.
    let whole = period as u64;
    let (length, stretch) = if whole as f64 == period { (whole, 1.0) } else { (1, period) };
    let cycle = Ramp::new(lr, min_lr, length).shape(Shape::Cosine).build()?;
    let cycles = Repeat::new(cycle, length).growth(mult).cycle_scale(shrink);
    let cycles = if mult < 1.0 { cycles.limit(u64::from(u32::MAX)) } else { cycles }.build()?;
    let cycles = if stretch == 1.0 { cycles } else { cycles.stretch(stretch)? };
    if mult < 1.0 {
        // Shrinking cycles come to an end, where fairseq takes the logarithm of 0.
        return held_from(cycles, libm::ceil(period / (1.0 - mult)) as u64);
    }
    Ok(cycles)
}

params! {
    /// The rate of the epoch, times `(t + 1) / W` before `W`: `lr[epoch - 1]`, and from epoch `force_anneal` on the last of
    /// them times `lr_shrink^(epoch + 1 - force_anneal)`. Epochs count from 1.
    struct fixed {
        force_anneal: Option<i64>,
        lr_shrink: f64 = 0.1,
        warmup_updates: u64 = 0,
        lr: Rates = [0.25],
    }
}

impl Scheduler for fixed {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let updates = match Run::read(cx)?.epoch_len {
            Some(updates) => self.epochs()?.every(updates)?,
            None => Schedule::constant(self.epochs()?.at(0))?,
        };
        Ok(match self.warmup_updates {
            0 => updates,
            warmup => updates.times(Schedule::linear(0.0, 1.0, warmup)?.advance(1.0)?)?,
        }
        .into())
    }
}

impl fixed {
    /// The rate by epoch.
    fn epochs(&self) -> Result<Schedule, Refusal> {
        let rates = &self.lr.0;
        Self::lr.follow(&AT_LEAST_0, rates)?;
        let listed: Vec<(u64, f64)> = (0..).zip(rates.iter().copied()).collect();
        let listed = Schedule::piecewise_constant(rates[0], &listed)?;
        let Some(anneal) = self.force_anneal else { return Ok(listed) };
        Self::lr_shrink.follow(&AT_LEAST_0, &self.lr_shrink)?;
        // A `force_anneal` below 1 has begun before the first epoch.
        let annealed = Schedule::exponential(rates[rates.len() - 1], self.lr_shrink)?;
        let annealed = annealed.advance(2_i64.saturating_sub(anneal).max(1) as f64)?;
        let begun = anneal.saturating_sub(1).max(0).unsigned_abs();
        Ok(followed(listed, begun, annealed)?)
    }
}

params! {
    /// `lr sqrt(W / t)` after a warmup over `W`, which must not be 0.
    struct inverse_sqrt {
        warmup_updates: u64 = 4000,
        warmup_init_lr: f64 = -1.0,
        lr: Rates = [0.25],
    }
}

impl Scheduler for inverse_sqrt {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, warmup) = (self.lr.only(Self::lr)?, self.warmup_updates);
        Self::warmup_updates.must(warmup > 0, "be above 0, because fairseq divides by it")?;
        let ramp = Schedule::linear(init_or(self.warmup_init_lr, 0.0), lr, warmup)?;
        Ok(followed(ramp, warmup, Schedule::inverse_sqrt(lr, warmup as f64)?)?.into())
    }
}

params! {
    /// `end + (lr - end) (1 - (t - W) / (N - W))^power` after `lr t / W` up to and with `W`; `end` from `N` on.
    ///
    /// In epoch `e`, counted from 1, `lr` is `lr[e]`: the list's second rate is the first epoch's. From epoch `force_anneal`
    /// on it is the rate at the epoch's start, so that each epoch decays again what the one before has left.
    struct polynomial_decay {
        warmup_updates: u64 = 0,
        force_anneal: Option<i64>,
        end_learning_rate: f64 where AT_LEAST_0 = 0.0,
        power: f64 where AT_LEAST_0 = 1.0,
        total_num_update: f64 where ABOVE_0,
        lr: Rates = [0.25],
    }
}

impl Scheduler for polynomial_decay {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (rates, epoch_len) = (&self.lr.0, Run::read(cx)?.epoch_len);
        let (warmup, total) = (self.warmup_updates, self.total_num_update);
        let decay = Decay { warmup, end: self.end_learning_rate, power: self.power, total };
        let epochs = match epoch_len {
            None => 1,
            Some(_) if self.force_anneal.is_none() => (rates.len() as u64 - 1).max(1),
            Some(len) => ((total.max(warmup as f64) / len as f64) as u64).saturating_add(1),
        };
        Run::epoch_len.must(epochs <= MAX_EPOCHS, "leave at most 10000 epochs, each of which has a rate of its own")?;
        let mut phases: Vec<Phase> = Vec::new();
        let mut lr = rates[0] / warmup.max(1) as f64; // as the constructor leaves it
        for epoch in 1..=epochs {
            let start = (epoch - 1).saturating_mul(epoch_len.unwrap_or(0));
            if let Some(before) = phases.last() {
                lr = before.schedule.at(start - before.start);
            }
            if self.force_anneal.is_none_or(|anneal| i128::from(epoch) < i128::from(anneal)) {
                lr = rates[rates.len().min(epoch as usize + 1) - 1];
            }
            Self::lr.follow(&AT_LEAST_0, &lr)?;
            let schedule = decay.from(lr)?;
            phases.push(Phase { start, schedule: if start > 0 { schedule.advance(start as f64)? } else { schedule } });
        }
        Ok(match phases.as_slice() {
            [only] => only.schedule.clone(),
            _ => Schedule::sequence(phases)?,
        }
        .into())
    }
}

const MAX_EPOCHS: u64 = 10_000;

struct Decay {
    warmup: u64,
    end: f64,
    power: f64,
    total: f64,
}

impl Decay {
    fn from(&self, lr: f64) -> Result<Schedule, ScheduleError> {
        let steps = (self.total - self.warmup as f64).max(0.0);
        let shape = Shape::Polynomial(self.power);
        let decay = Ramp { steps, shape, ..Ramp::new(lr, self.end, 0) }.build()?;
        match self.warmup {
            0 => Ok(decay),
            // The warmup has its last update too, also where nothing is left to decay.
            warmup => followed(Schedule::linear(0.0, lr, warmup)?, warmup.saturating_add(1), decay.advance(1.0)?),
        }
    }
}

params! {
    /// PyTorch's plateau, observed after each epoch, once the warmup is over.
    struct reduce_lr_on_plateau {
        lr_shrink: f64 = 0.1,
        lr_threshold: f64 = 1e-4,
        lr_patience: u64 = 0,
        warmup_updates: u64 = 0,
        warmup_init_lr: f64 = -1.0,
        lr: Rates = [0.25],
        maximize_best_checkpoint_metric: bool = false,
    }
}

impl Scheduler for reduce_lr_on_plateau {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, warmup) = (self.lr.only(Self::lr)?, self.warmup_updates);
        let plateau = Plateau::new()
            .mode(if self.maximize_best_checkpoint_metric { PlateauMode::Max } else { PlateauMode::Min })
            .factor(self.lr_shrink)
            .patience(self.lr_patience)
            .threshold(self.lr_threshold, ThresholdMode::RelativeSigned)
            .non_finite(NonFinite::Compare)
            .start_step(warmup.saturating_add(1))
            .build()
            .map_err(|error| error.renamed(&[("factor", "lr_shrink"), ("threshold", "lr_threshold")]))?;
        let ramp = Schedule::linear(init_or(self.warmup_init_lr, 0.0), lr, warmup)?;
        Ok(Translation::from(ramp).with_feedback(plateau))
    }
}

params! {
    /// `max(lr lr_decay^floor((t - W) / lr_deacy_period), min_lr)`, of the list's first rate; the name is fairseq's.
    struct step {
        warmup_updates: u64 = 0,
        warmup_init_lr: f64 = -1.0,
        lr: Rates = [0.25],
        min_lr: f64 where AT_LEAST_0 = 0.0,
        lr_deacy_period: u64 where ABOVE_0 = 25000,
        lr_decay: f64 where AT_LEAST_0 = 0.5,
    }
}

impl Scheduler for step {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, min_lr, warmup) = (self.lr.first(Self::lr)?, self.min_lr, self.warmup_updates);
        Self::lr_decay.must(self.lr_decay <= 1.0, "be at most 1")?;
        Self::lr.must(lr > min_lr, "be more than `min_lr`")?;
        let steps = Schedule::step(lr, self.lr_deacy_period, self.lr_decay)?;
        let steps = if min_lr > 0.0 { steps.max(Schedule::constant(min_lr)?)? } else { steps };
        let ramp = Schedule::linear(init_or(self.warmup_init_lr, min_lr), lr, warmup)?;
        Ok(followed(ramp, warmup, steps)?.into())
    }
}

params! {
    /// A line from `lr init_lr_scale`, `lr`, an exponential to `lr final_lr_scale`; lengths may be fractions of `max_update`.
    struct tri_stage {
        warmup_steps: u64 = 0,
        hold_steps: u64 = 0,
        decay_steps: u64 = 0,
        phase_ratio: Option<Vec<f64>>,
        init_lr_scale: f64 where AT_LEAST_0 = 0.01,
        final_lr_scale: f64 = 0.01,
        max_update: Option<f64> = 0,
        lr: Rates = [0.25],
    }
}

impl Scheduler for tri_stage {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, init, end) = (self.lr.only(Self::lr)?, self.init_lr_scale, self.final_lr_scale);
        let [warmup, hold, decay] = match &self.phase_ratio {
            None => [self.warmup_steps, self.hold_steps, self.decay_steps],
            Some(ratio) => {
                let three = "be three fractions that add up to 1";
                let ratio = <[f64; 3]>::try_from(ratio.as_slice()).map_err(|_| Self::phase_ratio.refused(three))?;
                // Whether 0.3 + 0.3 + 0.4 is 1 to the last bit is up to Python's version.
                Self::phase_ratio.must((ratio.iter().sum::<f64>() - 1.0).abs() <= f64::EPSILON, three)?;
                let updates = length(self.max_update, Self::max_update)?;
                ratio.map(|part| (updates * part) as u64)
            }
        };
        Self::decay_steps.must(decay > 0, "be above 0, because fairseq divides by it")?;
        Self::final_lr_scale.must(end > 0.0, "be above 0, because fairseq takes its logarithm")?;
        Ok(Schedule::tri_stage(lr, warmup, hold, decay, init, end)?.into())
    }
}

params! {
    /// Triangles between `lr` and `max_lr lr_shrink^i`, each side half of `lr_period_updates`, rounded down.
    struct triangular {
        max_lr: f64,
        lr_period_updates: f64 = 5000.0,
        lr_shrink: f64 where AT_LEAST_0 = 0.1,
        shrink_min: bool = false,
        lr: Rates = [0.25],
    }
}

impl Scheduler for triangular {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let (min, max, shrink) = (self.lr.only(Self::lr)?, self.max_lr, self.lr_shrink);
        Self::max_lr.must(max > min, "be more than `lr`")?;
        let side = (self.lr_period_updates / 2.0) as u64;
        if side == 0 {
            return Ok(Schedule::constant(min)?.into()); // fairseq divides by it at the first update.
        }
        let triangles = |foot, tip, scale| {
            let triangle = followed(Schedule::linear(foot, tip, side)?, side, Schedule::linear(tip, foot, side)?)?;
            Repeat::new(triangle, side.saturating_mul(2)).cycle_scale(scale).build()
        };
        if self.shrink_min || min == 0.0 {
            return Ok(triangles(min, max, shrink)?.into());
        }
        // Only the tip shrinks, so what is left at the foot is a wave of its own.
        Ok(triangles(0.0, max, shrink)?.plus(triangles(min, 0.0, 1.0)?)?.into())
    }
}
