//! The bulk path on a ramp: a loop for each shape that takes few operations.

use super::growth::Growth;
use super::runs::{BLOCK, fill_with, run_length, runs};
use crate::exact::{EXACT, Precision, Real};
use crate::schedule::{Beyond, Progress, Ramp, Schedule, Shape, WavePart, halves, power_of_halves};

/// With the part of the wave as a constant, so that there is nothing left to choose inside a loop.
macro_rules! in_part {
    ($part:expr, $constant:ident => $result:expr) => {
        in_part!(@ $part, $constant => $result; true true, true false, false false, false true)
    };
    (@ $part:expr, $constant:ident => $result:expr; $($early:literal $near_end:literal),*) => {
        match $part {
            $(WavePart { early: $early, near_end: $near_end } => {
                const $constant: WavePart = WavePart { early: $early, near_end: $near_end };
                $result
            })*
        }
    };
}

impl Ramp {
    pub(super) fn fill(&self, whole: &Schedule, first: u64, rates: &mut [f64]) {
        let growth = if self.shape == Shape::Geometric { self.growth() } else { None };
        let growth = growth.as_ref().map(Growth::table);
        runs(first, rates, |step, rates| {
            let done = step as f64;
            if self.beyond == Beyond::Hold && done < EXACT && self.is_over(self.steps - done) {
                rates.fill(self.to);
                return rates.len();
            }
            // Well inside the ramp, at whole steps that an `f64` holds.
            let end = libm::floor(self.steps.min(EXACT)) - 1.0;
            if step == 0 || done >= end {
                whole.one_by_one(step, &mut rates[..1]);
                return 1;
            }
            let run = run_length((end - done) as u64, rates).min(BLOCK);
            let block = &mut rates[..run];
            let filled = match &growth {
                Some(growth) => growth.fill(step, block) && self.keep_within(block),
                None => {
                    let steps = self.steps;
                    self.fill_inside(done, block, |t| Progress {
                        done: Real::from(t),
                        rest: Real::from(steps - t),
                        steps,
                    })
                }
            };
            if !filled {
                whole.one_by_one(step, block);
            }
            run
        });
    }

    /// The rates at the times `first / k`, `(first + 1) / k`, ..., if all are well inside the ramp.
    pub(super) fn fill_slowed(&self, first: u64, k: f64, rates: &mut [f64]) -> bool {
        let steps = self.steps;
        let at = |t: f64| {
            let done = Real::from(t).over(k);
            Progress { done, rest: done.left_of(steps), steps }
        };
        let (first, last) = (first as f64, first as f64 + rates.len() as f64);
        first > 0.0 && last < EXACT && at(last).rest.hi > 1.0 && self.fill_inside(first, rates, at)
    }

    /// The rates well inside the ramp, where `at` says, perhaps with what is left rounded; `false` if that takes more care.
    #[inline(always)] // for each clock
    fn fill_inside(&self, first: f64, rates: &mut [f64], at: impl Fn(f64) -> Progress) -> bool {
        let ends = [at(first), at(first + (rates.len() - 1) as f64)];
        let shape = self.shape.simplest();
        // Each shape by its name, so that there is nothing left to choose inside the loops.
        match shape {
            Shape::Linear => self.fill_quick(first, rates, at, |at| Shape::Linear.quick_weights(at)),
            Shape::OneMinusSqrt => self.fill_quick(first, rates, at, |at| Shape::OneMinusSqrt.quick_weights(at)),
            Shape::OneMinusSquare => self.fill_quick(first, rates, at, |at| Shape::OneMinusSquare.quick_weights(at)),
            Shape::Rex => self.fill_quick(first, rates, at, |at| Shape::Rex.quick_weights(at)),
            Shape::Cosine => match ends.map(WavePart::at) {
                // All rates are in one part of the wave: three times as fast.
                [part, last] if part == last => in_part!(part, PART => {
                    self.fill_weights(first, rates, |t| PART.weights(at(t)));
                }),
                _ => self.fill_quick(first, rates, at, |at| Shape::Cosine.quick_weights(at)),
            },
            Shape::Polynomial(k) | Shape::OneMinusPower(k) if ends.iter().all(|at| at.is_far_from_ends()) => {
                let falls = matches!(shape, Shape::Polynomial(_));
                match halves(k) {
                    Some(1) => self.fill_power::<1>(falls, first, rates, at),
                    Some(3) => self.fill_power::<3>(falls, first, rates, at),
                    Some(4) => self.fill_power::<4>(falls, first, rates, at),
                    Some(5) => self.fill_power::<5>(falls, first, rates, at),
                    Some(6) => self.fill_power::<6>(falls, first, rates, at),
                    Some(7) => self.fill_power::<7>(falls, first, rates, at),
                    Some(8) => self.fill_power::<8>(falls, first, rates, at),
                    Some(_) => return false,
                    None => return self.fill_slow(first, rates, at),
                }
            }
            Shape::Geometric | Shape::Polynomial(_) | Shape::OneMinusPower(_) => return false,
            _ => return self.fill_slow(first, rates, at),
        }
        self.keep_within(rates)
    }

