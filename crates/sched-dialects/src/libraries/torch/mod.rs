//! PyTorch 2.15: `torch.optim.lr_scheduler` and `torch.optim.swa_utils.SWALR`.

mod annealing;
mod course;
mod cycles;
mod decays;
mod epochs;
mod leaf;
mod member;
mod progress;
mod resume;
mod rule;

use sched_core::{Schedule, Value};

pub(super) use annealing::CosineAnnealingLR;
use annealing::{CosineAnnealingWarmRestarts, SWALR};
use course::Course;
use cycles::{CyclicLR, OneCycleLR};
use decays::{ConstantLR, ExponentialLR, LinearLR, MultiStepLR, PolynomialLR, StepLR};
use leaf::{Leaf, no_resume};
use member::Member;
pub use progress::{TorchGroup, TorchProgress};
pub use resume::{resume_torch, run_torch};
pub(super) use rule::{Alone, Raised, Rule};
use rule::{Group, Resume};

use crate::declare::{Context, Kwargs, Member as Given, Param, Refusal, Scheduler, Translation, library, params};
use crate::shared::{Optimizer, TorchPlateau};

library! {
    "torch" | "pytorch" with Optimizer:
    #[allow(dead_code, reason = "what is refused is not read")]
    enum Any {
        StepLR,
        MultiStepLR,
        ConstantLR,
        LinearLR,
        ExponentialLR,
        PolynomialLR,
        CosineAnnealingLR,
        CosineAnnealingWarmRestarts,
        CyclicLR,
        OneCycleLR,
        ReduceLROnPlateau,
        SWALR,
        LambdaLR,
        MultiplicativeLR,
        SequentialLR,
        ChainedScheduler,
        SWA_switch,
    }
}

impl Any {
    /// The scheduler, if it is not made of others and follows neither a metric nor code.
    fn rule(self) -> Option<Box<dyn Rule>> {
        Some(match self {
            Self::StepLR(rule) => Box::new(rule),
            Self::MultiStepLR(rule) => Box::new(rule),
            Self::ConstantLR(rule) => Box::new(rule),
            Self::LinearLR(rule) => Box::new(rule),
            Self::ExponentialLR(rule) => Box::new(rule),
            Self::PolynomialLR(rule) => Box::new(rule),
            Self::CosineAnnealingLR(rule) => Box::new(rule),
            Self::CosineAnnealingWarmRestarts(rule) => Box::new(rule),
            Self::CyclicLR(rule) => Box::new(rule),
            Self::OneCycleLR(rule) => Box::new(rule),
            Self::SWALR(rule) => Box::new(rule),
            Self::ReduceLROnPlateau(_) | Self::LambdaLR(_) | Self::MultiplicativeLR(_) => return None,
            Self::SequentialLR(_) | Self::ChainedScheduler(_) | Self::SWA_switch(_) => return None,
        })
    }
}

/// The scheduler whose context this is, for ignite, which wraps it.
pub(super) fn rule(cx: &Context<'_>) -> Result<Option<Box<dyn Rule>>, Refusal> {
    Ok(Any::read(cx)?.rule())
}

params! {
    /// See [`TorchPlateau`].
    struct ReduceLROnPlateau {
        ..plateau: TorchPlateau,
    }
}

impl Scheduler for ReduceLROnPlateau {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(Translation::from(Schedule::constant(Optimizer::lr(cx)?)?).with_feedback(self.plateau.build()?))
    }
}

params! {
    /// `lr * lr_lambda(t)`.
    struct LambdaLR {
        _lr_lambda: Value,
        .._resume: Resume,
    }
}

const LAMBDA: &str =
    "`Scheduler::new(|step: u64| 0.1 * 0.95_f64.powi(step as i32))` for a rate of 0.1 and `0.95 ** epoch`";

impl Scheduler for LambdaLR {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Err(Self::_lr_lambda.code(LAMBDA))
    }
}

params! {
    /// `lr * lr_lambda(1) * .. * lr_lambda(t)`.
    struct MultiplicativeLR {
        _lr_lambda: Value,
        .._resume: Resume,
    }
}

const MULTIPLICATIVE: &str = "`Scheduler::new(|step: u64| (1..=step).fold(0.1, |lr, epoch| lr * factor(epoch)))` for a \
                              rate of 0.1, or `Schedule::exponential(0.1, 0.95)` for a factor that is always 0.95";

