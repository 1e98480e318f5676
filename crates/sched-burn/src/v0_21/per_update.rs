//! Optimizer updates on burn 0.21, which steps its scheduler more often than once per update.

use burn_0_21::lr_scheduler::LrScheduler;
use burn_0_21::record::{PrecisionSettings, Record};
use burn_0_21::tensor::backend::Backend;
use sched_core::{ScheduleError, SchedulerState, StepCount, check, show};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::message::refusal;
use crate::scheduler::Scheduler;

/// Makes burn 0.21 count optimizer updates, as 0.22 does.
///
/// burn 0.21 steps its scheduler on every iteration, even when gradients are accumulated over several iterations; under
/// DDP, every worker steps once per worker and iteration. `PerUpdate` moves the scheduler on once per optimizer update;
/// in between, it returns the rate of the update in preparation.
///
/// burn 0.21 drops the gradients that are left over at the end of an epoch. If the number of iterations per epoch is
/// not a multiple of the accumulation, set [`iterations_per_epoch`](Self::iterations_per_epoch), so that calls for
/// dropped gradients do not count.
///
/// ```
/// use sched_burn::prelude::*;
///
/// # fn main() -> Result<(), ScheduleError> {
/// let scheduler = Scheduler::new(Schedule::linear(1.0, 0.0, 4)?);
/// let mut scheduler = PerUpdate::new(scheduler).accumulation(2)?;
/// let rates = [(); 6].map(|()| scheduler.step());
/// assert_eq!(rates, [1.0, 1.0, 0.75, 0.75, 0.5, 0.5]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a scheduler does nothing until burn or a training loop steps it"]
pub struct PerUpdate {
    scheduler: Scheduler,
    accumulation: u64,
    iterations_per_epoch: Option<u64>,
    peers: u64,
    /// The iteration within the epoch or, if its length is unknown, within the update.
    iteration: u64,
    /// The call within the iteration.
    call: u64,
}

/// The state of a [`PerUpdate`] in the form that burn 0.21's recorders take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct PerUpdateRecord {
    state: SchedulerState,
    iteration: u64,
    call: u64,
    check: u64,
}

impl Serialize for PerUpdateRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PerUpdateRecord::serialize(self, serializer) // the derived one
    }
}

impl<'de> Deserialize<'de> for PerUpdateRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PerUpdateRecord::deserialize(deserializer).map_err(show::error) // the derived one
    }
}

impl PerUpdateRecord {
    fn new(state: SchedulerState, iteration: u64, call: u64) -> Self {
        let check = Self::check(&state, iteration, call);
        Self { state, iteration, call, check }
    }

    /// Depends on every bit of the two counters; the state's own checksum covers the rest.
    fn check(state: &SchedulerState, iteration: u64, call: u64) -> u64 {
        state.checksum.wrapping_add(iteration.rotate_left(32)).wrapping_add(call)
    }

    pub(super) fn check_counters(&self) -> Result<(), String> {
        if self.check == Self::check(&self.state, self.iteration, self.call) {
            Ok(())
        } else {
            Err("the counters in the record do not match their check, so it is damaged; take another checkpoint".into())
        }
    }

    /// The scheduler's own state, which counts updates.
    pub fn state(&self) -> &SchedulerState {
        &self.state
    }
}

impl PerUpdate {
    /// Starts with one update per iteration: no accumulation, one worker.
    pub fn new(scheduler: Scheduler) -> Self {
        Self { scheduler, accumulation: 1, iterations_per_epoch: None, peers: 1, iteration: 0, call: 0 }
    }

    /// Sets the number of iterations per update, 1 or more; burn's `grads_accumulation`.
    ///
    /// # Errors
    ///
    /// The number is 0 or negative.
    pub fn accumulation(mut self, accumulation: impl StepCount) -> Result<Self, ScheduleError> {
        self.accumulation = at_least_one("accumulation", accumulation)?;
        Ok(self)
    }

    /// Sets the number of iterations per epoch, 1 or more: the batches of the training data loader.
    ///
    /// # Errors
    ///
    /// The number is 0 or negative.
    pub fn iterations_per_epoch(mut self, iterations_per_epoch: impl StepCount) -> Result<Self, ScheduleError> {
        self.iterations_per_epoch = Some(at_least_one("iterations_per_epoch", iterations_per_epoch)?);
        Ok(self)
    }

    /// Sets the number of DDP workers, 1 or more.
    ///
    /// # Errors
    ///
    /// The number is 0 or negative.
    pub fn peers(mut self, peers: impl StepCount) -> Result<Self, ScheduleError> {
        self.peers = at_least_one("peers", peers)?;
        Ok(self)
    }

    /// The scheduler, whose position counts updates.
    pub fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// The scheduler, for example to observe a metric.
    pub fn scheduler_mut(&mut self) -> &mut Scheduler {
        &mut self.scheduler
    }

