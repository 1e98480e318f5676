//! Normalised decays: how a ramp gets from one rate to the other.
//!
//! Long, because a shape's words, range and formulas share a file, so that a new shape touches only this one.

use alloc::vec;
use alloc::vec::Vec;
use core::f64::consts::PI;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::digits::Short;
use super::error::{ScheduleError, within};
use super::reading::number;
use super::words::plain_reader;
use crate::exact::{Parted, Precision, Real};

/// How a [`Ramp`](crate::Ramp) gets from one rate to the other.
///
/// With `p` the progress from 0 to 1, a shape is a decay `s(p)` from `s(0) = 1` to `s(1) = 0`, and the ramp's rate is
/// `from * s + to * (1 - s)`. Both `s` and `1 - s` are computed to full relative precision, so a ramp to 0 is exact to
/// the last step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
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
    /// `1 - ln(1 + (r - 1) p) / ln(r)`, `1 < r <= 1e300`: fast at first, then ever slower; DeepSpeed's warmup `log`, run
    /// upwards. Over `r - 1` steps the rate is `ln(i + 1) / ln(r)` of the way up after `i` steps.
    Logarithmic(#[serde(deserialize_with = "number::logarithmic")] f64),
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
    /// `q / (a + (1 - a) q)` with `q = 1 - p`, `1e-9 <= a <= 1`: [`Shape::Rex`] with `a = 0.5`, linear with `a = 1`, and later and
    /// steeper the smaller `a` is; Axolotl's `rex` has `a = 0.1`.
    RexAlpha(#[serde(deserialize_with = "number::rex_alpha")] f64),
}

plain_reader! { Shape }

/// One of a shape's numbers: its field, its value, whether that is in range, and the range as the end of "must be ...".
type Number = (&'static str, f64, bool, &'static str);

impl Shape {
    /// The shape in words, and its numbers with their ranges.
    fn description(self) -> (&'static str, Vec<Number>) {
        match self {
            Self::Linear => ("linear", vec![]),
            Self::Cosine => ("cosine", vec![]),
            Self::CosinePower(k) => ("cosine-power", vec![("cosine_power", k, k >= 0.0, "0 or more")]),
            Self::Polynomial(k) => ("polynomial", vec![("polynomial", k, k >= 0.0, "0 or more")]),
            Self::Geometric => ("geometric", vec![]),
            Self::OneMinusSqrt => ("1-sqrt", vec![]),
            Self::OneMinusSquare => ("1-square", vec![]),
            Self::OneMinusPower(k) => ("1-power", vec![("one_minus_power", k, k > 0.0, "above 0")]),
            Self::ExpHalf => ("exp-half", vec![]),
            Self::ExpRatio(r) => ("exp-ratio", vec![("exp_ratio", r, r > 0.0 && r < 1.0, "above 0 and below 1")]),
            Self::Logarithmic(r) => {
                ("logarithmic", vec![("logarithmic", r, r > 1.0 && r <= 1e300, "above 1 and at most 1e300")])
            }
            Self::Tanh { lb, ub } => (
                "tanh",
                vec![
                    ("lb", lb, lb >= -1e3, "at least -1000"),
                    ("ub", ub, ub > lb && ub <= 1e3, "above `lb` and at most 1000"),
                ],
            ),
            Self::Rex => ("rex", vec![]),
            Self::RexAlpha(a) => ("rex", vec![("rex_alpha", a, (1e-9..=1.0).contains(&a), "between 1e-9 and 1")]),
        }
    }

    /// How far along the shape is at each point of the way. To be asked of the [`simplest`](Self::simplest) shape.
    #[inline(always)] // once for each precision
    pub(crate) fn weights(self, precision: Precision) -> Weights {
        let (log_ratio, half, height) = match self {
            Self::Logarithmic(r) => (Real::from(r).ln(precision), libm::sqrt(r), Real::ONE),
            Self::ExpRatio(r) => {
                let ln = |x: Real| x.ln(precision);
                (ln(Real::from(r)), ln(Real::from(r).plus(1.0).scaled(0.5)).hi, Real::ONE.div(Real::from(r).rest()))
            }
            _ => (Real::ZERO, 0.0, Real::ONE),
        };
        Weights { shape: self, precision, log_ratio, half, height }
    }

    /// [`weights`](Self::weights) of the shapes that take a few operations, to the precision of an `f64`.
    #[inline(always)]
    pub(crate) fn quick_weights(self, at: Progress) -> Option<(f64, f64)> {
        let (done, rest, steps) = (at.done.value(), at.rest.value(), at.steps);
        let (p, q) = (done / steps, rest / steps);
        let half_power = |part: Real, k| {
            let (base, halves) = (Parted::quotient(part, steps), halves(k).filter(|_| at.is_far_from_ends())?);
            Some(power_of_halves(base, halves))
        };
        match self.simplest() {
            Self::Linear => Some((q, p)),
            Self::Cosine => Some(WavePart::at(at).weights(at)),
            Self::Polynomial(k) => {
                let power = half_power(at.rest, k)?;
                Some((power.value(), power.rest_to_one()))
            }
            Self::OneMinusSqrt => {
                let root = libm::sqrt(p);
                Some((q / (1.0 + root), root))
            }
            Self::OneMinusSquare => Some((q * (1.0 + p), p * p)),
            Self::OneMinusPower(k) => {
                let power = half_power(at.done, k)?;
                Some((power.rest_to_one(), power.value()))
            }
            Self::Rex => Some((2.0 * q / (1.0 + q), p / (1.0 + q))),
            _ => None,
        }
    }

    /// Whether its numbers are so far from extreme that all on the way are, but for weights that say so.
    pub(crate) fn is_moderate(self) -> bool {
        match self {
            Self::ExpRatio(r) => r > 1e-300,
            Self::Tanh { lb, ub } => lb.abs().max(ub.abs()) < 300.0,
            _ => true,
        }
    }

    /// The same shape without a number, where it has one: the same curve is to have the same bits.
    pub(crate) fn simplest(self) -> Self {
        match self {
            Self::Polynomial(1.0) | Self::OneMinusPower(1.0) => Self::Linear,
            Self::CosinePower(1.0) => Self::Cosine,
            Self::OneMinusPower(0.5) => Self::OneMinusSqrt,
            Self::OneMinusPower(2.0) => Self::OneMinusSquare,
            Self::ExpRatio(0.5) => Self::ExpHalf,
            Self::RexAlpha(0.5) => Self::Rex,
            Self::RexAlpha(1.0) => Self::Linear,
            other => other,
        }
    }

    pub(crate) fn validate(self) -> Result<(), ScheduleError> {
        let (_, numbers) = self.description();
        numbers.into_iter().try_for_each(|(field, value, ok, rule)| within(field, value, ok, rule))
    }
}

/// `cosine`, `polynomial(0.9)`, `tanh(-7, 3)`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, numbers) = self.description();
        f.write_str(name)?;
        for (i, (_, value, ..)) in numbers.iter().enumerate() {
            write!(f, "{}{}", if i == 0 { "(" } else { ", " }, Short(*value))?;
        }
        f.write_str(if numbers.is_empty() { "" } else { ")" })
    }
}

