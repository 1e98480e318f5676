//! The metric that shows every group's rate and hyper-parameters.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use super::tap::{Row, Rows, Tap, lock};
use crate::optimizer::HyperParameter;
use crate::scheduler::Scheduler;

/// A metric for burn's Learner: the rate of every parameter group by name, what a rule multiplies it by, and the
/// hyper-parameters that follow curves, with all digits.
///
/// burn's own `LearningRateMetric` shows the first group's rate with two digits. Register this one with
/// `metric_train(rates)`; it is text, because burn's numeric metrics are a single number. Attach the schedulers before
/// `Learner::new` takes them.
///
/// ```
/// use sched_burn::prelude::*;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let mut backbone = Scheduler::new(Schedule::cosine_annealing(1e-3, 1e-5, 1_000)?);
/// let mut head = backbone.scaled(Factor::new(10.0)?)?;
/// let rates = LearningRates::new()
///     .with_group("backbone", &mut backbone, &[])
///     .with_group("head", &mut head, &[HyperParameter::new("momentum", Schedule::linear(0.85, 0.95, 1_000)?)]);
/// // supervised_training(..) or SupervisedTraining::new(..)
/// //     .metric_train(rates)
/// //     .launch(Learner::new(model, optimizer, ModuleLrScheduler::new(backbone).with_group(group, head)))
/// # let _ = rates;
/// # Ok(())
/// # }
/// ```
///
/// The display then reads `backbone: lr 0.001 | head: lr 0.01, momentum 0.85`. burn's metric files get one line of JSON for
/// each step, whether or not the display keeps up, and whatever is accumulated:
///
/// ```json
/// {"step":0,"lr/backbone":0.001,"lr/head":0.01,"momentum/head":0.85}
/// ```
///
/// - `step` is the scheduler's position: the optimizer update that these values belong to, counted from 0; on burn 0.21
///   with accumulation or several workers, what burn counts, unless the scheduler is in a `PerUpdate`.
/// - `lr/NAME` is the rate. `multiplier/NAME` is there if the scheduler has a rule, such as a
///   [`Plateau`](crate::Plateau).
/// - A hyper-parameter is the value of its curve at that step: what a [`ScheduledOptimizer`](crate::ScheduledOptimizer)
///   uses for parameters that have a gradient in every update. One that its curve makes NaN or negative is left out.
/// - With several workers, each step is there once. A scheduler that burn does not step has no values.
#[derive(Clone, Debug, Default)]
#[must_use = "a metric shows nothing until `metric_train` takes it"]
pub struct LearningRates {
    rows: Arc<Mutex<Rows>>,
    groups: Vec<Group>,
    /// The last step, in words.
    shown: String,
}

#[derive(Clone, Debug)]
struct Group {
    name: Arc<str>,
    hyper_parameters: Vec<HyperParameter>,
}

impl LearningRates {
    /// A metric that shows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows the rates of a scheduler and its clones under this name, and hyper-parameters that follow curves, such as those
    /// of [`ScheduledOptimizer::hyper_parameters`](crate::ScheduledOptimizer::hyper_parameters).
    ///
    /// A scheduler belongs to one metric; a second call with the same scheduler, or a clone of it made before, takes it away
    /// from the first.
    pub fn with_group(
        mut self,
        name: impl Into<Arc<str>>,
        scheduler: &mut Scheduler,
        hyper_parameters: &[HyperParameter],
    ) -> Self {
        scheduler.tap = Some(Tap::new(&self.rows, scheduler.position()));
        self.groups.push(Group { name: name.into(), hyper_parameters: hyper_parameters.to_vec() });
        self
    }

    /// The step at which the training began.
    pub(super) fn first_step(&self) -> u64 {
        lock(&self.rows).first()
    }

    /// What to show, and a line of JSON for each step since the last call.
    pub(crate) fn next_entry(&mut self) -> (String, String) {
        let rows = lock(&self.rows).take();
        if let Some(row) = rows.last() {
            self.shown = self.in_words(row);
        }
        let lines: Vec<String> = rows.iter().map(|row| self.as_json(row)).collect();
        (self.shown.clone(), lines.join("\n"))
    }

    /// The names and values of each group that has stepped.
    fn values<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = (&'a Group, Vec<(&'a str, f64)>)> {
        self.groups.iter().zip(&row.groups).filter_map(|(group, rate)| {
            let rate = rate.as_ref()?;
            let mut values = vec![("lr", rate.lr)];
            values.extend(rate.multiplier.map(|multiplier| ("multiplier", multiplier)));
            let hyper_parameters = group.hyper_parameters.iter();
            values.extend(hyper_parameters.filter_map(|of| Some((of.name(), of.at(row.step).ok()?))));
            Some((group, values))
        })
    }

    fn in_words(&self, row: &Row) -> String {
        let group = |(group, values): (&Group, Vec<(&str, f64)>)| {
            let values: Vec<String> = values.iter().map(|(name, value)| format!("{name} {value:?}")).collect();
            format!("{}: {}", group.name, values.join(", "))
        };
        self.values(row).map(group).collect::<Vec<_>>().join(" | ")
    }

    fn as_json(&self, row: &Row) -> String {
        let mut json = format!("{{\"step\":{}", row.step);
        for (group, values) in self.values(row) {
            for (name, value) in values {
                let key = serde_json::Value::from(format!("{name}/{}", group.name));
                // Into a string, which does not fail.
                let _ = write!(json, ",{key}:{}", serde_json::Value::from(value));
            }
        }
        json.push('}');
        json
    }
}

/// The name that burn shows.
pub(crate) const LEARNING_RATES_NAME: &str = "Learning Rates";
/// What burn tells about it.
pub(crate) const LEARNING_RATES_DESCRIPTION: &str =
    "The learning rate and the scheduled hyper-parameters of each parameter group";
