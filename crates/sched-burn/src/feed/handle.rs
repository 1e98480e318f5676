//! The feed itself, shared by burn's threads and the schedulers.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use sched_core::Schedule;

use super::error::FeedError;
use super::place::Place;
use super::state::{Mean, State};
use super::watch::{Split, Watch};

/// Brings the metrics of a burn training to the schedulers that follow them, at the end of every epoch.
///
/// burn's `step()` takes no metric. A feed stands between: `train_0_22::supervised_training` (or `train_0_21`) makes burn's own
/// training builder with the feed in it, and [`reduce_on_plateau`](Self::reduce_on_plateau) or, for other rules,
/// [`Scheduler::follow`] names the metric. Everything else is burn's: metrics, checkpointers, early stopping, strategies.
///
/// The metric of an epoch is complete when it is read, the rate changes at the first step of the next epoch, on every worker
/// of a data-parallel training, and the checkpoint of an epoch has what was observed at its end. So a training that is
/// stopped after any epoch and resumed has the rates of one that never stopped.
///
/// At the first batch the feed compares the [horizon](sched_core::Schedule::horizon) of every schedule with the length of the run, and warns
/// if the two do not fit; [`without_horizon_guard`](Self::without_horizon_guard) switches that off.
///
/// ```
/// use sched_burn::prelude::*;
/// use sched_burn::{Feed, Watch};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let feed = Feed::new(20); // epochs
/// let schedule = Schedule::constant(1e-3)?.warmup(0.0, 500)?;
/// let plateau = Plateau::new().factor(0.5).patience(2).start_step(500);
/// let scheduler = feed.reduce_on_plateau(Watch::valid("Loss"), schedule, plateau)?;
/// // supervised_training(&feed, directory, train, valid)
/// //     .metrics((LossMetric::new(), AccuracyMetric::new()))
/// //     .launch(Learner::new(model, optimizer, scheduler))
/// # let _ = scheduler;
/// # Ok(())
/// # }
/// ```
///
/// A training strategy of one's own must report batches and ends of epochs to burn's event processor as burn's strategies do,
/// and step the scheduler on the thread that iterates over the data loader.
///
/// A feed serves one training at a time; a new training with it forgets what the one before has seen.
#[derive(Clone)]
pub struct Feed {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    /// Tells feeds apart.
    pub(super) id: u64,
    num_epochs: usize,
    options: Mutex<Options>,
    /// Whether the registered metrics have been compared with the wanted ones, and whether the training is to stop: what is
    /// asked at every batch, without a lock.
    checked: AtomicBool,
    failed: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

/// The metric that shows what the schedule's rate is multiplied by.
pub(crate) const FACTOR_NAME: &str = "LR Factor";
pub(crate) const FACTOR_DESCRIPTION: &str = "What the schedule's learning rate is multiplied by";

/// What may be set at any time, also when schedulers follow already.
#[derive(Clone)]
struct Options {
    files: bool,
    guarded: bool,
    steps_per_epoch: Option<u64>,
    warn: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Feed {
    /// For a training of this many epochs, those before a resume included; burn's `num_epochs`.
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
                state: Mutex::default(),
                changed: Condvar::new(),
            }),
        }
    }

    /// Keeps burn from writing a file for each metric.
    ///
    /// burn does so only as long as no other logger is registered, and a feed is one, so it registers burn's as well.
    pub fn without_files(self) -> Self {
        self.configured(|options| options.files = false)
    }

    /// Does not compare the schedules with the length of the run.
    pub fn without_horizon_guard(self) -> Self {
        self.configured(|options| options.guarded = false)
    }

    /// How many steps an epoch has, for the comparison with the length of the run: to be said where that is not the number of
    /// batches, as with gradient accumulation on burn 0.22.
    pub fn steps_per_epoch(self, steps_per_epoch: u64) -> Self {
        self.configured(|options| options.steps_per_epoch = Some(steps_per_epoch))
    }

    /// What to do with a warning; the default prints it to stderr, which burn's full-screen display may paint over.
    pub fn on_warning(self, warn: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.configured(|options| options.warn = Arc::new(warn))
    }

    /// The values of a metric so far, each with the number of its epoch; `None` where the epoch had none.
    pub fn values(&self, watch: &Watch) -> Vec<(usize, Option<f64>)> {
        self.lock().values(watch)
    }

    /// Why the training was stopped, if the feed stopped it.
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
        // Every change is made at once, so a panic elsewhere leaves nothing half done.
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the adapters of the two burns tell and ask.
impl Feed {
    pub(crate) fn num_epochs(&self) -> usize {
        self.inner.num_epochs
    }

