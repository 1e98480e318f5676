//! The rates of the next updates, computed together.
//!
//! A step then costs what the bulk path costs, which is 2 to 100 times less than `Schedule::at`: 5 to 9 times for a cosine, 30 to 50
//! for an exponential, depending on the processor. The bench `step` of `benches/` measures it.

use alloc::vec::Vec;

/// How many rates there are at once, at most: what a block takes once is then next to nothing, and they fit a processor's cache.
const AHEAD: usize = 1024;
/// How many there are at first, so that a few steps do not cost hundreds.
const AT_FIRST: usize = 8;

/// Where a scheduler is, and the rates of the next few updates. They follow from the rest, so they are no part of the state.
#[derive(Clone)]
pub(crate) struct Ahead {
    /// Those at `next..` are still to come.
    rates: Vec<f64>,
    next: usize,
    /// The update after the block.
    end: u64,
    /// The rate of the last update before the block.
    before: Option<f64>,
}

impl Ahead {
    /// Before an update, with nothing computed.
    pub(crate) fn new(position: u64, last_rate: Option<f64>) -> Self {
        Self { rates: Vec::new(), next: 0, end: position, before: last_rate }
    }

    /// The next rate, and on to the one after it; `None` if it is not computed yet.
    #[inline]
    pub(crate) fn step(&mut self) -> Option<f64> {
        let rate = *self.rates.get(self.next)?;
        self.next += 1;
        Some(rate)
    }

    /// On to the next update, whose rate this is, where nothing is computed.
    pub(crate) fn step_alone(&mut self, rate: f64) {
        self.place(self.position().saturating_add(1), Some(rate));
    }

    /// Computes the next rates, twice as many as the last time; `false` if there are no more updates to compute them for.
    pub(crate) fn refill(&mut self, sample: impl FnOnce(u64, &mut [f64])) -> bool {
        let (position, before) = (self.position(), self.last_rate());
        let room = usize::try_from(u64::MAX - position).unwrap_or(usize::MAX);
        let block = (2 * self.rates.len()).clamp(AT_FIRST, AHEAD).min(room);
        self.rates.resize(block, 0.0);
        self.next = 0;
        (self.end, self.before) = (position + block as u64, before);
        sample(position, &mut self.rates);
        block > 0
    }

    /// Computes the rates anew when they are needed, because something has changed.
    pub(crate) fn forget(&mut self) {
        self.place(self.position(), self.last_rate());
    }

    /// Before an update, with nothing computed.
    fn place(&mut self, position: u64, last_rate: Option<f64>) {
        self.rates.clear();
        self.next = 0;
        (self.end, self.before) = (position, last_rate);
    }

    pub(crate) fn position(&self) -> u64 {
        self.end - (self.rates.len() - self.next) as u64
    }

    pub(crate) fn last_rate(&self) -> Option<f64> {
        match self.next.checked_sub(1) {
            Some(last) => self.rates.get(last).copied(),
            None => self.before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(first: u64, rates: &mut [f64]) {
        rates.iter_mut().enumerate().for_each(|(offset, rate)| *rate = (first + offset as u64) as f64);
    }

    #[test]
    fn blocks_follow_each_other() {
        let mut ahead = Ahead::new(5, None);
        for step in 5..5000 {
            assert_eq!(ahead.position(), step);
            let rate = ahead.step().or_else(|| ahead.refill(count).then(|| ahead.step()).flatten());
            assert_eq!(rate, Some(step as f64));
            assert_eq!(ahead.last_rate(), rate);
            if step == 700 {
                ahead.forget();
                assert_eq!((ahead.position(), ahead.last_rate()), (701, rate));
            }
        }
    }

    #[test]
    fn there_are_no_rates_past_the_last_update() {
        let mut ahead = Ahead::new(u64::MAX - 3, None);
        assert!(ahead.refill(|first, rates| assert_eq!((first, rates.len()), (u64::MAX - 3, 3))));
        let rates: Vec<_> = core::iter::from_fn(|| ahead.step()).collect();
        assert_eq!(rates.len(), 3);
        assert_eq!(ahead.position(), u64::MAX);
        assert!(!ahead.refill(count));
        ahead.step_alone(0.5);
        assert_eq!((ahead.position(), ahead.last_rate()), (u64::MAX, Some(0.5)));
    }
}
