//! The `sched` command: inspect, evaluate, check and convert learning-rate schedules and scheduler states.
//!
//! Data goes to stdout, messages to stderr. Exit code: 0 for success, 1 if `check` found a problem or `diff` a difference, 2 for bad usage or input.

mod command;
mod input;
mod output;
mod watch;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::command::{check, convert, diff, generate, inspect, list, lr, plot, schema, show};

/// Inspect, evaluate, check and convert learning-rate schedules and scheduler states.
///
/// `sched FILE` shows a schedule: in words, as a picture, and what looks wrong with it.
///
/// A schedule FILE is JSON, TOML or YAML (by its extension, or else by its content); `-` is stdin. It
/// holds one of
///   - a schedule in sched's own format:
///     {"ramp": {"from": 0.1, "to": 0, "steps": 1000, "shape": "cosine"}}
///   - another library's scheduler:
///     {"library": "torch", "kind": "StepLR", "params": {"optimizer_lr": 0.1, "step_size": 30}}
///   - either of these with durations in place of step counts, such as "500 steps", "5 epochs",
///     "10 %", "1e6 samples" or "2e9 tokens", and a plan to convert them, here or as options:
///     "plan": {"steps_per_epoch": 390, "epochs": 90}
///
/// Exit code: 0 for success, 1 if `check` found a problem or `diff` a difference, 2 for bad usage or input.
#[derive(Parser)]
#[command(
    name = "sched",
    version = env!("SCHED_VERSION"),
    verbatim_doc_comment,
    after_help = "Examples:\n  sched cosine.json\n  sched cosine.yaml cycle.json --steps 9000\n  sched check cosine.json --steps 9000",
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    show: show::Args,
}

#[derive(Subcommand)]
enum Command {
    Lr(lr::Args),
    Plot(plot::Args),
    Check(check::Args),
    Diff(diff::Args),
    Inspect(inspect::Args),
    Convert(convert::Args),
    List(list::Args),
    Schema(schema::Args),
    Watch(command::watch::Args),
    Completions(generate::CompletionsArgs),
    Man(generate::ManArgs),
}

fn main() -> ExitCode {
    let Cli { command, show } = Cli::parse();
    let result = match command {
        Some(command) => run(command),
        None => show::run(&show, &subcommands()).map(done),
    };
    match result {
        Ok(code) => code,
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sched: {}", output::message(&error));
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Lr(args) => lr::run(&args).map(done),
        Command::Plot(args) => plot::run(&args).map(done),
        Command::Check(args) => check::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Inspect(args) => inspect::run(&args).map(done),
        Command::Convert(args) => convert::run(&args).map(done),
        Command::List(args) => list::run(&args).map(done),
        Command::Schema(args) => schema::run(&args).map(done),
        Command::Watch(args) => command::watch::run(&args).map(done),
        Command::Completions(args) => generate::completions(&args, Cli::command()).map(done),
        Command::Man(args) => generate::man(&args, Cli::command()).map(done),
    }
}

fn done((): ()) -> ExitCode {
    ExitCode::SUCCESS
}

fn subcommands() -> Vec<String> {
    Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}
