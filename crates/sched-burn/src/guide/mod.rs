//! A page for each job, with about ten lines of code that run; read them after burn's own book.
//!
//! The code is for burn 0.22. On 0.23, only `train_0_22` becomes `train_0_23`. On 0.21, it becomes `train_0_21`, and burn's own types
//! differ: models have a backend, and there are no parameter groups.
//!
//! This module holds documentation only. Its pages are files of this crate because the book includes them: one text, tested here.

#[doc = include_str!("learner.md")]
///
/// Reference: [`Scheduler`](crate::Scheduler), [`Plan`](crate::Plan).
pub mod learner {}

#[doc = include_str!("own_loop.md")]
///
/// Reference: [`Scheduler`](crate::Scheduler).
pub mod own_loop {}

#[doc = include_str!("plateau.md")]
///
/// Reference: [`Plateau`](crate::Plateau), [`Greedy`](crate::Greedy), your own [`Rule`](crate::Rule),
/// [`EarlyStopping`](crate::EarlyStopping).
#[cfg_attr(feature = "train", doc = "In the `Learner`: [`Feed`](crate::Feed), [`Watch`](crate::Watch).")]
pub mod plateau {}

#[doc = include_str!("groups.md")]
///
/// Reference: [`LayerDecay`](crate::LayerDecay), [`Scheduler::scaled`](crate::Scheduler::scaled),
/// [`Schedule::frozen_until`](crate::Schedule::frozen_until).
pub mod groups {}

#[doc = include_str!("finder.md")]
///
/// Reference: [`RangeTest`](crate::RangeTest), [`RangeCurve`](crate::RangeCurve).
pub mod finder {}

#[doc = include_str!("hyper_parameters.md")]
///
/// Reference: [`ScheduledOptimizer`](crate::ScheduledOptimizer),
/// [`Scheduler::cycle_momentum`](crate::Scheduler::cycle_momentum).
pub mod hyper_parameters {}

#[doc = include_str!("averages.md")]
///
/// Reference: [`ScheduledOptimizer::ema`](crate::ScheduledOptimizer::ema),
/// [`ScheduledOptimizer::swa`](crate::ScheduledOptimizer::swa), [`WeightAverage`](crate::WeightAverage).
pub mod averages {}

#[doc = include_str!("resume.md")]
///
/// Reference: [`Scheduler::save`](crate::Scheduler::save), [`Scheduler::load`](crate::Scheduler::load),
/// [`OnMismatch`](crate::OnMismatch), [`SchedulerState`](crate::SchedulerState).
#[cfg_attr(feature = "train", doc = "In the `Learner`: [`Checkpoints`](crate::Checkpoints).")]
pub mod resume {}

#[doc = include_str!("config.md")]
///
/// Reference: [`Plan`](crate::Plan), [`Node`](crate::Node), which is the shape of a schedule in a file.
#[cfg_attr(feature = "dialects", doc = "Files: [`Scheduler::open`](crate::Scheduler::open), [`sched_dialects`].")]
pub mod config {}

#[doc = include_str!("pytorch.md")]
#[cfg_attr(
    feature = "torch",
    doc = "\nReference: [`Scheduler::from_torch`](crate::Scheduler::from_torch), [`sched_torch`]."
)]
pub mod pytorch {}

#[doc = include_str!("watching.md")]
#[cfg_attr(
    feature = "train",
    doc = "\nReference: [`LearningRates`](crate::LearningRates), [`ScalarWriter`](crate::ScalarWriter)."
)]
pub mod watching {}
