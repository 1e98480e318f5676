//! Learning-rate schedules for [burn](https://burn.dev), resumable without surprises.
//!
//! [`Scheduler`] implements burn's `LrScheduler`, of every supported version of burn at once:
//!
//! | feature | burn | state |
//! |---|---|---|
//! | `burn-0_22` (default) | 0.22 | burn's scheduler record, and MessagePack of our own |
//! | `burn-0_21` | 0.21 | any burn recorder, MessagePack by default, and MessagePack of our own |
//!
//! ```
//! use sched_burn::prelude::*;
//!
//! # fn main() -> Result<(), ScheduleError> {
//! let schedule = Schedule::cosine_annealing(1e-3, 1e-5, 9_500)?.warmup(0.0, 500)?;
//! let mut scheduler = Scheduler::new(schedule);
//! assert_eq!(scheduler.step(), 0.0); // or hand it to burn's `Learner::new(model, optimizer, scheduler)`
//! # Ok(())
//! # }
//! ```
//!
//! The schedules themselves are those of [`sched_core`], re-exported here.
//!
//! # What one step is
//!
//! A schedule counts calls of `step()`; what burn calls one differs.
//!
//! | | plain | gradient accumulation over `n` | several devices in one process | DDP with `p` workers |
//! |---|---|---|---|---|
//! | 0.22 | optimizer update | optimizer update | optimizer update | optimizer update, on each worker |
//! | 0.21 | optimizer update | **iteration**: `n` steps per update | one per round of the devices | each worker steps **`p` times** per iteration |
//!
//! So a schedule made for optimizer updates runs too fast on 0.21 with accumulation or DDP; `PerUpdate` (feature
//! `burn-0_21`) makes 0.21 count updates. A schedule that counts epochs becomes one that counts steps with
//! [`Schedule::per_epoch`]`(steps_per_epoch)`, where a step is what the table says: with 6 batches an epoch and
//! accumulation over 2, 0.22 makes 3 steps an epoch and 0.21, without `PerUpdate`, 6.
//!
//! # Parts of a model
//!
//! burn 0.22 takes a scheduler for each parameter group, `ModuleLrScheduler::new(scheduler).with_group(group, another)`;
//! `another` may have a schedule of its own, be [`scheduler.scaled(factor)`](Scheduler::scaled), and have its own plateau.
//! Each is saved and resumed. [`Schedule::frozen_until`] keeps a group at rate 0 up to a step, which leaves its parameters
//! as they are, bit for bit. An optimizer with a memory, such as Adam, still sees the gradients meanwhile, so it starts
//! warm.
//!
//! burn 0.21 has one rate; there, `GroupedOptimizer` (feature `burn-0_21`) is an optimizer that multiplies it by a constant
//! factor for each part of the model.
//!
//! `LayerDecay` is layer-wise decay on both: a scheduler on 0.22, an optimizer on 0.21.
//!
//! # Following a metric
//!
//! A [`Plateau`], a [`Greedy`] or a [`Rule`] of one's own multiplies the schedule's rate by what a metric says. In a loop of
//! one's own it is fed by [`Scheduler::observe`]. In burn's Learner, with the feature `train`, a `Feed` brings it the metric of every
//! epoch: `Scheduler::follow` names the metric, and `train_0_22::supervised_training` (or `train_0_21`) takes the place of burn's
//! `SupervisedTraining::new`.
//!
//! The metric is complete when it is read, and the checkpoint of an epoch has what was observed at its end, so a resumed
//! training has the rates of one that never stopped. All workers of a data-parallel training have the same rate at the same step,
//! also those that are behind when the metric comes. That is tested with burn's strategy for several devices (ndarray on
//! 0.21, flex on 0.22), with threads of our own that train as burn's DDP does, some of them late, and with 0.22's DDP on two wgpu devices.
//! What could not be run is DDP with synchronised gradients, which needs several GPUs, and any DDP of 0.21, which
//! asks for collective operations that neither ndarray nor wgpu have.
//!
//! # Finding a rate
//!
//! With feature `train`, `find_lr` of `train_0_22` and `train_0_21` runs a [`RangeTest`] on copies of a model and its
//! optimizer, and gives a [`RangeCurve`] that suggests a rate in three ways. Feature `plot` draws it.
//!
//! # Resuming
//!
//! burn saves the scheduler beside model and optimizer, and gives it back on `.checkpoint(epoch)`. The state holds the
//! position and the schedule; resuming with another schedule is refused unless
//! [`Scheduler::on_mismatch`] says what is to win. burn's loading cannot fail, so there a refusal is a panic that says
//! what was found, what was expected and what to do. [`Scheduler::load`] and [`Scheduler::load_state`] return an error
//! instead.

#![cfg_attr(
    not(any(feature = "burn-0_21", feature = "burn-0_22", feature = "burn-0_23")),
    allow(dead_code, reason = "without a burn, nothing uses what all of them share")
)]

#[cfg(feature = "train")]
mod feed;
mod file;
#[cfg(feature = "train")]
mod find_lr;
#[cfg(feature = "train")]
mod follow;
mod groups;
mod msgpack;
mod scheduler;
#[cfg(feature = "burn-0_21")]
mod v0_21;
#[cfg(feature = "burn-0_22")]
mod v0_22;
#[cfg(feature = "burn-0_23")]
mod v0_23;

pub use sched_core;
pub use sched_core::{
    Anneal, Beyond, Curve, Custom, Cyclic, CyclicMode, Exponential, Factor, Feedback, Greedy, Growth, HorizonMismatch,
    LoadError, Milestone, NoSuggestion, Node, NonFinite, Observation, ObserveError, OnMismatch, OneCycle, Phase,
    Plateau, PlateauMode, PowerLaw, Ramp, RangeCurve, RangeEnd, RangePoint, RangeRecorder, RangeTest, Repeat, Rule,
    Schedule, ScheduleError, SchedulerState, Seen, Shape, Steps, Suggestion, Suggestions, ThresholdMode, Wsd,
};
#[cfg(feature = "plot")]
pub use sched_plot;

#[cfg(feature = "train")]
pub use feed::{Feed, FeedError, Watch};
pub use file::StateError;
#[cfg(feature = "train")]
pub use find_lr::{FindLrError, RangeBar, write_csv};
pub use groups::{GroupError, LayerDecay};
pub use scheduler::Scheduler;
#[cfg(all(feature = "train", feature = "burn-0_21"))]
pub use v0_21::train as train_0_21;
#[cfg(feature = "burn-0_21")]
pub use v0_21::{AtomicRecorder, GroupedOptimizer, PerUpdate, PerUpdateRecord, SchedulerRecord};
#[cfg(all(feature = "train", feature = "burn-0_22"))]
pub use v0_22::train as train_0_22;
#[cfg(all(feature = "train", feature = "burn-0_23"))]
pub use v0_23::train as train_0_23;

/// What most programs need.
pub mod prelude {
    pub use crate::{
        Anneal, Beyond, Curve, Cyclic, CyclicMode, Factor, Greedy, LoadError, NonFinite, OnMismatch, OneCycle, Plateau,
        PlateauMode, Ramp, Repeat, Schedule, ScheduleError, Scheduler, SchedulerState, Shape, StateError,
        ThresholdMode, Wsd,
    };
    #[cfg(feature = "burn-0_21")]
    pub use crate::{AtomicRecorder, GroupedOptimizer, PerUpdate};
    pub use crate::{GroupError, LayerDecay};
}
