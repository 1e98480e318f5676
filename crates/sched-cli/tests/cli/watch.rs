//! `--watch`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::common::Folder;

/// The first line that contains this, of those that come within a minute.
fn find(lines: &mpsc::Receiver<String>, part: &str) -> String {
    loop {
        let line = lines.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| panic!("no line has {part}"));
        if line.contains(part) {
            return line;
        }
    }
}

#[test]
fn what_was_saved_is_drawn_and_errors_do_not_end_it() {
    let folder = Folder::with([("x.json", r#"{"constant": 0.5}"#)]);
    let mut sched = Command::new(assert_cmd::cargo::cargo_bin!("sched"));
    let sched = sched.args(["check", "x.json", "--steps", "100", "--watch"]).current_dir(folder.path("."));
    let mut child = sched.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let (send, lines) = mpsc::channel();
    let errors = BufReader::new(child.stderr.take().unwrap());
    let reader = thread::spawn(move || errors.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
    find(&lines, "no problems found for a run of 100 steps");
    fs::write(folder.path("x.json"), "{\"constant\": }").unwrap();
    find(&lines, "x.json: invalid JSON");
    fs::write(folder.path("x.json"), r#"{"constant": 0.25}"#).unwrap();
    find(&lines, "no problems found");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(lines);
    let _ = reader.join().unwrap();
}

#[test]
fn stdin_cannot_be_watched() {
    let error = Folder::with([]).refusal("plot - --watch");
    assert!(error.contains("`--watch` needs files"), "{error}");
}
