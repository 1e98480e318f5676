//! Many rates, run by run: what the loops of the bulk path share.

/// How many rates are computed before the next look at what they are.
///
/// Arrays of so many start as ones or as -0.0, and are neither moved nor copied. For zeros and copies the compiler calls libc's
/// `memset` and `memcpy`, whose wide registers leave some processors (an Intel Xeon of 2023) slow at the narrow ones: by a
/// seventh for thousands of steps after, and polynomial 3.5 in bulk then takes 12.9 ns instead of 11.5.
pub(super) const BLOCK: usize = 128;

/// Fills a slice run by run; `run` fills the beginning of what is left and says how much.
pub(super) fn runs(first: u64, mut rates: &mut [f64], mut run: impl FnMut(u64, &mut [f64]) -> usize) {
    let mut step = first;
    while !rates.is_empty() {
        let filled = run(step, rates);
        step = step.saturating_add(filled as u64);
        rates = &mut rates[filled..];
    }
}

/// How many rates a run of this many steps fills: one at least.
pub(super) fn run_length(steps: u64, rates: &[f64]) -> usize {
    usize::try_from(steps).unwrap_or(usize::MAX).min(rates.len()).max(1)
}

/// Each rate by itself.
pub(super) fn one_by_one(first: u64, rates: &mut [f64], at: impl Fn(u64) -> f64) {
    for (offset, rate) in (0..).zip(rates) {
        *rate = at(first.saturating_add(offset));
    }
}

/// A rate for each step from a whole number on, with nothing that keeps the processor from computing several at once: a count
/// in 32 bits becomes an `f64` in one operation. Steps are exact up to 2^53.
#[inline(always)]
pub(super) fn fill_with(first: f64, rates: &mut [f64], mut at: impl FnMut(f64) -> f64) {
    for (offset, rate) in (0_i32..).zip(rates) {
        *rate = at(first + f64::from(offset));
    }
}
