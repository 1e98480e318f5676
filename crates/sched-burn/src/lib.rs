//! Learning-rate schedules for [burn](https://burn.dev) that resume exactly where they stopped.
//!
//! [`Scheduler`] implements burn's `LrScheduler` for every supported version of burn, each behind its own feature. The
//! features are additive. Copy the line for your burn:
//!
//! | burn | dependency | saved as |
//! |---|---|---|
//! | 0.22 | `sched-burn = "0.1"` | burn's scheduler record, or a MessagePack file |
//! | 0.21 | `sched-burn = { version = "0.1", default-features = false, features = ["burn-0_21"] }` | any burn recorder, or a MessagePack file |
//! | 0.23.0-pre.1 | `sched-burn = { version = "0.1", default-features = false, features = ["burn-0_23"] }` | as on 0.22 |
//!
//! Build a [`Schedule`], wrap it in a [`Scheduler`], and pass that to burn:
//!
//! ```
//! use sched_burn::prelude::*;
//!
//! # fn main() -> Result<(), ScheduleError> {
//! let schedule = Schedule::cosine_annealing(1e-3, 1e-5, 9_500)?.warmup(0.0, 500)?;
//! let mut scheduler = Scheduler::new(schedule);
//! // Learner::new(model, optimizer, scheduler), or in your own training loop:
//! assert_eq!(scheduler.step(), 0.0);
//! # Ok(())
//! # }
//! ```
//!
//! burn's `Learner::new` takes a `Scheduler`, not a `Schedule`. If the compiler says that ``the trait bound `Schedule:
//! LrScheduler` is not satisfied``, write `Learner::new(model, optimizer, Scheduler::new(schedule))`.
//!
//! The schedules themselves come from [`sched_core`] and are re-exported here; its front page shows
//! [every one of them](sched_core#every-schedule) with its picture.
//!
//! # Features
#![doc = document_features::document_features!()]
//!
//! # What counts as a step
//!
//! A schedule counts calls of `step()`. When burn makes them depends on its version:
//!
//! | | plain | gradient accumulation over `n` | several devices in one process | DDP with `p` workers |
//! |---|---|---|---|---|
//! | 0.22, 0.23 | optimizer update | optimizer update | optimizer update | optimizer update, on each worker |
//! | 0.21 | optimizer update | **iteration**: `n` steps per update | one per round of the devices | each worker steps **`p` times** per iteration |
//!
//! So on 0.21, with accumulation or DDP, a schedule written for optimizer updates runs too fast; `PerUpdate` (feature
//! `burn-0_21`) makes 0.21 count updates. [`Schedule::per_epoch`]`(steps_per_epoch)` turns a schedule that counts
//! epochs into one that counts steps, where a step is what the table says: with 6 batches per epoch and accumulation
//! over 2, an epoch has 3 steps on 0.22 and, without `PerUpdate`, 6 on 0.21.
//!
//! # Parameter groups
//!
//! burn 0.22 and later take one scheduler per parameter group: `ModuleLrScheduler::new(scheduler).with_group(group,
//! another)`. `another` can have its own schedule and its own plateau, or be
//! [`scheduler.scaled(factor)`](Scheduler::scaled). Each is saved and resumed. [`Schedule::frozen_until`] keeps a group
//! at rate 0 up to a step, which leaves its parameters unchanged, bit for bit. A stateful optimizer such as Adam still
//! sees the gradients meanwhile, so it starts warm.
//!
//! burn 0.21 has a single rate. There, `GroupedOptimizer` (feature `burn-0_21`) is an optimizer that multiplies the
//! rate by a constant factor for each part of the model.
//!
//! [`LayerDecay`] is layer-wise decay for all of them: a scheduler on 0.22 and later, an optimizer on 0.21.
//!
//! # Other hyper-parameters
//!
//! With a [`ScheduledOptimizer`], the momentum, the weight decay, the betas or the epsilon of any burn optimizer follow
//! curves, in the `Learner` and in your own loop. [`Scheduler::cycle_momentum`] makes one together with the scheduler, for
//! [`OneCycle`] and [`Cyclic`]; with the feature `dialects`, `Scheduler::open_with_optimizer` does so for a file. The
//! number of updates is saved in the optimizer's record, so that a resumed training has the same values as an
//! uninterrupted one.
//!
//! # Following a metric
//!
//! A [`Plateau`], a [`Greedy`] or your own [`Rule`] multiplies the schedule's rate by a factor that depends on a
//! metric. In your own training loop, call [`Scheduler::observe`]; an [`EarlyStopping`] beside it says when to stop. In
//! burn's Learner, with the feature `train`, a `Feed` passes on the metric of every epoch: `Scheduler::follow` names the
//! metric, and `supervised_training` of the module for your burn (`train_0_21`, `train_0_22`, `train_0_23`) replaces burn's
//! `SupervisedTraining::new`.
//!
//! The metric is complete when it is read, and the checkpoint of an epoch includes what was observed at its end, so a
//! resumed training has the same rates as an uninterrupted one. In a data-parallel training, all workers have the same
//! rate at the same step, even workers that lag behind when the metric arrives. This is tested with burn's multi-device
//! strategy (ndarray on 0.21, flex on 0.22), with our own threads that train as burn's DDP does, some of them late, and
//! with 0.22's DDP on two wgpu devices. Not tested: DDP with synchronised gradients, which needs several GPUs, and any
//! DDP on 0.21, which needs collective operations that neither ndarray nor wgpu has.
//!
//! # Watching
//!
//! With the feature `train`, `LearningRates` is a metric for burn's Learner that shows the rate, the rule's multiplier and the
//! scheduled hyper-parameters of every parameter group by name, with all digits, at every step. `ScalarLogger` of the modules for
//! each burn is a metric logger that writes these and burn's metrics with the steps of the whole training: for `TensorBoard`, as
//! `JsonLines` or as `Csv`.
//!
//! # Finding a rate
//!
//! With the feature `train`, `find_lr` of the same modules runs a [`RangeTest`] on copies of a model and its optimizer.
//! It returns a [`RangeCurve`], which suggests a rate in three ways; the feature `plot` draws it.
//!
//! # Resuming
//!
//! burn saves the scheduler next to the model and the optimizer, and restores it on `.checkpoint(epoch)`. The state
//! holds the position and the schedule. Resuming with a different schedule is refused unless [`Scheduler::on_mismatch`]
//! says which one wins. burn's `load_record` cannot return an error, so there a refusal is a panic that says what was
//! found, what was expected and how to fix it. [`Scheduler::load`] and [`Scheduler::load_state`] return an error
//! instead.
//!
//! burn panics, too, if a file of the epoch is missing or damaged, as after a full disk. With the feature `train`,
//! `newest_checkpoint` of the module for your burn reads the files and returns the newest epoch that is whole, and for
//! each newer one, what is wrong with it ([`Checkpoints`]). If only the scheduler's file is lost, `write_scheduler` can
//! write one at the position that follows from the epoch.
//!
//! - Found: missing, empty and cut files, garbage, and damaged names, shapes and sizes.
//! - Found: a model and an optimizer of two runs that each started from scratch in the same folder. The three files of an
//!   epoch are separate, so a kill can leave such a pair. burn would drop the optimizer's state without a word, because
//!   the parameters have other ids.
//! - Not found: files of two runs that resumed from the same older epoch. They fit together, up to what differs since.
//! - Not found: changed bits in weights, in the optimizer's moments and in parameters' ids, since burn's formats have
//!   no checksum. The scheduler's state has one.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(any(feature = "burn-0_21", feature = "burn-0_22", feature = "burn-0_23")),
    allow(dead_code, unused_imports, reason = "without a burn, nothing uses what all of them share")
)]