/// Progress along a ramp: the steps before and after, each exact.
#[derive(Clone, Copy)]
pub(crate) struct Progress {
    pub(crate) done: Real,
    pub(crate) rest: Real,
    pub(crate) steps: f64,
}

impl Progress {
    /// Whether both parts of the way are so large that a power of either is known well from the other; else it takes logarithms.
    pub(crate) fn is_far_from_ends(self) -> bool {
        const NEAR: f64 = 1.0 / (1_u64 << 20) as f64;
        self.done.hi.min(self.rest.hi) > NEAR * self.steps
    }

    /// The parts of the way before and after, each to full relative precision: the smaller one is divided out.
    #[inline(always)]
    pub(crate) fn parts(self) -> (Real, Real) {
        if self.done <= self.rest {
            let p = self.done.over(self.steps);
            (p, p.rest())
        } else {
            let q = self.rest.over(self.steps);
            (q.rest(), q)
        }
    }

    /// [`parts`](Self::parts), without branches.
    #[inline(always)]
    pub(crate) fn quick_parts(self) -> (Real, Real) {
        let early = self.done <= self.rest;
        let small = if early { self.done } else { self.rest }.over(self.steps);
        let large = small.rest();
        if early { (small, large) } else { (large, small) }
    }
}

/// A weight and a power of two to multiply it by: alone it may be too small for an `f64`, times a huge rate it is not.
pub(crate) type Weight = (Real, i32);

/// The formulas of the shapes: [`at`](Self::at), with what does not change on the way.
pub(crate) struct Weights {
    shape: Shape,
    precision: Precision,
    /// The logarithm of a ratio, where it is half done, and the height of an exponential turned over.
    log_ratio: Real,
    half: f64,
    height: Real,
}

