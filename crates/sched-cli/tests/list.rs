//! `sched list`, `completions` and `man`.

#[allow(dead_code, reason = "each test uses a part")]
mod common;

use common::Folder;
use sched_dialects::LIBRARIES;

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
    assert!(folder.refusal("list tensorflow").contains("must be one of torch"));
}

#[test]
fn clap_writes_completions_and_man_pages() {
    let folder = Folder::with([]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(folder.stdout(&format!("completions {shell}")).contains("inspect"), "{shell}");
    }
    assert!(folder.stdout("man").contains(".TH sched 1"));
    folder.stdout(&format!("man {}", folder.path("").display()));
    assert!(folder.path("sched-convert.1").exists());
}