    pub(crate) fn has_files(&self) -> bool {
        self.options().files
    }

    /// A schedule to compare with the length of the run.
    pub(crate) fn guard_schedule(&self, schedule: Option<Schedule>) {
        self.lock().guarded.extend(schedule);
    }

    /// A training begins.
    pub(crate) fn begin(&self) {
        self.inner.checked.store(false, Ordering::Relaxed);
        self.inner.failed.store(false, Ordering::Relaxed);
        self.lock().begin();
    }

    /// Which training it is, for [`end`](Self::end).
    pub(crate) fn run(&self) -> u64 {
        self.lock().run
    }

    /// A training is over, or a part of it is gone: whoever still waits for a metric waits in vain.
    pub(crate) fn end(&self, run: u64) {
        Place::leave(self.inner.id, run);
        let mut state = self.lock();
        // burn's threads end some time after the training, perhaps when the next one has begun.
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

    /// What a batch, or the end of an epoch, added to the metrics; `epoch` is what burn calls it.
    pub(crate) fn log<'a>(&self, split: Split, epoch: usize, entries: impl Iterator<Item = (&'a str, Mean)>) {
        let mut state = self.lock();
        state.log(split, epoch, entries);
        drop(state);
        self.inner.changed.notify_all();
    }

    /// All values of a split in an epoch are there.
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

    /// What the schedule's rate is multiplied by, for the display: that of the first follower.
    pub(crate) fn multiplier(&self) -> f64 {
        self.lock().multipliers.first().copied().unwrap_or(1.0)
    }

    /// This thread begins a training epoch: waits until what was measured in the one before is there.
    pub(crate) fn begin_epoch(&self, begun: usize) {
        let followed = self.lock().followed();
        for split in followed {
            self.wait_for(split, begun);
        }
        Place::enter(self.inner.id, self.lock().run, begun + 1);
    }

    /// Before each batch: whether the training is to go on.
    ///
    /// After the first batch the registered metrics are known, and compared with the wanted ones.
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
            // The flag is only set after the error.
            return self.error().map_or(Ok(()), Err);
        }
        Ok(())
    }

    /// The training is to stop before its next batch.
    pub(crate) fn fail(&self, error: FeedError) {
        self.lock().failure.get_or_insert(error);
        self.inner.failed.store(true, Ordering::Release);
    }

    /// A split was gone through on this thread, to its end or not.
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
                "the validation was interrupted, so its metric is not complete and was not observed; to go on as if nothing had \
                 happened, resume from the checkpoint before this epoch's",
            );
        }
    }

    /// The first batch of a training tells how many there are: warns once about schedules that do not fit.
    pub(crate) fn measure(&self, batch_size: usize, items: usize) {
        let batches = items.div_ceil(batch_size.max(1)) as u64;
        let options = self.options();
        let mut state = self.lock();
        if std::mem::replace(&mut state.measured, true) || !options.guarded {
            return;
        }
        let schedules = state.guarded.clone();
        drop(state);
        let steps_per_epoch = options.steps_per_epoch.unwrap_or(batches);
        let run_steps = steps_per_epoch.saturating_mul(self.inner.num_epochs as u64);
        for warning in schedules.iter().filter_map(|schedule| schedule.compare_horizon(run_steps)) {
            (options.warn)(&format!(
                "{warning}. The run has {} epochs of {steps_per_epoch} steps.",
                self.inner.num_epochs
            ));
        }
    }

    /// Waits until a split has been published for so many epochs, or never will be.
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
