//! Megatron-Core 0.19: `OptimizerParamScheduler`, by its constructor's names, and by the arguments of Megatron-LM.
//!
//! It counts samples: update `k` comes after `k` times as many as an update takes, so that lengths need not be whole updates.

use sched_core::{Node, PowerLaw, Ramp, Schedule, Shape, Value};

use crate::declare::{
    ABOVE_0, AT_LEAST_0, Context, FromValue, Ignored, Param, PerGroup, Refusal, Scheduler, Translation, library,
    params, words,
};
use crate::shared::{advanced, followed};

library! {
    "megatron" | "megatron_lm" | "megatron_core":
    OptimizerParamScheduler,
    arguments,
}

#[derive(Clone, Copy)]
enum Style {
    Constant,
    Linear,
    Cosine,
    InverseSquareRoot,
    Wsd,
}

words! {
    Style {
        "constant" => Self::Constant,
        "linear" => Self::Linear,
        "cosine" => Self::Cosine,
        "inverse-square-root" => Self::InverseSquareRoot,
        "WSD" => Self::Wsd,
    }
}

/// The shape of WSD's decay.
#[derive(Clone, Copy)]
struct Decay(Shape);

words! {
    Decay {
        "linear" => Self(Shape::Linear),
        "cosine" => Self(Shape::Cosine),
        "exponential" => Self(Shape::ExpHalf),
        "minus_sqrt" => Self(Shape::OneMinusSqrt),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Increase {
    Constant,
    Linear,
    Cosine,
}

words! { Increase { "constant" => Self::Constant, "linear" => Self::Linear, "cosine" => Self::Cosine } }

/// What a parameter group has of its own.
#[derive(Clone, Copy, Default)]
struct Overrides {
    max_lr: Option<f64>,
    min_lr: Option<f64>,
    start_wd: Option<f64>,
    end_wd: Option<f64>,
    wd_mult: Option<f64>,
}

impl FromValue for Overrides {
    fn expected(_: bool) -> String {
        "a map with `max_lr`, `min_lr`, `start_wd`, `end_wd` or `wd_mult`, numbers of 0 or more".to_owned()
    }

    fn from_value(value: &Value, group: usize) -> Option<Self> {
        let Value::Map(entries) = value else { return None };
        let mut these = Self::default();
        for (name, value) in entries {
            let field = match name.as_str() {
                "max_lr" => &mut these.max_lr,
                "min_lr" => &mut these.min_lr,
                "start_wd" => &mut these.start_wd,
                "end_wd" => &mut these.end_wd,
                "wd_mult" => &mut these.wd_mult,
                _ => return None,
            };
            *field = Some(f64::from_value(value, group).filter(|number| *number >= 0.0)?);
        }
        Some(these)
    }
}

params! {
    /// The constructor's parameters, and how many samples an update takes.
    struct Constructor {
        init_lr: f64 where AT_LEAST_0,
        max_lr: f64 where AT_LEAST_0,
        min_lr: f64 where AT_LEAST_0,
        lr_warmup_steps: f64 where AT_LEAST_0,
        lr_decay_steps: u64 where ABOVE_0,
        lr_decay_style: Style,
        start_wd: f64 where AT_LEAST_0,
        end_wd: f64 where AT_LEAST_0,
        wd_incr_steps: u64,
        wd_incr_style: Increase,
        wsd_decay_steps: Option<u64>,
        lr_wsd_decay_style: Option<Decay>,
        increment: u64 where ABOVE_0 = 1,
    }
}

params! {
    /// A warmup from `init_lr` to `max_lr`, then the style's decay to `min_lr` at `lr_decay_steps`, which count the warmup. The
    /// weight decay grows over `wd_incr_steps`.
    struct OptimizerParamScheduler {
        use_checkpoint_opt_param_scheduler: bool = true,
        override_opt_param_scheduler: bool = false,
        param_groups: PerGroup<Option<Overrides>>,
        ..these: Constructor,
    }
}

impl Scheduler for OptimizerParamScheduler {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let clash = self.use_checkpoint_opt_param_scheduler && self.override_opt_param_scheduler;
        Self::override_opt_param_scheduler
            .must(!clash, "not be true together with `use_checkpoint_opt_param_scheduler`")?;
        self.these.translate(self.param_groups.unwrap_or_default())
    }
}

impl Constructor {
    fn translate(&self, group: Overrides) -> Result<Translation, Refusal> {
        Self::max_lr.must(self.max_lr >= self.min_lr, "be at least `min_lr`")?;
        Self::max_lr.must(self.max_lr >= self.init_lr, "be at least `init_lr`")?;
        Self::lr_warmup_steps.must(self.lr_warmup_steps < self.lr_decay_steps as f64, "be below `lr_decay_steps`")?;
        Self::end_wd.must(self.end_wd >= self.start_wd, "be at least `start_wd`")?;
        let Overrides { max_lr, min_lr, start_wd, end_wd, wd_mult } = group;
        let (start, end) = (start_wd.unwrap_or(self.start_wd), end_wd.unwrap_or(self.end_wd));
        let mult = wd_mult.unwrap_or(1.0);
        let constant = self.wd_incr_style == Increase::Constant;
        Self::wd_incr_style.must(!constant || start == end, "not be constant between two weight decays")?;
        Self::wd_incr_steps.must(constant || self.wd_incr_steps > 0, "be above 0, as Megatron divides by it")?;
        let lr = self.rate(max_lr.unwrap_or(self.max_lr), min_lr.unwrap_or(self.min_lr))?;
        Ok(Translation { weight_decay: Some(self.weight_decay(start * mult, end * mult)?), ..lr.into() })
    }

    /// A number of samples in updates.
    fn updates(&self, samples: f64) -> f64 {
        samples / self.increment as f64
    }

    fn weight_decay(&self, start: f64, end: f64) -> Result<Schedule, Refusal> {
        let shape = match self.wd_incr_style {
            Increase::Constant => return Ok(Schedule::constant(end)?),
            Increase::Linear => Shape::Linear,
            Increase::Cosine => Shape::Cosine,
        };
        let steps = self.updates(self.wd_incr_steps as f64);
        Ok(Ramp { steps, ..Ramp::new(start, end, 0).shape(shape) }.build()?)
    }

    fn rate(&self, max: f64, min: f64) -> Result<Schedule, Refusal> {
        if self.lr_warmup_steps == 0.0 {
            return self.decay(max, min, 0);
        }
        // The last update of the warmup has taken no more samples than that.
        let start = (self.lr_warmup_steps as u64 / self.increment).saturating_add(1);
        let rise = Ramp { steps: self.updates(self.lr_warmup_steps), ..Ramp::new(self.init_lr, max, 0) }.build()?;
        Ok(followed(rise, start, self.decay(max, min, start)?)?)
    }

    /// What comes from update `start` on.
    fn decay(&self, max: f64, min: f64, start: u64) -> Result<Schedule, Refusal> {
        let end = self.lr_decay_steps as f64;
        let fall = |samples: f64, shape: Shape| {
            let begin = end - samples;
            let ramp = Ramp { steps: self.updates(samples), ..Ramp::new(max, min, 0).shape(shape) }.build()?;
            let first = self.updates(begin).ceil().max(start as f64);
            // In samples, where it is exact.
            let head_start = self.updates(first * self.increment as f64 - begin);
            followed(Schedule::constant(max)?, (first as u64).saturating_sub(start), advanced(ramp, head_start)?)
        };
        Ok(match self.lr_decay_style {
            Style::Constant => Schedule::constant(max)?,
            Style::Linear => fall(end - self.lr_warmup_steps, Shape::Linear)?,
            Style::Cosine => fall(end - self.lr_warmup_steps, Shape::Cosine)?,
            Style::InverseSquareRoot => {
                self.ended(self.inverse_sqrt(max, start)?.max(Schedule::constant(min)?)?, min, start)?
            }
            Style::Wsd => {
                let steps = self.wsd_decay_steps.ok_or(Self::wsd_decay_steps.missing())?;
                let Decay(shape) = self.lr_wsd_decay_style.ok_or(Self::lr_wsd_decay_style.missing())?;
                match steps {
                    0 => self.ended(Schedule::constant(max)?, min, start)?,
                    steps => fall(steps as f64, shape)?,
                }
            }
        })
    }

    /// `max sqrt(max(warmup, 1) / max(samples, 1))`.
    fn inverse_sqrt(&self, max: f64, start: u64) -> Result<Schedule, Refusal> {
        let time_scale = self.updates(self.lr_warmup_steps.max(1.0));
        let first = start.max(1);
        let law = PowerLaw { scale: max, offset: first as f64, time_scale, power: -0.5 };
        Ok(followed(Schedule::constant(max)?, first - start, Node::PowerLaw(law).try_into()?)?)
    }

    /// With the floor after `lr_decay_steps`.
    fn ended(&self, decay: Schedule, min: f64, start: u64) -> Result<Schedule, Refusal> {
        let over = (self.lr_decay_steps / self.increment).saturating_add(1);
        Ok(followed(decay, over.saturating_sub(start), Schedule::constant(min)?)?)
    }
}

params! {
    /// What Megatron-LM makes of its arguments: iterations are multiplied by the batch size, a fraction is of the decay's
    /// length and not rounded, and the weight decay grows over the whole run.
    struct arguments {
        lr: f64 where AT_LEAST_0,
        lr_decay_style: Style = "linear",
        lr_wsd_decay_style: Option<Decay> = "exponential",
        lr_decay_iters: Option<u64> where ABOVE_0,
        lr_decay_samples: Option<u64> where ABOVE_0,
        lr_wsd_decay_iters: Option<u64>,
        lr_wsd_decay_samples: Option<u64>,
        lr_warmup_fraction: Option<f64> where AT_LEAST_0,
        lr_warmup_iters: u64 = 0,
        lr_warmup_samples: u64 = 0,
        lr_warmup_init: f64 where AT_LEAST_0 = 0.0,
        min_lr: f64 where AT_LEAST_0 = 0.0,
        weight_decay: f64 where AT_LEAST_0 = 0.01,
        start_weight_decay: Option<f64> where AT_LEAST_0,
        end_weight_decay: Option<f64> where AT_LEAST_0,
        weight_decay_incr_style: Increase = "constant",
        train_iters: Option<u64>,
        train_samples: Option<u64>,
        global_batch_size: Option<u64> where ABOVE_0,
        rampup_batch_size: Option<Ignored>,
        _use_checkpoint_opt_param_scheduler: Ignored,
        _override_opt_param_scheduler: Ignored,
    }
}

/// A length in iterations or samples, and the parameter that says so.
type Length = (Option<u64>, Param);

impl arguments {
    /// Lengths in the unit of the run: the run's, the decay's, WSD's and the warmup's.
    fn lengths(&self) -> Result<[Length; 4], Refusal> {
        let iterations = [
            (self.train_iters, Self::train_iters),
            (self.lr_decay_iters, Self::lr_decay_iters),
            (self.lr_wsd_decay_iters, Self::lr_wsd_decay_iters),
            (Some(self.lr_warmup_iters), Self::lr_warmup_iters),
        ];
        let samples = [
            (self.train_samples, Self::train_samples),
            (self.lr_decay_samples, Self::lr_decay_samples),
            (self.lr_wsd_decay_samples, Self::lr_wsd_decay_samples),
            (Some(self.lr_warmup_samples), Self::lr_warmup_samples),
        ];
        let given = |length: Option<u64>| length.is_some_and(|length| length > 0);
        let (used, unused, rule) = match (given(self.train_iters), given(self.train_samples)) {
            (true, false) => (iterations, samples, "be left out of a run that counts iterations"),
            (false, true) => (samples, iterations, "be left out of a run that counts samples"),
            (true, true) => return Err(Self::train_samples.refused("not be given together with `train_iters`")),
            (false, false) => return Err(Self::train_iters.refused("be above 0, or else `train_samples`")),
        };
        for (length, param) in [unused[1], unused[3]] {
            param.must(!given(length), rule)?;
        }
        Ok(used)
    }

    /// Both ends of the weight decay.
    fn weight_decays(&self) -> Result<(f64, f64), Refusal> {
        let ends =
            [(self.start_weight_decay, Self::start_weight_decay), (self.end_weight_decay, Self::end_weight_decay)];
        let end = |(given, param): (Option<f64>, Param)| match self.weight_decay_incr_style {
            Increase::Constant => {
                let same = given.is_none_or(|given| given == self.weight_decay);
                param.must(same, "be left out, or equal to `weight_decay`, if that is constant")?;
                Ok(self.weight_decay)
            }
            Increase::Linear | Increase::Cosine => given.ok_or(param.missing()),
        };
        let [start, end] = ends.map(end);
        Ok((start?, end?))
    }
}

impl Scheduler for arguments {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Self::rampup_batch_size
            .must(self.rampup_batch_size.is_none(), "be null: the samples of an update would vary")?;
        Self::lr.must(self.lr >= self.min_lr, "be at least `min_lr`")?;
        Self::lr.must(self.lr >= self.lr_warmup_init, "be at least `lr_warmup_init`")?;
        let [run, decay, wsd, warmup] = self.lengths()?;
        let increment = match self.train_iters.filter(|iterations| *iterations > 0) {
            // Any size will do.
            Some(_) => self.global_batch_size.unwrap_or(1),
            None => self.global_batch_size.ok_or(Self::global_batch_size.missing())?,
        };
        let unit = if self.train_iters.is_some_and(|iterations| iterations > 0) { increment } else { 1 };
        let samples = |length: u64| length.saturating_mul(unit);
        let whole = samples(run.0.ok_or(run.1.missing())?);
        let decay_steps = decay.0.map_or(whole, samples);
        let warmup_steps = match self.lr_warmup_fraction {
            Some(fraction) => {
                warmup.1.must(warmup.0 == Some(0), "be left out with an `lr_warmup_fraction`")?;
                fraction * decay_steps as f64
            }
            None => samples(warmup.0.unwrap_or(0)) as f64,
        };
        let length = if self.lr_warmup_fraction.is_some() { Self::lr_warmup_fraction } else { warmup.1 };
        length.must(warmup_steps < decay_steps as f64, "make the warmup shorter than the decay, which counts it")?;
        if matches!(self.lr_decay_style, Style::Wsd) {
            wsd.0.ok_or(wsd.1.missing())?;
            self.lr_wsd_decay_style.ok_or(Self::lr_wsd_decay_style.missing())?;
        }
        let (start_wd, end_wd) = self.weight_decays()?;
        Self::end_weight_decay.must(end_wd >= start_wd, "be at least `start_weight_decay`")?;
        let these = Constructor {
            init_lr: self.lr_warmup_init,
            max_lr: self.lr,
            min_lr: self.min_lr,
            lr_warmup_steps: warmup_steps,
            lr_decay_steps: decay_steps,
            lr_decay_style: self.lr_decay_style,
            start_wd,
            end_wd,
            wd_incr_steps: whole,
            wd_incr_style: self.weight_decay_incr_style,
            wsd_decay_steps: wsd.0.map(samples),
            lr_wsd_decay_style: self.lr_wsd_decay_style,
            increment,
        };
        these.translate(Overrides::default())
    }
}