    /// Returns the rate of the update in preparation; burn 0.21 calls it.
    pub fn step(&mut self) -> f64 {
        self.scheduler.catch_up();
        let rate = self.scheduler.peek();
        self.call += 1;
        if self.call < self.peers {
            return rate;
        }
        self.call = 0;
        self.iteration += 1;
        if self.iteration.is_multiple_of(self.accumulation) {
            self.scheduler.step();
        }
        if self.iteration == self.cycle() {
            self.iteration = 0;
        }
        rate
    }

    /// The number of iterations after which counting starts over.
    fn cycle(&self) -> u64 {
        self.iterations_per_epoch.unwrap_or(self.accumulation)
    }

    fn load(&mut self, record: &PerUpdateRecord) -> Result<(), String> {
        record.check_counters()?;
        let PerUpdateRecord { state, iteration, call, .. } = record;
        if *iteration >= self.cycle() || *call >= self.peers {
            return Err(format!(
                "the record was saved in iteration {iteration} and call {call}, but the configuration has {} iterations and \
                 {} calls; configure the accumulation, iterations and peers of the saved run, or resume at the end of an \
                 epoch",
                self.cycle(),
                self.peers
            ));
        }
        self.scheduler.load_state(state).map_err(|error| error.to_string())?;
        self.iteration = *iteration;
        self.call = *call;
        Ok(())
    }
}

fn at_least_one(field: &'static str, count: impl StepCount) -> Result<u64, ScheduleError> {
    let count = check::whole(field, count)?;
    check::at_least_one(field, count)?;
    Ok(count)
}

impl<B: Backend> Record<B> for PerUpdateRecord {
    type Item<S: PrecisionSettings> = PerUpdateRecord;

    fn into_item<S: PrecisionSettings>(self) -> PerUpdateRecord {
        self
    }

    fn from_item<S: PrecisionSettings>(item: PerUpdateRecord, _device: &B::Device) -> Self {
        item
    }
}

impl LrScheduler for PerUpdate {
    type Record<B: Backend> = PerUpdateRecord;

    /// # Panics
    ///
    /// The scheduler follows a metric of a training that does not pass its metrics on.
    fn step(&mut self) -> f64 {
        self.scheduler.check_connection();
        PerUpdate::step(self)
    }

    /// # Panics
    ///
    /// The scheduler follows a metric, and burn's metric thread has ended.
    fn to_record<B: Backend>(&self) -> PerUpdateRecord {
        PerUpdateRecord::new(self.scheduler.state_at_checkpoint(), self.iteration, self.call)
    }

    /// # Panics
    ///
    /// The record's state is refused, or its counters do not match the configuration.
    fn load_record<B: Backend>(mut self, record: PerUpdateRecord) -> Self {
        if let Err(error) = self.load(&record) {
            panic!("{}", refusal(error));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use sched_core::Schedule;

    use super::*;

    fn counting() -> PerUpdate {
        // The rate is the number of the update.
        PerUpdate::new(Scheduler::new(|step: u64| step as f64))
    }

    #[test]
    fn leftovers_of_an_epoch_prepare_no_update() {
        let mut scheduler = counting().accumulation(4).unwrap().iterations_per_epoch(6).unwrap();
        let rates: Vec<f64> = (0..12).map(|_| scheduler.step()).collect();
        assert_eq!(rates, [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0]);
        assert_eq!(scheduler.scheduler().position(), 2);
    }

    #[test]
    fn every_worker_calls_as_often_as_there_are_workers() {
        let mut scheduler = counting().peers(2).unwrap().accumulation(2).unwrap();
        let rates: Vec<f64> = (0..8).map(|_| scheduler.step()).collect();
        assert_eq!(rates, [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn it_resumes_in_the_middle_of_an_update() {
        let new = || {
            let schedule = Schedule::linear(1.0, 0.0, 100).unwrap();
            PerUpdate::new(Scheduler::new(schedule)).accumulation(3).unwrap().iterations_per_epoch(7).unwrap()
        };
        for stop in 0..21 {
            let mut whole = new();
            (0..stop).for_each(|_| {
                whole.step();
            });
            let mut resumed = new();
            resumed.load(&PerUpdateRecord::new(whole.scheduler.state(), whole.iteration, whole.call)).unwrap();
            for _ in stop..42 {
                assert_eq!(resumed.step().to_bits(), whole.step().to_bits());
            }
        }
    }

    #[test]
    fn counters_that_do_not_fit_are_refused() {
        let mut saved = counting().accumulation(4).unwrap();
        (0..3).for_each(|_| {
            saved.step();
        });
        let record = PerUpdateRecord::new(saved.scheduler.state(), saved.iteration, saved.call);
        let error = counting().accumulation(2).unwrap().load(&record).unwrap_err();
        assert!(error.contains("iteration 3"), "{error}");
        let damaged = PerUpdateRecord { iteration: 2, ..record };
        assert!(counting().accumulation(4).unwrap().load(&damaged).unwrap_err().contains("damaged"));
    }
}
