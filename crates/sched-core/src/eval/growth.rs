//! Exponential curves: `initial * e^(t log)`.

use crate::exact::{EXACT, Precision, Real};
use crate::schedule::{Exponential, PowerLaw};

/// How many steps share a power.
const BLOCK: usize = 16;

/// An exponential curve whose numbers are all of moderate size: others are left to more careful arithmetic.
///
/// At a whole step `16 n + i` the rate is `e^(16 n log)` times `initial * factor^i`, each rounded once. So many rates at once
/// cost a multiplication each and a power for every 16.
pub(super) struct Growth {
    initial: f64,
    log: Real,
    /// `e^log`, per step.
    factor: Real,
}

impl Growth {
    pub(super) fn new(initial: f64, log: Real, factor: Option<Real>) -> Option<Self> {
        let moderate = (1e-100..1e100).contains(&initial) && log.hi.abs() < 10.0;
        let factor = || factor.unwrap_or_else(|| Real::ONE.times_exp(log, Precision::Single));
        moderate.then(|| Self { initial, log, factor: factor() })
    }

    /// The rate, if it has 53 bits.
    pub(super) fn at(&self, t: Real) -> Option<f64> {
        let rate = match t.whole_step() {
            Some(step) => self.power(step / BLOCK as u64) * self.rate((step % BLOCK as u64) as usize),
            None => {
                let ((near_one, twos), _) = t.mul_exponent(self.log).exp_and_rest(Precision::Single);
                near_one.times(self.initial).times_power_of_two(twos).value()
            }
        };
        rate.is_normal().then_some(rate)
    }

    /// `initial * factor^i`, for `i` below [`BLOCK`].
    fn rate(&self, i: usize) -> f64 {
        let (mut rate, mut square) = (Real::from(self.initial), self.factor);
        for bit in 0..BLOCK.ilog2() {
            if i >> bit & 1 == 1 {
                rate = rate.mul(square);
            }
            square = square.mul(square);
        }
        rate.value()
    }

    /// For many rates at once.
    pub(super) fn table(&self) -> Table<'_> {
        let mut rates = [Real::from(self.initial); BLOCK];
        let mut square = self.factor;
        for bit in 0..BLOCK.ilog2() {
            let (known, next) = rates.split_at_mut(1 << bit);
            for (next, known) in next.iter_mut().zip(known) {
                *next = known.mul(square);
            }
            square = square.mul(square);
        }
        Table { growth: self, rates: rates.map(Real::value) }
    }

    /// `factor^(16 n)`.
    fn power(&self, n: u64) -> f64 {
        let exponent = self.log.exponent((n * BLOCK as u64) as f64);
        let ((near_one, twos), _) = exponent.exp_and_rest(Precision::Single);
        near_one.times_power_of_two(twos).value()
    }
}

/// A growth and [`rate`](Growth::rate) for each `i`.
pub(super) struct Table<'a> {
    growth: &'a Growth,
    rates: [f64; BLOCK],
}

impl Table<'_> {
    /// What [`Growth::at`] returns for each step from one on; `false` if some rate has fewer than 53 bits.
    pub(super) fn fill(&self, first: u64, rates: &mut [f64]) -> bool {
        if first.saturating_add(rates.len() as u64) > 1 << 53 {
            return false;
        }
        let (n, i) = (first / BLOCK as u64, (first % BLOCK as u64) as usize);
        let (head, tail) = rates.split_at_mut((BLOCK - i).min(rates.len()));
        let whole = tail.chunks_mut(BLOCK).map(|rates| (rates, &self.rates[..]));
        for (n, (rates, known)) in (n..).zip(core::iter::once((head, &self.rates[i..])).chain(whole)) {
            let power = self.growth.power(n);
            for (rate, known) in rates.iter_mut().zip(known) {
                *rate = power * known;
            }
        }
        // The rates only fall or only rise, so if both ends are normal numbers, all are.
        [rates.first(), rates.last()].into_iter().flatten().all(|rate| rate.is_normal())
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
                let x = t.over(self.decay_steps);
                scaled_exp(
                    self.initial,
                    x.mul_exponent(Real::from(self.gamma).ln(Precision::Double)),
                    Precision::Double,
                )
            }
        }
    }

    pub(super) fn growth(&self) -> Option<Growth> {
        if self.gamma == 0.0 {
            return None;
        }
        let log = Real::from(self.gamma).ln(Precision::Single);
        if self.decay_steps == 1.0 {
            Growth::new(self.initial, log, Some(Real::from(self.gamma)))
        } else {
            Growth::new(self.initial, log.over(self.decay_steps), None)
        }
    }
}

impl PowerLaw {
    pub(super) fn eval(&self, t: Real, precision: Precision) -> Real {
        if precision == Precision::Single
            && let Some(step) = t.whole_step()
            && let Some(rate) = self.quick(step as f64)
        {
            return Real::from(rate);
        }
        let x = (t + Real::from(self.offset)).over(self.time_scale);
        if x.hi > 0.0 {
            return scaled_exp(self.scale, x.ln(precision).exponent(self.power), precision);
        }
        // 0 to a power is 0, 1 or more than any rate.
        match self.power {
            _ if self.scale == 0.0 => Real::ZERO,
            power if power > 0.0 => Real::ZERO,
            power if power < 0.0 => Real::MAX,
            _ => Real::from(self.scale),
        }
    }

    /// To 53 bits, by few operations; `None` where it takes more.
    fn quick(&self, step: f64) -> Option<f64> {
        if !self.is_quick(step) {
            return None;
        }
        let y = self.quick_power(step + self.offset);
        y.is_normal().then(|| (self.scale * y).min(f64::MAX))
    }

    /// Whether the sum of a step and the offset is exact, and the power is one that takes few operations.
    pub(super) fn is_quick(&self, step: f64) -> bool {
        (self.power == -0.5 || self.power == -1.0)
            && step + self.offset < EXACT
            && libm::floor(self.offset) == self.offset
    }

    /// `(t / time_scale)^power`, for the quick ones.
    #[inline(always)]
    pub(super) fn quick_power(&self, t: f64) -> f64 {
        let x = t / self.time_scale;
        if self.power == -0.5 { 1.0 / libm::sqrt(x) } else { 1.0 / x }
    }
}

/// `scale * e^exponent`.
fn scaled_exp(scale: f64, exponent: Real, precision: Precision) -> Real {
    Real::from(scale).times_exp(exponent, precision).saturated()
}
