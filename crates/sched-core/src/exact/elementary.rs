//! Elementary functions of a [`Real`], to about 60 bits or to about 100.
//!
//! A rate has 53 bits. A few more on the way round it once; where rates nearly cancel, or time is bent, it takes twice as many.

use core::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2, LOG2_E, SQRT_2};

use super::real::Real;

/// How many bits of a result are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    /// Those of an `f64` and a few more: enough for a rate.
    Single,
    /// The same, by the same operations, where no number is very small or very large: nothing branches, so that a loop computes
    /// several numbers at a time.
    Quick,
    /// About twice as many, for a rate that is subtracted from something.
    Double,
}

const LN_2: Real = Real { hi: core::f64::consts::LN_2, lo: 2.319_046_813_846_299_6e-17 };
const HALF_PI: Real = Real { hi: FRAC_PI_2, lo: 6.123_233_995_736_766e-17 };

const THIRD: Real = Real { hi: 1.0 / 3.0, lo: 1.850_371_707_708_594e-17 };

/// The upper 32 bits of `ln(2)`, which a whole number below 2^20 multiplies exactly, and the rest.
const LN_2_PARTS: (f64, f64) = (0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10);

/// `ln(i / 16)` for `i` from 11 to 23; a row that a mask finds needs no check.
const LN_16THS: [Real; 32] = {
    let (mut all, mut i) = ([Real::ZERO; 32], 0);
    while i < LN_FROM_11.len() {
        all[i + 11] = LN_FROM_11[i];
        i += 1;
    }
    all
};

const LN_FROM_11: [Real; 13] = [
    Real { hi: -0.374_693_449_441_410_7, lo: 3.924_311_228_863_24e-18 },
    Real { hi: -0.287_682_072_451_780_9, lo: -2.607_160_616_442_564e-17 },
    Real { hi: -0.207_639_364_778_244_5, lo: -1.205_324_321_668_613e-17 },
    Real { hi: -0.133_531_392_624_522_63, lo: 3.664_457_663_660_085e-18 },
    Real { hi: -0.064_538_521_137_571_18, lo: 6.470_486_661_692_933e-18 },
    Real::ZERO,
    Real { hi: 0.060_624_621_816_434_84, lo: 2.642_402_593_872_693_4e-18 },
    Real { hi: 0.117_783_035_656_383_46, lo: -1.197_168_574_759_367_7e-18 },
    Real { hi: 0.171_850_256_926_659_23, lo: -6.022_453_821_011_371e-18 },
    Real { hi: 0.223_143_551_314_209_76, lo: -9.091_270_597_324_8e-18 },
    Real { hi: 0.271_933_715_483_641_76, lo: 7.833_196_376_974_42e-19 },
    Real { hi: 0.318_453_731_118_534_6, lo: 2.711_477_936_732_623_6e-17 },
    Real { hi: 0.362_905_493_689_368_5, lo: -2.149_236_145_531_097_2e-17 },
];

