//! `sched convert`: a schedule file in another form.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sched_core::Value;
use serde::Serialize;

use crate::plan_args::PlanArgs;
use crate::source::{Group, Source};
use crate::text::Syntax;

/// Write a schedule file in another form.
///
/// Another library's scheduler becomes a schedule of sched's own, and times with units become steps: what a state holds.
/// With --keep only the syntax changes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The schedule file, `-` for stdin.
    file: PathBuf,
    /// Where to write, `-` for stdout; the extension says whether JSON or TOML.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// The syntax to write, where the extension does not say [default: json].
    #[arg(long, value_enum)]
    format: Option<Syntax>,
    /// Keep the library's names and the units; change only the syntax.
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    plan: PlanArgs,
}

/// What `convert` writes: the shortest form that holds everything.
#[derive(Serialize)]
#[serde(untagged)]
enum File<'a> {
    AsItWas(&'a Value),
    Schedule(&'a sched_core::Schedule),
    Group(&'a Group),
    Groups { groups: &'a [Group] },
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let source = Source::read(&args.file, &args.plan)?;
    let file = match source.groups.as_slice() {
        _ if args.keep => File::AsItWas(&source.value),
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
            // From the value, whose tables get headers of their own where the schedule's would all be inline.
            let text = toml::to_string(&value).context("TOML cannot hold this; write JSON")?;
            let again = toml::from_str(&text)?;
            (text, again)
        }
    };
    // TOML has no null: a parameter that is null but not by default would come back as its default.
    let again = Source::new(source.name.clone(), again, &args.plan)?;
    if again.groups != source.groups {
        bail!("{}: {syntax:?} cannot hold this; write JSON, or leave out `--keep`", source.name);
    }
    if args.output == Path::new("-") {
        crate::print(&text)
    } else {
        std::fs::write(&args.output, text).with_context(|| args.output.display().to_string())
    }
}
