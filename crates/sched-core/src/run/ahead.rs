//! The rates of the next updates, computed together.
//!
//! A step then costs what the bulk path costs, which is 2 to 60 times less than `Schedule::at`: 5 times for a cosine, 30 for an
//! exponential; only general powers, such as a polynomial of power 0.9, gain nothing. The bench `step` of `benches/` measures it.

/// How many rates there are at once, at most: together they cost a fraction of one by one.
const AHEAD: usize = 128;
/// How many there are at first, so that a few steps do not cost hundreds.
const AT_FIRST: usize = 8;

/// Where a scheduler is, and the rates of the next few updates. They follow from the rest, so they are no part of the state.
#[derive(Clone)]
pub(crate) struct Ahead {
    /// Those at `next..` are still to come; a block that is shorter than the array lies at its end.
    rates: [f64; AHEAD],
    next: usize,
    /// Where the block begins.
    first: usize,
    /// The update after the block.
    end: u64,
    /// The rate of the last update before the block.
    before: Option<f64>,
}

impl Ahead {
    /// Before an update, with nothing computed.
    pub(crate) fn new(position: u64, last_rate: Option<f64>) -> Self {
        Self { rates: [0.0; AHEAD], next: AHEAD, first: AHEAD, end: position, before: last_rate }
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
        let block = (2 * (AHEAD - self.first)).clamp(AT_FIRST, AHEAD).min(room);
        self.first = AHEAD - block;
        self.next = self.first;
        self.end = position + block as u64;
        self.before = before;
        sample(position, &mut self.rates[self.first..]);
        block > 0
    }

    /// Computes the rates anew when they are needed, because something has changed.
    pub(crate) fn forget(&mut self) {
        self.place(self.position(), self.last_rate());
    }

    /// Before an update, with nothing computed; what was is left where it lies.
    fn place(&mut self, position: u64, last_rate: Option<f64>) {
        (self.next, self.first) = (AHEAD, AHEAD);
        (self.end, self.before) = (position, last_rate);
    }

    pub(crate) fn position(&self) -> u64 {
        self.end - (AHEAD - self.next) as u64
    }

    pub(crate) fn last_rate(&self) -> Option<f64> {
        if self.next > self.first { self.rates.get(self.next - 1).copied() } else { self.before }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn count(first: u64, rates: &mut [f64]) {
        rates.iter_mut().enumerate().for_each(|(offset, rate)| *rate = (first + offset as u64) as f64);
    }

    #[test]
    fn blocks_follow_each_other() {
        let mut ahead = Ahead::new(5, None);
        for step in 5..1000 {
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
