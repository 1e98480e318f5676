//! Files as text: JSON or TOML, from a path or stdin, read into data.

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, anyhow};
use sched_core::Value;

/// The syntax of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Syntax {
    Json,
    Toml,
}

impl Syntax {
    /// By the extension, if it has one of ours.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "json" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }
}

/// Reads data out of a value; an error begins with where.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(path: &str, value: &Value) -> anyhow::Result<T> {
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

/// Reads a file of either syntax, `-` for stdin.
pub(crate) fn read_value(path: &Path) -> anyhow::Result<Value> {
    let text = read_text(path)?;
    // No TOML file begins with a brace, and no map in JSON with anything else.
    let sniffed = if text.trim_start().starts_with('{') { Syntax::Json } else { Syntax::Toml };
    match Syntax::of(path).unwrap_or(sniffed) {
        Syntax::Json => Ok(serde_json::from_str(&text).context("no valid JSON")?),
        Syntax::Toml => Ok(toml::from_str(&text).context("no valid TOML")?),
    }
}

/// Reads a text, `-` for stdin.
pub(crate) fn read_text(path: &Path) -> anyhow::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("cannot read it")?;
        Ok(text)
    } else {
        fs::read_to_string(path).context("cannot read it")
    }
}
