//! The feed itself, shared by burn's threads and the schedulers.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use sched_core::Schedule;

use super::error::FeedError;
use super::pace::{Pace, StepsPerEpoch};
use super::place::Place;
use super::state::{Mean, State};
use super::watch::{Split, Watch};

/// Brings the metrics of a burn training to the schedulers that follow them, at the end of every epoch.
///
/// burn's `step()` takes no metric; a feed fills the gap. `supervised_training` of the module for your burn, such as
/// `train_0_22`, returns burn's own training builder with the feed installed.
/// [`reduce_on_plateau`](Self::reduce_on_plateau) or, for other rules, [`Scheduler::follow`](crate::Scheduler::follow)
/// names the metric. Everything else stays burn's: metrics, checkpointers, early stopping, strategies.
///
/// The metric of an epoch is complete when it is read. The rate changes at the first step of the next epoch, on every
/// worker of a data-parallel training, and the checkpoint of an epoch includes what was observed at its end. So a
/// training that is stopped after any epoch and resumed has the same rates as an uninterrupted one.
///
/// Workers have the same rate at the same step even if they lag behind when the metric arrives. This is tested with burn's
/// multi-device strategy (ndarray on 0.21, flex on 0.22), with our own threads that train as burn's DDP does, some of them
/// late, and with 0.22's DDP on two wgpu devices. Not tested: DDP with synchronised gradients, which needs several GPUs, and
/// any DDP on 0.21, which needs collective operations that neither ndarray nor wgpu has.
///
/// Once two steps have shown how many batches a step takes, the feed compares the [horizon](Schedule::horizon) of every schedule
/// with the length of the run and warns if they do not match; [`without_horizon_guard`](Self::without_horizon_guard) turns
/// that off.
///
/// ```
/// use sched_burn::prelude::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let feed = Feed::new(20); // epochs
/// let schedule = Schedule::constant(1e-3)?.warmup(0.0, 500)?;
/// let plateau = Plateau::new().factor(0.5).patience(2).start_step(500).build()?;
/// let scheduler = feed.reduce_on_plateau(Watch::valid("Loss"), schedule, plateau);
/// // supervised_training(&feed, directory, train, valid)
/// //     .metrics((LossMetric::new(), AccuracyMetric::new()))
/// //     .launch(Learner::new(model, optimizer, scheduler))
/// # let _ = scheduler;
/// # Ok(())
/// # }
/// ```
///
/// A custom training strategy must report batches and ends of epochs to burn's event processor as burn's own strategies
/// do, and step the scheduler on the thread that iterates over the data loader.
///
/// A feed serves one training at a time; a new training forgets the metrics of the previous one.
#[derive(Clone)]
#[must_use = "a feed does nothing until `supervised_training` takes it"]
pub struct Feed {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    /// Tells feeds apart.
    pub(super) id: u64,
    num_epochs: usize,
    options: Mutex<Options>,
    /// Whether the registered metrics have been compared with the followed ones, and whether the training has to stop:
    /// asked at every batch, so without a lock.
    checked: AtomicBool,
    failed: AtomicBool,
    /// Whether the schedules have been compared with the length of the run.
    paced: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

/// The metric that shows what the schedule's rate is multiplied by.
pub(crate) const FACTOR_NAME: &str = "LR Factor";
pub(crate) const FACTOR_DESCRIPTION: &str = "What the schedule's learning rate is multiplied by";

/// What can be set at any time, even when schedulers already follow.
#[derive(Clone)]
struct Options {
    files: bool,
    guarded: bool,
    steps_per_epoch: Option<u64>,
    warn: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Feed {
    /// A feed for a training of this many epochs, including those before a resume; it sets burn's `num_epochs`.
    pub fn new(num_epochs: usize) -> Self {
        static IDS: AtomicU64 = AtomicU64::new(0);
        Self {
            inner: Arc::new(Inner {
                id: IDS.fetch_add(1, Ordering::Relaxed),
                num_epochs,
                options: Mutex::new(Options {
                    files: true,
                    guarded: true,
                    steps_per_epoch: None,
                    warn: Arc::new(|warning| eprintln!("warning: {warning}")),
                }),
                checked: AtomicBool::new(false),
                failed: AtomicBool::new(false),
                paced: AtomicBool::new(false),
                state: Mutex::default(),
                changed: Condvar::new(),
            }),
        }
    }

    /// Does not write burn's metric files.
    ///
    /// burn writes them only if no other logger is registered. A feed registers one, so it registers burn's file logger
    /// as well.
    pub fn without_files(self) -> Self {
        self.configured(|options| options.files = false)
    }

    /// Does not compare the schedules with the length of the run.
    pub fn without_horizon_guard(self) -> Self {
        self.configured(|options| options.guarded = false)
    }

    /// The number of steps per epoch, for the comparison with the length of the run: it is then made at the first batch. Without
    /// it, the feed counts what burn counts, whatever it accumulates, and compares after two steps or the first epoch.
    pub fn steps_per_epoch(self, steps_per_epoch: usize) -> Self {
        self.configured(|options| options.steps_per_epoch = Some(steps_per_epoch as u64))
    }

    /// Handles warnings. The default prints them to stderr, which burn's full-screen display may overwrite.
    pub fn on_warning(self, warn: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.configured(|options| options.warn = Arc::new(warn))
    }

    /// The values of a metric so far, each with the number of its epoch; `None` if the epoch had no value.
    pub fn values(&self, watch: &Watch) -> Vec<(usize, Option<f64>)> {
        self.lock().values(watch)
    }

    /// Why the feed stopped the training, if it did.
    pub fn error(&self) -> Option<FeedError> {
        self.lock().failure.clone()
    }

    fn configured(self, set: impl FnOnce(&mut Options)) -> Self {
        set(&mut self.inner.options.lock().unwrap_or_else(PoisonError::into_inner));
        self
    }

    fn options(&self) -> Options {
        self.inner.options.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is made in one go, so a panic elsewhere leaves nothing half-done.
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The side of burn's adapters.
impl Feed {
    pub(crate) fn num_epochs(&self) -> usize {
        self.inner.num_epochs
    }

    pub(crate) fn has_files(&self) -> bool {
        self.options().files
    }

    /// A training begins.
    pub(crate) fn begin(&self) {
        self.inner.checked.store(false, Ordering::Relaxed);
        self.inner.failed.store(false, Ordering::Relaxed);
        self.inner.paced.store(!self.options().guarded, Ordering::Relaxed);
        self.lock().begin();
    }

    /// The number of the current training, for [`end`](Self::end).
    pub(crate) fn run(&self) -> u64 {
        self.lock().run
    }

    /// A training is over, or part of it is gone: nobody needs to wait for a metric any longer.
    pub(crate) fn end(&self, run: u64) {
        Place::leave(self.inner.id, run);
        let mut state = self.lock();
        // burn's threads end some time after the training, perhaps after the next one has begun.
        if state.run == run {
            state.over = true;
        }
        drop(state);
        self.inner.changed.notify_all();
    }

    /// A metric is registered.
    pub(crate) fn define(&self, name: &str) {
        self.lock().registered.insert(name.to_owned());
    }

    /// What a batch, or the end of an epoch, adds to the metrics; `epoch` is burn's label.
    pub(crate) fn log<'a>(&self, split: Split, epoch: usize, entries: impl Iterator<Item = (&'a str, Mean)>) {
        let mut state = self.lock();
        state.log(split, epoch, entries);
        drop(state);
        self.inner.changed.notify_all();
    }

    /// All values of a split in an epoch have arrived.
    pub(crate) fn publish(&self, split: Split, number: usize) {
        let wrong = self.lock().publish(split, number);
        if let Some(error) = wrong {
            self.fail(error);
        }
        self.inner.changed.notify_all();
    }

    /// The mean of a metric in an epoch, for burn's own questions; `None` for a split that is not ours.
    ///
    /// # Errors
    ///
    /// This training does not have it, but burn's files may, from before a resume; burn asks the next logger on an error.
    pub(crate) fn read(&self, name: &str, epoch: usize, split: Option<Split>) -> Result<Option<f64>, String> {
        match split.and_then(|split| self.lock().read(name, epoch, split)) {
            None if self.has_files() => Err(format!("this training has no `{name}` in epoch {epoch}")),
            value => Ok(value),
        }
    }

    /// Whether a scheduler follows a metric.
    pub(crate) fn is_followed(&self) -> bool {
        !self.lock().multipliers.is_empty()
    }

    /// What the schedule's rate is multiplied by, for display: the factor of the first follower.
    pub(crate) fn multiplier(&self) -> f64 {
        self.lock().multipliers.first().copied().unwrap_or(1.0)
    }

    /// burn trains this many epochs: no others than the feed's.
    pub(crate) fn compare_epochs(&self, training: usize) {
        let feed = self.inner.num_epochs;
        if training != feed {
            self.fail(FeedError::NumEpochs { feed, training });
        }
    }

    /// This thread begins a training epoch: waits for the metrics of the previous one.
    pub(crate) fn begin_epoch(&self, begun: usize) {
        let followed = self.lock().followed();
        for split in followed {
            self.wait_for(split, begun);
        }
        let run = self.lock().run;
        let steps = Place::enter(self.inner.id, run, begun + 1);
        self.compare(steps);
    }

    /// This thread is about to fetch a batch for training.
    pub(crate) fn fetch(&self) {
        if !self.knows_its_pace() {
            self.compare(Place::pace(self.inner.id, Pace::fetch).flatten());
        }
    }

    /// This thread has the first of so many batches of a loader.
    pub(crate) fn expect(&self, batches: u64) {
        if !self.knows_its_pace() {
            self.compare(self.options().steps_per_epoch.map(|steps| StepsPerEpoch { least: steps, most: steps }));
            Place::pace(self.inner.id, |pace| pace.expect(batches));
        }
    }

    /// Whether nobody needs to count steps any longer.
    #[inline]
    pub(super) fn knows_its_pace(&self) -> bool {
        self.inner.paced.load(Ordering::Relaxed)
    }

    /// Once it is known how many steps an epoch has: warns once of schedules that do not match the run.
    fn compare(&self, steps_per_epoch: Option<StepsPerEpoch>) {
        let Some(steps_per_epoch) = steps_per_epoch else { return };
        if self.inner.paced.swap(true, Ordering::Relaxed) {
            return;
        }
        let schedules = self.lock().guarded.clone();
        let epochs = self.inner.num_epochs;
        let compare = |schedule: &Schedule, steps: u64| schedule.compare_horizon(steps.saturating_mul(epochs as u64));
        let StepsPerEpoch { least, most } = steps_per_epoch;
        // One that fits either is good.
        let misfits = schedules.iter().filter(|schedule| compare(schedule, least).is_some());
        for warning in misfits.filter_map(|schedule| compare(schedule, most)) {
            (self.options().warn)(&format!("{warning}. The run has {epochs} epochs of {most} steps."));
        }
    }

    /// Before each batch: whether the training goes on.
    ///
    /// After the first batch, all metrics are registered and can be compared with the followed ones.
    pub(crate) fn check(&self, batches: usize) -> Result<(), FeedError> {
        if batches > 0 && !self.inner.checked.load(Ordering::Relaxed) {
            let mut state = self.lock();
            while !state.logged && !state.over && !state.watched.is_empty() {
                state = self.inner.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let unknown = state.unknown_metric();
            drop(state);
            if let Some(error) = unknown {
                self.fail(error);
            }
            self.inner.checked.store(true, Ordering::Relaxed);
        }
        if self.inner.failed.load(Ordering::Acquire) {
            // The flag is set after the error.
            return self.error().map_or(Ok(()), Err);
        }
        Ok(())
    }

    /// Stops the training before its next batch.
    pub(crate) fn fail(&self, error: FeedError) {
        self.lock().failure.get_or_insert(error);
        self.inner.failed.store(true, Ordering::Release);
    }

    /// A pass over a split has ended on this thread, complete or not.
    pub(crate) fn gone_through(&self, split: Split, whole: bool) {
        let Some(place) = Place::of(self.inner.id) else { return };
        if whole {
            return Place::gone_through(split);
        }
        let mut state = self.lock();
        state.cut.insert((split, place.begun));
        let lost = split == Split::Valid && state.followed().contains(&split) && !std::thread::panicking();
        drop(state);
        if lost {
            (self.options().warn)(
                "the validation was interrupted, so its metric is incomplete and was not observed; to continue as if it had not \
                 been, resume from the checkpoint before this epoch's",
            );
        }
    }

    /// Waits until this many epochs of a split are published, or never will be.
    pub(super) fn wait_for(&self, split: Split, epochs: usize) {
        let mut state = self.lock();
        while state.published(split) < epochs && !state.over {
            state = self.inner.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("num_epochs", &self.inner.num_epochs).field("error", &self.error()).finish()
    }
}
