//! Three ways to choose a learning rate by a range test.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::curve::RangeCurve;
use super::recorder::{RangeEnd, RangePoint};
use crate::schedule::Short;

/// As in fastai: the last losses have diverged, or are about to.
const SKIPPED_AT_END: usize = 5;
const FEWEST_POINTS: usize = 2;

/// A learning rate that a range test suggests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Suggestion {
    /// The learning rate, within the tested range.
    pub lr: f64,
    /// The step of the test that it was read from.
    pub step: u64,
    /// Why, in words.
    pub reason: String,
}

/// Why a range test, read in one of the three ways, suggests no learning rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoSuggestion {
    /// Too few points are left without the first tenth of the test and the last 5 points.
    #[error(
        "there are {points} points, but {needed} are needed; test more steps, or a lower `max_lr` if the loss diverged early"
    )]
    TooFewPoints {
        /// How many points there are.
        points: u64,
        /// How many are needed.
        needed: u64,
    },
    /// The smoothed loss never fell.
    #[error("the smoothed loss never falls; test lower rates, or find out what keeps the model from learning")]
    NeverFell,
    /// The smoothed loss is lowest at the first point considered.
    #[error("the smoothed loss is lowest at the first rate considered, {}; test lower rates", Short(rounded(*.lr)))]
    MinimumAtStart {
        /// The rate there.
        lr: f64,
    },
    /// The suggested rate is below the tested range.
    #[error(
        "it would be {}, but must be at least `min_lr`, {}; test lower rates",
        Short(rounded(*.lr)), Short(rounded(*.min_lr))
    )]
    BelowRange {
        /// The rate.
        lr: f64,
        /// The lowest rate that was tested.
        min_lr: f64,
    },
}

/// What each of the three ways to read a range test suggests.
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
    /// The suggestions with their names, for a list or a plot.
    pub fn named(&self) -> [(&'static str, &Result<Suggestion, NoSuggestion>); 3] {
        [("steepest", &self.steepest), ("valley", &self.valley), ("minimum", &self.minimum)]
    }
}

/// Ways to read a learning rate from the curve. As in fastai, they consider the smoothed loss without the first tenth of the
/// test (`steps / 10` points), which is not smooth yet, and without the last 5 points.
impl RangeCurve {
    /// Where the loss falls fastest over the logarithm of the rate: the least `(s(t + 1) - s(t)) / (ln lr(t + 1) - ln lr(t))`,
    /// the first of several; fastai's `steep`. PyTorch Lightning divides by the difference of the rates themselves.
    /// If batches differ much, noise in the first losses may decide; the valley is more robust.
    ///
    /// # Errors
    ///
    /// There are too few points, or the loss never falls.
    pub fn suggest_steepest(&self) -> Result<Suggestion, NoSuggestion> {
        let points = self.considered()?;
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
    /// The valley is the longest chain of ever lower losses, not necessarily of neighbours; of several, the one that ends
    /// first. If it ends at point `e` and has `n` losses, the rate is that of point `e - n + n / 3 + n / 6` (integer
    /// divisions), but not of one before the first considered. fastai's documentation calls that two thirds through the
    /// valley; this follows its code.
    ///
    /// # Errors
    ///
    /// There are too few points, or the loss never falls.
    pub fn suggest_valley(&self) -> Result<Suggestion, NoSuggestion> {
        let points = self.considered()?;
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
        let points = self.considered()?;
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

    /// All three suggestions.
    pub fn suggestions(&self) -> Suggestions {
        Suggestions {
            steepest: self.suggest_steepest(),
            valley: self.suggest_valley(),
            minimum: self.suggest_minimum(),
        }
    }

    /// The points that a suggestion is read from, at least two.
    fn considered(&self) -> Result<&[RangePoint], NoSuggestion> {
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

/// The end and the length of the longest chain of ever lower losses; of several, the one that ends first.
fn longest_decreasing(points: &[RangePoint]) -> (usize, usize) {
    // `highest_ends[n]` is the highest last loss of any chain of n + 1 losses so far; it falls with n.
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

/// How the test ended, and a line for each way to read the curve.
impl fmt::Display for RangeCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "range test, {}: ", self.test())?;
        match (self.end(), self.points().last()) {
            (RangeEnd::Completed, _) => f.write_str("completed")?,
            (RangeEnd::Diverged, Some(last)) => {
                write!(f, "diverged at step {}, lr {}", last.step, Short(rounded(last.lr)))?;
            }
            (RangeEnd::NotFinite, last) => {
                write!(f, "loss not finite at step {}", last.map_or(0, |last| last.step + 1))?;
            }
            (RangeEnd::Interrupted | RangeEnd::Diverged, _) => {
                write!(f, "interrupted after {} steps", self.points().len())?;
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

/// To three digits, which is more than a range test can tell.
fn rounded(x: f64) -> f64 {
    alloc::format!("{x:.2e}").parse().unwrap_or(x)
}
