//! How a fractional number of steps is rounded.

use serde::{Deserialize, Serialize};

use crate::schedule::plain_reader;

/// How a duration becomes a whole number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rounding {
    /// To the nearest, halves up, and anything longer than 0 to at least 1; sched's own.
    Nearest,
    /// Up, as transformers does with `warmup_ratio`.
    Up,
    /// Down, perhaps to 0, as Composer and NeMo do.
    Down,
}

plain_reader! { Rounding }

impl Rounding {
    /// The whole number of steps for these.
    pub(super) fn whole(self, exact: f64) -> f64 {
        match self {
            Self::Nearest if exact > 0.0 => libm::round(exact).max(1.0),
            Self::Nearest => 0.0,
            Self::Up => libm::ceil(whole_nearby(exact)),
            Self::Down => libm::floor(whole_nearby(exact)),
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Nearest => "to the nearest",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// The whole number next to this one, if only the rounding of its own computation lies between them: 7 % of 100 steps are 7.
fn whole_nearby(steps: f64) -> f64 {
    let nearest = libm::round(steps);
    if (steps - nearest).abs() <= 4.0 * f64::EPSILON * nearest { nearest } else { steps }
}
