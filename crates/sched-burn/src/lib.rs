//! Learning-rate schedules for [burn](https://burn.dev) that resume exactly where they stopped.
//!
//! [`Scheduler`] implements burn's `LrScheduler` for every supported version of burn, each behind its own feature. The
//! features are additive. Copy the line for your burn:
//!
#![doc = include_str!("guide/dependency.md")]
//!
//! [**Every schedule**](sched_core#every-schedule) is on the front page of [`sched_core`], which is re-exported here, with its
//! picture and a line of Rust. Build one, wrap it in a [`Scheduler`], and pass that to burn:
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
//! # A page for each job
//!
//! - [Train with burn's `Learner`](guide::learner)
//! - [Train in your own loop](guide::own_loop)
//! - [Reduce the rate when a metric stops improving](guide::plateau)
//! - [Set a rate for each parameter group](guide::groups)
//! - [Find a learning rate](guide::finder)
//! - [Put momentum, weight decay and betas on curves](guide::hyper_parameters)
//! - [Average the weights](guide::averages)
//! - [Resume](guide::resume)
//! - [Read a schedule from a file](guide::config)
//! - [Continue a PyTorch run](guide::pytorch)
//! - [Watch and log the rates](guide::watching)
//!
//! The book, in `docs/` of the repository, has more: other libraries' schedulers, the file format, the `sched` command.
//!
//! # Features
#![doc = document_features::document_features!()]
//!
//! # What counts as a step
//!
#![doc = include_str!("guide/steps.md")]
//!
//! [`Schedule::per_epoch`]`(steps_per_epoch)` turns a schedule that counts epochs into one that counts steps: with 6 batches per epoch
//! and accumulation over 2, an epoch has 3 steps on 0.22 and, without `PerUpdate`, 6 on 0.21.

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
pub mod guide;
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
