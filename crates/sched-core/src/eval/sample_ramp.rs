//! The bulk path on a ramp: a loop for each shape that takes few operations.

use core::iter;

use super::runs::{BLOCK, fill_with, run_length, runs};
use crate::exact::{EXACT, Parted, Precision, Real};
use crate::schedule::{Beyond, Progress, Ramp, Schedule, Shape, WavePart, Weight, halves};

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
        match growth {
            Some(growth) => growth.tabulated(|table| {
                self.fill_around(whole, first, rates, |step, block| table.fill(step, block) && self.keep_within(block));
            }),
            None => self.fill_around(whole, first, rates, |step, block| self.fill_steps(step as f64, block)),
        }
    }

    /// The rates at the ends and beyond them, and those well inside as `inside` has them, unless it answers `false`.
    fn fill_around(&self, whole: &Schedule, first: u64, rates: &mut [f64], inside: impl Fn(u64, &mut [f64]) -> bool) {
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
            if !inside(step, block) {
                whole.one_by_one(step, block);
            }
            run
        });
    }

    /// The rates at whole steps well inside the ramp; `false` if that takes more care.
    fn fill_steps(&self, first: f64, rates: &mut [f64]) -> bool {
        let steps = self.steps;
        self.fill_inside(first, rates, |t| Progress { done: Real::from(t), rest: Real::from(steps - t), steps })
    }

    /// The rates at the times `first / k`, `(first + 1) / k`, ..., if all are well inside the ramp.
    pub(super) fn fill_slowed(&self, first: u64, k: f64, rates: &mut [f64]) -> bool {
        let steps = self.steps;
        let at = |t: f64| {
            let done = Real::from(t).over(k);
            Progress { done, rest: done.left_of(steps), steps }
        };
        let (first, last) = (first as f64, first as f64 + rates.len() as f64);
        if !(first > 0.0 && last < EXACT && at(last).rest.hi > 1.0) {
            return false;
        }
        // As in restarts with `t_mult` 2: a power of two slows without rounding, so this is a longer ramp.
        if k.to_bits().trailing_zeros() >= f64::MANTISSA_DIGITS - 1 && steps * k < EXACT {
            return Ramp { steps: steps * k, ..*self }.fill_steps(first, rates);
        }
        self.fill_inside(first, rates, at)
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
            Shape::Polynomial(k) | Shape::OneMinusPower(k) => match halves(k) {
                Some(halves) if ends.iter().all(|at| at.is_far_from_ends()) => {
                    self.fill_power(halves, matches!(shape, Shape::Polynomial(_)), first, rates, at);
                }
                None if self.fill_slow(first, rates, at) => {}
                _ => return false,
            },
            Shape::Geometric => return false,
            _ if self.fill_slow(first, rates, at) => {}
            _ => return false,
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

    #[inline(never)] // so that each loop keeps the compiler's care
    fn fill_power(&self, halves: u32, falls: bool, first: f64, rates: &mut [f64], at: impl Fn(f64) -> Progress) {
        let (from, to, steps) = (self.from, self.to, self.steps);
        if falls {
            let rate = |power, rest| from * power + to * rest;
            // What is left of a whole number of steps is exact; of another, it may be rounded.
            if Real::from(steps).whole_step().is_some() {
                fill_powers(first, rates, halves, |t| Parted::quotient(at(t).rest, steps), rate);
            } else {
                fill_powers(first, rates, halves, |t| Parted::quotient(at(t).done.left_of(steps), steps), rate);
            }
        } else {
            let base = |t| Parted::quotient(at(t).done, steps);
            fill_powers(first, rates, halves, base, |power, rest| from * rest + to * power);
        }
    }

    /// The rates by weights that take many operations.
    #[inline(never)] // so that the shorter loops keep the compiler's care
    fn fill_slow(&self, first: f64, rates: &mut [f64], at: impl Fn(f64) -> Progress) -> bool {
        let last = first + (rates.len() - 1) as f64;
        let weights = self.shape.simplest().weights(Precision::Single);
        let is_quick = |at: Progress| {
            let (p, q) = at.parts();
            let (s, rest) = weights.at(p, q);
            p.hi.min(q.hi) > 1e-100 && s.1.abs().max(rest.1.abs()) < 900
        };
        // A ramp only falls or only rises, so where both ends are quick, all is.
        if !(self.shape.is_moderate() && is_quick(at(first)) && is_quick(at(last))) {
            return false;
        }
        // Loops instead of `fill_with`: closures of this size are not inlined.
        let times = || (0_i32..).map(|offset| first + f64::from(offset));
        let rate = |(s, rest): (Weight, Weight)| {
            let value = |(weight, twos): Weight| weight.quick_times_power_of_two(twos).value();
            self.from * value(s) + self.to * value(rest)
        };
        macro_rules! fill {
            ($shape:expr) => {{
                let weights = $shape.weights(Precision::Quick);
                for (t, filled) in times().zip(rates) {
                    let (p, q) = at(t).quick_parts();
                    *filled = rate(weights.at(p, q));
                }
            }};
            (power $shape:expr) => {{
                let weights = $shape.weights(Precision::Quick);
                let mut logs = [Real::ONE; BLOCK];
                for (t, log) in times().zip(&mut logs[..rates.len()]) {
                    let (p, q) = at(t).quick_parts();
                    *log = weights.log_power(p, q);
                }
                for (log, filled) in logs.iter().zip(rates) {
                    *filled = rate(weights.of_power(*log));
                }
            }};
        }
        match self.shape.simplest() {
            Shape::Polynomial(k) => fill!(power Shape::Polynomial(k)),
            Shape::OneMinusPower(k) => fill!(power Shape::OneMinusPower(k)),
            Shape::CosinePower(k) => fill!(power Shape::CosinePower(k)),
            Shape::ExpRatio(r) => fill!(Shape::ExpRatio(r)),
            Shape::Logarithmic(r) => fill!(Shape::Logarithmic(r)),
            Shape::Tanh { lb, ub } => fill!(Shape::Tanh { lb, ub }),
            shape => fill!(shape),
        }
        true
    }
}

