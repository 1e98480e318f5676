//! YAML, as the trainers' own readers have it.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle};
use sched_core::Value;

/// Longer than any configuration. The parser keeps a list within a list in memory until it ends, at 180 times its size.
const LONGEST: usize = 1 << 20;
/// As many values may anchors and aliases copy in any file, and one more for each [`SPARSE`] bytes of it: a few lines of
/// them stand for gigabytes otherwise.
const COPIES: usize = 10_000;
const SPARSE: usize = 8;
/// The length of a text that counts as one value more.
const LONG: usize = 64;
const DEEPEST: usize = 128;

/// The first document of a text. A value with a tag of its own is a map from the tag to the value.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    if text.len() > LONGEST {
        return Err("it is longer than the 1 MiB that are read of YAML; write it as JSON instead".to_owned());
    }
    let most = COPIES + text.len() / SPARSE;
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), count: 0, copied: 0, most };
    loop {
        match reader.next()? {
            Event::StreamEnd => return Ok(Value::Null),
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            event => return reader.value(event, 0),
        }
    }
}

struct Reader<'input> {
    parser: Parser<'input, saphyr_parser::StrInput<'input>>,
    anchors: HashMap<usize, (Value, usize)>,
    /// The values so far, aliases included.
    count: usize,
    /// Those that were copied, and how many may be.
    copied: usize,
    most: usize,
}

impl<'input> Reader<'input> {
    fn next(&mut self) -> Result<Event<'input>, String> {
        match self.parser.next() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(error.to_string()),
            None => Ok(Event::StreamEnd),
        }
    }

    fn copy(&mut self, values: usize) -> Result<(), String> {
        self.copied += values;
        let most = self.most;
        if self.copied > most { Err(format!("its anchors and aliases copy more than {most} values")) } else { Ok(()) }
    }

    fn value(&mut self, event: Event<'input>, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err(format!("it is nested more than {DEEPEST} levels deep"));
        }
        let before = self.count;
        self.count += 1;
        let (value, anchor, tag) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count += text.len() / LONG;
                let is_text = style != ScalarStyle::Plain || tag.as_ref().is_some_and(|tag| tag.suffix == "str");
                (if is_text { Value::Text(text.into_owned()) } else { plain(&text) }, anchor, tag)
            }
            Event::SequenceStart(anchor, tag) => {
                let mut values = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => values.push(self.value(event, depth + 1)?),
                    }
                }
                (Value::List(values), anchor, tag)
            }
            Event::MappingStart(anchor, tag) => {
                let (mut entries, mut merged) = (Entries::default(), Vec::new());
                loop {
                    let name = match self.next()? {
                        Event::MappingEnd => break,
                        event => name(self.value(event, depth + 1)?)?,
                    };
                    let event = self.next()?;
                    let value = self.value(event, depth + 1)?;
                    if name == "<<" {
                        merged.push(value);
                    } else if let Err(name) = entries.add(name, value) {
                        return Err(format!("`{name}` is given twice; remove one of the two"));
                    }
                }
                merged.into_iter().try_for_each(|value| entries.merge(value))?;
                (Value::Map(entries.entries), anchor, tag)
            }
            Event::Alias(anchor) => {
                let Some(&(ref value, size)) = self.anchors.get(&anchor) else {
                    return Err("an alias is used before its anchor".to_owned());
                };
                let value = value.clone();
                self.copy(size)?;
                self.count += size;
                return Ok(value);
            }
            event => return Err(format!("a value is missing before {event:?}")),
        };
        let own = tag.filter(|tag| tag.handle == "!" && !tag.suffix.is_empty());
        let value = match own {
            Some(tag) => Value::Map(vec![(format!("!{}", tag.suffix), value)]),
            None => value,
        };
        if anchor > 0 {
            let size = self.count - before;
            self.copy(size)?;
            self.anchors.insert(anchor, (value.clone(), size));
        }
        Ok(value)
    }
}

/// The entries of a map, in order.
#[derive(Default)]
struct Entries {
    entries: Vec<(String, Value)>,
    names: HashSet<String>,
}

impl Entries {
    /// The name comes back if there is one like it.
    fn add(&mut self, name: String, value: Value) -> Result<(), String> {
        if !self.names.insert(name.clone()) {
            return Err(name);
        }
        self.entries.push((name, value));
        Ok(())
    }

    /// What `<<` brings gives way to what the map itself has, before or after.
    fn merge(&mut self, value: Value) -> Result<(), String> {
        match value {
            Value::Map(more) => {
                for (name, value) in more {
                    let _ = self.add(name, value);
                }
                Ok(())
            }
            Value::List(maps) => maps.into_iter().try_for_each(|map| self.merge(map)),
            _ => Err("`<<` must be a map".to_owned()),
        }
    }
}