/// `2^(j / 32)`.
const POWERS: [Real; 32] = [
    Real { hi: 1.0, lo: 0.0 },
    Real { hi: 1.0218971486541166, lo: 5.109225028973444e-17 },
    Real { hi: 1.0442737824274138, lo: 8.551889705537965e-17 },
    Real { hi: 1.0671404006768237, lo: -7.899853966841582e-17 },
    Real { hi: 1.0905077326652577, lo: -3.046782079812471e-17 },
    Real { hi: 1.1143867425958924, lo: 1.0410278456845571e-16 },
    Real { hi: 1.1387886347566916, lo: 8.912812676025408e-17 },
    Real { hi: 1.1637248587775775, lo: 3.8292048369240935e-17 },
    Real { hi: 1.189207115002721, lo: 3.982015231465646e-17 },
    Real { hi: 1.215247359980469, lo: -7.712630692681488e-17 },
    Real { hi: 1.241857812073484, lo: 4.658027591836937e-17 },
    Real { hi: 1.2690509571917332, lo: 2.667932131342186e-18 },
    Real { hi: 1.2968395546510096, lo: 2.5382502794888315e-17 },
    Real { hi: 1.3252366431597413, lo: -2.8587312100388614e-17 },
    Real { hi: 1.3542555469368927, lo: 7.70094837980299e-17 },
    Real { hi: 1.383909881963832, lo: -6.770511658794786e-17 },
    Real { hi: SQRT_2, lo: -9.667293313452913e-17 },
    Real { hi: 1.4451808069770467, lo: -3.0237581349939873e-17 },
    Real { hi: 1.4768261459394993, lo: -3.483994556892796e-17 },
    Real { hi: 1.5091644275934228, lo: -1.016455327754295e-16 },
    Real { hi: 1.5422108254079407, lo: 7.949834809697621e-17 },
    Real { hi: 1.5759808451078865, lo: -1.0136916471278304e-17 },
    Real { hi: 1.6104903319492543, lo: 2.4707192569797888e-17 },
    Real { hi: 1.645755478153965, lo: -1.0125679913674773e-16 },
    Real { hi: 1.681792830507429, lo: 8.199010020581497e-17 },
    Real { hi: 1.718619298122478, lo: -1.851380418263111e-17 },
    Real { hi: 1.7562521603732995, lo: 2.960140695448873e-17 },
    Real { hi: 1.7947090750031072, lo: 1.8227458427912087e-17 },
    Real { hi: 1.8340080864093424, lo: 3.283107224245627e-17 },
    Real { hi: 1.8741676341103, lo: -6.122763413004143e-17 },
    Real { hi: 1.9152065613971474, lo: -1.0619946056195963e-16 },
    Real { hi: 1.9571441241754002, lo: 8.960767791036668e-17 },
];

/// Beyond this, e^x takes every rate to 0 or past the largest.
const FAR: f64 = 3000.0;

const SHIFT: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52: from here on an `f64` has no fraction

/// The nearest whole number to one that is far below 2^51; to a larger one, a number close to it.
#[inline(always)]
pub(crate) fn nearest(x: f64) -> f64 {
    (x + SHIFT) - SHIFT
}

/// The nearest whole number to one that is far below 2^31, twice: an `f64` becomes an integer only by more operations.
#[inline(always)]
fn nearest_integer(x: f64) -> (f64, i32) {
    let shifted = x + SHIFT;
    (shifted - SHIFT, shifted.to_bits() as u32 as i32)
}

/// `2^twos * (row / 16 + x)`, with `x` between `-1/32` and `1/32` and the row near 16.
struct NearRow {
    twos: f64,
    row: i32,
    x: Real,
}

impl NearRow {
    /// Its logarithm, to 63 bits.
    #[inline(always)]
    fn ln(self) -> Real {
        let (large, small) = short_ln(f64::from(self.row) / 16.0, self.x);
        let row = LN_16THS[(self.row & 31) as usize];
        let (upper, lower) = LN_2_PARTS;
        let known = Real::sum(self.twos * upper, row.hi);
        let sum = Real::sum(known.hi, large);
        Real::quick_sum(sum.hi, sum.lo + (known.lo + (small + (row.lo + self.twos * lower))))
    }
}

/// `ln(c + x) - ln(c)` in parts of falling size, to 63 bits of the sum, for `x` between `-1/32` and `1/32` and `c` about 1.
#[inline(always)]
fn short_ln(c: f64, x: Real) -> (f64, f64) {
    // 2 atanh(s), with s = x / (2 c + x); of all terms but the first 53 bits are enough.
    let below = Real::quick_sum(2.0 * c, x.hi);
    let inverse = 1.0 / below.hi;
    let s = x.hi * inverse;
    let near = Real::product(s, below.hi);
    let left = ((x.hi - near.hi) - near.lo) + (x.lo - s * (below.lo + x.lo));
    let s2 = s * s;
    let pair = |a: f64, b: f64| 1.0 / a + s2 * (1.0 / b); // of constants, so that nothing is divided
    let series = pair(3.0, 5.0) + s2 * s2 * (pair(7.0, 9.0) + s2 * s2 * pair(11.0, 13.0));
    (2.0 * s, 2.0 * (left * inverse + s * s2 * series))
}

