//! What a range test has found.

use alloc::vec::Vec;
use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::test::{Growth, RangeTest};
use crate::schedule::Short;

/// The loss over the learning rate: what a [`RangeTest`] has found.
///
/// Plain data, serde in and out; what is read is checked against the rules of its test. Its text says how the test ended and
/// what the three ways to read it suggest.
///
/// ```
/// use sched_core::{RangeCurve, RangeEnd, RangeTest};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut recorder = RangeTest::new(1e-4, 1.0, 5).beta(0.0).start()?;
/// for loss in [1.0, 0.5, 0.25, 9.0] {
///     recorder.record(loss);
/// }
/// let curve = recorder.finish();
/// assert_eq!(curve.end(), RangeEnd::Diverged);
/// assert_eq!(curve.points()[2].lr, 0.01);
/// assert!(curve.to_string().starts_with("range test, exponential 1e-4 to 1 over 5 steps: diverged at step 3, lr 0.1"));
///
/// let json = serde_json::to_string(&curve)?;
/// assert_eq!(serde_json::from_str::<RangeCurve>(&json)?, curve);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct RangeCurve {
    test: RangeTest,
    points: Vec<RangePoint>,
    end: RangeEnd,
}

/// One mini-batch of a range test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RangePoint {
    /// Its number, from 0.
    pub step: u64,
    /// The learning rate that it was trained with.
    pub lr: f64,
    /// Its loss, before the update with that rate.
    pub loss: f64,
    /// The smoothed loss.
    pub smoothed: f64,
}

/// How a range test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RangeEnd {
    /// It reached the highest rate.
    Completed,
    /// The smoothed loss exceeded `diverge_factor` times its best; the last point is the one that did.
    Diverged,
    /// A loss was NaN or infinite; it came after the last point.
    NotFinite,
    /// It was not run to its end.
    Interrupted,
}

impl RangeCurve {
    pub(crate) fn new(test: RangeTest, points: Vec<RangePoint>, end: RangeEnd) -> Self {
        Self { test, points, end }
    }

    /// The test.
    pub fn test(&self) -> &RangeTest {
        &self.test
    }

    /// The mini-batches in order, all with finite losses.
    pub fn points(&self) -> &[RangePoint] {
        &self.points
    }

    /// How the test ended.
    pub fn end(&self) -> RangeEnd {
        self.end
    }

    /// The point with the lowest smoothed loss, the first of several; `None` if there are no points.
    pub fn best(&self) -> Option<&RangePoint> {
        // Of equal ones `min_by` takes the first.
        self.points.iter().min_by(|a, b| a.smoothed.total_cmp(&b.smoothed))
    }

    /// The first way in which a curve that was read does not follow from its test.
    fn contradiction(&self) -> Option<&'static str> {
        let Ok(mut recorder) = self.test.start() else { return Some("`test` must be valid") };
        for (step, point) in (0..).zip(&self.points) {
            if recorder.next_lr().is_none() {
                return Some("`points` must stop where the test does");
            }
            let _ = recorder.record(point.loss);
            let Some(expected) = recorder.points().get(step) else { return Some("`loss` must be finite") };
            if point.step != expected.step {
                return Some("`step` must count from 0");
            }
            if !near(point.lr, expected.lr) {
                return Some("`lr` must be the rate that the test has at that step");
            }
            if !near(point.smoothed, expected.smoothed) {
                return Some("`smoothed` must be the losses' running mean by the test's `beta`");
            }
        }
        let ended = recorder.finish().end;
        let follows = match self.end {
            RangeEnd::Completed | RangeEnd::Diverged => self.end == ended,
            RangeEnd::NotFinite | RangeEnd::Interrupted => ended == RangeEnd::Interrupted,
        };
        if follows { None } else { Some("`end` must be how the test ends with these losses") }
    }
}

/// Equal but for the rounding of a text format.
fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs()
}

impl Serialize for RangeCurve {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RangeCurve::serialize(self, serializer) // the derived one
    }
}

impl<'de> Deserialize<'de> for RangeCurve {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let curve = RangeCurve::deserialize(deserializer)?; // the derived one
        match curve.contradiction() {
            None => Ok(curve),
            Some(rule) => Err(D::Error::custom(format_args!("no curve of its test: {rule}"))),
        }
    }
}

/// How the test ended, and a line for each way to read the curve.
impl fmt::Display for RangeCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "range test, {}: ", self.test)?;
        match (self.end, self.points.last()) {
            (RangeEnd::Completed, _) => f.write_str("completed")?,
            (RangeEnd::Diverged, Some(last)) => {
                write!(f, "diverged at step {}, lr {}", last.step, Short(rounded(last.lr)))?;
            }
            (RangeEnd::NotFinite, last) => {
                write!(f, "loss not finite at step {}", last.map_or(0, |last| last.step + 1))?;
            }
            (RangeEnd::Interrupted | RangeEnd::Diverged, _) => {
                write!(f, "interrupted after {} steps", self.points.len())?;
            }
        }
        for (name, suggestion) in self.suggestions().named() {
            match suggestion {
                Ok(suggestion) => write!(f, "\n  {name}: {suggestion}")?,
                Err(none) => write!(f, "\n  {name}: none, because {none}")?,
            }
        }
        Ok(())
    }
}

/// `exponential 1e-7 to 10 over 100 steps`.
impl fmt::Display for RangeTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let growth = match self.growth {
            Growth::Exponential => "exponential",
            Growth::Linear => "linear",
        };
        write!(f, "{growth} {} to {} over {} steps", Short(self.min_lr), Short(self.max_lr), self.steps)
    }
}

/// To three digits, which is more than a range test tells.
pub(crate) fn rounded(x: f64) -> f64 {
    alloc::format!("{x:.2e}").parse().unwrap_or(x)
}
