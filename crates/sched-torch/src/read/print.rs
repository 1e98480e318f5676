//! Values on one line, as Python prints them.

use super::heap::DictKind;
use super::value::{Kind, Value};
use std::fmt::{self, Write};

impl fmt::Display for Value<'_> {
    /// As [`printed`](Value::printed), up to 1000 characters; a precision sets another length: `{:.80}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.printed(f.precision().unwrap_or(1000)).fmt(f)
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'a> Value<'a> {
    /// The value on one line, as Python prints it: `{'gamma': 0.1, '_last_lr': [0.01]}`. Control characters and those
    /// that change the direction of text are escaped. What exceeds `characters` is cut, with `...` in its place; an
    /// object inside of itself is `...` too. Tensors show their type and shape.
    #[must_use]
    pub fn printed(self, characters: usize) -> Printed<'a> {
        Printed { value: self, characters }
    }
}

/// A [`Value`] as it is printed.
pub struct Printed<'a> {
    value: Value<'a>,
    characters: usize,
}

/// What is still to be printed, the next one last.
enum Work<'a> {
    Value(Value<'a>),
    Text(&'static str),
    /// The container on top of the path is done.
    Leave,
}

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Capped { out: f, left: self.characters, cut: false };
        match print(&mut out, self.value) {
            Err(fmt::Error) if out.cut => f.write_str("..."),
            other => other,
        }
    }
}

/// Prints without recursion, so that the stack does not depend on the file.
fn print<'a>(out: &mut Capped<'_, '_>, value: Value<'a>) -> fmt::Result {
    let mut path: Vec<Value<'a>> = Vec::new();
    let mut work = vec![Work::Value(value)];
    while let Some(next) = work.pop() {
        let value = match next {
            Work::Text(text) => {
                out.write_str(text)?;
                continue;
            }
            Work::Leave => {
                path.pop();
                continue;
            }
            Work::Value(value) => value,
        };
        // Only as much as could still be printed is laid out.
        let most = out.left;
        let mut parts = Vec::new();
        match value.kind() {
            Kind::None => out.write_str("None")?,
            Kind::Bool(value) => out.write_str(if value { "True" } else { "False" })?,
            Kind::Int(value) => write!(out, "{value}")?,
            Kind::BigInt(bytes) => write!(out, "<int of {} bytes>", bytes.len())?,
            Kind::Float(value) => float(out, value)?,
            Kind::Complex { re, im } => {
                out.write_str("complex(")?;
                float(out, re)?;
                out.write_str(", ")?;
                float(out, im)?;
                out.write_char(')')?;
            }
            Kind::Str(text) => quoted(out, text)?,
            Kind::Bytes(bytes) => {
                out.write_str("b'")?;
                bytes.iter().try_for_each(|byte| write!(out, "{}", byte.escape_ascii()))?;
                out.write_char('\'')?;
            }
            Kind::Global(global) => name(out, global.module, global.name)?,
            Kind::Storage => out.write_str("<storage>")?,
            Kind::Tensor(tensor) => write!(out, "tensor({}, {:?})", tensor.dtype(), tensor.shape())?,
            _ if path.iter().any(|outer| outer.is_same_object(value)) => out.write_str("...")?,
            Kind::Tuple | Kind::List | Kind::Set => {
                let (open, close) = match value.kind() {
                    Kind::Tuple => ("(", ")"),
                    Kind::List => ("[", "]"),
                    _ => ("{", "}"),
                };
                let items = value.as_items().into_iter().flatten();
                let single =
                    matches!(value.kind(), Kind::Tuple) && value.as_items().is_some_and(|items| items.len() == 1);
                list(&mut parts, items.take(most), open, if single { ",)" } else { close });
            }
            Kind::Dict(dict) => {
                let (open, close) = match dict.kind() {
                    DictKind::Dict => ("{", "}"),
                    DictKind::OrderedDict => ("OrderedDict({", "})"),
                    DictKind::Counter => ("Counter({", "})"),
                    DictKind::DefaultDict => ("defaultdict({", "})"),
                };
                mapping(&mut parts, dict.entries().take(most), open, close);
            }
            Kind::Object(object) => {
                parts.extend([Work::Text("<"), Work::Value(object.callable()), Work::Value(object.args())]);
                for (label, value) in [(" keywords ", object.keywords()), (" state ", object.state())] {
                    if !value.is_none() {
                        parts.extend([Work::Text(label), Work::Value(value)]);
                    }
                }
                if object.items().len() > 0 {
                    list(&mut parts, object.items().take(most), " items [", "]");
                }
                if object.entries().len() > 0 {
                    mapping(&mut parts, object.entries().take(most), " entries {", "}");
                }
                parts.push(Work::Text(">"));
            }
        }
        if !parts.is_empty() {
            path.push(value);
            work.push(Work::Leave);
            work.extend(parts.into_iter().rev());
        }
    }
    Ok(())
}

