//! `sched FILE`: the schedule in words, its picture, and what looks wrong with it.

use std::path::PathBuf;

use sched_core::show::nearest;

use super::{check, plot};
use crate::input::{PlanArgs, Source};
use crate::output::print;
use crate::watch::WatchArgs;

/// What to show without a subcommand.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Schedule files to show: each in words, in one picture, with what looks wrong; `-` is stdin.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    plan: PlanArgs,
}

/// Shows schedules. `subcommands` are told apart from files, because a typo in one reads as a file.
pub(crate) fn run(args: &Args, subcommands: &[String]) -> anyhow::Result<()> {
    if let [first, ..] = args.files.as_slice()
        && let Some(name) = first.to_str()
        && !first.exists()
        && name != "-"
        && !name.contains(['.', '/', '\\'])
    {
        let known: Vec<&str> = subcommands.iter().map(String::as_str).collect();
        let meant = nearest(name, &known).map_or(String::new(), |near| format!(" (did you mean `{near}`?)"));
        anyhow::bail!("there is no file and no subcommand `{name}`{meant}; the subcommands are {}", known.join(", "));
    }
    args.watch.run(&args.files, &args.plan, || once(args))
}

fn once(args: &Args) -> anyhow::Result<()> {
    let read = |file: &PathBuf| Source::read(file, &args.plan);
    let sources = args.files.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    print(&plot::plot(&sources, plot::steps(&sources)?).terminal())?;
    for source in &sources {
        print(&format!("\n{}", check::report(source)?))?;
    }
    Ok(())
}
