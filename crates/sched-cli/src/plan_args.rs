//! The options that say what the run looks like.

use std::path::PathBuf;

use anyhow::Context;
use sched_core::Plan;

use crate::text::{parse, read_value};

/// What the run looks like, where the file gives times in epochs, percent, samples or tokens.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "The run, for times that are not in steps")]
pub(crate) struct PlanArgs {
    /// A JSON or TOML file with the numbers below, such as {"steps_per_epoch": 390, "epochs": 90}; it goes before the
    /// schedule file's own `plan`, and the options below go before both.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Optimizer updates in an epoch.
    #[arg(long, value_name = "N")]
    steps_per_epoch: Option<u64>,
    /// Optimizer updates in the whole run.
    #[arg(long, value_name = "N")]
    total_steps: Option<u64>,
    /// Epochs in the whole run.
    #[arg(long, value_name = "N")]
    epochs: Option<u64>,
    /// Samples in a batch.
    #[arg(long, value_name = "N")]
    batch: Option<u64>,
    /// Batches whose gradients are accumulated for one optimizer update [default: 1].
    #[arg(long, value_name = "N")]
    accumulation: Option<u64>,
    /// Tokens in a sample.
    #[arg(long, value_name = "N")]
    sequence_length: Option<u64>,
}

impl PlanArgs {
    /// The numbers of a schedule file's own plan, where no option says otherwise.
    pub(crate) fn over(&self, own: Plan) -> anyhow::Result<Plan> {
        let file = match &self.plan {
            Some(path) => {
                read_value(path).and_then(|value| parse("", &value)).with_context(|| path.display().to_string())?
            }
            None => Plan::new(),
        };
        let plan = Plan {
            steps_per_epoch: self.steps_per_epoch.or(file.steps_per_epoch).or(own.steps_per_epoch),
            total_steps: self.total_steps.or(file.total_steps).or(own.total_steps),
            epochs: self.epochs.or(file.epochs).or(own.epochs),
            batch: self.batch.or(file.batch).or(own.batch),
            accumulation: self.accumulation.or(file.accumulation).or(own.accumulation),
            sequence_length: self.sequence_length.or(file.sequence_length).or(own.sequence_length),
        };
        plan.check()?;
        Ok(plan)
    }
}
