//! `sched inspect`: the content of a scheduler state.

mod report;
mod state_file;

use std::path::PathBuf;

use anyhow::Context;

use self::report::{Entry, Report};
use crate::input::LimitArgs;
use crate::output::print;

/// Show the content of a scheduler state.
///
/// Reads files of burn 0.21's recorders (MessagePack or JSON, compressed or not), of burn 0.22 (burnpack), and of sched's own
/// `save`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The state: .mpk, .bpk, .json, or one of these with .gz; `-` is stdin.
    file: PathBuf,
    /// The number of upcoming rates to show, at most 1000000.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(..=1_000_000))]
    next: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    limit: LimitArgs,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let file = args.file.display().to_string();
    let (format, states) = state_file::read(&args.file, args.limit.limit()).with_context(|| file.clone())?;
    let mut entries = Vec::new();
    for (group, state) in states {
        state.verify().with_context(|| file.clone())?;
        entries.push(Entry::new(group, state, args.next));
    }
    let report = Report { file, format, states: entries };
    if args.json { print(&serde_json::to_string_pretty(&report)?) } else { print(&report.text()?) }
}