fn name(value: Value) -> Result<String, String> {
    match value {
        Value::Text(name) => Ok(name),
        Value::Null => Ok("null".to_owned()),
        Value::Int(_) | Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        _ => Err("a name must be a text".to_owned()),
    }
}

/// A plain scalar: YAML 1.2's numbers, and what PyYAML, which the trainers use, has beyond: `20_000`, `yes`, `off`.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Value::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Number(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" => return Value::Number(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Number(f64::NEG_INFINITY),
        _ => {}
    }
    number(text).unwrap_or_else(|| Value::Text(text.to_owned()))
}

/// A number as Python's `int` and `float` read it.
pub(super) fn number(text: &str) -> Option<Value> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let first = digits.strip_prefix('.').unwrap_or(digits);
    if !first.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let plain = text.replace('_', "");
    if digits.chars().all(|c| c.is_ascii_digit() || c == '_') {
        return plain.trim_start_matches('+').parse().ok().map(Value::Int);
    }
    let is_decimal = digits.chars().all(|c| c.is_ascii_digit() || "._eE+-".contains(c));
    is_decimal.then(|| plain.parse().ok().map(Value::Number)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Value {
        match parse(&format!("a: {text}")).unwrap() {
            Value::Map(entries) => entries[0].1.clone(),
            value => value,
        }
    }

    #[test]
    fn numbers_are_those_that_people_mean() {
        for (text, number) in
            [("1e-4", 1e-4), ("1.e-4", 1e-4), (".5", 0.5), ("1E3", 1e3), ("-2.5", -2.5), ("5e-06", 5e-6)]
        {
            assert_eq!(one(text), Value::Number(number), "{text}");
        }
        for (text, number) in [("20_000", 20_000), ("-1", -1), ("+3", 3), ("18446744073709551615", u64::MAX.into())] {
            assert_eq!(one(text), Value::Int(number), "{text}");
        }
        for text in ["10ba", "1ep", "e5", "_1", "1-2", "0.1dur", "(1, 2)", "infinity", "nano"] {
            assert_eq!(one(text), Value::Text(text.to_owned()), "{text}");
        }
        assert_eq!(one("'1e-4'"), Value::Text("1e-4".to_owned()));
        assert_eq!(one("!!str 5"), Value::Text("5".to_owned()));
        assert_eq!((one("yes"), one("~"), one("off")), (Value::Bool(true), Value::Null, Value::Bool(false)));
    }

    #[test]
    fn tags_anchors_and_merges_are_kept() {
        let tagged = Value::Map(vec![("!Linear".to_owned(), Value::Map(vec![("k".to_owned(), Value::Int(1))]))]);
        assert_eq!(one("!Linear {k: 1}"), tagged);
        let merged = parse("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3").unwrap();
        let Value::Map(entries) = merged else { panic!() };
        let expected = [("x", 1), ("y", 3)].map(|(name, value)| (name.to_owned(), Value::Int(value)));
        let Value::Map(used) = &entries[1].1 else { panic!() };
        assert!(used.len() == 2 && expected.iter().all(|entry| used.contains(entry)), "{used:?}");
    }

    #[test]
    fn what_would_be_silent_is_an_error() {
        assert!(parse("a: 1\na: 2").unwrap_err().contains("`a` is given twice"));
        assert!(parse(&"a: 1\n".repeat(1 << 18)).unwrap_err().contains("1 MiB"));
        let many: String = (0..80_000).map(|i| format!("k{i}: 1\n")).collect();
        assert!(parse(&format!("{many}k0: 1")).unwrap_err().contains("`k0` is given twice"));
        assert!(parse("a: [1, 2").is_err());
        let bomb = (1..30).fold("a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned(), |text, i| {
            format!("{text}a{i}: &a{i} [*a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}]\n", i - 1)
        });
        let long = format!("a: &a {}\nb: [{}]", "x".repeat(100_000), "*a, ".repeat(100));
        let nested: String = (0..100).map(|level| format!("&a{level} [")).collect();
        let nested = format!("a: {nested}{}{}", "1, ".repeat(10_000), "]".repeat(100));
        for attack in [bomb, long, nested] {
            let error = parse(&attack).unwrap_err();
            assert!(error.starts_with("its anchors and aliases copy more than "), "{error}");
        }
        let deep = "[".repeat(1000);
        assert!(parse(&format!("a: {deep}")).is_err());
    }
}
