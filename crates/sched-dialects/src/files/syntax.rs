//! JSON, TOML and YAML, as one kind of value.

use std::collections::HashSet;

use sched_core::Value;
use sched_core::show::line;

use super::error::FileError;
use super::yaml;

/// The syntax of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Syntax {
    /// JSON.
    Json,
    /// TOML 1.
    Toml,
    /// YAML 1.2, with numbers and truth values as Python's readers have them.
    Yaml,
}

/// Parses the text of a file; without a syntax, by what it looks like.
///
/// # Errors
///
/// The text is not of that syntax, or a name is given twice.
pub fn parse(text: &str, syntax: Option<Syntax>) -> Result<Value, FileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match syntax.unwrap_or_else(|| guess(text)) {
        Syntax::Json => {
            let wrong = |error: serde_json::Error| FileError::Syntax { syntax: "JSON", message: error.to_string() };
            let parsed = serde_json::from_str(text).map_err(wrong)?;
            twice(&parsed).map_or(Ok(parsed), |message| Err(FileError::Own(message)))
        }
        Syntax::Toml => {
            let parsed = toml::from_str(text);
            parsed.map_err(|error| FileError::Syntax { syntax: "TOML", message: error.to_string().trim().to_owned() })
        }
        Syntax::Yaml => yaml::parse(text).map_err(|message| FileError::Syntax { syntax: "YAML", message }),
    }
}

/// A name that is given twice in a map, of which readers take the first or the last.
fn twice(value: &Value) -> Option<String> {
    match value {
        Value::List(values) => values.iter().find_map(twice),
        Value::Map(entries) => {
            let mut names = HashSet::new();
            let again = entries.iter().find(|(name, _)| !names.insert(name));
            let own = again.map(|(name, _)| format!("`{}` is given twice; remove one of the two", line(name)));
            own.or_else(|| entries.iter().find_map(|(_, value)| twice(value)))
        }
        _ => None,
    }
}

/// Both a list in JSON and a table's head in TOML begin with a bracket, but no file of a list is read here.
pub(super) fn guess(text: &str) -> Syntax {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(first) = lines().next() else { return Syntax::Yaml };
    let is_name = |name: &str| {
        let name = name.trim();
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-.\"'".contains(c))
    };
    if first.starts_with('{') {
        Syntax::Json
    } else if (first.starts_with('[') && first.contains(']') && !first.contains(','))
        || first.split_once('=').is_some_and(|(name, _)| is_name(name))
    {
        Syntax::Toml
    } else {
        Syntax::Yaml
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syntax_is_told_by_what_it_looks_like() {
        let cases = [
            (" {\"a\": 1}", Syntax::Json),
            ("# a comment\n[job]\nx = 1", Syntax::Toml),
            ("steps = 3", Syntax::Toml),
            ("a: 1", Syntax::Yaml),
            ("---\na: b = c", Syntax::Yaml),
            ("- a", Syntax::Yaml),
            ("", Syntax::Yaml),
        ];
        for (text, syntax) in cases {
            assert_eq!(guess(text), syntax, "{text}");
        }
        assert_eq!(parse("\u{feff}{\"a\": 1}", None), Ok(Value::Map(vec![("a".to_owned(), Value::Int(1))])));
    }
}
