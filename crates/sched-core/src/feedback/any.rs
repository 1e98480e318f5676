//! Rules of every kind with options of every value, for tests. A new kind or option does not compile until it is here.

use alloc::vec;
use alloc::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::greedy_builder::GreedyBuilder;
use super::kind::Feedback;
use super::metric::{NonFinite, PlateauMode, ThresholdMode};
use super::plateau_builder::PlateauBuilder;
use super::rule::{Custom, Rule, Seen};
use super::{Greedy, Plateau};

fn mode() -> impl Strategy<Value = PlateauMode> {
    let modes = vec![PlateauMode::Min, PlateauMode::Max];
    select(modes).prop_map(|mode| match mode {
        PlateauMode::Min | PlateauMode::Max => mode,
    })
}

fn threshold_mode() -> impl Strategy<Value = ThresholdMode> {
    let modes = vec![
        ThresholdMode::Relative,
        ThresholdMode::Absolute,
        ThresholdMode::RelativeSigned,
        ThresholdMode::AbsoluteFromMetric,
        ThresholdMode::RelativeSignedSum,
    ];
    select(modes).prop_map(|mode| match mode {
        ThresholdMode::Relative
        | ThresholdMode::Absolute
        | ThresholdMode::RelativeSigned
        | ThresholdMode::AbsoluteFromMetric
        | ThresholdMode::RelativeSignedSum => mode,
    })
}

fn non_finite() -> impl Strategy<Value = NonFinite> {
    let choices =
        vec![NonFinite::CountAsBad, NonFinite::Ignore, NonFinite::Error, NonFinite::Compare, NonFinite::CompareFirst];
    select(choices).prop_map(|choice| match choice {
        NonFinite::CountAsBad | NonFinite::Ignore | NonFinite::Error | NonFinite::Compare | NonFinite::CompareFirst => {
            choice
        }
    })
}

/// A number of 0 or more, often one that an ordinary run has.
fn rate() -> impl Strategy<Value = f64> {
    prop_oneof![3 => select(vec![0.0, 1e-8, 1e-3]), 3 => 0.0..1.0_f64, 1 => select(vec![5e-324, 1e300, f64::MAX])]
}

/// A number of observations or steps, mostly so small that a short run exceeds it.
fn count() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..3_u64, 1 => any::<u64>(), 1 => Just(u64::MAX)]
}

fn plateau_options() -> impl Strategy<Value = PlateauBuilder> {
    let better = (mode(), rate(), threshold_mode(), rate());
    let reduction = (prop_oneof![Just(0.0), 0.0..1.0_f64], count(), rate(), rate());
    let counting = (count(), any::<bool>(), count(), non_finite(), count());
    (better, reduction, counting).prop_map(|(better, reduction, counting)| {
        let (mode, threshold, threshold_mode, margin) = better;
        let (factor, patience, min_lr, eps) = reduction;
        let (cooldown, blind_cooldown, accumulation, non_finite, start_step) = counting;
        let accumulation = accumulation.max(1);
        PlateauBuilder {
            mode,
            factor,
            patience,
            threshold,
            threshold_mode,
            margin,
            cooldown,
            blind_cooldown,
            accumulation,
            min_lr,
            eps,
            non_finite,
            start_step,
        }
    })
}

fn greedy_options() -> impl Strategy<Value = GreedyBuilder> {
    let better = (mode(), rate(), threshold_mode());
    let change = (prop_oneof![Just(0.5), 1e-9..1.0_f64], count(), rate(), rate(), rate());
    let counting = (count(), count(), count(), count());
    (better, change, counting).prop_map(|(better, change, counting)| {
        let (mode, threshold, threshold_mode) = better;
        let (factor, patience, min_lr, max_lr, eps) = change;
        let (cooldown, warmup, window, reset_start) = counting;
        let window = window.max(1);
        GreedyBuilder {
            mode,
            factor,
            patience,
            threshold,
            threshold_mode,
            cooldown,
            warmup,
            min_lr,
            max_lr,
            eps,
            window,
            reset_start,
        }
    })
}

pub(crate) fn plateau() -> impl Strategy<Value = Plateau> {
    plateau_options().prop_map(|options| options.build().unwrap())
}

pub(crate) fn greedy() -> impl Strategy<Value = Greedy> {
    greedy_options().prop_map(|options| options.build().unwrap())
}

/// Follows the mean distance of the metric from what it remembers. Infinite metrics are refused.
struct Drift(Vec<f64>);

impl Rule for Drift {
    fn name(&self) -> &str {
        "drift"
    }

    fn memory(&self) -> Vec<f64> {
        self.0.clone()
    }

    fn observe(&self, seen: &Seen, memory: &mut [f64]) -> f64 {
        let mut distance = seen.scheduled;
        for (age, mean) in (1..).zip(memory) {
            distance += (seen.metric - *mean).abs();
            *mean += (seen.metric - *mean) / f64::from(age + 1);
        }
        // Multipliers of any size, and often the one there was.
        if seen.observation % 3 == 2 { seen.multiplier } else { distance / (1.0 + seen.steps as f64) }
    }
}

fn custom() -> impl Strategy<Value = Custom> {
    vec(-1.0..1.0_f64, 0..4).prop_map(|start| Custom::new(Drift(start)).unwrap())
}

/// A rule of any kind.
pub(crate) fn feedback() -> impl Strategy<Value = Feedback> {
    let kinds: Vec<Feedback> =
        vec![Plateau::default().into(), Greedy::default().into(), Custom::new(Drift(vec![])).unwrap().into()];
    select(kinds).prop_flat_map(|kind| match kind {
        Feedback::Plateau(_) => plateau().prop_map(Feedback::from).boxed(),
        Feedback::Greedy(_) => greedy().prop_map(Feedback::from).boxed(),
        Feedback::Custom(_) => custom().prop_map(Feedback::from).boxed(),
    })
}

/// What is observed after each step, if anything.
pub(crate) fn metrics() -> impl Strategy<Value = Vec<Option<f64>>> {
    let metric = prop_oneof![
        4 => -1.0..1.0_f64,
        2 => select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, f64::MAX, f64::MIN, 1e-300]),
    ];
    vec(proptest::option::of(metric), 1..20)
}
