//! The plan of a run: the options that give it, and the file of `--plan`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sched_core::{Plan, PlanError};
use sched_files::Limit;

use super::document::{Document, parse};
use super::limit::LimitArgs;
use super::number::count;

/// The plan of the run: its length, and what converts epochs, percentages, samples and tokens to steps.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "The run")]
pub(crate) struct PlanArgs {
    /// A JSON, TOML or YAML file with any of the numbers of these options, such as {"steps_per_epoch": 390, "epochs": 90};
    /// `--steps` is called `total_steps` there, and `rounding` may be "nearest", "up" or "down". It takes precedence over
    /// the `plan` in the schedule file, and the options over both.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Optimizer updates in the whole run.
    #[arg(long, value_name = "N", visible_alias = "total-steps", value_parser = count, allow_negative_numbers = true)]
    steps: Option<u64>,
    /// Optimizer updates per epoch.
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    steps_per_epoch: Option<u64>,
    /// Epochs in the whole run.
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    epochs: Option<u64>,
    /// Samples per batch, on one device.
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    batch: Option<u64>,
    /// Batches whose gradients are accumulated per optimizer update [default: 1].
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    accumulation: Option<u64>,
    /// Devices that each process a batch of their own [default: 1].
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    devices: Option<u64>,
    /// Tokens per sample.
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    sequence_length: Option<u64>,
    #[command(flatten)]
    limit: LimitArgs,
}

impl PlanArgs {
    /// The file of `--plan`.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.plan.as_deref()
    }

    /// The limit on the size of every file that the command reads.
    pub(crate) fn limit(&self) -> Limit {
        self.limit.limit()
    }

    /// The limit that was given, for files of which only a part is read.
    pub(crate) fn given_limit(&self) -> Option<u64> {
        self.limit.given()
    }

    /// The plan of the options, completed from the file of `--plan`; the plan in a schedule file comes after both.
    pub(crate) fn run(&self) -> anyhow::Result<Plan> {
        let file: Plan = match &self.plan {
            Some(path) => {
                let read = || {
                    let document = Document::read(path, self.limit())?;
                    parse("", &document.parse()?).map_err(|error| document.placed(error))
                };
                read().with_context(|| path.display().to_string())?
            }
            None => Plan::new(),
        };
        let options = Plan {
            steps_per_epoch: self.steps_per_epoch,
            total_steps: self.steps,
            epochs: self.epochs,
            batch: self.batch,
            accumulation: self.accumulation,
            devices: self.devices,
            sequence_length: self.sequence_length,
            rounding: None,
        };
        if let Err(PlanError::Contradiction { total_steps, epochs, steps_per_epoch }) = options.check() {
            bail!(
                "`--steps` is {total_steps}, but `--epochs` {epochs} x `--steps-per-epoch` {steps_per_epoch} is {}; leave one of \
                 the three out",
                u128::from(epochs) * u128::from(steps_per_epoch)
            );
        }
        let plan = options.or(file);
        plan.check()?;
        Ok(plan)
    }
}