/// For each step the rate of `base^(halves / 2)` and what is left to 1, operation by operation.
#[inline(always)]
fn fill_powers(
    first: f64,
    rates: &mut [f64],
    halves: u32,
    base: impl Fn(f64) -> Parted,
    rate: impl Fn(f64, f64) -> f64,
) {
    let mut bases = Columns::ones(rates.len());
    bases.change(0_i32.., |_, offset| base(first + f64::from(offset)));
    let (whole, mut powers) = (halves / 2, Columns::ones(rates.len()));
    let highest = whole.checked_ilog2().unwrap_or(0);
    for bit in (0..highest).rev() {
        if bit + 1 == highest {
            powers.change(bases.iter(), |_, base| base.mul(base));
        } else {
            powers.change(iter::repeat(()), |power, ()| power.mul(power));
        }
        if (whole >> bit) & 1 == 1 {
            powers.change(bases.iter(), Parted::mul);
        }
    }
    let powers = if whole == 1 { &bases } else { &powers };
    let rate = |power: Parted| rate(power.value(), power.rest_to_one());
    if halves % 2 == 0 {
        return rates.iter_mut().zip(powers.iter()).for_each(|(to, power)| *to = rate(power));
    }
    // The roots first, because they alone are computed one by one.
    rates.iter_mut().zip(bases.iter()).for_each(|(root, base)| *root = libm::sqrt(base.value()));
    let roots = rates.iter_mut().zip(bases.iter()).map(|(to, base)| (base.sqrt_near(*to), to));
    if halves == 1 {
        roots.for_each(|(root, to)| *to = rate(root));
    } else {
        roots.zip(powers.iter()).for_each(|((root, to), power)| *to = rate(power.mul(root)));
    }
}

/// A number for each rate of a block, upper parts and lower parts apart: what the processor computes together lies together.
struct Columns {
    upper: [f64; BLOCK],
    lower: [f64; BLOCK],
    count: usize,
}

impl Columns {
    fn ones(count: usize) -> Self {
        Self { upper: [1.0; BLOCK], lower: [-0.0; BLOCK], count: count.min(BLOCK) }
    }

    #[inline(always)]
    fn iter(&self) -> impl Iterator<Item = Parted> {
        let parts = self.upper[..self.count].iter().zip(&self.lower[..self.count]);
        parts.map(|(&upper, &lower)| Parted { upper, lower })
    }

    #[inline(always)]
    fn change<T>(&mut self, with: impl Iterator<Item = T>, to: impl Fn(Parted, T) -> Parted) {
        let parts = self.upper[..self.count].iter_mut().zip(&mut self.lower[..self.count]);
        for ((upper, lower), with) in parts.zip(with) {
            Parted { upper: *upper, lower: *lower } = to(Parted { upper: *upper, lower: *lower }, with);
        }
    }
}
