//! The rate on an exponential curve, `initial * e^(t log)`: an exponential, and a geometric ramp.

use core::iter;

use crate::exact::{EXACT, Precision, Real};
use crate::schedule::Exponential;

/// How many steps share a power.
const BLOCK: u64 = 32;

/// How many rates a [`Table`] fills at once: the powers that they need are then computed together.
pub(super) const MANY: usize = 512;

/// A power below this is left to more careful arithmetic: near the smallest number it loses bits, which a huge initial rate shows.
const SMALLEST: f64 = 1e-250;

/// An exponential curve whose numbers are all of moderate size: others are left to more careful arithmetic.
///
/// At a whole step `32 n + i` the rate is `e^(32 n log)` times `initial * factor^i`, each rounded once, so many rates at once
/// cost a multiplication each and a power for every 32. Where the factor per step is given, the first 1024 rates are rounded
/// once altogether: a staircase then has the rates that a person computes, however it is written.
pub(super) struct Growth {
    initial: f64,
    log: Real,
    /// `e^log`, per step.
    factor: Real,
    /// Whether the factor is what was given.
    is_exact: bool,
}

impl Growth {
    /// From the logarithm of the factor per step, and the factor if it is known exactly.
    pub(super) fn new(initial: f64, log: Real, factor: Option<f64>) -> Option<Self> {
        let moderate = (1e-100..1e100).contains(&initial) && log.hi.abs() < 10.0;
        let is_exact = factor.is_some();
        let factor = || factor.map_or_else(|| Real::ONE.times_exp(log, Precision::Single), Real::from);
        moderate.then(|| Self { initial, log, factor: factor(), is_exact })
    }

    /// The rate, if it has 53 bits.
    pub(super) fn at(&self, t: Real) -> Option<f64> {
        let rate = match t.whole_step() {
            Some(step) => {
                let (n, first) = (step / BLOCK, self.first(step % BLOCK));
                let is_exact = self.is_exact && n < BLOCK;
                let power = if is_exact { self.exact_power(n) } else { Real::from(self.power(n)) };
                if power.hi < SMALLEST {
                    return None;
                }
                if is_exact { first.mul(power).value() } else { first.value() * power.hi }
            }
            None => {
                let ((near_one, twos), _) = t.mul_exponent(self.log).exp_and_rest(Precision::Single);
                near_one.times(self.initial).times_power_of_two(twos).value()
            }
        };
        rate.is_normal().then_some(rate)
    }

    /// `initial * factor^i`, for `i` below 32.
    fn first(&self, i: u64) -> Real {
        Real::from(self.initial).times_power(self.factor, i)
    }

    /// `factor^(32 n)`, for `n` below 32.
    fn exact_power(&self, n: u64) -> Real {
        let block = (0..BLOCK.ilog2()).fold(self.factor, |power, _| power.mul(power));
        Real::ONE.times_power(block, n)
    }

    /// `factor^(32 n)`.
    fn power(&self, n: u64) -> f64 {
        let exponent = self.log.exponent((n * BLOCK) as f64, Precision::Single);
        let ((near_one, twos), _) = exponent.exp_and_rest(Precision::Single);
        near_one.times_power_of_two(twos).value()
    }

    /// [`power`](Self::power) for `n` and on.
    fn fill_powers(&self, n: u64, powers: &mut [f64]) {
        let (first, last) = ((n * BLOCK) as f64, ((n + powers.len() as u64) * BLOCK) as f64);
        if last < EXACT && (self.log.hi * last).abs() < 700.0 {
            for (i, power) in (0_i32..).zip(powers) {
                let exponent = self.log.exponent(first + f64::from(i * BLOCK as i32), Precision::Quick);
                let ((near_one, twos), _) = exponent.exp_and_rest(Precision::Quick);
                *power = near_one.quick_times_power_of_two(twos).value();
            }
        } else {
            (n..).zip(powers).for_each(|(n, power)| *power = self.power(n));
        }
    }

    /// For many rates at once; the table is lent, because it is too large to be moved.
    pub(super) fn tabulated<T>(&self, with: impl FnOnce(&Table) -> T) -> T {
        let initial = Real::from(self.initial);
        let mut table = Table { growth: self, first: [initial; BLOCK as usize], rounded: [1.0; BLOCK as usize] };
        let mut square = self.factor;
        for bit in 0..BLOCK.ilog2() {
            let (known, next) = table.first.split_at_mut(1 << bit);
            for (next, known) in next.iter_mut().zip(known) {
                *next = known.mul(square);
            }
            square = square.mul(square);
        }
        for (rounded, first) in table.rounded.iter_mut().zip(&table.first) {
            *rounded = first.value();
        }
        with(&table)
    }
}

/// A growth and [`first`](Growth::first) for each `i`.
pub(super) struct Table<'a> {
    growth: &'a Growth,
    first: [Real; BLOCK as usize],
    rounded: [f64; BLOCK as usize],
}

