//! Three ways to read a learning rate off a range test.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::curve::{RangeCurve, RangeEnd, RangePoint, rounded};
use crate::schedule::Short;

/// As fastai: the first losses are not smooth yet, and the last ones have diverged or are about to.
const SKIPPED_AT_END: usize = 5;
const FEWEST_POINTS: usize = 2;

/// A learning rate that a range test suggests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Suggestion {
    /// The learning rate, within the tested range.
    pub lr: f64,
    /// The step of the test that it was read off.
    pub step: u64,
    /// Why, in words.
    pub reason: String,
}

/// Why a range test suggests no learning rate in one of the ways to read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoSuggestion {
    /// Too few points are left when the first tenth of the test and the last 5 points are not looked at.
    TooFewPoints {
        /// How many points there are.
        points: u64,
        /// How many are needed.
        needed: u64,
    },
    /// The smoothed loss never fell.
    NeverFell,
    /// The smoothed loss is lowest at the first point that was looked at.
    MinimumAtStart {
        /// The rate there.
        lr: f64,
    },
    /// The suggested rate is below the tested range.
    BelowRange {
        /// The rate.
        lr: f64,
        /// The lowest rate that was tested.
        min_lr: f64,
    },
}

/// What each way to read a range test suggests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Suggestions {
    /// By [`RangeCurve::suggest_steepest`].
    pub steepest: Result<Suggestion, NoSuggestion>,
    /// By [`RangeCurve::suggest_valley`].
    pub valley: Result<Suggestion, NoSuggestion>,
    /// By [`RangeCurve::suggest_minimum`].
    pub minimum: Result<Suggestion, NoSuggestion>,
}

impl Suggestions {
    /// Each with its name, for a list or a picture.
    pub fn named(&self) -> [(&'static str, &Result<Suggestion, NoSuggestion>); 3] {
        [("steepest", &self.steepest), ("valley", &self.valley), ("minimum", &self.minimum)]
    }
}

/// Ways to read a learning rate off the curve. As fastai, they look at the smoothed loss without the first tenth of the test
/// (`steps / 10` points) and without the last 5 points.
impl RangeCurve {
    /// Where the loss falls fastest over the logarithm of the rate: the least `(s(t + 1) - s(t)) / (ln lr(t + 1) - ln lr(t))`,
    /// the first of several; fastai's `steep`. PyTorch Lightning divides by the difference of the rates themselves.
    /// Where batches differ much, the first losses are the least smooth and may decide; the valley is sturdier.
    ///
    /// # Errors
    ///
    /// There are too few points, or the loss never falls.
    pub fn suggest_steepest(&self) -> Result<Suggestion, NoSuggestion> {
        let points = self.looked_at()?;
        let mut steepest: Option<(f64, &RangePoint)> = None;
        for pair in points.windows(2) {
            let slope = (pair[1].smoothed - pair[0].smoothed) / libm::log(pair[1].lr / pair[0].lr);
            // Rates so close together that they are equal have no slope.
            if slope.is_finite() && slope < steepest.map_or(0.0, |(steepest, _)| steepest) {
                steepest = Some((slope, &pair[0]));
            }
        }
        let (slope, point) = steepest.ok_or(NoSuggestion::NeverFell)?;
        let fall = Short(rounded(-slope * core::f64::consts::LN_10));
        let reason = format!("the loss falls fastest there, by {fall} per tenfold rate");
        Ok(Suggestion { lr: point.lr, step: point.step, reason })
    }

    /// In the middle of the longest valley; fastai's `valley`, its default.
    ///
    /// The valley ends at the point `e` where the longest chain of ever lower losses ends (they need not be neighbours; of
    /// several, the one that ends first). With `n` losses in the chain the rate is that of point `e - n + n / 3 + n / 6` (whole
    /// divisions), or of the first one that is looked at if that is before it. fastai's documentation calls that two thirds
    /// through the valley; this follows its code.
    ///
    /// # Errors
    ///
    /// There are too few points, or the loss never falls.
    pub fn suggest_valley(&self) -> Result<Suggestion, NoSuggestion> {
        let points = self.looked_at()?;
        let (end, length) = longest_decreasing(points);
        if length < 2 {
            return Err(NoSuggestion::NeverFell);
        }
        let point = &points[(end + length / 3 + length / 6).saturating_sub(length)];
        let bottom = Short(rounded(points[end].lr));
        let reason = format!("it is in the middle of the longest valley, {length} ever lower losses up to lr {bottom}");
        Ok(Suggestion { lr: point.lr, step: point.step, reason })
    }