impl Weights {
    /// `s` and `1 - s`, each to full relative precision, for `p` and `q = 1 - p`.
    ///
    /// For [`Shape::Geometric`], whose way depends on its ends, those of a straight line.
    #[inline(always)] // so that a loop over one shape has nothing to choose
    pub(crate) fn at(&self, p: Real, q: Real) -> (Weight, Weight) {
        let Self { shape, precision, log_ratio, half, height } = *self;
        let plain = |s: Real, rest: Real| ((s, 0), (rest, 0));
        match shape {
            Shape::Linear | Shape::Geometric => plain(q, p),
            Shape::Cosine => {
                let (s, rest) = wave(p, q, precision);
                plain(s, rest)
            }
            Shape::CosinePower(_) | Shape::Polynomial(_) | Shape::OneMinusPower(_) => {
                self.of_power(self.log_power(p, q))
            }
            Shape::OneMinusSqrt => {
                let root = p.sqrt();
                plain(q.div(Real::ONE + root), root)
            }
            Shape::OneMinusSquare => plain(q.mul(Real::ONE + p), p.mul(p)),
            Shape::ExpHalf if p <= q => {
                let rest = (-p).exp2m1(precision).scaled(-2.0);
                plain(rest.rest(), rest)
            }
            Shape::ExpHalf => {
                let s = q.exp2m1(precision);
                plain(s, s.rest())
            }
            Shape::ExpRatio(r) => {
                let (done, left) = (p.mul(log_ratio), -q.mul(log_ratio));
                // The smaller of the two is computed, the other one follows; near the end from what is left.
                let (early, at_end) = (done.hi >= half, left.hi < 1.0);
                let exponent = if !early && at_end { left } else { done };
                let ((near_one, twos), fallen) = exponent.exp_and_rest(precision);
                let above = near_one.scaled_by_twos(twos, precision).plus(-r);
                let late = if at_end { (-fallen).times(r) } else { above };
                let small = if early { fallen } else { late }.mul(height);
                let large = small.rest();
                if early { plain(large, small) } else { plain(small, large) }
            }
            Shape::Logarithmic(r) => {
                let way = Real::from(r).plus(-1.0);
                let done = p.mul(way);
                let whole = done.plus(1.0);
                // The smaller part is computed, the other one follows: `r / whole` is what is left to multiply by.
                let early = whole.hi <= half;
                let more = if early { done } else { q.mul(way).div(whole) };
                let small = more.plus(1.0).ln_of_part(-more, precision).div(log_ratio);
                let large = small.rest();
                if early { plain(large, small) } else { plain(small, large) }
            }
            Shape::Tanh { lb, ub } => {
                // e^-|2x| is at most 1, and so cannot overflow.
                let x = p.mul(Real::from(ub) - Real::from(lb)).plus(lb).scaled(2.0);
                let falling = x.hi > 0.0;
                let ((near_one, twos), _) = if falling { -x } else { x }.exp_and_rest(precision);
                let small = near_one.div(Real::ONE + near_one.scaled_by_twos(twos, precision));
                let large = small.scaled_by_twos(twos, precision).rest();
                if falling { ((small, twos), (large, 0)) } else { ((large, 0), (small, twos)) }
            }
            Shape::Rex => plain(q.scaled(2.0).div(Real::ONE + q), p.div(Real::ONE + q)),
            Shape::RexAlpha(a) => {
                let fallen = p.times(a);
                plain(q.div(q + fallen), fallen.div(q + fallen))
            }
        }
    }

    /// The logarithm of a shape's power, `base^k`; 0 if it is no power.
    #[inline(always)]
    pub(crate) fn log_power(&self, p: Real, q: Real) -> Real {
        let (base, rest, k) = match self.shape {
            Shape::CosinePower(k) => {
                let (base, rest) = wave(p, q, self.precision);
                (base, rest, k)
            }
            Shape::Polynomial(k) => (q, p, k),
            Shape::OneMinusPower(k) => (p, q, k),
            _ => return Real::ZERO,
        };
        base.ln_of_part(rest, self.precision).exponent(k, self.precision)
    }

