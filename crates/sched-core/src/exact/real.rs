//! Real numbers as the sum of two `f64`: time that stays exact through division and subtraction.
//!
//! The distance to a ramp's end decides the rate there. With `f64` time, the step 9 999.9 of 10 000 is known to 1e-12
//! and the rate, close to 0, only to 1e-11. With about 106 bits it is known as well as the step itself.

use core::ops::{Add, Neg, Sub};

/// 2^53: every whole number up to here is an `f64`.
pub(crate) const EXACT: f64 = 9_007_199_254_740_992.0;

/// `hi + lo`, with `lo` at most half a unit in the last place of `hi`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Real {
    pub(crate) hi: f64,
    pub(crate) lo: f64,
}

/// The exact sum of two numbers (Knuth).
#[inline]
fn two_sum(a: f64, b: f64) -> Real {
    let hi = a + b;
    let from_b = hi - a;
    let lo = (a - (hi - from_b)) + (b - from_b);
    Real { hi, lo }
}

/// The exact sum of two numbers with `|a| >= |b|` (Dekker).
#[inline]
fn quick_two_sum(a: f64, b: f64) -> Real {
    let hi = a + b;
    Real { hi, lo: b - (hi - a) }
}

/// Upper and lower half of the bits of a number (Veltkamp).
#[inline(always)]
pub(super) fn split(a: f64) -> (f64, f64) {
    let c = 134_217_729.0 * a; // 2^27 + 1
    let hi = c - (c - a);
    (hi, a - hi)
}

/// The exact product of two numbers below 1e290 in magnitude (Dekker).
#[inline]
fn two_prod(a: f64, b: f64) -> Real {
    let hi = a * b;
    let (a1, a0) = split(a);
    let (b1, b0) = split(b);
    Real { hi, lo: ((a1 * b1 - hi) + a1 * b0 + a0 * b1) + a0 * b0 }
}

impl Real {
    pub(crate) const ZERO: Real = Real { hi: 0.0, lo: 0.0 };
    pub(crate) const ONE: Real = Real { hi: 1.0, lo: 0.0 };
    pub(crate) const MAX: Real = Real { hi: f64::MAX, lo: 0.0 };
    /// Beyond every step: later than 2^64.
    pub(crate) const NEVER: Real = Real { hi: 1e30, lo: 0.0 };

    pub(crate) fn from_step(step: u64) -> Self {
        let hi = step as f64;
        if hi < EXACT {
            return Real { hi, lo: 0.0 };
        }
        // The rounding error of a u64 is below 2^11, so it is exact in both types.
        let lo = (i128::from(step) - hi as i128) as f64;
        Real { hi, lo }
    }

    #[inline]
    pub(crate) fn value(self) -> f64 {
        self.hi + self.lo
    }

    /// `1 - self`, for `self` between 0 and 1.
    #[inline]
    pub(crate) fn rest(self) -> Real {
        let rest = quick_two_sum(1.0, -self.hi);
        quick_two_sum(rest.hi, rest.lo - self.lo)
    }

    #[inline]
    pub(crate) fn min(self, other: Real) -> Real {
        if other < self { other } else { self }
    }

    #[inline]
    pub(crate) fn max(self, other: Real) -> Real {
        if other > self { other } else { self }
    }

    #[inline]
    pub(crate) fn clamp(self, min: f64, max: f64) -> Real {
        self.max(Real::from(min)).min(Real::from(max))
    }

    /// Rates are finite: what is too large is the largest, and so is what overflowed on the way.
    #[inline]
    pub(crate) fn saturated(self) -> Real {
        if self.hi <= f64::MAX { self } else { Real::MAX }
    }

    /// The whole part as a step; 0 for a negative number, `u64::MAX` past it.
    pub(crate) fn floor_step(self) -> u64 {
        if self.lo == 0.0 {
            return self.hi as u64; // truncates, saturates
        }
        let whole = libm::floor(self.hi);
        let fraction = (self.hi - whole) + self.lo;
        let sum = whole as i128 + libm::floor(fraction) as i128;
        sum.clamp(0, i128::from(u64::MAX)) as u64
    }

    /// The step, if it is a whole one that an `f64` holds.
    pub(crate) fn whole_step(self) -> Option<u64> {
        let whole = self.lo == 0.0 && self.hi < EXACT && libm::floor(self.hi) == self.hi;
        whole.then_some(self.hi as u64)
    }

