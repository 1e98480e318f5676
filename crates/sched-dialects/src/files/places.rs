//! Where in the text of a file its names stand.

use saphyr_parser::{Event, Parser};
use toml::de::{DeTable, DeValue};

use super::syntax::{Syntax, guess};

/// Where a name or an element of a list stands in the text of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its path, such as `params.milestones[0]`.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

/// Texts above this length, in bytes, and paths above this length have no places: a message is not worth much memory.
const LONGEST: (usize, usize) = (1 << 17, 1_000);

/// The places of all names and elements, as far as the text can be read; without a syntax, by what it looks like. A text of more than
/// 128 KiB has none.
///
/// ```
/// let places = sched_dialects::places("{\n  \"params\": {\"T_max\": 10}\n}", None);
/// let place = places.iter().find(|place| place.path == "params.T_max").unwrap();
/// assert_eq!((place.line, place.column), (2, 14));
/// ```
#[must_use]
pub fn places(text: &str, syntax: Option<Syntax>) -> Vec<Place> {
    let mut places = Vec::new();
    if text.len() > LONGEST.0 {
        return places;
    }
    match syntax.unwrap_or_else(|| guess(text)) {
        Syntax::Toml => {
            if let Ok(table) = DeTable::parse(text) {
                let lines: Vec<usize> =
                    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
                toml_table(table.get_ref(), "", &Text { text, lines }, &mut places);
            }
        }
        // JSON is YAML.
        Syntax::Json | Syntax::Yaml => yaml_places(text, &mut places),
    }
    places
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn toml_table(table: &DeTable<'_>, path: &str, text: &Text<'_>, places: &mut Vec<Place>) {
    for (name, value) in table {
        let path = join(path, name.get_ref());
        if path.len() > LONGEST.1 {
            continue;
        }
        places.push(text.place(path.clone(), name.span().start));
        toml_value(value.get_ref(), &path, text, places);
    }
}

fn toml_value(value: &DeValue<'_>, path: &str, text: &Text<'_>, places: &mut Vec<Place>) {
    match value {
        DeValue::Table(table) => toml_table(table, path, text, places),
        DeValue::Array(values) => {
            for (i, value) in values.iter().enumerate() {
                let path = format!("{path}[{i}]");
                places.push(text.place(path.clone(), value.span().start));
                toml_value(value.get_ref(), &path, text, places);
            }
        }
        _ => {}
    }
}

/// A text and where its lines start.
struct Text<'a> {
    text: &'a str,
    lines: Vec<usize>,
}

impl Text<'_> {
    fn place(&self, path: String, byte: usize) -> Place {
        let line = self.lines.partition_point(|&start| start <= byte);
        let before = self.text.get(self.lines[line - 1]..byte).unwrap_or_default();
        Place { path, line, column: before.chars().count() + 1 }
    }
}

/// A map or a list that is open.
enum Open {
    /// The path of the map, and the name whose value comes next.
    Map(String, Option<String>),
    /// The path of the list, and the index of the next element.
    List(String, usize),
}

fn yaml_places(text: &str, places: &mut Vec<Place>) {
    let mut open: Vec<Open> = Vec::new();
    for next in Parser::new_from_str(text) {
        let Ok((event, span)) = next else { return };
        if matches!(event, Event::DocumentEnd) {
            return;
        }
        if matches!(event, Event::MappingEnd | Event::SequenceEnd) {
            open.pop();
            continue;
        }
        let is_value =
            matches!(event, Event::Scalar(..) | Event::Alias(_) | Event::MappingStart(..) | Event::SequenceStart(..));
        if !is_value {
            continue;
        }
        let mut place = |path: &str| {
            places.push(Place { path: path.to_owned(), line: span.start.line(), column: span.start.col() + 1 });
        };
        let path = match open.last_mut() {
            None => String::new(),
            Some(Open::List(path, index)) => {
                let path = format!("{path}[{index}]");
                *index += 1;
                place(&path);
                path
            }
            Some(Open::Map(path, name @ None)) => {
                let Event::Scalar(scalar, ..) = &event else { return };
                place(&join(path, scalar));
                if path.len() + scalar.len() > LONGEST.1 {
                    return;
                }
                *name = Some(scalar.to_string());
                continue;
            }
            Some(Open::Map(path, name)) => join(path, &name.take().unwrap_or_default()),
        };
        match event {
            Event::MappingStart(..) => open.push(Open::Map(path, None)),
            Event::SequenceStart(..) => open.push(Open::List(path, 0)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Syntax, places};

    #[test]
    fn names_and_elements_are_found_in_every_syntax() {
        let json = "{\n  \"a\": {\"b\": [1, {\"c\": 2}]},\n\t\"d\": null\n}";
        let yaml = "# comment\na:\n  b: [1, {c: 2}]\nd:\n  - e: 1\n";
        let toml = "d = 1\n[a]\nb = [1, {c = 2}]\n[[x]]\ny = \"é\"\nz = 3\n";
        for (text, syntax, path, expected) in [
            (json, Syntax::Json, "a", (2, 3)),
            (json, Syntax::Json, "a.b", (2, 9)),
            (json, Syntax::Json, "a.b[1]", (2, 18)),
            (json, Syntax::Json, "a.b[1].c", (2, 19)),
            (json, Syntax::Json, "d", (3, 2)),
            (yaml, Syntax::Yaml, "a.b[1].c", (3, 11)),
            (yaml, Syntax::Yaml, "d[0].e", (5, 5)),
            (toml, Syntax::Toml, "d", (1, 1)),
            (toml, Syntax::Toml, "a.b[1].c", (3, 10)),
            (toml, Syntax::Toml, "x[0].z", (6, 1)),
        ] {
            let found = places(text, Some(syntax)).into_iter().find(|place| place.path == path);
            assert_eq!(found.map(|place| (place.line, place.column)), Some(expected), "{path} in {text}");
        }
    }

    #[test]
    fn what_cannot_be_read_has_no_places() {
        for text in ["", "[", "{\"a\": ", "a: *b", "? [x]\n: y", "\u{0}"] {
            for syntax in [Syntax::Json, Syntax::Toml, Syntax::Yaml] {
                assert!(places(text, Some(syntax)).len() <= 1, "{text}");
            }
        }
    }
}
