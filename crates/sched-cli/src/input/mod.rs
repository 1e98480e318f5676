//! The files that the subcommands read: schedules, plans and metrics.

mod document;
mod limit;
mod metrics;
mod plan;
mod source;

pub(crate) use document::{Syntax, read_bytes};
pub(crate) use metrics::{metrics, read_metrics};
pub(crate) use plan::PlanArgs;
pub(crate) use source::{Group, Source};