impl Scheduler for MultiplicativeLR {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Err(Self::_lr_lambda.code(MULTIPLICATIVE))
    }
}

params! {
    /// One scheduler after the other, each from its milestone on.
    struct SequentialLR {
        schedulers: Vec<Given>,
        milestones: Vec<u64>,
        .._resume: Resume,
    }
}

impl SequentialLR {
    fn construct(&self, cx: &Context<'_>, group: &mut Group) -> Result<Member, Refusal> {
        let mut members = all(cx, &self.schedulers, Self::schedulers, group)?;
        Self::milestones.must(self.milestones.len() + 1 == members.len(), "have one element less than `schedulers`")?;
        no_resume(cx)?;
        for member in &mut members {
            member.share(group)?;
        }
        Member::sequence(members, self.milestones.clone(), group)
            .map_err(|Raised| Self::schedulers.refused("begin with one that PyTorch can step without an error"))
    }
}

impl Scheduler for SequentialLR {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        course(Self::schedulers, |group| self.construct(cx, group))
    }
}

params! {
    /// All of the schedulers in each step, in turn.
    struct ChainedScheduler {
        schedulers: Vec<Given>,
    }
}

impl ChainedScheduler {
    fn construct(&self, cx: &Context<'_>, group: &mut Group) -> Result<Member, Refusal> {
        Ok(Member::Chained(all(cx, &self.schedulers, Self::schedulers, group)?))
    }
}

impl Scheduler for ChainedScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        course(Self::schedulers, |group| self.construct(cx, group))
    }
}

params! {
    /// How the documentation of `SWALR` has it used: a scheduler for `swa_start` steps, then `SWALR` with the parameters
    /// `swa`. Both constructors are called before the first step.
    struct SWA_switch {
        scheduler: Given,
        swa_start: u64,
        swa: Kwargs,
    }
}

impl SWA_switch {
    fn construct(&self, cx: &Context<'_>, group: &mut Group) -> Result<Member, Refusal> {
        let scheduler = one(cx, &self.scheduler, Self::scheduler, group)?;
        let (swa, cx) = cx.member_as::<SWALR>(&self.swa)?;
        let swa = cx.attempt(|cx| Leaf::construct(Box::new(swa), cx, group))?;
        Ok(Member::Switch { members: vec![scheduler, Member::Leaf(swa)], calls_left: self.swa_start })
    }
}

impl Scheduler for SWA_switch {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        course(Self::scheduler, |group| self.construct(cx, group))
    }
}

/// The constructor of a member, with what it does to the optimizer.
fn one(cx: &Context<'_>, member: &Given, param: Param, group: &mut Group) -> Result<Member, Refusal> {
    Ok(cx.member(member)?.attempt(|cx| construct(cx, param, group))?)
}

/// The constructor of the scheduler whose context this is; `param` is what holds it.
fn construct(cx: &Context<'_>, param: Param, group: &mut Group) -> Result<Member, Refusal> {
    match Any::read(cx)? {
        Any::SequentialLR(it) => it.construct(cx, group),
        Any::ChainedScheduler(it) => it.construct(cx, group),
        Any::SWA_switch(it) => it.construct(cx, group),
        any => match any.rule() {
            Some(rule) => Leaf::construct(rule, cx, group).map(Member::Leaf),
            None => {
                cx.translate()?; // what is code is refused as such
                Err(param.refused("do without `ReduceLROnPlateau`, which needs a metric"))
            }
        },
    }
}

/// The constructors of the members, from left to right.
fn all(cx: &Context<'_>, members: &[Given], param: Param, group: &mut Group) -> Result<Vec<Member>, Refusal> {
    param.must(!members.is_empty(), "have at least one element")?;
    members.iter().map(|member| one(cx, member, param, group)).collect()
}

/// The course of a composite's members, as one schedule.
fn course(param: Param, construct: impl FnOnce(&mut Group) -> Result<Member, Refusal>) -> Result<Translation, Refusal> {
    let mut group = Group::default();
    let mut root = construct(&mut group)?;
    root.share(&group)?;
    Course::new(root, group).finish()?.ok_or_else(|| param.refused(resume::NEVER))
}
