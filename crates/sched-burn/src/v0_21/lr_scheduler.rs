//! `LrScheduler`, and the record that burn 0.21's recorders write.

use burn_0_21::lr_scheduler::LrScheduler;
use burn_0_21::record::{PrecisionSettings, Record};
use burn_0_21::tensor::backend::Backend;
use sched_core::SchedulerState;

use crate::message::refusal;
use crate::scheduler::Scheduler;

/// The state in the form that burn 0.21's recorders take; exact under every precision setting.
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
    /// The scheduler follows a metric of a training that does not pass its metrics on.
    #[inline]
    fn step(&mut self) -> f64 {
        self.check_connection();
        Scheduler::step(self)
    }

    /// # Panics
    ///
    /// The scheduler follows a metric, and burn's metric thread has ended.
    fn to_record<B: Backend>(&self) -> SchedulerRecord {
        SchedulerRecord(self.state_at_checkpoint())
    }

    /// # Panics
    ///
    /// The record's state is damaged, or differs and [`on_mismatch`](Scheduler::on_mismatch) refuses that.
    fn load_record<B: Backend>(mut self, record: SchedulerRecord) -> Self {
        if let Err(error) = self.load_state(&record.0) {
            panic!("{}", refusal(error));
        }
        self
    }
}
