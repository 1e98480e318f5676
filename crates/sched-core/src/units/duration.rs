//! Times in the units that people think in.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};
use thiserror::Error;

use crate::schedule::{Short, line};

/// A length of time, or a point in time counted from the start of the run: a number and its [`Unit`].
///
/// Written as `500 steps`, `5 epochs`, `10 %`, `1e6 samples` or `2e9 tokens`; a bare number counts steps. The number is
/// finite and 0 or more. A [`Plan`](crate::Plan) turns a duration into steps.
///
/// ```
/// use sched_core::{Duration, Unit};
///
/// # fn main() -> Result<(), sched_core::DurationError> {
/// let warmup: Duration = "5 epochs".parse()?;
/// assert_eq!((warmup.value(), warmup.unit()), (5.0, Unit::Epochs));
/// assert_eq!("10%".parse::<Duration>()?.to_string(), "10 %");
/// assert!("5 fortnights".parse::<Duration>().is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Duration {
    value: f64,
    unit: Unit,
}

/// What a [`Duration`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Optimizer updates.
    Steps,
    /// Passes through the training data.
    Epochs,
    /// Hundredths of the whole run.
    Percent,
    /// Training items.
    Samples,
    /// Tokens: samples times the length of the sequence.
    Tokens,
}

/// Why a text or a number is not a [`Duration`].
#[derive(Clone, Debug, PartialEq, Error)]
#[error(
    "`{}` is not a duration; write a finite number, 0 or more, and one of `steps`, `epochs`, `%`, `samples`, `tokens`",
    line(text)
)]
#[non_exhaustive]
pub struct DurationError {
    /// What was given.
    pub text: String,
}

impl Duration {
    pub(crate) const ONE_EPOCH: Self = Self { value: 1.0, unit: Unit::Epochs };
    pub(crate) const WHOLE_RUN: Self = Self { value: 100.0, unit: Unit::Percent };

    /// `value` times the unit.
    ///
    /// # Errors
    ///
    /// `value` is negative or not finite.
    pub fn new(value: f64, unit: Unit) -> Result<Self, DurationError> {
        if value.is_finite() && value >= 0.0 {
            Ok(Self { value, unit })
        } else {
            Err(DurationError { text: alloc::format!("{value} {unit}") })
        }
    }

    /// The number.
    pub fn value(self) -> f64 {
        self.value
    }

    /// The unit.
    pub fn unit(self) -> Unit {
        self.unit
    }
}

/// A number of steps.
impl From<u64> for Duration {
    fn from(steps: u64) -> Self {
        Self { value: steps as f64, unit: Unit::Steps }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Steps => "steps",
            Self::Epochs => "epochs",
            Self::Percent => "%",
            Self::Samples => "samples",
            Self::Tokens => "tokens",
        })
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Short(self.value), self.unit)
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        // The unit is the letters at the end: none in `1e6`, `epochs` in `5epochs`.
        let number = text.trim_end().trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
        let unit = match text[number.len()..].trim_end() {
            "" | "step" | "steps" => Some(Unit::Steps),
            "epoch" | "epochs" => Some(Unit::Epochs),
            "%" | "percent" => Some(Unit::Percent),
            "sample" | "samples" => Some(Unit::Samples),
            "token" | "tokens" => Some(Unit::Tokens),
            _ => None,
        };
        number
            .trim()
            .parse()
            .ok()
            .zip(unit)
            .and_then(|(value, unit)| Self::new(value, unit).ok())
            .ok_or_else(|| DurationError { text: text.to_owned() })
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DurationVisitor;

        impl Visitor<'_> for DurationVisitor {
            type Value = Duration;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration such as \"500 steps\", \"5 epochs\", \"10 %\", or a number of steps")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, steps: u64) -> Result<Duration, E> {
                Ok(steps.into())
            }

            fn visit_i64<E: de::Error>(self, steps: i64) -> Result<Duration, E> {
                self.visit_f64(steps as f64)
            }

            fn visit_f64<E: de::Error>(self, steps: f64) -> Result<Duration, E> {
                Duration::new(steps, Unit::Steps).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(DurationVisitor)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::{Duration, Unit};

    #[test]
    fn texts_and_durations_go_both_ways() {
        for (text, value, unit, printed) in [
            ("500 steps", 500.0, Unit::Steps, "500 steps"),
            ("500", 500.0, Unit::Steps, "500 steps"),
            ("1e4", 1e4, Unit::Steps, "10000 steps"),
            (" 5epochs ", 5.0, Unit::Epochs, "5 epochs"),
            ("1 epoch", 1.0, Unit::Epochs, "1 epochs"),
            ("12.5%", 12.5, Unit::Percent, "12.5 %"),
            ("3 percent", 3.0, Unit::Percent, "3 %"),
            ("1e6 samples", 1e6, Unit::Samples, "1000000 samples"),
            ("2e9tokens", 2e9, Unit::Tokens, "2e9 tokens"),
            ("0 steps", 0.0, Unit::Steps, "0 steps"),
        ] {
            let duration: Duration = text.parse().unwrap();
            assert_eq!(duration, Duration::new(value, unit).unwrap(), "{text}");
            assert_eq!(duration.to_string(), printed);
            assert_eq!(printed.parse::<Duration>().unwrap(), duration);
            assert_eq!(serde_json::from_value::<Duration>(printed.into()).unwrap(), duration);
            assert_eq!(serde_json::to_value(duration).unwrap(), printed);
        }
        assert_eq!(serde_json::from_str::<Duration>("12").unwrap(), 12.into());
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in
            ["", "steps", "five epochs", "5 fortnights", "-1 steps", "1e999", "inf", "NaN epochs", "5 %%", "1 2 steps"]
        {
            let error = text.parse::<Duration>().unwrap_err();
            assert!(error.to_string().contains(&std::format!("`{text}`")), "{error}");
        }
        for json in ["-1", "-0.5", "true", "\"5 fortnights\""] {
            assert!(serde_json::from_str::<Duration>(json).is_err(), "{json}");
        }
    }
}