    /// `false` if a rate may be too small for 53 bits. A ramp only falls or only rises, so the ends are its smallest rates, but
    /// for rounding.
    fn keep_within(&self, rates: &mut [f64]) -> bool {
        rates.iter_mut().for_each(|rate| *rate = self.within(*rate));
        [rates.first(), rates.last()].into_iter().flatten().all(|rate| *rate >= 2.0 * f64::MIN_POSITIVE)
    }

    #[inline(always)]
    fn fill_quick(
        &self,
        first: f64,
        rates: &mut [f64],
        at: impl Fn(f64) -> Progress,
        weights: impl Fn(Progress) -> Option<(f64, f64)>,
    ) {
        self.fill_weights(first, rates, |t| weights(at(t)).unwrap_or_default());
    }

    #[inline(always)]
    fn fill_weights(&self, first: f64, rates: &mut [f64], weights: impl Fn(f64) -> (f64, f64)) {
        let Self { from, to, .. } = *self;
        fill_with(first, rates, |t| {
            let (s, rest) = weights(t);
            from * s + to * rest
        });
    }

    #[inline(always)]
    fn fill_power<const HALVES: u32>(&self, falls: bool, first: f64, rates: &mut [f64], at: impl Fn(f64) -> Progress) {
        let (from, to, steps) = (self.from, self.to, self.steps);
        if falls {
            let part = |t| at(t).done.left_of(steps);
            fill_powers::<HALVES>(first, rates, steps, part, |power, rest| from * power + to * rest);
        } else {
            fill_powers::<HALVES>(first, rates, steps, |t| at(t).done, |power, rest| from * rest + to * power);
        }
    }

    /// The rates by weights that take many operations.
    #[inline(always)]
    fn fill_slow(&self, first: f64, rates: &mut [f64], at: impl Fn(f64) -> Progress) -> bool {
        let weights = self.shape.weights(Precision::Single);
        let mut complete = true;
        fill_with(first, rates, |t| {
            let done = at(t).done;
            let rate = self.join_slow(&weights, Progress { done, rest: done.left_of(self.steps), steps: self.steps });
            complete &= rate.is_some();
            rate.unwrap_or_default()
        });
        complete
    }
}

/// For each step the rate of `(part / steps)^(HALVES / 2)` and what is left to 1.
#[inline(always)]
fn fill_powers<const HALVES: u32>(
    first: f64,
    rates: &mut [f64],
    steps: f64,
    part: impl Fn(f64) -> Real,
    rate: impl Fn(f64, f64) -> f64,
) {
    let finish = |power: Real| rate(power.value(), power.rest_to_one());
    if HALVES.is_multiple_of(2) {
        return fill_with(first, rates, |t| finish(power_of_halves(part(t).over(steps), || Real::ONE, HALVES)));
    }
    // The roots first, because they alone are computed one by one.
    fill_with(first, rates, |t| part(t).hi / steps);
    rates.iter_mut().for_each(|rate| *rate = libm::sqrt(*rate));
    for (i, rate) in (0_i32..).zip(rates) {
        let base = part(first + f64::from(i)).over(steps);
        *rate = finish(power_of_halves(base, || base.sqrt_near(*rate), HALVES));
    }
}