    /// The first step at or after this time; `u64::MAX` past it.
    pub(crate) fn ceil_step(self) -> u64 {
        let step = self.floor_step();
        if Real::from_step(step) < self { step.saturating_add(1) } else { step }
    }

    /// The sum of two numbers, exact.
    #[inline]
    pub(crate) fn sum(a: f64, b: f64) -> Self {
        two_sum(a, b)
    }

    /// The sum of two numbers, exact, where the first is the larger one.
    #[inline]
    pub(crate) fn quick_sum(a: f64, b: f64) -> Self {
        quick_two_sum(a, b)
    }

    /// `self + b`.
    #[inline(always)]
    pub(crate) fn plus(self, b: f64) -> Self {
        let sum = two_sum(self.hi, b);
        quick_two_sum(sum.hi, sum.lo + self.lo)
    }

    /// `whole - self`.
    #[inline]
    pub(crate) fn left_of(self, whole: f64) -> Self {
        let left = two_sum(whole, -self.hi);
        quick_two_sum(left.hi, left.lo - self.lo)
    }

    /// The product of two numbers, exact.
    #[inline]
    pub(crate) fn product(a: f64, b: f64) -> Self {
        two_prod(a, b)
    }

    #[inline(always)]
    pub(crate) fn mul(self, other: Real) -> Real {
        let p = two_prod(self.hi, other.hi);
        quick_two_sum(p.hi, p.lo + (self.hi * other.lo + self.lo * other.hi))
    }

    /// `self * base^n`, for few bits of `n`: the lowest first.
    pub(crate) fn times_power(self, base: Real, n: u64) -> Real {
        let (mut product, mut square, mut n) = (self, base, n);
        while n > 0 {
            if n & 1 == 1 {
                product = product.mul(square);
            }
            square = square.mul(square);
            n >>= 1;
        }
        product
    }

    #[inline(always)]
    pub(crate) fn times(self, k: f64) -> Real {
        let p = two_prod(self.hi, k);
        quick_two_sum(p.hi, p.lo + self.lo * k)
    }

    #[inline(always)]
    pub(crate) fn over(self, k: f64) -> Real {
        let q1 = self.hi / k;
        let near = two_prod(q1, k);
        // The difference of two numbers so close is exact.
        let q2 = (((self.hi - near.hi) - near.lo) + self.lo) * (1.0 / k);
        quick_two_sum(q1, q2)
    }

    #[inline(always)]
    pub(crate) fn div(self, other: Real) -> Real {
        let q1 = self.hi / other.hi;
        let near = two_prod(q1, other.hi);
        let q2 = (((self.hi - near.hi) - near.lo) + (self.lo - q1 * other.lo)) / other.hi;
        quick_two_sum(q1, q2)
    }

    /// `self` as a whole multiple of `n` and what is left, in `[0, n)`; for `self >= 0` and `n > 0`.
    pub(crate) fn div_floor(self, n: f64) -> (Real, Real) {
        let mut count = Real::ZERO;
        let mut rest = self;
        // One pass is exact below 2^53 multiples; each further pass gains another 53 bits.
        for _ in 0..4 {
            if rest.value() >= 0.0 && rest.value() < n {
                break;
            }
            let q = libm::floor(rest.value() / n);
            count = count + Real::from(q);
            rest = rest - two_prod(q, n);
        }
        if rest.value() < 0.0 { (count, Real::ZERO) } else { (count, rest) }
    }

    /// `self * k`, exact for a power of two `k` that does not overflow.
    #[inline]
    pub(crate) fn scaled(self, k: f64) -> Real {
        Real { hi: self.hi * k, lo: self.lo * k }
    }

    /// A number between 1/2 and 1, and the power of two that it is to be multiplied by.
    #[inline(always)]
    pub(crate) fn mantissa(self) -> (Real, i32) {
        let (quick, twos) = self.quick_mantissa();
        if (-1021..1022).contains(&twos) {
            return (quick, twos);
        }
        let (hi, twos) = libm::frexp(self.hi);
        (Real { hi, lo: libm::ldexp(self.lo, -twos) }, twos)
    }

