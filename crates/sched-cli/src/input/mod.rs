//! The files that the subcommands read: schedules, plans, metrics, states, and PyTorch's.

mod document;
mod foreign;
mod limit;
mod metrics;
mod number;
mod plan;
mod run_log;
mod source;
mod state_file;
mod torch_file;

pub(crate) use document::Syntax;
pub(crate) use metrics::{metrics, read_metrics};
pub(crate) use number::{Steps, few, rate, steps, tolerance, whole};
pub(crate) use plan::PlanArgs;
pub(crate) use run_log::RunLog;
pub(crate) use source::{Group, Length, Source};
pub(crate) use state_file::read_states;
pub(crate) use torch_file::{TorchArgs, open_torch};
