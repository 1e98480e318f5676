//! How the rate of each step gets from the schedulers, on the training's thread, to the metric, on burn's metric thread.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The steps that the metric has not shown yet.
#[derive(Debug, Default)]
pub(super) struct Rows {
    groups: usize,
    /// Where the training began.
    first: u64,
    /// The first step that has not been taken.
    next: u64,
    pending: VecDeque<Row>,
}

/// What the groups did at a step.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) step: u64,
    /// `None` for a group whose scheduler did not step.
    pub(super) groups: Vec<Option<Rate>>,
}

/// The rate of a group, and what its rule multiplied the schedule's rate by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    pub(super) lr: f64,
    pub(super) multiplier: Option<f64>,
}

pub(super) fn lock(rows: &Mutex<Rows>) -> MutexGuard<'_, Rows> {
    rows.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Rows {
    /// Workers of a data-parallel training have a scheduler each, and all of them take the same steps: the first one counts.
    fn record(&mut self, group: usize, step: u64, rate: Rate) {
        if step < self.next {
            return;
        }
        let index = self.pending.partition_point(|row| row.step < step);
        if self.pending.get(index).is_none_or(|row| row.step != step) {
            self.pending.insert(index, Row { step, groups: vec![None; self.groups] });
        }
        self.pending[index].groups[group].get_or_insert(rate);
    }

    /// Takes the steps that are over: all groups have made them, or a later one has begun.
    pub(super) fn take(&mut self) -> Vec<Row> {
        let last_is_over = self.pending.back().is_some_and(|row| row.groups.iter().all(Option::is_some));
        let over = self.pending.len().saturating_sub(usize::from(!last_is_over));
        let rows: Vec<Row> = self.pending.drain(..over).collect();
        if let Some(last) = rows.last() {
            self.next = last.step.saturating_add(1);
        }
        rows
    }

    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The position has been set.
    fn seek(&mut self, position: u64) {
        (self.first, self.next) = (position, position);
        self.pending.clear();
    }
}

/// Where a scheduler, and each of its clones, notes its rates; does nothing once the metric is gone.
#[derive(Clone, Debug)]
pub(crate) struct Tap {
    rows: Weak<Mutex<Rows>>,
    group: usize,
}

impl Tap {
    /// For one more group, whose scheduler is at `position`.
    pub(super) fn new(rows: &Arc<Mutex<Rows>>, position: u64) -> Self {
        let mut locked = lock(rows);
        locked.seek(position);
        locked.groups += 1;
        Self { rows: Arc::downgrade(rows), group: locked.groups - 1 }
    }

    pub(crate) fn record(&self, step: u64, lr: f64, multiplier: Option<f64>) {
        if let Some(rows) = self.rows.upgrade() {
            lock(&rows).record(self.group, step, Rate { lr, multiplier });
        }
    }

    pub(crate) fn seek(&self, position: u64) {
        if let Some(rows) = self.rows.upgrade() {
            lock(&rows).seek(position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(rows: &Mutex<Rows>) -> Vec<u64> {
        lock(rows).take().iter().map(|row| row.step).collect()
    }

    #[test]
    fn every_step_is_taken_once_when_it_is_over() {
        let rows = Arc::default();
        let [base, head] = [Tap::new(&rows, 0), Tap::new(&rows, 0)];
        let worker = base.clone();
        base.record(0, 0.1, None);
        assert_eq!(steps(&rows), [0; 0], "the head's scheduler has not stepped yet");
        head.record(0, 0.2, None);
        worker.record(0, 9.0, None);
        base.record(1, 0.1, None);
        assert_eq!(steps(&rows), [0]);
        worker.record(0, 0.1, None);
        base.record(2, 0.1, None);
        assert_eq!(steps(&rows), [1], "the head's scheduler is not stepped any more");
        base.seek(7);
        base.record(7, 0.1, None);
        head.record(7, 0.1, None);
        assert_eq!(steps(&rows), [7]);
        drop(rows);
        base.record(8, 0.1, None);
    }
}
