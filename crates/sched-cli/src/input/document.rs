//! Files in JSON, TOML and YAML, and what to say when one does not hold what is expected.

use std::io;
use std::path::Path;

use anyhow::{Context, anyhow};
use sched_core::Value;
use sched_files::{Limit, read, read_within};
use serde::de::DeserializeOwned;

use crate::output::whole;

/// The syntax that a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Syntax {
    Json,
    Toml,
    Yaml,
}

impl Syntax {
    /// The syntax that the extension stands for, if any.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "json" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

/// Reads a regular file within the limit; `-` is stdin.
pub(super) fn read_bytes(path: &Path, limit: Limit) -> anyhow::Result<Vec<u8>> {
    if path == Path::new("-") {
        read_within(io::stdin().lock(), limit).map_err(whole)
    } else {
        read(path, limit).map_err(whole)
    }
}

/// Reads a text file; `-` is stdin.
pub(super) fn read_text(path: &Path, limit: Limit) -> anyhow::Result<String> {
    String::from_utf8(read_bytes(path, limit)?).context("the file is not text in UTF-8")
}

/// Reads a JSON, TOML or YAML file, by its extension or by what it looks like; `-` is stdin.
pub(super) fn read_document(path: &Path, limit: Limit) -> anyhow::Result<Value> {
    let text = read_text(path, limit)?;
    let syntax = Syntax::of(path).map(|syntax| match syntax {
        Syntax::Json => sched_dialects::Syntax::Json,
        Syntax::Toml => sched_dialects::Syntax::Toml,
        Syntax::Yaml => sched_dialects::Syntax::Yaml,
    });
    Ok(sched_dialects::parse(&text, syntax)?)
}

/// Deserialises a value that stands at `path` in the file; an error begins with the full path.
pub(super) fn parse<T: DeserializeOwned>(path: &str, value: &Value) -> anyhow::Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inner = error.path().to_string();
        let path = match (path, inner.as_str()) {
            (path, ".") => path.to_owned(),
            ("", inner) => inner.to_owned(),
            (path, inner) if inner.starts_with('[') => format!("{path}{inner}"),
            (path, inner) => format!("{path}.{inner}"),
        };
        if path.is_empty() { anyhow!("{}", error.inner()) } else { anyhow!("`{path}`: {}", error.inner()) }
    })
}
