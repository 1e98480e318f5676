//! `sched convert`: a schedule file in steps, in sched's own format, as JSON or TOML.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sched_core::Value;
use serde::Serialize;

use crate::input::{Group, PlanArgs, Source, Syntax};
use crate::output::{print, save};

/// Convert a schedule file to sched's own format.
///
/// Translates another library's scheduler and converts durations with units to steps, as a scheduler state holds them. With
/// --keep, only the syntax changes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The schedule file; `-` is stdin.
    file: PathBuf,
    /// The file to write, as JSON or TOML by its extension; `-` is stdout.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// The syntax to write, whatever the extension [default: by the extension, or else json].
    #[arg(long, value_enum)]
    format: Option<Syntax>,
    /// Keep the library's names and the units, and change only the syntax.
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    plan: PlanArgs,
}

/// The shortest form that holds everything.
#[derive(Serialize)]
#[serde(untagged)]
enum File<'a> {
    Unchanged(&'a Value),
    Schedule(&'a sched_core::Schedule),
    Group(&'a Group),
    Groups { groups: &'a [Group] },
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let source = Source::read(&args.file, &args.plan)?;
    let file = match source.groups.as_slice() {
        _ if args.keep => File::Unchanged(&source.value),
        [Group { lr, momentum: None, feedback: None }] => File::Schedule(lr),
        [group] => File::Group(group),
        groups => File::Groups { groups },
    };
    let syntax = args.format.or(Syntax::of(&args.output)).unwrap_or(Syntax::Json);
    let json = serde_json::to_string_pretty(&file)?;
    let value: Value = serde_json::from_str(&json)?;
    let (text, again) = match syntax {
        Syntax::Json => (json + "\n", value),
        Syntax::Toml => {
            // From the value rather than the schedule, whose tables would all be inline.
            let text = toml::to_string(&value).context("TOML cannot represent this file; write JSON")?;
            let again = toml::from_str(&text)?;
            (text, again)
        }
    };
    // TOML has no null: a parameter set to null would come back as its default.
    let again = Source::new(source.name.clone(), again, &args.plan)?;
    if again.groups != source.groups {
        bail!("{}: {syntax:?} cannot represent this file; write JSON, or leave out `--keep`", source.name);
    }
    if args.output == Path::new("-") {
        print(&text)
    } else {
        save(&args.output, text.as_bytes()).with_context(|| args.output.display().to_string())
    }
}