    /// The weights of a shape that is a power, from its logarithm.
    #[inline(always)]
    pub(crate) fn of_power(&self, log: Real) -> (Weight, Weight) {
        let (power, rest) = log.exp_and_rest(self.precision);
        if matches!(self.shape, Shape::OneMinusPower(_)) { ((rest, 0), power) } else { (power, (rest, 0)) }
    }
}

/// A part of the wave, with one formula for all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WavePart {
    /// The first half.
    pub(crate) early: bool,
    /// Nearer to an end than to the middle.
    pub(crate) near_end: bool,
}

impl WavePart {
    pub(crate) fn at(at: Progress) -> Self {
        let (done, rest) = (at.done.value(), at.rest.value());
        let early = done <= rest;
        Self { early, near_end: 3.0 * if early { done } else { rest } < at.steps }
    }

    /// `(1 + cos(pi p)) / 2` and the rest to 1. One of the two is at most 1/2: that one is computed, the other follows.
    ///
    /// Between the nearer end and the middle the smaller weight is `(1 - cos(pi t / steps)) / 2`: as a square near the end,
    /// from the middle near the middle, where it is exactly 1/2.
    #[inline(always)]
    pub(crate) fn weights(self, at: Progress) -> (f64, f64) {
        let t = if self.early { at.done } else { at.rest }.value();
        let sine = sine(PI / at.steps * if self.near_end { 0.5 * t } else { 0.5 * at.steps - t });
        let small = if self.near_end { sine * sine } else { 0.5 - 0.5 * sine };
        let large = 1.0 - small;
        if self.early { (large, small) } else { (small, large) }
    }
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

/// [`WavePart::weights`], to more bits.
#[inline(always)]
fn wave(p: Real, q: Real, precision: Precision) -> (Real, Real) {
    let small = if p <= q { p } else { q }.sin_squared_half_pi(precision);
    if p <= q { (small.rest(), small) } else { (small, small.rest()) }
}

/// `2 k`, if that is a small whole number, so that the power takes a few multiplications and perhaps a root.
pub(crate) fn halves(k: f64) -> Option<u32> {
    let halves = 2.0 * k;
    (halves <= 32.0 && f64::from(halves as u32) == halves).then_some(halves as u32)
}

/// `base^(halves / 2)`.
#[inline(always)]
fn power_of_halves(base: Parted, halves: u32) -> Parted {
    let whole = (halves / 2).checked_ilog2().map(|highest| {
        (0..highest).rev().fold(base, |power, bit| {
            let square = power.mul(power);
            if ((halves / 2) >> bit) & 1 == 1 { square.mul(base) } else { square }
        })
    });
    let root = || base.sqrt_near(libm::sqrt(base.value()));
    match (whole, halves % 2) {
        (Some(whole), 0) => whole,
        (Some(whole), _) => whole.mul(root()),
        (None, 0) => Parted::ONE,
        (None, _) => root(),
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn a_shape_is_said_with_its_numbers() {
        assert_eq!(Shape::Cosine.to_string(), "cosine");
        assert_eq!(Shape::Polynomial(0.9).to_string(), "polynomial(0.9)");
        assert_eq!(Shape::Tanh { lb: -7.0, ub: 3.0 }.to_string(), "tanh(-7, 3)");
    }

    #[test]
    fn the_quick_ways_agree_with_the_precise_ones() {
        let mut largest = 0.0_f64;
        let mut compare = |quick: f64, (precise, twos): Weight| {
            let precise = precise.times_power_of_two(twos);
            largest = largest.max(((Real::from(quick) - precise).value() / precise.value()).abs());
        };
        for i in 1..100_000_u64 {
            let (done, steps) = (Real::from_step((i * 2_654_435_761) % 4_294_967_291), 4_294_967_296.0 / 1.3);
            let rest = Real::from(steps) - done;
            if rest.value() <= 0.0 {
                continue;
            }
            let at = Progress { done, rest, steps };
            let (p, q) = (done.over(steps), rest.over(steps));
            use Shape::*;
            let shapes = [
                Linear,
                Cosine,
                OneMinusSqrt,
                OneMinusSquare,
                Rex,
                Polynomial(1.5),
                Polynomial(16.0),
                Polynomial(7.5),
                OneMinusPower(3.0),
            ];
            for shape in shapes {
                let (s, more) = shape.quick_weights(at).unwrap();
                let (precise_s, precise_more) = shape.weights(Precision::Double).at(p, q);
                compare(s, precise_s);
                compare(more, precise_more);
            }
        }
        assert!(largest < 9e-16, "{largest:e}");
    }
}
