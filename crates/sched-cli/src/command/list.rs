//! `sched list`: other libraries' schedulers, with their parameters and defaults.

use std::fmt::Write as _;

use anyhow::bail;
use sched_dialects::{Default, LIBRARIES, Library, Param};

use crate::output::print;

/// List other libraries' schedulers, with their parameters and defaults.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// List only this library.
    library: Option<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let wanted = |library: &&Library| args.library.as_ref().is_none_or(|name| name == library.name);
    let libraries: Vec<_> = LIBRARIES.iter().filter(wanted).collect();
    if libraries.is_empty() {
        let names: Vec<_> = LIBRARIES.iter().map(|library| library.name).collect();
        bail!("`LIBRARY` is {:?}, but must be one of {}", args.library.as_deref().unwrap_or(""), names.join(", "));
    }
    let mut text = String::new();
    for library in libraries {
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