#[cfg(feature = "train")]
mod checkpoints;
#[cfg(feature = "train")]
mod feed;
mod file;
#[cfg(feature = "train")]
mod find_lr;
#[cfg(feature = "train")]
mod follow;
#[cfg(feature = "torch")]
mod from_torch;
mod groups;
#[cfg(feature = "train")]
mod log;
mod message;
mod msgpack;
#[cfg(feature = "dialects")]
mod open;
mod optimizer;
mod scheduler;
mod state_error;
#[cfg(feature = "burn-0_21")]
mod v0_21;
#[cfg(feature = "burn-0_22")]
mod v0_22;
#[cfg(feature = "burn-0_23")]
mod v0_23;

pub use sched_core;
pub use sched_core::{
    Anneal, Beyond, Curve, Custom, Cyclic, CyclicMode, Duration, DurationError, EarlyStopping, Exponential, Factor,
    Feedback, Greedy, GreedyBuilder, Growth, HorizonMismatch, Interval, LoadError, Milestone, NoSuggestion, Node,
    NonFinite, Observation, ObserveError, OnMismatch, OneCycle, Phase, Plan, PlanError, Plateau, PlateauBuilder,
    PlateauMode, PowerLaw, Ramp, RangeCurve, RangeEnd, RangePoint, RangeRecorder, RangeTest, RateError, Repeat,
    Rounding, Rule, Schedule, ScheduleError, SchedulerState, Seen, Shape, StepCount, Steps, Suggestion, Suggestions,
    ThresholdMode, Unit, Wsd,
};
#[cfg(feature = "dialects")]
pub use sched_dialects;
#[cfg(feature = "plot")]
pub use sched_plot;
#[cfg(feature = "torch")]
pub use sched_torch;

