//! `sched list`: other libraries' schedulers, with their parameters and defaults.

use std::fmt::Write as _;

use clap::builder::PossibleValuesParser;
use sched_dialects::{Default, LIBRARIES, Library, Param};

use crate::output::print;

/// List other libraries' schedulers, with their parameters and defaults.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  sched list\n  sched list torch")]
pub(crate) struct Args {
    /// List only this library.
    #[arg(value_parser = PossibleValuesParser::new(LIBRARIES.iter().map(|library| library.name)), hide_possible_values = true)]
    library: Option<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let wanted = |library: &&Library| args.library.as_ref().is_none_or(|name| name == library.name);
    let mut text = String::new();
    for library in LIBRARIES.iter().filter(wanted) {
        writeln!(text, "{}", library.name)?;
        for kind in library.kinds {
            writeln!(text, "  {}({})", kind.name, signature(kind.params))?;
        }
        writeln!(text, "  each also with {}\n", signature(library.optimizer))?;
    }
    text.truncate(text.trim_end().len());
    print(&text)
}

/// `step_size, gamma = 0.1`.
fn signature(params: &[Param]) -> String {
    let param = |param: &Param| match param.default {
        Default::Required => param.name.to_owned(),
        // `Value` prints a float with its point, as the library does.
        default => default.value().map_or_else(String::new, |value| format!("{} = {value}", param.name)),
    };
    params.iter().map(param).collect::<Vec<_>>().join(", ")
}
