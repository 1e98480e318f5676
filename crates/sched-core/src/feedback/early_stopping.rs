//! Says when to stop a training that has stopped improving.

use serde::{Deserialize, Deserializer, Serialize};

use super::follow::Follow;
use super::observation::{Observation, ObserveError};
use super::plateau::Plateau;
use super::plateau_builder::PlateauBuilder;
use crate::schedule::ScheduleError;

/// Early stopping for your own training loop, by the rule of a [`Plateau`]: it says when a metric has stopped improving, and
/// keeps the best value and its step.
///
/// It stops where the plateau would reduce the rate for the first time: after more than `patience` observations in a row that
/// are no better than the best one. Of the builder's options, `factor`, `cooldown`, `min_lr` and `eps`, which are about the rate,
/// have no effect.
///
/// ```
/// use sched_core::{EarlyStopping, Plateau};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut stopping = EarlyStopping::new(Plateau::new().patience(1))?;
/// for (step, loss) in [(100, 0.9), (200, 0.5), (300, 0.6), (400, 0.7), (500, 0.4)] {
///     let stop = stopping.observe(step, loss)?;
///     if stopping.best_step() == Some(step) {
///         // Save the model.
///     }
///     if stop {
///         assert_eq!(step, 400); // 0.6 and 0.7: more than `patience`
///         break;
///     }
/// }
/// assert_eq!((stopping.best(), stopping.best_step()), (Some(0.5), Some(200)));
/// # Ok(())
/// # }
/// ```
///
/// # From another library
///
/// Keras, Lightning and burn stop one bad observation earlier, at the `patience`-th in a row. They count any improvement unless
/// `min_delta` says otherwise, while a plateau ignores one of up to 1e-4 of the best. The same rule is:
///
/// | there | here |
/// |---|---|
/// | `patience=n` of Keras and Lightning, `n_epochs: n` of burn | `patience(n - 1)`, and `patience(0)` for `n = 0` |
/// | `min_delta=d` of Keras and Lightning, by default 0 | `threshold(d, ThresholdMode::AbsoluteFromMetric)` |
/// | NaN and infinities in Keras: compared as they are, but nothing beats a first NaN | `non_finite(NonFinite::CompareFirst)` |
/// | Lightning's `check_finite=True`, the default: stops at NaN or an infinity | `non_finite(NonFinite::Error)`; stop on the error |
/// | Lightning's `check_finite=False` | `non_finite(NonFinite::Compare)` |
/// | Keras's `start_from_epoch=e` | `start_step(e)`, with epochs, counted from 0, as steps |
///
/// Keras's `baseline` and Lightning's `stopping_threshold` and `divergence_threshold` have no counterpart: compare the metric
/// yourself. Keras and Lightning compare in single precision, this in double. Sources: `EarlyStopping` of Keras 3.15 and of
/// Lightning 2.6, `MetricEarlyStoppingStrategy` of burn 0.22.
///
/// # Save and resume
///
/// Save it with the training, in any serde format, and go on with it after a resume. In burn's Learner, use burn's own
/// `MetricEarlyStoppingStrategy`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyStopping {
    #[serde(deserialize_with = "read_plateau")]
    plateau: Plateau,
    best_step: Option<u64>,
}

impl EarlyStopping {
    /// A rule that has seen nothing yet.
    ///
    /// # Errors
    ///
    /// A number of the builder is out of its range or not finite.
    pub fn new(plateau: PlateauBuilder) -> Result<Self, ScheduleError> {
        Ok(Self { plateau: that_reduces(plateau.build()?), best_step: None })
    }

    /// Passes the metric at a step, such as the number of updates or epochs so far; returns whether to stop. Once it is
    /// true, it stays true.
    ///
    /// A metric before `start_step` does not count. With `accumulation`, the mean of several metrics counts, at the step of
    /// the last.
    ///
    /// # Errors
    ///
    /// The metric is not finite and the rule refuses that. Nothing changes then.
    pub fn observe(&mut self, step: u64, metric: f64) -> Result<bool, ObserveError> {
        if Follow::observe(&mut self.plateau, metric, 1.0, step)? == Observation::Better {
            self.best_step = Some(step);
        }
        Ok(self.is_over())
    }

    /// Whether to stop: what the last [`observe`](Self::observe) returned.
    pub fn is_over(&self) -> bool {
        self.plateau.reductions() > 0
    }

    /// The best metric so far; infinite if a metric was, see [`NonFinite::Compare`](crate::NonFinite::Compare).
    pub fn best(&self) -> Option<f64> {
        self.plateau.best()
    }

    /// The step of the best metric.
    pub fn best_step(&self) -> Option<u64> {
        self.best_step
    }