impl Real {
    /// `e^self` as a number near 1 and a power of two, and `e^self - 1` with full relative precision.
    #[inline(always)]
    fn exponential(self, precision: Precision) -> (Real, i32, Real) {
        match precision {
            Precision::Single | Precision::Quick => self.short_exponential(precision),
            Precision::Double => self.long_exponential(),
        }
    }

    /// `self * 2^twos`.
    #[inline(always)]
    pub(crate) fn scaled_by_twos(self, twos: i32, precision: Precision) -> Real {
        match precision {
            Precision::Quick => self.quick_times_power_of_two(twos),
            Precision::Single | Precision::Double => self.times_power_of_two(twos),
        }
    }

    /// By a series.
    fn long_exponential(self) -> (Real, i32, Real) {
        let twos = nearest(self.hi * LOG2_E);
        // A 256th of what is left needs ten terms; squaring `1 + m` eight times keeps `m` precise also where it is small.
        let x = (self - LN_2.times(twos)).scaled(1.0 / 256.0);
        let series = (2..=10).rev().fold(Real::ONE, |sum, k| Real::ONE + x.mul(sum).over(f64::from(k)));
        let m = (0..8).fold(x.mul(series), |m, _| m.scaled(2.0) + m.mul(m));
        let near_one = Real::ONE + m;
        let twos = twos as i32;
        (near_one, twos, if twos == 0 { m } else { near_one.times_power_of_two(twos) - Real::ONE })
    }

    /// `2^(j / 32)` from a table, times `e^r` of a small `r`, of which all but the first term need few bits.
    #[inline(always)]
    fn short_exponential(self, precision: Precision) -> (Real, i32, Real) {
        let (whole, n) = nearest_integer(self.hi * (32.0 * LOG2_E));
        let (upper, lower) = LN_2_PARTS;
        let r = Real::sum(self.hi - whole * (upper / 32.0), self.lo - whole * (lower / 32.0));
        let x = r.hi;
        let pair = |a: f64, b: f64| 1.0 / a + x * (1.0 / b); // of constants, so that nothing is divided
        let series = pair(2.0, 6.0) + x * x * (pair(24.0, 120.0) + x * x * pair(720.0, 5_040.0));
        let small = r.lo + x * x * series;
        let (power, twos) = (POWERS[(n & 31) as usize], n >> 5);
        let more = Real::product(power.hi, x);
        let sum = Real::quick_sum(power.hi, more.hi);
        let near_one = Real::quick_sum(sum.hi, sum.lo + (more.lo + (power.hi * small + power.lo * (1.0 + x))));
        let scaled = near_one.scaled_by_twos(twos, precision);
        let less_one = Real::sum(scaled.hi, -1.0);
        let less_one = Real::quick_sum(less_one.hi, less_one.lo + scaled.lo);
        (near_one, twos, if n == 0 { Real::quick_sum(x, small) } else { less_one })
    }

    /// `e^self` as a number near 1 and a power of two, and `1 - e^self`, all precise.
    #[inline(always)]
    pub(crate) fn exp_and_rest(self, precision: Precision) -> ((Real, i32), Real) {
        let (near_one, twos, expm1) = self.exponential(precision);
        ((near_one, twos), -expm1)
    }

    #[inline(always)]
    pub(crate) fn expm1(self, precision: Precision) -> Real {
        self.exponential(precision).2
    }

    /// `self * e^exponent`, also where the power alone would be too large or too small.
    #[inline]
    pub(crate) fn times_exp(self, exponent: Real, precision: Precision) -> Real {
        let (mantissa, twos) = self.mantissa();
        let (near_one, more, _) = exponent.exponential(precision);
        mantissa.mul(near_one).times_power_of_two(twos + more)
    }

