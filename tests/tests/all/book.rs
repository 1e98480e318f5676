//! The book in `docs/`: its pages, its links and its Rust. That its commands do what it shows, `sched-cli` tests.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, iter};

use sched_tests::pages::root;

/// Pages whose Rust is tested where it is written.
const TESTED_ELSEWHERE: [&str; 2] = [
    "coming-from.md",  // tests/tests/all/coming_from
    "from-pytorch.md", // examples/from-torch/tests/page.rs
];

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names and texts of all pages.
fn pages() -> Vec<(String, String)> {
    let names =
        fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".md")).map(|name| (name.clone(), page(&name))).collect()
}

/// A page, with the files that it includes.
fn page(name: &str) -> String {
    let text = read(root().join("docs").join(name));
    let lines =
        text.lines().map(|line| match line.strip_prefix("{{#include ").and_then(|rest| rest.strip_suffix("}}")) {
            Some(path) => read(root().join("docs").join(path)),
            None => line.to_owned() + "\n",
        });
    lines.collect()
}

/// The lines of a page, each with the first line of the code block that it is in.
fn lines(text: &str) -> impl Iterator<Item = (Option<&str>, &str)> {
    let mut block = None;
    text.lines().map(move |line| {
        let here = block;
        if let Some(info) = line.strip_prefix("```") {
            block = if block.is_none() { Some(info) } else { None };
        }
        (here.filter(|_| !line.starts_with("```")), line)
    })
}

/// The code blocks of a page, each with what follows its opening fence.
fn blocks(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut before = None;
    for (block, line) in lines(text) {
        if let Some(info) = block {
            if before.is_none() {
                blocks.push((info, Vec::new()));
            }
            blocks.last_mut().unwrap().1.push(line);
        }
        before = block;
    }
    blocks
}

/// The targets of a page's links, without those in code.
fn links(text: &str) -> Vec<String> {
    let prose = lines(text).filter(|(block, _)| block.is_none()).map(|(_, line)| line);
    // Code in a line is between an odd backtick and the next.
    let prose: String = prose.flat_map(|line| line.split('`').step_by(2).chain(iter::once("\n"))).collect();
    let targets = prose.split("](").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned());
    targets.filter(|target| !target.contains("://")).collect()
}

/// The anchors of a page's headings, as mdBook and GitHub make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = lines(text).filter(|(block, line)| block.is_none() && line.starts_with('#'));
    let slug = |(_, line): (_, &str)| -> String {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(slug).collect()
}

#[test]
fn every_page_is_in_the_summary() {
    let listed: BTreeSet<_> = links(&page("SUMMARY.md")).into_iter().collect();
    let written: BTreeSet<_> = pages().into_iter().map(|(name, _)| name).filter(|name| name != "SUMMARY.md").collect();
    assert_eq!(listed, written);
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    let mut checked = 0;
    for (name, text) in pages() {
        for target in links(&text) {
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let file = if file.is_empty() { &name } else { file };
            // The book has nothing but its pages.
            let is_page = file.ends_with(".md") && !file.contains('/') && root().join("docs").join(file).exists();
            if !is_page || !(anchor.is_empty() || anchors(&page(file)).contains(anchor)) {
                broken.push(format!("{name}: {target}"));
            }
            checked += 1;
        }
    }
    for name in ["README.md", "CONTRIBUTING.md"] {
        for target in links(&read(root().join(name))) {
            if !root().join(&target).exists() {
                broken.push(format!("{name}: {target}"));
            }
            checked += 1;
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(checked > 20, "{checked}");
}

/// Rust without burn is a doctest of this crate, what a page includes one of the crate that has it. Rust with burn is quoted from
/// code that is built.
#[test]
fn all_rust_is_tested() {
    let doctests = read(root().join("tests/src/lib.rs"));
    let mut sources = Vec::new();
    collect_sources(&root().join("crates"), &mut sources);
    collect_sources(&root().join("examples"), &mut sources);
    for (name, _) in pages() {
        if TESTED_ELSEWHERE.contains(&&*name) {
            continue;
        }
        for (info, lines) in blocks(&read(root().join("docs").join(&name))) {
            match info {
                "rust" => {
                    assert!(doctests.contains(&format!("\"{name}\"")), "{name} is no doctest in tests/src/lib.rs")
                }
                "rust,ignore" => {
                    let quote = code(lines.into_iter());
                    let is_quoted = sources.iter().any(|source| source.contains(&quote));
                    assert!(is_quoted, "{name}: this is in no source of crates/ or examples/:{quote}");
                }
                _ => assert!(!info.contains("rust"), "{name}: {info}"),
            }
        }
    }
}

/// The code of all Rust files.
fn collect_sources(folder: &Path, sources: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(code(read(&path).lines()));
        }
    }
}

/// Lines of code, or of examples in documentation, without indentation, empty lines, hidden ones and what escapes a quote.
fn code<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let lines = lines.map(|line| {
        let line = line.trim_start();
        let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        doc.unwrap_or(line).trim()
    });
    let shown = lines.filter(|line| !(line.is_empty() || *line == "#" || line.starts_with("# ")));
    iter::once("\n").chain(shown.flat_map(|line| [line, "\n"])).collect::<String>().replace("\\\"", "\"")
}
