//! paddle 3.3: `paddle.optimizer.lr`, in dynamic mode.

mod cycles;
mod decays;

use cycles::{CosineAnnealingDecay, CosineAnnealingWarmRestarts, CyclicLR, OneCycleLR};
use decays::{
    ExponentialDecay, InverseTimeDecay, LinearLR, MultiStepDecay, NaturalExpDecay, NoamDecay, PiecewiseDecay,
    PolynomialDecay, StepDecay,
};
use sched_core::{NonFinite, Plateau, PlateauMode, Schedule, ThresholdMode, Value};

use crate::declare::{
    ABOVE_0, AT_LEAST_0, BELOW_1, Context, FRESH, FromValue, Ignored, Member, Refusal, Scheduler, Translation, library,
    params,
};

library! {
    "paddle" | "paddlepaddle" | "paddlepaddle_gpu":
    NoamDecay,
    PiecewiseDecay,
    NaturalExpDecay,
    InverseTimeDecay,
    PolynomialDecay,
    LinearWarmup,
    ExponentialDecay,
    MultiStepDecay,
    StepDecay,
    LambdaDecay,
    MultiplicativeDecay,
    ReduceOnPlateau,
    CosineAnnealingDecay,
    OneCycleLR,
    CyclicLR,
    LinearLR,
    CosineAnnealingWarmRestarts,
}

params! {
    /// What every scheduler has but the one that follows a metric.
    struct Resume {
        _last_epoch: i64 where FRESH = -1,
        _verbose: Ignored = false,
    }
}

params! {
    /// A straight line from `start_lr` towards `end_lr`, which it does not reach: at `warmup_steps` `learning_rate` takes
    /// over, a rate or a scheduler on its own clock.
    struct LinearWarmup {
        learning_rate: RateOrMember,
        warmup_steps: u64 where ABOVE_0,
        start_lr: f64 where AT_LEAST_0,
        end_lr: f64,
        .._resume: Resume,
    }
}

enum RateOrMember {
    Rate(f64),
    Member(Member),
}

impl FromValue for RateOrMember {
    fn expected(many: bool) -> String {
        format!("{} or {}", f64::expected(many), Member::expected(many))
    }

    fn from_value(value: &Value, group: usize) -> Option<Self> {
        let rate = || f64::from_value(value, group).map(Self::Rate);
        rate().or_else(|| Member::from_value(value, group).map(Self::Member))
    }
}

impl Scheduler for LinearWarmup {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        Self::end_lr.must(self.end_lr > self.start_lr, "be above `start_lr`")?;
        let next = match &self.learning_rate {
            RateOrMember::Rate(rate) => {
                Self::learning_rate.follow(&AT_LEAST_0, rate)?;
                Schedule::constant(*rate)?
            }
            RateOrMember::Member(member) => {
                let Translation { lr, feedback, .. } = cx.member(member)?.translate()?;
                let rule = "not follow a metric: paddle gives it the epoch instead";
                Self::learning_rate.must(feedback.is_none(), rule)?;
                lr
            }
        };
        let warmup = Schedule::linear(self.start_lr, self.end_lr, self.warmup_steps)?;
        Ok(warmup.then_at(self.warmup_steps, next)?.into())
    }
}

params! {
    /// `learning_rate * lr_lambda(t)`.
    struct LambdaDecay {
        _learning_rate: f64,
        _lr_lambda: Value,
        .._resume: Resume,
    }
}

const LAMBDA: &str =
    "`Scheduler::new(|step: u64| 0.5 * 0.95_f64.powi(step as i32))` for a rate of 0.5 and `0.95 ** epoch`";

impl Scheduler for LambdaDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Err(Self::_lr_lambda.code(LAMBDA))
    }
}

params! {
    /// `learning_rate` times `lr_lambda` of every step from 1 to `t`.
    struct MultiplicativeDecay {
        _learning_rate: f64,
        _lr_lambda: Value,
        .._resume: Resume,
    }
}

const MULTIPLICATIVE: &str = "`Scheduler::new(|step: u64| (1..=step).fold(0.5, |lr, _epoch| lr * 0.95))` for a rate of \
                              0.5 and a factor that is always 0.95";

impl Scheduler for MultiplicativeDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Err(Self::_lr_lambda.code(MULTIPLICATIVE))
    }
}

params! {
    /// As PyTorch's, but the first metric is the best whatever it is, metrics are ignored during the cooldown, and the rate is a
    /// parameter.
    struct ReduceOnPlateau {
        learning_rate: f64 where AT_LEAST_0,
        mode: AnyCase<PlateauMode> = "min",
        factor: f64 where BELOW_1 = 0.1,
        patience: u64 = 10,
        threshold: f64 where AT_LEAST_0 = 1e-4,
        threshold_mode: AnyCase<ThresholdMode> = "rel",
        cooldown: i64 = 0,
        min_lr: f64 = 0.0,
        epsilon: f64 where AT_LEAST_0 = 1e-8,
        _verbose: Ignored = false,
    }
}

/// A choice of words, which may be in capitals.
struct AnyCase<T>(T);

impl<T: FromValue> FromValue for AnyCase<T> {
    const WORDS: &'static [&'static str] = T::WORDS;

    fn expected(many: bool) -> String {
        T::expected(many)
    }

    fn from_value(value: &Value, group: usize) -> Option<Self> {
        let Value::Text(word) = value else { return None };
        T::from_value(&Value::Text(word.to_lowercase()), group).map(Self)
    }
}

impl Scheduler for ReduceOnPlateau {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let threshold_mode = match self.threshold_mode.0 {
            ThresholdMode::RelativeSigned => ThresholdMode::RelativeSignedSum,
            mode => mode,
        };
        let plateau = Plateau::new()
            .mode(self.mode.0)
            .factor(self.factor.max(0.0))
            .patience(self.patience)
            .threshold(self.threshold, threshold_mode)
            .cooldown(self.cooldown.max(0).unsigned_abs())
            .blind_cooldown(true)
            .min_lr(self.min_lr.max(0.0))
            .eps(self.epsilon)
            .non_finite(NonFinite::CompareFirst)
            .build()?;
        Ok(Translation::from(Schedule::constant(self.learning_rate)?).with_feedback(plateau))
    }
}
