//! YAML that every reader takes for what it is: numbers with a point, and texts in quotes where they could be anything else.

use sched_core::Value;

/// A file as YAML in block style, which [`parse`](crate::parse) reads back as the same value.
///
/// ```
/// use sched_core::Value;
///
/// let file = Value::Map(vec![("lr".to_owned(), Value::Number(1e-5)), ("steps".to_owned(), Value::Int(100))]);
/// assert_eq!(sched_dialects::to_yaml(&file), "lr: 1.0e-5\nsteps: 100\n");
/// ```
#[must_use]
pub fn to_yaml(value: &Value) -> String {
    match value {
        Value::Map(entries) if !entries.is_empty() => {
            let mut text = String::new();
            map(entries, 0, &mut text);
            text
        }
        value => format!("{}\n", inline(value)),
    }
}

fn map(entries: &[(String, Value)], indent: usize, text: &mut String) {
    for (i, (name, value)) in entries.iter().enumerate() {
        // The first entry of a map in a list stands beside the dash.
        if i > 0 || text.is_empty() || text.ends_with('\n') {
            text.push_str(&" ".repeat(indent));
        }
        text.push_str(&scalar(name));
        text.push(':');
        nested(value, indent, text);
    }
}

fn nested(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Map(entries) if !entries.is_empty() => {
            text.push('\n');
            map(entries, indent + 2, text);
        }
        Value::List(values) if values.iter().any(|value| matches!(value, Value::Map(_))) => {
            text.push('\n');
            for value in values {
                text.push_str(&" ".repeat(indent + 2));
                text.push('-');
                match value {
                    Value::Map(entries) if !entries.is_empty() => {
                        text.push(' ');
                        map(entries, indent + 4, text);
                    }
                    value => nested(value, indent + 2, text),
                }
            }
        }
        value => {
            text.push(' ');
            text.push_str(&inline(value));
            text.push('\n');
        }
    }
}

/// A value on one line.
fn inline(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Number(value) => number(*value),
        Value::Text(text) => scalar(text),
        Value::List(values) => format!("[{}]", values.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(name, value)| format!("{}: {}", scalar(name), inline(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The fewest digits that round-trip, with a point: PyYAML takes `1e-5` for a text.
fn number(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = format!("{value:?}");
    match text.split_once('e') {
        Some((digits, power)) if !digits.contains('.') => format!("{digits}.0e{}", signed(power)),
        Some((digits, power)) => format!("{digits}e{}", signed(power)),
        None => text,
    }
}

fn signed(power: &str) -> String {
    if power.starts_with('-') { power.to_owned() } else { format!("+{power}") }
}

/// A text as it is if it is a plain word, or else in JSON's quotes, which are YAML's too.
fn scalar(text: &str) -> String {
    const WORDS: &[&str] = &["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"];
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if is_word { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::to_yaml;
    use crate::files::{Syntax, parse};
    use sched_core::Value;

    #[test]
    fn what_is_written_is_read_again() {
        let json = r#"{"a": [], "b": {}, "c": [{"d": 1, "e": [2, [3, {"f": "g"}]]}, {}, 5, {"h": {"i": null}}], "yes": "no",
            "1": "2", "colon: text": "- dash", "line\nbreak": "tab\t\"quote\"", "tiny": 5e-324, "huge": 1e300, "small": 1e-5,
            "whole": 3.0, "long": 18446744073709551615, "share": "10 %", "empty": "", "flag": true, "text": "1e-5", "hash": "a #b"}"#;
        let value: Value = serde_json::from_str(json).unwrap();
        let text = to_yaml(&value);
        assert_eq!(parse(&text, Some(Syntax::Yaml)).unwrap(), value, "{text}");
        for value in [Value::List(vec![]), Value::Map(vec![]), Value::Int(3), Value::Null] {
            assert_eq!(parse(&to_yaml(&value), Some(Syntax::Yaml)).unwrap(), value);
        }
    }

    #[test]
    fn numbers_are_numbers_to_every_reader() {
        let text = to_yaml(&serde_json::from_str(r#"{"lr": 1e-5, "max": 1e300, "steps": 100, "ratio": 0.5}"#).unwrap());
        assert_eq!(text, "lr: 1.0e-5\nmax: 1.0e+300\nsteps: 100\nratio: 0.5\n");
    }
}
