//! The plan of a run: the options that give it, and the file of `--plan`.

use std::path::PathBuf;

use anyhow::Context;
use sched_core::Plan;
use sched_files::Limit;

use super::document::{parse, read_document};
use super::limit::LimitArgs;

/// The plan of the run, which converts epochs, percentages, samples and tokens to steps.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Plan of the run, for durations that are not in steps")]
pub(crate) struct PlanArgs {
    /// A JSON or TOML file with any of the numbers below, such as {"steps_per_epoch": 390, "epochs": 90}. It takes
    /// precedence over the `plan` in the schedule file; the options below take precedence over both.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Optimizer updates per epoch.
    #[arg(long, value_name = "N")]
    steps_per_epoch: Option<u64>,
    /// Optimizer updates in the whole run.
    #[arg(long, value_name = "N")]
    total_steps: Option<u64>,
    /// Epochs in the whole run.
    #[arg(long, value_name = "N")]
    epochs: Option<u64>,
    /// Samples per batch.
    #[arg(long, value_name = "N")]
    batch: Option<u64>,
    /// Batches whose gradients are accumulated per optimizer update [default: 1].
    #[arg(long, value_name = "N")]
    accumulation: Option<u64>,
    /// Tokens per sample.
    #[arg(long, value_name = "N")]
    sequence_length: Option<u64>,
    #[command(flatten)]
    limit: LimitArgs,
}

impl PlanArgs {
    /// The limit on the size of every file that the command reads.
    pub(crate) fn limit(&self) -> Limit {
        self.limit.limit()
    }

    /// The limit that was given, for files of which only a part is read.
    pub(crate) fn given_limit(&self) -> Option<u64> {
        self.limit.given()
    }

    /// The plan of the options, completed from the file of `--plan`; the plan in a schedule file comes after both.
    pub(super) fn run(&self) -> anyhow::Result<Plan> {
        let file: Plan = match &self.plan {
            Some(path) => read_document(path, self.limit())
                .and_then(|value| parse("", &value))
                .with_context(|| path.display().to_string())?,
            None => Plan::new(),
        };
        let plan = Plan {
            steps_per_epoch: self.steps_per_epoch.or(file.steps_per_epoch),
            total_steps: self.total_steps.or(file.total_steps),
            epochs: self.epochs.or(file.epochs),
            batch: self.batch.or(file.batch),
            accumulation: self.accumulation.or(file.accumulation),
            sequence_length: self.sequence_length.or(file.sequence_length),
        };
        plan.check()?;
        Ok(plan)
    }
}