    /// [`mantissa`](Self::mantissa) of a number that is neither very small nor very large.
    #[inline(always)]
    pub(crate) fn quick_mantissa(self) -> (Real, i32) {
        const EXPONENT: u64 = 0x7ff << 52;
        let bits = self.hi.to_bits();
        let twos = ((bits & EXPONENT) >> 52) as i32 - 1022;
        let hi = f64::from_bits((bits & !EXPONENT) | 1022 << 52);
        (Real { hi, lo: Real::from(self.lo).quick_times_power_of_two(-twos).hi }, twos)
    }

    /// Whether products with other such numbers have all their bits.
    #[inline(always)]
    pub(crate) fn is_moderate(x: f64) -> bool {
        (x == 0.0) | ((x > 1e-100) & (x < 1e100))
    }

    /// The same as a number whose products with other such ones have all their bits, and a power of two to multiply it by.
    #[inline(always)]
    pub(crate) fn moderate(self) -> (Real, i32) {
        #[cold]
        fn immoderate(number: Real) -> (Real, i32) {
            number.mantissa()
        }
        if Self::is_moderate(self.hi) { (self, 0) } else { immoderate(self) }
    }

    #[inline(always)]
    pub(crate) fn times_power_of_two(self, twos: i32) -> Real {
        if twos.abs() < 1023 {
            return self.quick_times_power_of_two(twos);
        }
        Real { hi: libm::ldexp(self.hi, twos), lo: libm::ldexp(self.lo, twos) }
    }

    /// The same for a power of two that is an `f64`.
    #[inline(always)]
    pub(crate) fn quick_times_power_of_two(self, twos: i32) -> Real {
        self.scaled(f64::from_bits((i64::from(1023 + twos) as u64) << 52))
    }

    /// The nearest whole number.
    pub(crate) fn round(self) -> Real {
        let hi = libm::round(self.hi);
        if hi == self.hi {
            // Whole already, so the fraction is in the lower part; 1/2 or more of it only counts above 2^53.
            return quick_two_sum(hi, libm::round(self.lo));
        }
        Real::from(libm::floor(self.value() + 0.5))
    }
}

impl From<f64> for Real {
    #[inline]
    fn from(hi: f64) -> Self {
        Real { hi, lo: 0.0 }
    }
}

impl Add for Real {
    type Output = Real;

    #[inline]
    fn add(self, other: Real) -> Real {
        let s = two_sum(self.hi, other.hi);
        if self.lo == 0.0 && other.lo == 0.0 {
            return s;
        }
        let t = two_sum(self.lo, other.lo);
        let s = quick_two_sum(s.hi, s.lo + t.hi);
        quick_two_sum(s.hi, s.lo + t.lo)
    }
}

impl Neg for Real {
    type Output = Real;

    #[inline]
    fn neg(self) -> Real {
        Real { hi: -self.hi, lo: -self.lo }
    }
}

impl Sub for Real {
    type Output = Real;

    #[inline]
    fn sub(self, other: Real) -> Real {
        self + -other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_exact() {
        for step in [0, 1, 1 << 53, (1 << 53) + 1, u64::MAX - 1, u64::MAX] {
            assert_eq!(Real::from_step(step).floor_step(), step);
        }
    }

    #[test]
    fn a_third_keeps_106_bits() {
        let third = Real::ONE.over(3.0);
        let one = third.times(3.0);
        assert!((one.hi - 1.0 + one.lo).abs() < 1e-31);
    }

    #[test]
    fn division_with_remainder_is_exact_for_the_largest_step() {
        let (count, rest) = Real::from_step(u64::MAX).div_floor(10.0);
        assert_eq!(count.floor_step(), u64::MAX / 10);
        assert_eq!(rest.value(), 5.0);
        let (count, rest) = Real::from_step(u64::MAX).div_floor(1.0);
        assert_eq!(count.floor_step(), u64::MAX);
        assert_eq!(rest.value(), 0.0);
    }

    #[test]
    fn floor_of_a_sum_looks_at_both_parts() {
        assert_eq!((Real::from(5.0) - Real::from(1e-20)).floor_step(), 4);
        assert_eq!((Real::from(5.0) + Real::from(1e-20)).floor_step(), 5);
        assert_eq!(Real::from(-0.5).floor_step(), 0);
    }
}
