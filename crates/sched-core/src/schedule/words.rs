//! What a derived reader says, in plain words instead of Rust's, and what a misspelt name may have been meant for.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

/// The message in plain words: no types of Rust, no "variant", no "unit value", and a suggestion for a misspelt name. A message
/// that is none of serde's stays as it is.
pub(crate) fn plain(message: &str) -> String {
    // JSON's readers add where it is.
    let (said, place) = match message.rfind(" at line ") {
        Some(at) => message.split_at(at),
        None => (message, ""),
    };
    let kind = said.split(' ').take(2).collect::<Vec<_>>();
    let plain = match kind.as_slice() {
        ["invalid", "type:" | "value:"] => mismatch(said),
        ["invalid", "length"] => length(said),
        ["unknown", "field" | "variant"] => unknown(said),
        ["duplicate", "field"] => {
            said.strip_prefix("duplicate field ").map(|name| format!("{name} is given twice; remove one of the two"))
        }
        _ => None,
    };
    plain.map_or_else(|| message.to_owned(), |plain| format!("{plain}{place}"))
}

/// ``invalid value: integer `-5`, expected `period`: a whole number``, which is "`period` is -5, but must be a whole number".
fn mismatch(said: &str) -> Option<String> {
    let (found, expected) = said.split_once(": ")?.1.rsplit_once(", expected ")?;
    let found = found_as(found);
    Some(match expected.strip_prefix('`').and_then(|rest| rest.split_once("`: ")) {
        Some((field, rule)) => format!("`{field}` is {found}, but must be {rule}"),
        None => format!("found {found}, expected {}", expected_as(expected)),
    })
}

/// `invalid length 2, expected struct Ramp with 5 elements`.
fn length(said: &str) -> Option<String> {
    let (count, expected) = said.strip_prefix("invalid length ")?.split_once(", expected ")?;
    let expected = match expected.rsplit_once(" with ") {
        Some((_, elements)) if elements.contains("element") => elements.to_owned(),
        _ => expected_as(expected),
    };
    Some(format!("found {count} {}, expected {expected}", if count == "1" { "element" } else { "elements" }))
}

/// ``unknown variant `cos`, expected one of `linear`, `cosine` ``.
fn unknown(said: &str) -> Option<String> {
    let (name, expected) = said.split_once(" `")?.1.rsplit_once("`, expected ")?;
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let what = if said.starts_with("unknown variant") { "name" } else { "field" };
    Some(match nearest(name, &known) {
        Some(near) => format!("unknown {what} `{name}` (did you mean `{near}`?), expected {expected}"),
        None => format!("unknown {what} `{name}`, expected {expected}"),
    })
}

/// What was found, as a person writes it.
fn found_as(found: &str) -> String {
    let quoted = |prefix: &str| found.strip_prefix(prefix)?.strip_suffix('`').map(ToOwned::to_owned);
    let number = ["boolean `", "integer `", "floating point `", "character `"].into_iter().find_map(quoted);
    number.unwrap_or_else(|| match found {
        "unit value" | "Option value" => "null".to_owned(),
        "sequence" => "a list".to_owned(),
        "map" => "a map".to_owned(),
        "unit variant" => "a name alone".to_owned(),
        "newtype variant" | "tuple variant" | "struct variant" => "a name with a value".to_owned(),
        "byte array" => "bytes".to_owned(),
        other => other.strip_prefix("string ").unwrap_or(other).to_owned(),
    })
}

/// What was expected, as a person writes it.
fn expected_as(expected: &str) -> String {
    let first = expected.split(' ').next().unwrap_or_default();
    let kind = if expected.contains(" variant") { "variant" } else { first };
    match (kind, expected) {
        (_, "unit variant" | "unit") => "a name alone",
        (_, "variant identifier" | "field identifier" | "string or map") => "a name",
        (_, "a boolean") => "true or false",
        (_, "a sequence") => "a list",
        (_, "option") => "a value or null",
        ("u8" | "u16" | "u32" | "u64" | "u128" | "usize", _) => "a whole number, 0 or more",
        ("i8" | "i16" | "i32" | "i64" | "i128" | "isize", _) => "a whole number",
        ("f32" | "f64", _) => "a number",
        ("variant", _) if first == "unit" => "a name alone",
        ("variant", _) => "a name with a value",
        ("struct", _) => "a map",
        ("enum", _) => "a name, or a map from a name to what it holds",
        ("tuple", _) => "a list",
        _ => expected,
    }
    .to_owned()
}

