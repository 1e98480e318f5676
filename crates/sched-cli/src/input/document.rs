//! Files in JSON, TOML and YAML, and what to say when one does not hold what is expected.

use std::io;
use std::path::Path;

use anyhow::{Context, anyhow};
use sched_core::Value;
use sched_dialects::Place;
use sched_files::{Limit, read, read_within};
use serde::Deserialize;

use crate::output::whole;

/// The syntax that a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Syntax {
    Json,
    Toml,
    Yaml,
}

impl Syntax {
    /// The extensions that stand for a syntax.
    pub(crate) const EXTENSIONS: [&str; 4] = ["json", "toml", "yaml", "yml"];

    /// The extension of a new file.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Toml => "toml",
            Self::Yaml => "yaml",
        }
    }

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

/// A file in JSON, TOML or YAML.
pub(super) struct Document {
    text: String,
    syntax: Option<sched_dialects::Syntax>,
}

impl Document {
    /// Reads a file, with a syntax by its extension or else by what it looks like; `-` is stdin.
    pub(super) fn read(path: &Path, limit: Limit) -> anyhow::Result<Self> {
        let syntax = Syntax::of(path).map(|syntax| match syntax {
            Syntax::Json => sched_dialects::Syntax::Json,
            Syntax::Toml => sched_dialects::Syntax::Toml,
            Syntax::Yaml => sched_dialects::Syntax::Yaml,
        });
        Ok(Self { text: read_text(path, limit)?, syntax })
    }

    pub(super) fn parse(&self) -> anyhow::Result<Value> {
        Ok(sched_dialects::parse(&self.text, self.syntax)?)
    }

    /// The error, with the place in the file of the first name that it quotes and that stands there, or of one inside that it
    /// quotes next.
    pub(super) fn placed(&self, error: anyhow::Error) -> anyhow::Error {
        let message = error.chain().last().map(ToString::to_string).unwrap_or_default();
        if message.contains(" at line ") {
            return error;
        }
        let places = sched_dialects::places(&self.text, self.syntax);
        let mut found: Option<&Place> = None;
        for name in message.split('`').skip(1).step_by(2) {
            // A library's parameter stands somewhere inside, but there may be several of a name.
            let inside = found.map_or(String::new(), |found| format!("{}.", found.path));
            let ends = format!(".{name}");
            let mut ends = places.iter().filter(|place| place.path.starts_with(&inside) && place.path.ends_with(&ends));
            let only = ends.next().filter(|_| ends.next().is_none());
            found = places.iter().find(|place| place.path == format!("{inside}{name}")).or(only).or(found);
        }
        match found {
            Some(place) => anyhow!("{message} (line {}, column {})", place.line, place.column),
            None => error,
        }
    }
}

/// Deserialises a value that stands at `path` in the file; an error begins with the full path.
pub(super) fn parse<'de, T: Deserialize<'de>>(path: &str, value: &'de Value) -> anyhow::Result<T> {
    T::deserialize(value).map_err(|error| {
        let path = match (path, error.path()) {
            (path, "") => path.to_owned(),
            ("", inner) => inner.to_owned(),
            (path, inner) if inner.starts_with('[') => format!("{path}{inner}"),
            (path, inner) => format!("{path}.{inner}"),
        };
        if path.is_empty() { anyhow!("{error}") } else { anyhow!("`{path}`: {error}") }
    })
}
