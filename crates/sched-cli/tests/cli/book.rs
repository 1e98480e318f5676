//! The pages of the book in `docs/` that show this command. `UPDATE_DOCS=1` writes what it prints.

use std::fmt::Write;
use std::fs;

use sched_tests::pages::{assert_up_to_date, root};
use serde_json::{Value, json};

use crate::common::Folder;

/// A page's files are written to a folder, each under the last name in backticks before it; the commands of its `console` blocks run
/// there and print what the page shows below them.
#[test]
fn the_examples_of_the_book_print_what_it_shows() {
    let mut commands = 0;
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = fs::read_to_string(&path) else { continue };
        if !text.contains("```console") {
            continue;
        }
        let folder = Folder::with([]);
        let (mut page, mut name) = (String::new(), "");
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            writeln!(page, "{line}").unwrap();
            match line {
                "```console" => {
                    for line in lines.by_ref().take_while(|line| *line != "```") {
                        let Some(command) = line.strip_prefix("$ sched ") else { continue };
                        commands += 1;
                        let output = folder.sched(command).output().unwrap();
                        let shown = [output.stdout, output.stderr].concat();
                        let shown = String::from_utf8(shown).unwrap();
                        let shown: Vec<_> = shown.lines().map(str::trim_end).collect();
                        writeln!(page, "{line}\n{}", shown.join("\n").trim_matches('\n')).unwrap();
                    }
                    writeln!(page, "```").unwrap();
                }
                "```json" | "```yaml" | "```toml" => {
                    let file: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
                    let file = file.join("\n");
                    fs::write(folder.path(name), &file).unwrap();
                    writeln!(page, "{file}\n```").unwrap();
                }
                _ => {}
            }
            name = line.split('`').nth_back(1).filter(|_| !line.is_empty()).unwrap_or(name);
        }
        assert_up_to_date(&path, &page);
    }
    assert!(commands > 1, "{commands}");
}

#[test]
fn the_command_reference_is_up_to_date() {
    let folder = Folder::with([]);
    let help = folder.stdout("--help");
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let commands = list.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    let mut page = format!(
        "# The command line\n\nWhat `sched --help` prints, and the help of each command. `sched man` prints a man page, and \
         `sched completions` a completion\nscript for your shell.\n\n```text\n{}```\n",
        text(&help)
    );
    for command in commands.filter(|name| *name != "help") {
        let help = folder.stdout(&format!("{command} --help"));
        write!(page, "\n## `sched {command}`\n\n```text\n{}```\n", text(&help)).unwrap();
    }
    assert_up_to_date("docs/command-line.md", &page);
}

fn text(help: &str) -> String {
    help.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn the_file_format_is_up_to_date() {
    let schema: Value = serde_json::from_str(&Folder::with([]).stdout("schema")).unwrap();
    assert_up_to_date("docs/file-format.md", &file_format(&schema));
}

fn file_format(schema: &Value) -> String {
    let mut page = String::from(FILE_FORMAT);
    for file in schema["anyOf"].as_array().unwrap() {
        let title = file["description"].as_str().unwrap().trim_end_matches('.');
        if file["properties"].get("ramp").is_some() {
            write!(page, "\n### {title}\n\nA [node](#node), beside which `plan` and `$schema` may stand.\n").unwrap();
        } else {
            write!(page, "\n### {title}\n\n{}", table("field", file)).unwrap();
        }
    }
    page.push_str("\n## What a field holds\n");
    for (name, definition) in schema["definitions"].as_object().unwrap() {
        write!(page, "\n### {name}\n\n").unwrap();
        if let Some(description) = definition["description"].as_str() {
            write!(page, "{description}\n\n").unwrap();
        }
        match definition.get("properties") {
            Some(_) if definition["maxProperties"] == 1 => {
                write!(page, "A map with one of these:\n\n{}", table("name", definition)).unwrap();
            }
            Some(_) => page.push_str(&table("field", definition)),
            None => writeln!(page, "Holds {}.", values(definition)).unwrap(),
        }
    }
    page
}

const FILE_FORMAT: &str = "\
# The file format

A schedule file is JSON, YAML or TOML. `sched schema` prints its JSON Schema, from which this page is made; name it in a file, as
`\"$schema\": \"sched.schema.json\"`, and an editor completes and checks what you write. The configurations of trainers, which `sched`
reads as well, are in [Coming from another library](coming-from.md#whole-files).

## Files

A file is one of these.
";

/// The properties of an object.
fn table(title: &str, object: &Value) -> String {
    let mut table = format!("| {title} | holds | |\n|---|---|---|\n");
    for (name, of) in object["properties"].as_object().unwrap() {
        let mut notes: Vec<_> = of["description"].as_str().into_iter().collect();
        if is_required(object, name) {
            notes.push("Required.");
        }
        writeln!(table, "| `{name}` | {} | {} |", values(of), notes.join(" ")).unwrap();
    }
    table
}

fn is_required(object: &Value, name: &str) -> bool {
    object["required"].as_array().is_some_and(|names| names.iter().any(|required| required == name))
}

/// What a value may be, in words.
fn values(of: &Value) -> String {
    if let Some(name) = of["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return format!("[{name}](#{name})");
    }
    if let Some(words) = of["enum"].as_array() {
        return words.iter().map(|word| format!("`{}`", word.as_str().unwrap())).collect::<Vec<_>>().join(", ");
    }
    if let Some(choices) = of["anyOf"].as_array() {
        return choices.iter().map(values).collect::<Vec<_>>().join(", or ");
    }
    let least = of["minimum"].as_u64().map(|minimum| format!(", {minimum} or more")).unwrap_or_default();
    match &of["type"] {
        Value::Array(types) => {
            let types = types.iter().map(|kind| values(&json!({"type": kind, "minimum": of["minimum"]})));
            types.collect::<Vec<_>>().join(", or ")
        }
        Value::String(kind) => match kind.as_str() {
            "number" => format!("a number{least}"),
            "integer" => format!("a whole number{least}"),
            "boolean" => "`true` or `false`".to_owned(),
            "null" => "`null`".to_owned(),
            "string" => "a text".to_owned(),
            "array" => format!("a list; each item: {}", values(&of["items"])),
            "object" => match of["properties"].as_object() {
                Some(fields) => {
                    let fields = fields.iter().map(|(name, field)| {
                        let optional = if is_required(of, name) { "" } else { " (optional)" };
                        format!("`{name}`{optional}: {}", values(field))
                    });
                    format!("a map:<br>{}", fields.collect::<Vec<_>>().join("<br>"))
                }
                None => match of["required"].as_array() {
                    Some(names) => {
                        format!(
                            "a map with {}",
                            names.iter().map(|name| format!("`{}`", name.as_str().unwrap())).collect::<String>()
                        )
                    }
                    None => "a map".to_owned(),
                },
            },
            other => panic!("{other}"),
        },
        other => panic!("{other}"),
    }
}