    /// How many observations in a row were no better than the best.
    pub fn bad_observations(&self) -> u64 {
        self.plateau.bad_observations()
    }
}

/// The plateau with a reduction that nothing forbids.
fn that_reduces(mut plateau: Plateau) -> Plateau {
    let rules = &mut plateau.rules;
    (rules.factor, rules.cooldown, rules.min_lr, rules.eps) = (0.0, 0, 0.0, 0.0);
    plateau
}

fn read_plateau<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Plateau, D::Error> {
    Plateau::deserialize(deserializer).map(that_reduces)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::{NonFinite, PlateauMode, ThresholdMode};

    /// What it says after each metric, observed at steps 10, 20, ...
    fn answers(plateau: PlateauBuilder, metrics: &[f64]) -> (Vec<bool>, Option<f64>, Option<u64>) {
        let mut stopping = EarlyStopping::new(plateau).unwrap();
        let answers = metrics.iter().zip(1..).map(|(&metric, n)| stopping.observe(10 * n, metric).unwrap()).collect();
        (answers, stopping.best(), stopping.best_step())
    }

    const NAN: f64 = f64::NAN;

    #[test]
    fn it_stops_after_more_than_patience_bad_metrics_in_a_row() {
        let loss = [3.0, 2.0, 2.5, 2.0, 1.0, 1.0, 1.5, 1.2, 0.5];
        let stops = [false, false, false, false, false, false, false, true, true];
        assert_eq!(answers(Plateau::new().patience(2), &loss), (stops.to_vec(), Some(0.5), Some(90)));
        assert_eq!(answers(Plateau::new().patience(2), &loss[..8]), (stops[..8].to_vec(), Some(1.0), Some(50)));
        assert_eq!(answers(Plateau::new().patience(0), &loss[..3]).0, [false, false, true]);
    }

    #[test]
    fn what_counts_as_better_is_the_plateaus() {
        let accuracy = Plateau::new().mode(PlateauMode::Max).threshold(0.1, ThresholdMode::Absolute).patience(1);
        assert_eq!(answers(accuracy, &[0.5, 0.55, 0.7, 0.75, 0.79]).0, [false, false, false, false, true]);
        let averaged = Plateau::new().accumulation(2).patience(0);
        assert_eq!(answers(averaged, &[2.0, 4.0, 1.0, 3.0, 2.0, 2.0]), {
            (alloc::vec![false, false, false, false, false, true], Some(2.0), Some(40))
        });
        let late = Plateau::new().start_step(25).patience(0);
        assert_eq!(answers(late, &[1.0, 2.0, 3.0, 4.0]), (alloc::vec![false, false, false, true], Some(3.0), Some(30)));
        assert_eq!(answers(Plateau::new().patience(1), &[1.0, NAN, NAN]).0, [false, false, true]);
        let ignored = Plateau::new().patience(0).non_finite(NonFinite::Ignore);
        assert_eq!(answers(ignored, &[1.0, NAN, NAN]).0, [false, false, false]);
    }

    #[test]
    fn a_metric_that_is_refused_changes_nothing() {
        let mut stopping = EarlyStopping::new(Plateau::new().non_finite(NonFinite::Error)).unwrap();
        let before = stopping.clone();
        assert!(matches!(stopping.observe(1, NAN), Err(ObserveError::NonFinite { .. })));
        assert_eq!(stopping, before);
    }

    #[test]
    fn options_about_the_rate_do_not_keep_it_from_stopping() {
        let builder = Plateau::new().patience(0).min_lr(5.0).eps(5.0).cooldown(5).factor(0.5);
        assert_eq!(answers(builder.clone(), &[1.0, 1.0]).0, [false, true]);
        let file = serde_json::json!({ "plateau": builder.build().unwrap() });
        let mut read: EarlyStopping = serde_json::from_value(file).unwrap();
        assert_eq!([read.observe(1, 1.0), read.observe(2, 1.0)], [Ok(false), Ok(true)]);
    }

    #[test]
    fn it_goes_on_where_it_was_saved() {
        let loss = [3.0, 2.0, 2.5, 2.6, 2.7];
        for stop in 0..loss.len() {
            let mut stopping = EarlyStopping::new(Plateau::new().patience(2)).unwrap();
            let mut said = Vec::new();
            for (step, metric) in (0..).zip(loss) {
                if step == stop {
                    stopping = serde_json::from_str(&serde_json::to_string(&stopping).unwrap()).unwrap();
                }
                said.push(stopping.observe(step as u64, metric).unwrap());
            }
            assert_eq!(said, [false, false, false, false, true], "saved before step {stop}");
            assert_eq!(stopping.best_step(), Some(1));
        }
    }
}
