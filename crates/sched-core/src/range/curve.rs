//! The loss over the learning rate.

use alloc::vec::Vec;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::recorder::{RangeEnd, RangePoint, RangeRecorder};
use super::test::RangeTest;
use crate::schedule::safe_error;

/// The loss over the learning rate: the result of a [`RangeTest`].
///
/// Plain data, serde in and out; a curve from a file must follow from its test. Printed, it says how the test ended and what
/// the three ways to read it suggest.
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

impl RangeRecorder {
    /// The curve; a test that is not over yet counts as [interrupted](RangeEnd::Interrupted).
    pub fn finish(self) -> RangeCurve {
        RangeCurve { test: self.test, points: self.points, end: self.end.unwrap_or(RangeEnd::Interrupted) }
    }
}

impl RangeCurve {
    /// The test that was run.
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
        // `min_by` takes the first of equal ones.
        self.points.iter().min_by(|a, b| a.smoothed.total_cmp(&b.smoothed))
    }

    /// The first thing in a curve from a file that does not follow from its test.
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
        let curve = RangeCurve::deserialize(deserializer).map_err(safe_error)?; // the derived one
        match curve.contradiction() {
            None => Ok(curve),
            Some(rule) => Err(D::Error::custom(format_args!("this is not the curve of its test: {rule}"))),
        }
    }
}
