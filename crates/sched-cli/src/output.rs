//! Standard output, and files that replace others in one go.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anyhow::{anyhow, bail};
use sched_files::replace_with;

/// Prints a text with exactly one newline at its end.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.trim_end_matches('\n').as_bytes())?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Asks on a terminal before a file is replaced, and refuses elsewhere, unless that is forced.
pub(crate) fn may_replace(path: &Path, force: bool) -> anyhow::Result<()> {
    if force || !path.exists() {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        bail!("the file exists; pass `--force` to replace it, or write to another one");
    }
    eprint!("sched: {} exists; replace it? [y/N] ", path.display());
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => bail!("the file is left as it is"),
    }
}

/// Writes a file: after a full disk or a crash, an old one is still there. Its folder must exist, as a typo would make
/// another one.
pub(crate) fn save(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    in_a_folder(path)?;
    replace_with(path, bytes).map_err(whole)
}

/// An error whose message tells its causes already.
pub(crate) fn whole(error: impl std::error::Error) -> anyhow::Error {
    anyhow!("{error}")
}

/// Refuses a file in a folder that does not exist.
pub(crate) fn in_a_folder(path: &Path) -> anyhow::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => bail!("the folder `{}` does not exist; create it first", folder.display()),
        _ => Ok(()),
    }
}

/// The error and its causes, without the causes that it already quotes.
pub(crate) fn message(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |message, cause| match message.as_str() {
        "" => cause,
        _ if message.ends_with(&cause) => message,
        _ => format!("{message}: {cause}"),
    })
}

/// Whether the reader of stdout, such as `head`, has closed it.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = |error: &(dyn std::error::Error + 'static)| match error.downcast_ref::<io::Error>() {
        Some(error) => Some(error.kind()),
        None => error.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind),
    };
    error.chain().any(|cause| kind(cause) == Some(io::ErrorKind::BrokenPipe))
}
