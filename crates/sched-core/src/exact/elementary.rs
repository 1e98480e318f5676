//! Elementary functions of a [`Real`], to about 100 bits.
//!
//! Where rates nearly cancel, or time is bent, 53 bits on the way are too few for 53 bits at the end.

use core::f64::consts::FRAC_PI_2;

use super::real::Real;

const LN_2: Real = Real { hi: core::f64::consts::LN_2, lo: 2.319_046_813_846_299_6e-17 };
const HALF_PI: Real = Real { hi: FRAC_PI_2, lo: 6.123_233_995_736_766e-17 };

/// Beyond this, e^x takes every rate to 0 or past the largest.
const FAR: f64 = 3000.0;

impl Real {
    /// `e^self` as a number near 1 and a power of two, and `e^self - 1` with full relative precision.
    fn exponential(self) -> (Real, i32, Real) {
        let twos = libm::round(self.hi / LN_2.hi);
        // A 256th of what is left needs ten terms; squaring `1 + m` eight times keeps `m` precise also where it is small.
        let x = (self - LN_2.times(twos)).scaled(1.0 / 256.0);
        let series = (2..=10).rev().fold(Real::ONE, |sum, k| Real::ONE + x.mul(sum).over(f64::from(k)));
        let m = (0..8).fold(x.mul(series), |m, _| m.scaled(2.0) + m.mul(m));
        let near_one = Real::ONE + m;
        let twos = twos as i32;
        (near_one, twos, if twos == 0 { m } else { near_one.times_power_of_two(twos) - Real::ONE })
    }

    /// `e^self` as a number near 1 and a power of two, and `1 - e^self`, all precise.
    pub(crate) fn exp_and_rest(self) -> ((Real, i32), Real) {
        let (near_one, twos, expm1) = self.exponential();
        ((near_one, twos), Real::ZERO - expm1)
    }

    pub(crate) fn expm1(self) -> Real {
        self.exponential().2
    }

    /// `self * e^exponent`, also where the power alone would be too large or too small.
    pub(crate) fn times_exp(self, exponent: Real) -> Real {
        let (mantissa, twos) = self.mantissa();
        let (near_one, more, _) = exponent.exponential();
        mantissa.mul(near_one).times_power_of_two(twos + more)
    }

    /// The natural logarithm, for `self > 0`.
    pub(crate) fn ln(self) -> Real {
        let (mut mantissa, mut twos) = self.mantissa();
        if mantissa.hi < core::f64::consts::FRAC_1_SQRT_2 {
            mantissa = mantissa.scaled(2.0);
            twos -= 1;
        }
        (mantissa - Real::ONE).ln_1p() + LN_2.times(f64::from(twos))
    }

    /// `ln(1 + self)` with full relative precision, for `self` between -1/2 and 1/2.
    pub(crate) fn ln_1p(self) -> Real {
        let estimate = Real::from(libm::log1p(self.hi));
        let reached = estimate.expm1();
        estimate + (self - reached).div(Real::ONE + reached)
    }

    /// `self * k` as an exponent of e.
    pub(crate) fn exponent(self, k: f64) -> Real {
        let rough = self.hi * k;
        if self.hi == 0.0 || k == 0.0 {
            Real::ZERO
        } else if rough.abs() > FAR {
            Real::from(rough.clamp(-FAR, FAR))
        } else {
            self.times(k)
        }
    }

    /// `self * k` as an exponent of e, for `self >= 0` that may be very large.
    pub(crate) fn mul_exponent(self, k: Real) -> Real {
        let rough = self.hi * k.hi;
        if rough.abs() > FAR { Real::from(rough.clamp(-FAR, FAR)) } else { self.mul(k) }
    }

    pub(crate) fn sqrt(self) -> Real {
        let root = libm::sqrt(self.hi);
        if root == 0.0 {
            return Real::ZERO;
        }
        let rest = self - Real::from(root).times(root);
        Real::from(root) + Real::from(rest.value() / (2.0 * root))
    }

    /// `sin(pi self / 2)`, for `self` between 0 and 1/2.
    pub(crate) fn sin_half_pi(self) -> Real {
        let angle = HALF_PI.mul(self);
        let squared = angle.mul(angle);
        let series = |sum: Real, k: u32| Real::ONE - squared.mul(sum).over(f64::from(2 * k * (2 * k + 1)));
        angle.mul((1..14).rev().fold(Real::ONE, series))
    }

    /// `2^self - 1`, for small `self`.
    pub(crate) fn exp2m1(self) -> Real {
        LN_2.mul(self).expm1()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `x` as the sum of its parts is within 1e-29, relative, of the reference.
    fn close(x: Real, hi: f64, lo: f64) {
        let error = (x - Real { hi, lo }).value() / hi;
        assert!(error.abs() < 1e-29, "{x:?}: {error:e}");
    }

    // References: 60 digits, split into the nearest `f64` and what is left.

    #[test]
    fn exponentials() {
        close(Real::from(1.0).expm1(), 1.718_281_828_459_045_3, -7.747_991_575_210_629e-17);
        close(Real::from(1e-10).expm1(), 1.000_000_000_05e-10, 3.390_013_322_121_773_4e-27);
        let ((power, twos), rest) = Real::from(-0.25).exp_and_rest();
        close(power.times_power_of_two(twos), 0.778_800_783_071_404_9, -1.023_186_953_453_149_8e-17);
        close(rest, 0.221_199_216_928_595_12, 1.023_186_953_453_149_8e-17);
        assert_eq!(Real::ONE.times_exp(Real::from(-FAR)).value(), 0.0);
        let huge = Real::from(1e-300).times_exp(Real::from(1000.0)).value(); // e^1000 alone is no `f64`
        assert!((huge / 1.970_071_114_017_047e134 - 1.0).abs() < 1e-15, "{huge:e}");
    }

    #[test]
    fn logarithms() {
        close(Real::from(3.0).ln(), 1.098_612_288_668_109_8, -9.071_297_235_001_53e-17);
        close(Real::from(1e-300).ln(), -690.775_527_898_213_7, -2.367_009_617_670_983_2e-14);
        close(Real::from(1e-10).ln_1p(), 9.999_999_999_500_001e-11, -3.389_513_322_121_794e-27);
    }

    #[test]
    fn root_and_sine() {
        close(Real::from(0.3).sqrt(), 0.547_722_557_505_166_1, 2.890_126_723_719_787e-17);
        close(Real::from(0.3).sin_half_pi(), 0.453_990_499_739_546_75, 2.705_225_293_276_084_2e-17);
    }
}