/// The one of the known names that a misspelt one was probably meant for.
///
/// ```
/// use sched_core::show;
///
/// assert_eq!(show::nearest("step_siez", &["gamma", "step_size"]), Some("step_size"));
/// assert_eq!(show::nearest("cos", &["linear", "cosine_power", "cosine"]), Some("cosine"));
/// assert_eq!(show::nearest("warmup", &["gamma", "step_size"]), None);
/// ```
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    const LONGEST: usize = 64;
    let simple = |name: &str| -> Vec<char> {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(LONGEST + 1).collect()
    };
    let name = simple(name);
    if name.is_empty() || name.len() > LONGEST {
        return None;
    }
    let closeness = |known: &&str| {
        let known = simple(known);
        let begins = name.len() >= 3 && known.starts_with(&name);
        let most = (name.len().max(known.len()) / 4).max(1);
        let distance = distance(&name, &known);
        (begins || distance <= most.min(name.len() - 1)).then_some((distance, known.len()))
    };
    known.iter().filter_map(|known| Some((closeness(known)?, *known))).min().map(|(_, known)| known)
}

/// How many letters must be changed, added, removed or swapped with the next one.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (j, b) in other.iter().enumerate() {
            let mut least = (row[j] + usize::from(a != b)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(1 + before[j - 1]);
            }
            next.push(least);
        }
        before = mem::replace(&mut row, next);
    }
    row[other.len()]
}

/// Gives types that derive serde's traits, or the reader alone, with `remote = "Self"` a reader whose errors are [`plain`].
macro_rules! plain_reader {
    ($($type:ident)*) => {
        $crate::schedule::plain_reader! { alone: $($type)* }

        $(impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $type::serialize(self, serializer) // the derived one
            }
        })*
    };
    (alone: $($type:ident)*) => {
        $(impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $type::deserialize(deserializer).map_err($crate::schedule::safe_error) // the derived one
            }
        })*
    };
}
pub(crate) use plain_reader;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_rust_is_left() {
        for (said, told) in [
            (
                "invalid type: unit value, expected `from`: a finite number",
                "`from` is null, but must be a finite number",
            ),
            (
                "invalid value: integer `-5`, expected `period`: a whole number, 0 or more at line 1 column 9",
                "`period` is -5, but must be a whole number, 0 or more at line 1 column 9",
            ),
            ("invalid type: string \"3\", expected u64", "found \"3\", expected a whole number, 0 or more"),
            ("invalid type: null, expected a boolean", "found null, expected true or false"),
            ("invalid type: floating point `0.5`, expected struct Ramp", "found 0.5, expected a map"),
            (
                "invalid type: unit variant, expected newtype variant",
                "found a name alone, expected a name with a value",
            ),
            (
                "invalid type: newtype variant, expected unit variant",
                "found a name with a value, expected a name alone",
            ),
            ("invalid type: map, expected unit variant Beyond::Hold", "found a map, expected a name alone"),
            ("invalid length 2, expected struct Ramp with 5 elements", "found 2 elements, expected 5 elements"),
            ("invalid length 1, expected tuple variant", "found 1 element, expected a name with a value"),
            ("duplicate field `from`", "`from` is given twice; remove one of the two"),
            (
                "unknown variant `cos`, expected `linear` or `cosine`",
                "unknown name `cos` (did you mean `cosine`?), expected `linear` or `cosine`",
            ),
            ("unknown field `x`, expected one of `a`, `b`", "unknown field `x`, expected one of `a`, `b`"),
            ("missing field `steps`", "missing field `steps`"),
            ("`factor` is 2, but must be below 1", "`factor` is 2, but must be below 1"),
        ] {
            assert_eq!(plain(said), told, "{said}");
            assert_eq!(plain(told), told, "a message that has been told already");
        }
    }

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        for (name, known, near) in [
            ("form", &["from", "to", "steps"][..], Some("from")),
            ("StepLr", &["MultiStepLR", "StepLR"], Some("StepLR")),
            ("CosineAnnealing", &["CosineAnnealingWarmRestarts", "CosineAnnealingLR"], Some("CosineAnnealingLR")),
            ("warmup-steps", &["warmup_steps"], Some("warmup_steps")),
            ("mni", &["max", "min"], Some("min")),
            ("x", &["a", "b"], None),
            ("", &["a"], None),
            ("gamma", &["step_size"], None),
        ] {
            assert_eq!(nearest(name, known), near, "{name}");
        }
        assert_eq!(nearest(&"a".repeat(1 << 20), &["a"]), None);
    }
}
