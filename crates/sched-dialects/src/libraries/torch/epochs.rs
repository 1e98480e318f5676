//! Numbers of epochs that need not be whole, though PyTorch's schedulers only ever compare them with whole ones.

use sched_core::Value;

use crate::declare::{FromValue, Numbers};

/// A number of epochs, 0 or more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Epochs {
    Whole(u64),
    Fraction(f64),
}

impl Epochs {
    pub(super) fn whole(self) -> Option<u64> {
        if let Self::Whole(epochs) = self { Some(epochs) } else { None }
    }

    pub(super) fn value(self) -> f64 {
        match self {
            Self::Whole(epochs) => epochs as f64,
            Self::Fraction(epochs) => epochs,
        }
    }

    /// The last epoch that is not past it.
    pub(super) fn last(self) -> u64 {
        match self {
            Self::Whole(epochs) => epochs,
            Self::Fraction(epochs) => epochs as u64,
        }
    }

    /// The least whole number of epochs above 0 that is a multiple of it; 0 if it is 0.
    pub(super) fn least_whole_multiple(self) -> u64 {
        match self {
            Self::Whole(epochs) => epochs,
            Self::Fraction(mut epochs) => {
                while epochs.fract() != 0.0 {
                    epochs *= 2.0; // exact, and at most 2^53 in the end
                }
                epochs as u64
            }
        }
    }
}

impl FromValue for Epochs {
    const MAY_BE_FRACTION: bool = true;

    fn expected(many: bool) -> String {
        if many { "numbers, 0 or more" } else { "a number, 0 or more" }.to_owned()
    }

    fn from_value(value: &Value, group: usize) -> Option<Self> {
        u64::from_value(value, group).map(Self::Whole).or_else(|| {
            let epochs = f64::from_value(value, group)?;
            (epochs > 0.0 && epochs.fract() != 0.0).then_some(Self::Fraction(epochs))
        })
    }
}

impl Numbers for Epochs {
    fn all(&self, holds: fn(f64) -> bool) -> bool {
        holds(self.value())
    }
}
