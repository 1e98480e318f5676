//! `sched completions` and `sched man`: what clap writes from the same definitions that it parses by.

use std::io;
use std::path::PathBuf;

use clap::CommandFactory;

use crate::Cli;

/// Print the completions for a shell.
#[derive(clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

/// Print the man page, or write one per subcommand.
#[derive(clap::Args)]
pub(crate) struct ManArgs {
    /// Write the pages of `sched` and of each subcommand into this folder.
    folder: Option<PathBuf>,
}

pub(crate) fn completions(args: &CompletionsArgs) -> anyhow::Result<()> {
    // clap_complete panics when it cannot write, and a pipe may close: write to memory first.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "sched", &mut script);
    io::Write::write_all(&mut io::stdout(), &script)?;
    Ok(())
}

pub(crate) fn man(args: &ManArgs) -> anyhow::Result<()> {
    match &args.folder {
        Some(folder) => clap_mangen::generate_to(Cli::command(), folder)?,
        None => clap_mangen::Man::new(Cli::command()).render(&mut io::stdout())?,
    }
    Ok(())
}