    /// The natural logarithm, for `self > 0`.
    #[inline(always)]
    pub(crate) fn ln(self, precision: Precision) -> Real {
        if precision != Precision::Double {
            return self.near_row(precision).ln();
        }
        let (mantissa, twos) = self.near_one(precision);
        LN_2.times(twos) + (mantissa - Real::ONE).ln_1p()
    }

    /// `ln(self)`, from the smaller of `self` and `rest`, whose sum is 1.
    #[inline(always)]
    pub(crate) fn ln_of_part(self, rest: Real, precision: Precision) -> Real {
        let less = -rest;
        if precision == Precision::Double {
            return if rest.hi.abs() > 0.5 { self.ln(precision) } else { less.ln_1p() };
        }
        let far = self.near_row(precision);
        let near = NearRow { twos: 0.0, row: 16, x: less };
        if rest.hi.abs() > 1.0 / 32.0 { far } else { near }.ln()
    }

    /// The mantissa between `sqrt(1/2)` and `sqrt(2)` and the power of two.
    #[inline(always)]
    fn near_one(self, precision: Precision) -> (Real, f64) {
        let (mantissa, twos) = if precision == Precision::Quick { self.quick_mantissa() } else { self.mantissa() };
        let is_low = mantissa.hi < FRAC_1_SQRT_2;
        let near_one = if is_low { mantissa.scaled(2.0) } else { mantissa };
        (near_one, f64::from(if is_low { twos - 1 } else { twos }))
    }

    #[inline(always)]
    fn near_row(self, precision: Precision) -> NearRow {
        let (near_one, twos) = self.near_one(precision);
        let (sixteenths, row) = nearest_integer(16.0 * near_one.hi);
        NearRow { twos, row, x: Real { hi: near_one.hi - sixteenths / 16.0, lo: near_one.lo } }
    }

    /// `ln(1 + self)` to about 100 bits, relative, for `self` between -1/2 and 1/2.
    fn ln_1p(self) -> Real {
        let estimate = Real::from(libm::log1p(self.hi));
        let reached = estimate.expm1(Precision::Double);
        estimate + (self - reached).div(Real::ONE + reached)
    }