#[cfg(feature = "train")]
pub use checkpoints::{CheckpointError, CheckpointFile, Checkpoints, Fault, Skipped};
#[cfg(feature = "train")]
pub use feed::{Feed, FeedError, Watch};
#[cfg(feature = "train")]
pub use find_lr::{FindLrError, RangeBar, write_csv};
#[cfg(feature = "torch")]
pub use from_torch::FromTorchError;
pub use groups::{GroupError, LayerDecay};
#[cfg(feature = "train")]
pub use log::{Csv, JsonLines, LearningRates, ScalarWriter, Scalars, TensorBoard};
#[cfg(feature = "dialects")]
pub use open::OpenError;
pub use optimizer::{
    AverageError, HyperParameter, HyperParameterError, MomentumCycle, ScheduledOptimizer, ScheduledState, WeightAverage,
};
pub use sched_files::{Limit, ReadError, WriteError};
pub use scheduler::Scheduler;
pub use state_error::{Beside, StateError};
#[cfg(all(feature = "train", feature = "burn-0_21"))]
pub use v0_21::train as train_0_21;
#[cfg(feature = "burn-0_21")]
pub use v0_21::{AtomicRecorder, GroupedOptimizer, PerUpdate, PerUpdateRecord, ScheduledItem, SchedulerRecord};
#[cfg(all(feature = "train", feature = "burn-0_22"))]
pub use v0_22::train as train_0_22;
#[cfg(all(feature = "train", feature = "burn-0_23"))]
pub use v0_23::train as train_0_23;

/// What most programs need.
pub mod prelude {
    pub use crate::{
        Anneal, AverageError, Beyond, Curve, Cyclic, CyclicMode, Duration, EarlyStopping, Factor, Greedy,
        GreedyBuilder, GroupError, HyperParameter, Interval, LayerDecay, LoadError, NonFinite, OnMismatch, OneCycle,
        Plan, PlanError, Plateau, PlateauBuilder, PlateauMode, Ramp, RangeCurve, RangeTest, Repeat, Rule, Schedule,
        ScheduleError, ScheduledOptimizer, Scheduler, SchedulerState, Seen, Shape, StateError, ThresholdMode,
        WeightAverage, Wsd,
    };
    #[cfg(feature = "burn-0_21")]
    pub use crate::{AtomicRecorder, GroupedOptimizer, PerUpdate};
    #[cfg(feature = "train")]
    pub use crate::{Feed, FeedError, FindLrError, LearningRates, Watch};
}

#[cfg(test)]
mod tests {
    /// Training runs on other threads than the one that configures it.
    #[test]
    fn public_types_are_send_and_sync() {
        macro_rules! assert_send_sync {
            ($($of:ty),*) => {{
                fn assert_send_sync<T: Send + Sync>() {}
                $(assert_send_sync::<$of>();)*
            }};
        }
        assert_send_sync!(crate::Scheduler, crate::StateError, crate::LayerDecay, crate::GroupError);
        // Not even if the optimizer itself is neither.
        assert_send_sync!(crate::HyperParameter, crate::ScheduledOptimizer<*const ()>);
        #[cfg(feature = "train")]
        assert_send_sync!(crate::Feed, crate::FeedError, crate::Watch, crate::FindLrError, crate::RangeBar);
        #[cfg(feature = "train")]
        assert_send_sync!(crate::LearningRates, crate::TensorBoard, crate::JsonLines, crate::Csv);
        #[cfg(feature = "burn-0_21")]
        assert_send_sync!(
            crate::SchedulerRecord,
            crate::PerUpdate,
            crate::PerUpdateRecord,
            crate::AtomicRecorder<()>,
            crate::GroupedOptimizer<()>
        );
    }
}
