//! The `sched` command: look at, evaluate, check and convert learning-rate schedules and scheduler states.
//!
//! Data goes to stdout, talk to stderr. Exit code: 0, 1 for a problem that `check` found, 2 for bad usage or input.

mod check;
mod convert;
mod generate;
mod inspect;
mod list;
mod lr;
mod plan_args;
mod plot;
mod sample;
mod source;
mod text;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Look at, evaluate, check and convert learning-rate schedules and scheduler states.
///
/// A schedule FILE is JSON or TOML (by extension, else by its first character; `-` is stdin) and holds one of
///   - a schedule of sched's own: {"ramp": {"from": 0.1, "to": 0, "steps": 1000, "shape": "cosine"}};
///   - another library's scheduler: {"library": "torch", "kind": "StepLR", "params": {"optimizer_lr": 0.1, "step_size": 30}};
///   - either with times such as "500 steps", "5 epochs", "10 %", "1e6 samples", "2e9 tokens" in place of numbers of steps,
///     and beside it a "plan": {"steps_per_epoch": 390, "epochs": 90}, or the plan's numbers as options.
///
/// Exit code: 0; 1 for a problem that `check` found; 2 for bad usage or input.
#[derive(Parser)]
#[command(name = "sched", version, verbatim_doc_comment)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Lr(lr::Args),
    Plot(plot::Args),
    Check(check::Args),
    Inspect(inspect::Args),
    Convert(convert::Args),
    List(list::Args),
    Completions(generate::CompletionsArgs),
    Man(generate::ManArgs),
}

fn main() -> ExitCode {
    let done = |()| ExitCode::SUCCESS;
    let result = match Cli::parse().command {
        Command::Lr(args) => lr::run(&args).map(done),
        Command::Plot(args) => plot::run(&args).map(done),
        Command::Check(args) => check::run(&args),
        Command::Inspect(args) => inspect::run(&args).map(done),
        Command::Convert(args) => convert::run(&args).map(done),
        Command::List(args) => list::run(&args).map(done),
        Command::Completions(args) => generate::completions(&args).map(done),
        Command::Man(args) => generate::man(&args).map(done),
    };
    match result {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sched: {}", message(&error));
            ExitCode::from(2)
        }
    }
}

/// The error with its causes, without those that it says already.
fn message(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |message, cause| match message.as_str() {
        "" => cause,
        _ if message.ends_with(&cause) => message,
        _ => format!("{message}: {cause}"),
    })
}

/// Prints a text and a line end if it has none.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.trim_end_matches('\n').as_bytes())?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Whether the reader of stdout, such as `head`, has had enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = |error: &(dyn std::error::Error + 'static)| match error.downcast_ref::<io::Error>() {
        Some(error) => Some(error.kind()),
        None => error.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind),
    };
    error.chain().any(|cause| kind(cause) == Some(io::ErrorKind::BrokenPipe))
}
