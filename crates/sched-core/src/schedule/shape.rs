//! Normalised decays: how a ramp gets from one rate to the other.

use core::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::error::{ScheduleError, within};
use super::reading::number;
use crate::exact::Real;

/// How a [`Ramp`](crate::Ramp) gets from one rate to the other.
///
/// With `p` the progress from 0 to 1, a shape is a decay `s(p)` from `s(0) = 1` to `s(1) = 0`, and the ramp's rate is
/// `from * s + to * (1 - s)`. Both `s` and `1 - s` are computed to full relative precision, so a ramp to 0 is exact to
/// the last step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shape {
    /// `1 - p`.
    #[default]
    Linear,
    /// `(1 + cos(pi p)) / 2`. Loshchilov and Hutter 2017, SGDR, arXiv 1608.03983.
    Cosine,
    /// `((1 + cos(pi p)) / 2)^k`, `k >= 0`; optax's `exponent`.
    CosinePower(#[serde(deserialize_with = "number::cosine_power")] f64),
    /// `(1 - p)^k`, `k >= 0`.
    Polynomial(#[serde(deserialize_with = "number::polynomial")] f64),
    /// `(to / from)^p` between two rates above 0: equal ratios in equal times. It cannot reach 0.
    Geometric,
    /// `1 - sqrt(p)`: the cooldown of WSD. Hägele et al. 2024, arXiv 2405.18392.
    OneMinusSqrt,
    /// `1 - p^2`.
    OneMinusSquare,
    /// `1 - p^k`, `k > 0`: [`Shape::Polynomial`] run backwards.
    OneMinusPower(#[serde(deserialize_with = "number::one_minus_power")] f64),
    /// `2 * 0.5^p - 1`: half an exponential; Megatron's WSD decay `exponential`.
    ExpHalf,
    /// `(r^p - r) / (1 - r)`, `0 < r < 1`: an exponential to the fraction `r`, shifted so that it ends at 0; timm's WSD decay
    /// `exp`. With `r = 0.5` it is [`Shape::ExpHalf`].
    ExpRatio(#[serde(deserialize_with = "number::exp_ratio")] f64),
    /// `(1 - tanh(lb (1 - p) + ub p)) / 2`, from nearly 1 to nearly 0; timm has `lb = -7`, `ub = 3`.
    ///
    /// At `p = 0` it is `1 / (1 + e^(2 lb))` (1 - 8e-7 for timm's), at `p = 1` the ramp takes its end value, a small
    /// jump from `1 / (1 + e^(2 ub))` (0.0025 for timm's). Hsueh et al. 2018, arXiv 1806.01593.
    Tanh {
        /// The argument at the start, at least -1000 and below `ub`.
        #[serde(deserialize_with = "number::lb")]
        lb: f64,
        /// The argument at the end, at most 1000.
        #[serde(deserialize_with = "number::ub")]
        ub: f64,
    },
    /// `(1 - p) / (1 - p / 2)`. Chen et al. 2021, REX, arXiv 2107.04197.
    Rex,
}

/// Progress along a ramp: the parts before and after, each exact.
#[derive(Clone, Copy)]
pub(crate) struct Progress {
    pub(crate) done: Real,
    pub(crate) rest: Real,
    pub(crate) steps: f64,
}

impl Progress {
    /// The progress from 0 to 1.
    fn p(self) -> f64 {
        self.done.value() / self.steps
    }

    /// `1 - p`, to full relative precision.
    fn q(self) -> f64 {
        self.rest.value() / self.steps
    }

    fn p_real(self) -> Real {
        self.done.over(self.steps)
    }

    fn q_real(self) -> Real {
        self.rest.over(self.steps)
    }
}

impl Shape {
    pub(crate) fn validate(self) -> Result<(), ScheduleError> {
        match self {
            Self::CosinePower(k) => within("cosine_power", k, k >= 0.0, "0 or more"),
            Self::Polynomial(k) => within("polynomial", k, k >= 0.0, "0 or more"),
            Self::OneMinusPower(k) => within("one_minus_power", k, k > 0.0, "above 0"),
            Self::ExpRatio(r) => within("exp_ratio", r, r > 0.0 && r < 1.0, "above 0 and below 1"),
            Self::Tanh { lb, ub } => {
                within("lb", lb, lb >= -1e3, "at least -1000")?;
                within("ub", ub, ub > lb && ub <= 1e3, "above `lb` and at most 1000")
            }
            _ => Ok(()),
        }
    }

    /// `s` and `1 - s` for the shapes that take a few operations, to the precision of an `f64`.
    #[inline(always)]
    pub(crate) fn plain(self, done: f64, rest: f64, steps: f64) -> Option<(f64, f64)> {
        let (p, q) = (done / steps, rest / steps);
        match self {
            Self::Linear => Some((q, p)),
            Self::Cosine => Some(cosine(done, rest, steps)),
            Self::OneMinusSqrt => {
                let root = libm::sqrt(p);
                Some((q / (1.0 + root), root))
            }
            Self::OneMinusSquare => Some((q * (1.0 + p), p * p)),
            Self::Rex => Some((2.0 * q / (1.0 + q), p / (1.0 + q))),
            _ => None,
        }
    }

    /// Whether [`plain`](Self::plain) knows the shape.
    pub(crate) fn is_plain(self) -> bool {
        matches!(self, Self::Linear | Self::Cosine | Self::OneMinusSqrt | Self::OneMinusSquare | Self::Rex)
    }

    /// `s` and `1 - s` for the common shapes, to the precision of an `f64`.
    pub(crate) fn quick(self, at: Progress) -> Option<(f64, f64)> {
        match self {
            Self::Polynomial(k) => Some(quick_power(at.q_real(), at.p(), k)),
            Self::OneMinusPower(k) => {
                let (rest, s) = quick_power(at.p_real(), at.q(), k);
                Some((s, rest))
            }
            _ => self.plain(at.done.value(), at.rest.value(), at.steps),
        }
    }

    /// The rate on the way between two, to about 100 bits.
    pub(crate) fn mix(self, from: f64, to: f64, at: Progress) -> Real {
        let of = |rate: f64, (weight, twos): Weight| {
            let (mantissa, more) = libm::frexp(rate);
            weight.times(mantissa).times_power_of_two(twos + more)
        };
        let (p, q) = (at.p_real(), at.q_real());
        if self == Self::Geometric {
            let log_ratio = Real::from(to).ln() - Real::from(from).ln();
            return Real::from(from).times_exp(p.mul(log_ratio));
        }
        let (s, rest) = self.weights(p, q);
        (of(from, s) + of(to, rest)).saturated()
    }

    /// `s` and `1 - s` for `p` and `q = 1 - p`.
    fn weights(self, p: Real, q: Real) -> (Weight, Weight) {
        let plain = |s: Real, rest: Real| ((s, 0), (rest, 0));
        match self {
            Self::Linear | Self::Geometric => plain(q, p),
            Self::Cosine => {
                let (s, rest) = wave(p, q);
                plain(s, rest)
            }
            Self::CosinePower(k) => {
                let (base, rest) = wave(p, q);
                power(base, rest, k)
            }
            Self::Polynomial(k) => power(q, p, k),
            Self::OneMinusSqrt => {
                let root = p.sqrt();
                plain(q.div(Real::ONE + root), root)
            }
            Self::OneMinusSquare => plain(q.mul(Real::ONE + p), p.mul(p)),
            Self::OneMinusPower(k) => {
                let (rest, s) = power(p, q, k);
                (s, rest)
            }
            Self::ExpHalf => plain(q.exp2m1(), (Real::ZERO - p).exp2m1().scaled(-2.0)),
            Self::ExpRatio(r) => {
                let (log, to_end) = (Real::from(r).ln(), Real::ONE - Real::from(r));
                let left = Real::ZERO - q.mul(log);
                // Close to the end, the difference from it is computed instead of taken.
                let s =
                    if left.hi < 1.0 { left.expm1().times(r) } else { Real::ONE.times_exp(p.mul(log)) - Real::from(r) };
                plain(s.div(to_end), (Real::ZERO - p.mul(log).expm1()).div(to_end))
            }
            Self::Tanh { lb, ub } => {
                // e^-|2x| is at most 1, and so cannot overflow.
                let x = (q.times(lb) + p.times(ub)).scaled(2.0);
                let falling = x.hi > 0.0;
                let ((near_one, twos), _) = if falling { Real::ZERO - x } else { x }.exp_and_rest();
                let large = Real::ONE.div(Real::ONE + near_one.times_power_of_two(twos));
                let small = near_one.mul(large);
                if falling { ((small, twos), (large, 0)) } else { ((large, 0), (small, twos)) }
            }
            Self::Rex => plain(q.scaled(2.0).div(Real::ONE + q), p.div(Real::ONE + q)),
        }
    }
}

/// A weight and a power of two to multiply it by: alone it may be too small for an `f64`, times a huge rate it is not.
type Weight = (Real, i32);

/// `(1 + cos(pi p)) / 2` and the rest to 1. One of the two is at most 1/2: that one is computed, the other follows.
pub(crate) fn cosine(done: f64, rest: f64, steps: f64) -> (f64, f64) {
    cosine_part(done, rest, steps).weights(done, rest, steps)
}

/// A part of the wave, with one formula for all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CosinePart {
    /// The first half.
    pub(crate) early: bool,
    /// Nearer to an end than to the middle.
    pub(crate) near_end: bool,
}

/// The part of the wave where a step is.
pub(crate) fn cosine_part(done: f64, rest: f64, steps: f64) -> CosinePart {
    let early = done <= rest;
    let t = if early { done } else { rest };
    CosinePart { early, near_end: 3.0 * t < steps }
}

impl CosinePart {
    /// [`cosine`] in this part. Selections instead of branches, so that a loop over many steps computes several at once.
    ///
    /// Between the nearer end and the middle the smaller weight is `(1 - cos(pi t / steps)) / 2`: as a square near the end,
    /// from the middle near the middle, where it is exactly 1/2.
    #[inline(always)]
    pub(crate) fn weights(self, done: f64, rest: f64, steps: f64) -> (f64, f64) {
        let turn = PI / steps;
        let t = if self.early { done } else { rest };
        let sine = sine(turn * if self.near_end { 0.5 * t } else { 0.5 * steps - t });
        let small = if self.near_end { sine * sine } else { 0.5 - 0.5 * sine };
        let large = 1.0 - small;
        if self.early { (large, small) } else { (small, large) }
    }
}

/// `base^k` and `1 - base^k`, with `base + rest = 1`, to the precision of an `f64`.
fn quick_power(base: Real, rest: f64, k: f64) -> (f64, f64) {
    let power = base.powf(k);
    let log = || if rest <= 0.5 { libm::log1p(-rest) } else { libm::log(base.value()) };
    let complement = if power < 0.5 { 1.0 - power } else { -libm::expm1(k * log()) };
    (power, complement)
}

/// The sine of an angle up to pi / 4: the polynomial of fdlibm, to 0.6 units in the last place.
fn sine(x: f64) -> f64 {
    const S: [f64; 6] = [
        -1.666_666_666_666_663_2e-1,
        8.333_333_333_322_49e-3,
        -1.984_126_982_985_795e-4,
        2.755_731_370_707_006_8e-6,
        -2.505_076_025_340_686_3e-8,
        1.589_690_995_211_55e-10,
    ];
    let z = x * x;
    let r = S[1] + z * (S[2] + z * (S[3] + z * (S[4] + z * S[5])));
    x + (z * x) * (S[0] + z * r)
}

/// [`cosine`], to about 100 bits.
fn wave(p: Real, q: Real) -> (Real, Real) {
    let sine = if p <= q { p } else { q }.sin_half_pi();
    let small = sine.mul(sine);
    if p <= q { (Real::ONE - small, small) } else { (small, Real::ONE - small) }
}

/// `base^k` and `1 - base^k`, with `base + rest = 1`.
fn power(base: Real, rest: Real, k: f64) -> (Weight, Weight) {
    let (power, rest) = log_of(base, rest).exponent(k).exp_and_rest();
    (power, (rest, 0))
}

/// `ln(base)`, from the smaller of the two parts of 1.
pub(crate) fn log_of(base: Real, rest: Real) -> Real {
    if base <= rest { base.ln() } else { (Real::ZERO - rest).ln_1p() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_ways_agree_with_the_precise_ones() {
        let mut largest = 0.0_f64;
        for i in 1..200_000_u64 {
            let (done, steps) = ((i * 2_654_435_761) % 4_294_967_291, 4_294_967_296.0 / 1.3);
            let rest = Real::from(steps) - Real::from_step(done);
            if rest.value() <= 0.0 {
                continue;
            }
            let at = Progress { done: Real::from_step(done), rest, steps };
            let cases = [
                (Shape::Cosine, 0.1, 0.0),
                (Shape::Cosine, 0.0, 0.3),
                (Shape::Linear, 0.3, 1e-5),
                (Shape::OneMinusSqrt, 0.1, 0.0),
                (Shape::OneMinusSquare, 0.0, 0.1),
                (Shape::OneMinusSquare, 0.1, 0.0),
                (Shape::Rex, 0.1, 0.0),
                (Shape::Polynomial(0.9), 0.1, 0.0),
                (Shape::Polynomial(7.5), 0.1, 0.0),
                (Shape::Polynomial(7.5), 0.0, 0.1),
                (Shape::OneMinusPower(0.3), 0.1, 0.0),
                (Shape::OneMinusPower(0.001), 0.1, 0.0),
                (Shape::OneMinusPower(3.0), 0.0, 0.1),
            ];
            for (shape, from, to) in cases {
                let (s, rest) = shape.quick(at).unwrap();
                let quick = Real::from(from * s + to * rest);
                let precise = shape.mix(from, to, at);
                largest = largest.max(((quick - precise).value() / precise.value()).abs());
            }
        }
        assert!(largest < 9e-16, "{largest:e}");
    }
}
