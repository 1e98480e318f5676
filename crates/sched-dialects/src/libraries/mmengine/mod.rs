//! mmengine 0.10: `mmengine.optim.scheduler`, the classes for the learning rate.
//!
//! A scheduler acts on steps `begin` to `end - 1`, counts from `begin`, and changes the rate that it finds; outside, the
//! rate stays as it is. `end = 1e9`, the library's infinity, is one here.

mod annealing;
mod factors;
mod scheduler;
mod windows;

use annealing::{CosineAnnealingLR, CosineRestartLR, OneCycleLR, PolyLR};
use factors::{ConstantLR, ExponentialLR, LinearLR, MultiStepLR, StepLR};
use sched_core::{Plateau, PlateauMode, Schedule, ThresholdMode};
use scheduler::{Span, Windows, together};

use crate::declare::{
    AT_LEAST_0, BELOW_1, Context, Member, PerGroup, Refusal, Scheduler, Translation, library, params, words,
};
use crate::shared::Optimizer;

library! {
    "mmengine" with Optimizer:
    #[allow(dead_code, reason = "what is refused is not read")]
    enum Any {
        StepLR,
        MultiStepLR,
        ConstantLR,
        LinearLR,
        ExponentialLR,
        CosineAnnealingLR,
        CosineRestartLR,
        PolyLR,
        OneCycleLR,
        ReduceOnPlateauLR,
        list,
    }
}

/// The schedulers that can be in a list; one alone is as a list of one.
macro_rules! acting {
    ($($kind:ident),+ $(,)?) => {
        impl Any {
            fn windows(&self) -> Option<&dyn Windows> {
                match self {
                    $(Self::$kind(it) => Some(it),)+
                    Self::ReduceOnPlateauLR(_) | Self::list(_) => None,
                }
            }
        }

        $(
            impl Scheduler for $kind {
                fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
                    together(cx, &[self.windows(Optimizer::lr(cx)?)?], Span::end)
                }
            }
        )+
    };
}

acting! {
    StepLR, MultiStepLR, ConstantLR, LinearLR, ExponentialLR, CosineAnnealingLR, CosineRestartLR, PolyLR, OneCycleLR,
}

params! {
    /// The `param_scheduler` of a config: several schedulers, which are stepped in this order.
    struct list {
        schedulers: Vec<Member>,
    }
}

impl Scheduler for list {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let mut base = Optimizer::lr(cx)?;
        let mut all = Vec::new();
        for member in &self.schedulers {
            let cx = cx.member(member)?;
            let any = cx.attempt(Any::read)?;
            let member = any.windows().ok_or_else(|| Self::schedulers.refused("have no plateau and no other list"))?;
            all.push(cx.attempt(|_| member.windows(base))?);
            if let Any::OneCycleLR(cycle) = &any {
                base = cycle.initial();
            }
        }
        together(cx, &all, Self::schedulers)
    }
}

params! {
    /// PyTorch's plateau. `begin` counts calls without a metric, which the training loop makes once per epoch.
    struct ReduceOnPlateauLR {
        _monitor: String = "loss",
        rule: Better = "less",
        factor: f64 where BELOW_1 = 0.1,
        patience: u64 = 10,
        threshold: f64 where AT_LEAST_0 = 1e-4,
        threshold_rule: ThresholdMode = "rel",
        cooldown: u64 = 0,
        min_value: PerGroup<f64> where AT_LEAST_0 = 0.0,
        eps: f64 where AT_LEAST_0 = 1e-8,
        ..span: Span,
    }
}

/// Which metrics are better.
struct Better(PlateauMode);

words! { Better { "less" => Self(PlateauMode::Min), "greater" => Self(PlateauMode::Max) } }

impl Scheduler for ReduceOnPlateauLR {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (begin, ..) = self.span.steps()?;
        Span::end.must(self.span.is_endless(), "be 1e9 (its default), because a plateau has no end here")?;
        let plateau = Plateau::new()
            .mode(self.rule.0)
            .factor(self.factor)
            .patience(self.patience)
            .threshold(self.threshold, self.threshold_rule)
            .cooldown(self.cooldown)
            .min_lr(*self.min_value)
            .eps(self.eps)
            .start_step(begin)
            .build()?;
        Ok(Translation::from(Schedule::constant(Optimizer::lr(cx)?)?).with_feedback(plateau))
    }
}