impl Table<'_> {
    /// What [`Growth::at`] returns for each step from one on; `false` if some rate has fewer than 53 bits, or if they are more than
    /// [`MANY`].
    pub(super) fn fill(&self, first: u64, rates: &mut [f64]) -> bool {
        if first.saturating_add(rates.len() as u64) > 1 << 53 {
            return false;
        }
        let (n, mut i) = (first / BLOCK, (first % BLOCK) as usize);
        let mut powers = [0.0; MANY / BLOCK as usize + 1];
        let Some(powers) = powers.get_mut(..(i + rates.len()).div_ceil(BLOCK as usize)) else {
            return false;
        };
        self.growth.fill_powers(n, powers);
        let (head, tail) = rates.split_at_mut((BLOCK as usize - i).min(rates.len()));
        let mut has_all_bits = true;
        for ((n, power), block) in (n..).zip(&*powers).zip(iter::once(head).chain(tail.chunks_mut(BLOCK as usize))) {
            has_all_bits &= match <&mut [f64; BLOCK as usize]>::try_from(&mut *block) {
                Ok(block) => self.fill_block(n, *power, 0, block),
                Err(_) => self.fill_block(n, *power, i, block),
            };
            i = 0;
        }
        // The rates only fall or only rise, so if both ends are normal numbers, all are.
        has_all_bits && [rates.first(), rates.last()].into_iter().flatten().all(|rate| rate.is_normal())
    }

    /// The rates of steps `32 n + i` and on, of one block; `false` if the power may have lost bits.
    #[inline(always)] // for a whole block, whose length is a constant
    fn fill_block(&self, n: u64, power: f64, i: usize, rates: &mut [f64]) -> bool {
        if self.growth.is_exact && n < BLOCK {
            let power = self.growth.exact_power(n);
            rates.iter_mut().zip(&self.first[i..]).for_each(|(rate, first)| *rate = first.mul(power).value());
            power.hi >= SMALLEST
        } else {
            rates.iter_mut().zip(&self.rounded[i..]).for_each(|(rate, first)| *rate = first * power);
            power >= SMALLEST
        }
    }
}

impl Exponential {
    pub(super) fn eval(&self, t: Real, precision: Precision) -> Real {
        let quick = if precision == Precision::Single { self.growth().and_then(|growth| growth.at(t)) } else { None };
        match quick {
            Some(rate) => Real::from(rate),
            None if t.hi == 0.0 || self.initial == 0.0 => Real::from(self.initial),
            None if self.gamma == 0.0 => Real::ZERO,
            None => {
                let log = Real::from(self.gamma).ln(Precision::Double);
                let exponent = t.over(self.decay_steps).mul_exponent(log);
                Real::from(self.initial).times_exp(exponent, Precision::Double).saturated()
            }
        }
    }

    pub(super) fn growth(&self) -> Option<Growth> {
        if self.gamma == 0.0 {
            return None;
        }
        let log = Real::from(self.gamma).ln(Precision::Single);
        if self.decay_steps == 1.0 {
            Growth::new(self.initial, log, Some(self.gamma))
        } else {
            Growth::new(self.initial, log.over(self.decay_steps), None)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Schedule;

    #[test]
    fn powers_below_the_smallest_number_keep_the_bits_of_the_rate() {
        // Nearest to the exact products of these very numbers, from 50 digits.
        for (t, expected) in [(330, 1.0000000000000184e-250), (340, 1.000000000000019e-260)] {
            assert_eq!(Schedule::exponential(1e80, 0.1).unwrap().at(t), expected, "{t}");
            assert_eq!(Schedule::exponential_over(1e80, 0.1, 10.0).unwrap().at(10 * t), expected, "{t}");
        }
    }

    #[test]
    fn the_first_powers_are_rounded_once() {
        // Nearest to the exact products of these very numbers, from 50 digits.
        let cases = [
            (0.1, 0.1, 1, 0.010000000000000002),
            (0.1, 0.1, 2, 0.0010000000000000002),
            (0.1, 0.1, 3, 0.00010000000000000002),
            (0.1, 0.1, 9, 1.0000000000000006e-10),
            (0.1, 0.1, 17, 1.000000000000001e-18),
            (0.1, 0.1, 33, 1.0000000000000019e-34),
            (0.3, 0.7, 15, 0.0014242684529828986),
            (0.3, 0.7, 16, 0.000996987917088029),
            (0.3, 0.7, 100, 9.703429528874212e-17),
            (0.3, 0.7, 255, 9.486837428768624e-41),
            (0.05, 0.97, 64, 0.007118049394242575),
            (0.05, 0.97, 128, 0.0010133325435775415),
            (0.05, 0.97, 200, 0.00011306205049978827),
            (0.05, 0.97, 255, 2.1172017399450106e-05),
            (0.01, 1.01, 31, 0.013613274044862352),
            (0.01, 1.01, 99, 0.026780334944767607),
            (0.01, 1.01, 254, 0.12520709541434974),
            (0.01, 1.01, 1023, 263.4907536366858),
            (0.2, 0.99, 777, 8.120377103114651e-05),
        ];
        for (initial, gamma, t, expected) in cases {
            assert_eq!(Schedule::exponential(initial, gamma).unwrap().at(t), expected, "{initial} x {gamma}^{t}");
        }
    }
}
