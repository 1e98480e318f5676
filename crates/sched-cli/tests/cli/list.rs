//! `sched list`, `completions` and `man`.

use sched_dialects::LIBRARIES;

use crate::common::Folder;

#[test]
fn every_kind_is_listed_with_its_parameters_and_defaults() {
    let folder = Folder::with([]);
    let all = folder.stdout("list");
    for library in LIBRARIES {
        let one = folder.stdout(&format!("list {}", library.name));
        assert!(all.contains(one.trim_end()));
        for kind in library.kinds {
            assert!(one.lines().any(|line| line.starts_with(&format!("  {}(", kind.name))), "{}", kind.name);
        }
    }
    assert!(all.contains("  StepLR(step_size, gamma = 0.1"), "{all}");
    let error = folder.refusal("list trch");
    assert!(error.contains("possible values: torch, ") && error.contains("a similar value exists: 'torch'"), "{error}");
}

#[test]
fn clap_writes_completions_and_man_pages() {
    let folder = Folder::with([]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(folder.stdout(&format!("completions {shell}")).contains("inspect"), "{shell}");
    }
    assert!(folder.stdout("man").contains(".TH sched 1"));
    folder.stdout("man new/man1");
    assert!(folder.path("new/man1/sched-convert.1").exists());
    for shell in ["bash", "zsh", "fish"] {
        assert!(folder.stdout(&format!("completions {shell}")).contains("pytorch_optimizer"), "{shell}");
    }
}

#[test]
fn the_version_names_the_commit() {
    let version = Folder::with([]).stdout("--version");
    let rest = version.trim().strip_prefix(concat!("sched ", env!("CARGO_PKG_VERSION"))).unwrap();
    // A source tree without its history has none.
    let commit = rest.strip_prefix(" (").and_then(|rest| rest.strip_suffix(')'));
    assert!(rest.is_empty() || commit.is_some_and(|commit| commit.chars().all(|c| c.is_ascii_hexdigit())), "{version}");
}
