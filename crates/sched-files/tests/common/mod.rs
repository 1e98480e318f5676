//! Child processes: this test program again, as one of its ignored tests.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
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

/// As [`run`], on a file system of `size` at `folder` that only the child sees, if one can be mounted here.
pub(crate) fn run_on_small_disk(size: &str, folder: &Path, child: &Command) -> String {
    let mount = |then: &str| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c"]);
        command.arg(format!("mount -t tmpfs -o size={size},nr_inodes=16 tmpfs \"$1\" && {then}")).arg("sh").arg(folder);
        command
    };
    if !mount("true").output().is_ok_and(|output| output.status.success()) {
        return "skipped: no file system can be mounted here\n".to_owned();
    }
    let mut command = mount("shift && exec \"$@\"");
    command.arg(child.get_program()).args(child.get_args());
    command.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
    run(&mut command)
}

/// Starts a child that saves, and says after each save `saved` and a number.
pub(crate) fn start(test: &str, target: &Path) -> (Child, impl Iterator<Item = String> + Send + use<>) {
    let mut child = child(":", test, target).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    (child, lines)
}

/// In a child: says that it has saved `number`; `false` if nobody listens any more.
pub(crate) fn say_saved(number: u64) -> bool {
    // Not `println!`, which the test harness would cover.
    writeln!(std::io::stdout(), "\nsaved {number}").is_ok()
}

/// Kills a child; returns the number it has said last.
pub(crate) fn kill(mut child: Child, lines: impl Iterator<Item = String>) -> Option<u64> {
    child.kill().unwrap();
    let saved = |line: String| line.strip_prefix("saved ")?.parse().ok();
    let last = lines.filter_map(saved).last();
    let output = child.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_none(), "the child was to be killed, but ended by itself: {complaint}");
    last
}

/// The number of kills: `SCHED_KILLS`, or `few`.
pub(crate) fn kills(few: u64) -> u64 {
    std::env::var("SCHED_KILLS").map_or(few, |count| count.parse().expect("`SCHED_KILLS` is a number of kills"))
}

/// Moments below `end` that look random and are the same every time.
pub(crate) fn moments(end: Duration) -> impl Iterator<Item = Duration> {
    let next =
        |random: &u64| Some(random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    let end = end.as_nanos() as u64;
    std::iter::successors(Some(0x9e37_79b9_7f4a_7c15), next)
        .skip(1)
        .map(move |random| Duration::from_nanos((random >> 24) % end))
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
