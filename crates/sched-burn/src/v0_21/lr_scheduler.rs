//! burn 0.21's `LrScheduler`, and the record that its recorders write.

use burn_0_21::lr_scheduler::LrScheduler;
use burn_0_21::record::{PrecisionSettings, Record};
use burn_0_21::tensor::backend::Backend;
use sched_core::SchedulerState;

use crate::scheduler::Scheduler;

/// The state as burn 0.21's recorders take it: the same numbers under every precision setting.
#[derive(Clone, Debug, PartialEq)]
pub struct SchedulerRecord(pub SchedulerState);

impl<B: Backend> Record<B> for SchedulerRecord {
    type Item<S: PrecisionSettings> = SchedulerState;

    fn into_item<S: PrecisionSettings>(self) -> SchedulerState {
        self.0
    }

    fn from_item<S: PrecisionSettings>(item: SchedulerState, _device: &B::Device) -> Self {
        Self(item)
    }
}

impl LrScheduler for Scheduler {
    type Record<B: Backend> = SchedulerRecord;

    /// # Panics
    ///
    /// It is to follow a metric of a training that does not pass its metrics on.
    #[inline]
    fn step(&mut self) -> f64 {
        self.assert_connected();
        Scheduler::step(self)
    }

    /// # Panics
    ///
    /// It follows a metric, and burn's thread that measures it has ended.
    fn to_record<B: Backend>(&self) -> SchedulerRecord {
        SchedulerRecord(self.state_at_checkpoint())
    }

    /// # Panics
    ///
    /// The record's state is refused, and [`on_mismatch`](Scheduler::on_mismatch) does not say what to do.
    fn load_record<B: Backend>(mut self, record: SchedulerRecord) -> Self {
        if let Err(error) = self.load_state(&record.0) {
            panic!("cannot resume the learning-rate scheduler: {error}");
        }
        self
    }
}
