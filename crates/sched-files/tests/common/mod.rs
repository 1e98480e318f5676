//! Child processes: this test program again, as one of its ignored tests.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// The file that a child is to write.
const TARGET: &str = "SCHED_FILES_TARGET";

/// This program as its test `test`, writing to `target`; a shell runs `before` first.
pub(crate) fn child(before: &str, test: &str, target: &Path) -> Command {
    child_of(&std::env::current_exe().unwrap(), before, test, target)
}

/// As [`child`], with the program at another place.
pub(crate) fn child_of(program: &Path, before: &str, test: &str, target: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{before}; exec \"$0\" \"$@\"")]).arg(program);
    command.args(["--ignored", "--exact", "--nocapture", test]).env(TARGET, target);
    command
}

/// Runs a child that is to succeed; returns what it wrote to both outputs.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && text.contains("running 1 test"), "{command:?}: {text}");
    text
}

/// In a child: the file to write.
pub(crate) fn target() -> PathBuf {
    std::env::var_os(TARGET).expect("this test is a part of another, which starts it").into()
}

/// The names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The temporary files and folders in a folder.
pub(crate) fn temporaries(folder: &Path) -> Vec<PathBuf> {
    let names = names(folder).into_iter();
    names.filter(|name| name.starts_with('.') && name.ends_with(".tmp")).map(|name| folder.join(name)).collect()
}

/// Sets what is at a path, and in it, an hour back; whatever is gone by then is skipped.
pub(crate) fn age(path: &Path) {
    let entries = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    for path in entries.chain([path.to_owned()]) {
        if let Ok(file) = File::open(path) {
            let _ = file.set_modified(SystemTime::now() - Duration::from_secs(3600));
        }
    }
}