    /// `self * k` as an exponent of e.
    #[inline(always)]
    pub(crate) fn exponent(self, k: f64, precision: Precision) -> Real {
        if precision == Precision::Quick {
            return self.times(k);
        }
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

    #[inline]
    pub(crate) fn sqrt(self) -> Real {
        let root = libm::sqrt(self.hi);
        let near = Real::product(root, root);
        let inverse = 0.5 / if root > f64::MIN_POSITIVE { root } else { f64::MIN_POSITIVE };
        Real { hi: root, lo: (((self.hi - near.hi) - near.lo) + self.lo) * inverse }
    }

    /// `sin(pi self / 2)^2`, for `self` between 0 and 1/2.
    #[inline(always)]
    pub(crate) fn sin_squared_half_pi(self, precision: Precision) -> Real {
        let angle = HALF_PI.mul(self);
        let squared = angle.mul(angle);
        if precision == Precision::Double {
            let series = |sum: Real, k: u32| Real::ONE - squared.mul(sum).over(f64::from(2 * k * (2 * k + 1)));
            let sine = angle.mul((1..14).rev().fold(Real::ONE, series));
            return sine.mul(sine);
        }
        // 1 - z / 3 + 2 z^2 / 45 - ...; from the third term on, 53 bits of them are enough.
        let z = squared.hi;
        let pair = |a: f64, b: f64| 1.0 / a - z * (1.0 / b); // of constants, so that nothing is divided
        let (z2, z4) = (z * z, z * z * (z * z));
        let near = pair(22.5, 315.0) + z2 * pair(7_087.5, 233_887.5);
        let far = pair(10_641_881.25, 638_512_875.0) + z2 * pair(48_846_234_937.5, 4_640_392_319_062.5);
        let far = far + z4 * (1.0 / 535_965_312_851_718.75);
        let rest = z2 * (near + z4 * far);
        squared.mul(squared.mul(THIRD).plus(-rest).left_of(1.0))
    }

    /// `2^self - 1`, for small `self`.
    #[inline(always)]
    pub(crate) fn exp2m1(self, precision: Precision) -> Real {
        LN_2.mul(self).expm1(precision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Precision::{Double, Quick, Single};

    /// `x` as the sum of its parts is as close to the reference as its precision says.
    fn close(x: Real, precision: Precision, hi: f64, lo: f64) {
        let error = (x - Real { hi, lo }).value() / hi;
        let bound = if precision == Double { 1e-29 } else { 2.0_f64.powi(-58) };
        assert!(error.abs() < bound, "{precision:?} {x:?}: {error:e}");
    }

    // References: 60 digits, split into the nearest `f64` and what is left.

    #[test]
    fn exponentials() {
        for precision in [Single, Quick, Double] {
            close(Real::from(1.0).expm1(precision), precision, 1.718_281_828_459_045_3, -7.747_991_575_210_629e-17);
            close(Real::from(1e-10).expm1(precision), precision, 1.000_000_000_05e-10, 3.390_013_322_121_773_4e-27);
            let ((power, twos), rest) = Real::from(-0.25).exp_and_rest(precision);
            close(power.times_power_of_two(twos), precision, 0.778_800_783_071_404_9, -1.023_186_953_453_149_8e-17);
            close(rest, precision, 0.221_199_216_928_595_12, 1.023_186_953_453_149_8e-17);
            assert_eq!(Real::ONE.times_exp(Real::from(-FAR), precision).value(), 0.0);
            let huge = Real::from(1e-300).times_exp(Real::from(1000.0), precision); // e^1000 alone is no `f64`
            assert!((huge.value() / 1.970_071_114_017_047e134 - 1.0).abs() < 3e-16, "{huge:?}");
        }
    }

    #[test]
    fn logarithms() {
        for precision in [Single, Quick, Double] {
            close(Real::from(3.0).ln(precision), precision, 1.098_612_288_668_109_8, -9.071_297_235_001_53e-17);
            close(Real::from(1e-300).ln(precision), precision, -690.775_527_898_213_7, -2.367_009_617_670_983_2e-14);
            let near_one = Real::from(1.0 - 1e-10).ln_of_part(Real::from(1e-10), precision);
            close(near_one, precision, -1.000_000_000_05e-10, -3.390_179_988_788_460_6e-27);
        }
    }

    #[test]
    fn short_functions_agree_with_the_long_ones_everywhere() {
        let relative = |short: Real, long: Real| ((short - long).value() / long.value()).abs();
        let mut largest = 0.0_f64;
        for i in 1..4000 {
            let x = f64::from(i) / 4096.0;
            // Mantissas from 1/2 to 2, logarithms of numbers near 1 among them, and exponents up to 700.
            for x in [0.5 + x / 2.0, 1.0 + x, 1.0 + 1e-7 * x] {
                let x = Real { hi: x, lo: x * 3e-17 };
                largest = largest.max(relative(x.ln(Single), x.ln(Double)));
                let rest = x.scaled(0.25);
                let of = |precision| rest.rest().ln_of_part(rest, precision);
                largest = largest.max(relative(of(Single), of(Double)));
            }
            for x in [x, -x, 700.0 * x, -30.0 * x, 1e-9 * x] {
                let x = Real { hi: x, lo: x * 3e-17 };
                largest = largest.max(relative(x.expm1(Single), x.expm1(Double)));
                let of = |precision| Real::ONE.times_exp(x, precision);
                largest = largest.max(relative(of(Single), of(Double)));
            }
        }
        assert!(largest < 2.0_f64.powi(-58), "{largest:e}");
    }

    #[test]
    fn root_and_sine() {
        close(Real::from(0.3).sqrt(), Double, 0.547_722_557_505_166_1, 2.890_126_723_719_787e-17);
        for precision in [Single, Quick, Double] {
            let squared = Real::from(0.3).sin_squared_half_pi(precision);
            close(squared, precision, 0.20610737385376343, -1.0141349026075018e-17);
            let squared = Real::from(0.5).sin_squared_half_pi(precision);
            close(squared, precision, 0.5, 0.0);
        }
    }
}