    /// A tenth of the rate with the lowest loss, the first of several; fastai's `minimum`.
    ///
    /// # Errors
    ///
    /// There are too few points, the loss is lowest at the first one, or a tenth of its rate is below the tested range.
    pub fn suggest_minimum(&self) -> Result<Suggestion, NoSuggestion> {
        let points = self.looked_at()?;
        let mut lowest = &points[0];
        for point in points {
            if point.smoothed < lowest.smoothed {
                lowest = point;
            }
        }
        if lowest.step == points[0].step {
            return Err(NoSuggestion::MinimumAtStart { lr: lowest.lr });
        }
        let lr = lowest.lr / 10.0;
        if lr < self.test().min_lr {
            return Err(NoSuggestion::BelowRange { lr, min_lr: self.test().min_lr });
        }
        let still = if self.end() == RangeEnd::Completed && lowest.step == points[points.len() - 1].step {
            ", where the loss was still falling when the test ended"
        } else {
            ""
        };
        let (at, loss) = (Short(rounded(lowest.lr)), Short(rounded(lowest.smoothed)));
        let reason = format!("it is a tenth of {at}, which has the lowest loss, {loss}{still}");
        Ok(Suggestion { lr, step: lowest.step, reason })
    }

    /// All three.
    pub fn suggestions(&self) -> Suggestions {
        Suggestions {
            steepest: self.suggest_steepest(),
            valley: self.suggest_valley(),
            minimum: self.suggest_minimum(),
        }
    }

    /// The points that a suggestion is read off: two at least.
    fn looked_at(&self) -> Result<&[RangePoint], NoSuggestion> {
        let skipped = usize::try_from(self.test().steps() / 10).unwrap_or(usize::MAX);
        let end = self.points().len().saturating_sub(SKIPPED_AT_END);
        match self.points().get(skipped..end) {
            Some(points) if points.len() >= FEWEST_POINTS => Ok(points),
            _ => Err(NoSuggestion::TooFewPoints {
                points: self.points().len() as u64,
                needed: (skipped as u64).saturating_add((SKIPPED_AT_END + FEWEST_POINTS) as u64),
            }),
        }
    }
}

/// Where the longest chain of ever lower losses ends, and how many losses are in it; of several, the one that ends first.
fn longest_decreasing(points: &[RangePoint]) -> (usize, usize) {
    // `highest_ends[n]` is the highest loss that a chain of n + 1 losses ends with so far; they go down with n.
    let mut highest_ends: Vec<f64> = Vec::new();
    let (mut end, mut length) = (0, 0);
    for (i, point) in points.iter().enumerate() {
        let before = highest_ends.partition_point(|&end| end > point.smoothed);
        match highest_ends.get_mut(before) {
            Some(end) => *end = point.smoothed,
            None => highest_ends.push(point.smoothed),
        }
        if before + 1 > length {
            (end, length) = (i, before + 1);
        }
    }
    (end, length)
}

/// `3.16e-3 (the loss falls fastest there, by 0.4 per tenfold rate)`.
impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", Short(rounded(self.lr)), self.reason)
    }
}

impl fmt::Display for NoSuggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewPoints { points, needed } => write!(
                f,
                "there are {points} points, but {needed} are needed; test more steps, or a lower `max_lr` if the loss \
                 diverged early"
            ),
            Self::NeverFell => f.write_str(
                "the smoothed loss never falls; test lower rates, or look for what keeps the model from learning",
            ),
            Self::MinimumAtStart { lr } => write!(
                f,
                "the smoothed loss is lowest at the first rate looked at, {}; test lower rates",
                Short(rounded(*lr))
            ),
            Self::BelowRange { lr, min_lr } => write!(
                f,
                "it would be {}, but must be at least `min_lr`, {}; test lower rates",
                Short(rounded(*lr)),
                Short(rounded(*min_lr))
            ),
        }
    }
}

impl core::error::Error for NoSuggestion {}
