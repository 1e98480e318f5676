//! How many steps a thread takes for its batches: what burn counts as a step depends on its version, on the accumulation of
//! gradients and on the strategy, and none of these can be asked for.

/// What is left over of an epoch's batches is a step or not, as burn's version and the loader will have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StepsPerEpoch {
    pub(super) least: u64,
    pub(super) most: u64,
}

/// What has happened on a thread in an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pace {
    /// The batches of all loaders that were begun.
    expected: u64,
    /// The batches that were fetched, and the steps of the busiest scheduler.
    batches: u64,
    steps: u64,
    /// Both when a batch was fetched after the first step.
    after_first: Option<(u64, u64)>,
}

impl Pace {
    /// A loader is begun; `None` if it does not know how many batches it has.
    pub(super) fn expect(&mut self, batches: u64) {
        self.expected = self.expected.saturating_add(batches);
    }

    /// A scheduler has made this many steps in this epoch.
    pub(super) fn stepped(&mut self, steps: u64) {
        self.steps = self.steps.max(steps);
    }

    /// A batch is about to be fetched; returns the steps of the whole epoch once they are known: from the batches between two
    /// steps, because burn may fetch some ahead.
    pub(super) fn fetch(&mut self) -> Option<StepsPerEpoch> {
        let now = (self.batches, self.steps);
        self.batches += 1;
        match self.after_first {
            None if now.1 > 0 => self.after_first = Some(now),
            Some((batches, steps)) if now.1 > steps => return self.steps_for(now.0 - batches, now.1 - steps),
            _ => {}
        }
        None
    }

    /// The steps of the whole epoch, which is over.
    pub(super) fn whole(&self) -> Option<StepsPerEpoch> {
        let known = self.batches > 0 && self.steps > 0;
        known.then_some(StepsPerEpoch { least: self.steps, most: self.steps })
    }

    fn steps_for(&self, batches: u64, steps: u64) -> Option<StepsPerEpoch> {
        let known = self.expected > 0 && batches > 0 && steps > 0;
        known.then(|| {
            let all = self.expected.saturating_mul(steps);
            StepsPerEpoch { least: (all / batches).max(1), most: all.div_ceil(batches) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps that are found in an epoch of so many batches, after how many.
    fn found(batches: u64, ahead: u64, steps_after: impl Fn(u64) -> u64) -> Option<(u64, u64, u64)> {
        let mut pace = Pace::default();
        pace.expect(batches);
        for batch in 0..=batches {
            pace.stepped(steps_after(batch.saturating_sub(ahead)));
            if let Some(steps) = pace.fetch() {
                return Some((batch, steps.least, steps.most));
            }
        }
        None
    }

    #[test]
    fn batches_between_two_steps_tell_the_steps_of_an_epoch() {
        assert_eq!(found(100, 0, |batch| batch), Some((2, 100, 100)));
        assert_eq!(found(101, 0, |batch| batch / 4), Some((8, 25, 26)), "something is left over");
        assert_eq!(found(100, 0, |batch| 2 * batch), Some((2, 200, 200)), "a worker that counts for two");
        assert_eq!(found(100, 1, |batch| batch), Some((3, 100, 100)), "fetched ahead");
    }

    #[test]
    fn an_epoch_of_one_step_is_known_when_it_is_over() {
        let mut pace = Pace::default();
        pace.expect(6);
        assert!((0..6).all(|_| pace.fetch().is_none()));
        assert_eq!(pace.whole(), None);
        pace.stepped(1);
        assert_eq!(pace.whole(), Some(StepsPerEpoch { least: 1, most: 1 }));
    }
}