fn list<'a>(
    parts: &mut Vec<Work<'a>>,
    items: impl Iterator<Item = Value<'a>>,
    open: &'static str,
    close: &'static str,
) {
    parts.push(Work::Text(open));
    for (place, item) in items.enumerate() {
        if place > 0 {
            parts.push(Work::Text(", "));
        }
        parts.push(Work::Value(item));
    }
    parts.push(Work::Text(close));
}

fn mapping<'a>(
    parts: &mut Vec<Work<'a>>,
    entries: impl Iterator<Item = (Value<'a>, Value<'a>)>,
    open: &'static str,
    close: &'static str,
) {
    parts.push(Work::Text(open));
    for (place, (key, value)) in entries.enumerate() {
        if place > 0 {
            parts.push(Work::Text(", "));
        }
        parts.extend([Work::Value(key), Work::Text(": "), Work::Value(value)]);
    }
    parts.push(Work::Text(close));
}

/// `module.name`, where nothing in it can pass for something else.
fn name(out: &mut Capped<'_, '_>, module: &str, name: &str) -> fmt::Result {
    let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    if plain(module) && plain(name) {
        return write!(out, "{module}.{name}");
    }
    quoted(out, module)?;
    out.write_char('.')?;
    quoted(out, name)
}

fn quoted(out: &mut Capped<'_, '_>, text: &str) -> fmt::Result {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            _ if c == '\\' || c == quote => write!(out, "\\{c}")?,
            '\'' | '"' => out.write_char(c)?,
            // Rust escapes what does not print by itself; the numbers are written as Python does.
            _ if c.escape_debug().len() == 1 => out.write_char(c)?,
            _ => match u32::from(c) {
                code @ ..0x100 => write!(out, "\\x{code:02x}")?,
                code @ ..0x1_0000 => write!(out, "\\u{code:04x}")?,
                code => write!(out, "\\U{code:08x}")?,
            },
        }
    }
    out.write_char(quote)
}

/// A float as Python's `repr` writes it: `0.1`, `1e-05`, `1e+16`, `inf`.
fn float(out: &mut Capped<'_, '_>, value: f64) -> fmt::Result {
    if value.is_nan() {
        return out.write_str("nan");
    }
    if value.is_infinite() {
        return out.write_str(if value > 0.0 { "inf" } else { "-inf" });
    }
    if value == 0.0 || (1e-4..1e16).contains(&value.abs()) {
        return write!(out, "{value:?}");
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    write!(out, "{digits}e{sign}{exponent:0>2}")
}

/// Writes so many characters and then fails, with `cut` set.
struct Capped<'f, 'o> {
    out: &'f mut fmt::Formatter<'o>,
    left: usize,
    cut: bool,
}

impl Write for Capped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let fitting = text.char_indices().nth(self.left).map_or(text, |(end, _)| &text[..end]);
        self.left -= fitting.chars().count();
        self.out.write_str(fitting)?;
        self.cut = fitting.len() < text.len();
        if self.cut { Err(fmt::Error) } else { Ok(()) }
    }
}
