//! Normalised decays: how a ramp gets from one rate to the other.

use core::f64::consts::{FRAC_PI_2, LN_2, PI};

use serde::{Deserialize, Serialize};

use crate::error::{ScheduleError, within};
use crate::real::Real;

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
    CosinePower(f64),
    /// `(1 - p)^k`, `k >= 0`.
    Polynomial(f64),
    /// `(to / from)^p` between two rates above 0: equal ratios in equal times. It cannot reach 0.
    Geometric,
    /// `1 - sqrt(p)`: the cooldown of WSD. Hägele et al. 2024, arXiv 2405.18392.
    OneMinusSqrt,
    /// `1 - p^2`.
    OneMinusSquare,
    /// `1 - p^k`, `k > 0`: [`Shape::Polynomial`] run backwards.
    OneMinusPower(f64),
    /// `2 * 0.5^p - 1`: half an exponential; Megatron's WSD decay `exponential`.
    ExpHalf,
    /// `(1 - tanh(lb (1 - p) + ub p)) / 2`, from nearly 1 to nearly 0; timm has `lb = -7`, `ub = 3`.
    ///
    /// At `p = 0` it is `1 / (1 + e^(2 lb))` (1 - 8e-7 for timm's), at `p = 1` the ramp takes its end value, a small
    /// jump from `1 / (1 + e^(2 ub))` (0.0025 for timm's). Hsueh et al. 2018, arXiv 1806.01593.
    Tanh {
        /// The argument at the start, at least -1000 and below `ub`.
        lb: f64,
        /// The argument at the end, at most 1000.
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
            Self::Tanh { lb, ub } => {
                within("lb", lb, lb >= -1e3, "at least -1000")?;
                within("ub", ub, ub > lb && ub <= 1e3, "above `lb` and at most 1000")
            }
            _ => Ok(()),
        }
    }

    /// `s` and `1 - s`. A geometric ramp is not a mixture of its ends, see [`geometric`].
    pub(crate) fn weights(self, at: Progress) -> (f64, f64) {
        match self {
            Self::Linear | Self::Geometric => (at.q(), at.p()),
            Self::Cosine => {
                // One of s and 1 - s is at most 1/2: compute that one, and the other from it.
                let (p, q) = (at.p(), at.q());
                if p <= q {
                    let small = half_wave(p);
                    (1.0 - small, small)
                } else {
                    let small = half_wave(q);
                    (small, 1.0 - small)
                }
            }
            Self::CosinePower(k) => {
                let sine = if at.p() <= at.q() { sin_half_pi(at.p_real()) } else { sin_half_pi(at.q_real()) };
                let small = sine.mul(sine);
                if at.p() <= at.q() {
                    let s = (Real::ONE - small).powf(k);
                    (s, one_minus_power_near_one(small.value(), k))
                } else {
                    let s = small.powf(k);
                    (s, if s < 0.5 { 1.0 - s } else { one_minus_power_near_one(1.0 - small.value(), k) })
                }
            }
            Self::Polynomial(k) => power(at.q_real(), at.p(), k),
            Self::OneMinusSqrt => swap(power(at.p_real(), at.q(), 0.5)),
            Self::OneMinusSquare => swap(power(at.p_real(), at.q(), 2.0)),
            Self::OneMinusPower(k) => swap(power(at.p_real(), at.q(), k)),
            Self::ExpHalf => (libm::expm1(at.q() * LN_2), -2.0 * libm::expm1(-at.p() * LN_2)),
            Self::Tanh { lb, ub } => {
                let x = (at.q_real().times(lb) + at.p_real().times(ub)).times(2.0);
                let rise = |x: Real| 1.0 / (1.0 + libm::exp(x.hi) * (1.0 + x.lo));
                (rise(x), rise(Real::ZERO - x))
            }
            Self::Rex => {
                let (p, q) = (at.p(), at.q());
                (2.0 * q / (1.0 + q), p / (1.0 + q))
            }
        }
    }
}

/// `(1 - cos(pi x)) / 2` for `0 <= x <= 1/2`: as a square near 0, from the middle near 1/2, where it is exactly 1/2.
fn half_wave(x: f64) -> f64 {
    if x < 1.0 / 3.0 {
        let sine = libm::sin(FRAC_PI_2 * x);
        sine * sine
    } else {
        0.5 - 0.5 * libm::sin(PI * (0.5 - x))
    }
}

fn swap((a, b): (f64, f64)) -> (f64, f64) {
    (b, a)
}

/// `base^k` and `1 - base^k`, with `base + rest = 1`.
fn power(base: Real, rest: f64, k: f64) -> (f64, f64) {
    let y = base.powf(k);
    let complement = if y < 0.5 { 1.0 - y } else { one_minus_power_near_one(rest, k) };
    (y, complement)
}

/// `1 - (1 - rest)^k`, for a result that may be near 0.
fn one_minus_power_near_one(rest: f64, k: f64) -> f64 {
    if rest >= 1.0 {
        return if k == 0.0 { 0.0 } else { 1.0 };
    }
    -libm::expm1(k * libm::log1p(-rest))
}

/// The rate of a geometric ramp, counted from the nearer end.
pub(crate) fn geometric(from: f64, to: f64, at: Progress) -> f64 {
    let (start, ratio, x) = if at.p() <= 0.5 { (from, to / from, at.p_real()) } else { (to, from / to, at.q_real()) };
    if ratio.is_normal() {
        start * x.exponent_of(ratio)
    } else {
        // 1e-300 to 1e300: the ratio does not exist, its root does.
        let root = if at.p() <= 0.5 { libm::sqrt(to) / libm::sqrt(from) } else { libm::sqrt(from) / libm::sqrt(to) };
        start * x.times(2.0).exponent_of(root)
    }
}

/// `sin(pi x / 2)` for `0 <= x <= 1/2`, to about 100 bits.
fn sin_half_pi(x: Real) -> Real {
    const HALF_PI: Real = Real { hi: FRAC_PI_2, lo: 6.123_233_995_736_766e-17 };
    let angle = HALF_PI.mul(x);
    let squared = angle.mul(angle);
    let mut term = angle;
    let mut sum = angle;
    for k in 1..14 {
        let n = f64::from(2 * k * (2 * k + 1));
        term = term.mul(squared).over(-n);
        sum = sum + term;
    }
    sum
}
