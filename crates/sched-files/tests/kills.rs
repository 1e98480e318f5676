//! Processes that are killed while they save, and processes that save to one name at once.
//!
//! `SCHED_KILLS=6000` makes the kills many; without it they take a few seconds.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use common::{age, kill, kills, moments, names, say_saved, start, target, temporaries};
use sched_files::{Limit, WriteError, read, replace, replace_in_folder};

/// The content of a file that tells its number, and whether it is whole.
fn content(number: u64) -> Vec<u8> {
    let words = 1 + number.wrapping_mul(7919) % 20_000;
    (0..words).flat_map(|i| (number ^ (i << 40)).to_le_bytes()).collect()
}

/// The number of a file that is whole.
fn number(bytes: &[u8]) -> u64 {
    let number = u64::from_le_bytes(bytes.first_chunk().copied().expect("the file has less than a word"));
    assert!(bytes == content(number), "the file, of {} bytes, is not whole", bytes.len());
    number
}

fn save(path: &Path, number: u64) -> Result<(), WriteError> {
    let bytes = content(number);
    replace(path, |file| bytes.chunks(5000).try_for_each(|chunk| Ok(file.write_all(chunk)?)))
}

fn save_in_folder(path: &Path, number: u64) -> Result<(), WriteError> {
    replace_in_folder(path, |folder| {
        let file = folder.join("record");
        fs::write(&file, content(number))?;
        Ok(file)
    })
}

/// Saves on and on, with rising numbers, and says after each which it was.
fn save_on(save: fn(&Path, u64) -> Result<(), WriteError>) {
    let path = target();
    let first = read(&path, Limit::default()).map_or(0, |bytes| number(&bytes));
    for number in first + 1.. {
        save(&path, number).unwrap();
        if !say_saved(number) {
            return;
        }
    }
}

#[test]
#[ignore = "a child that saves until it is killed"]
fn saver() {
    save_on(save);
}

#[test]
#[ignore = "a child that saves until it is killed"]
fn saver_in_folder() {
    save_on(save_in_folder);
}

/// Kills children at random moments. Returns in how many saves a kill fell.
fn kill_savers(test: &str, save: fn(&Path, u64) -> Result<(), WriteError>, count: u64) -> u64 {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.mpk");
    save(&path, 1).unwrap();
    let (mut last, mut hits) = (1, 0);
    // From its first save on.
    for moment in moments(Duration::from_millis(6)).take(count as usize) {
        let (child, mut lines) = start(test, &path);
        let first = lines.by_ref().find(|line| line.starts_with("saved "));
        thread::sleep(moment);
        let said = kill(child, first.into_iter().chain(lines)).expect("it has not saved once");
        let found = number(&read(&path, Limit::default()).unwrap());
        // The one it has said, or the next one, which it was killed in or just after.
        assert!(said > last && (found == said || found == said + 1), "{found} after {said}, before it {last}");
        last = found;
        let left = temporaries(directory.path());
        // The child's first save has cleared away what the kill before it left.
        assert!(left.len() <= 1, "{left:?}");
        hits += u64::from(!left.is_empty());
        // So that the next child clears it away, and may be killed at that.
        left.iter().for_each(|path| age(path));
    }
    save(&path, last + 1).unwrap();
    assert_eq!(names(directory.path()), ["state.mpk"]);
    hits
}

#[test]
fn a_kill_leaves_the_old_file_or_the_new_one() {
    for (test, save) in [("saver", save as fn(&Path, u64) -> _), ("saver_in_folder", save_in_folder)] {
        let (count, begin) = (kills(40).div_ceil(2), Instant::now());
        let hits = kill_savers(test, save, count);
        println!("{test}: {count} kills in {:.0?}, {hits} of them in a save: all files whole", begin.elapsed());
        assert!(hits > 0, "no kill fell in a save, so nothing was tested");
    }
}

/// All temporary files are made to look old all the time, so that only their locks protect them.
#[test]
fn two_processes_that_save_to_one_name_leave_it_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.mpk");
    save(&path, 1).unwrap();
    let children = ["saver", "saver_in_folder"].map(|test| {
        let (child, lines) = start(test, &path);
        (child, thread::spawn(|| lines.collect::<Vec<_>>()))
    });
    let (begin, mut reads, mut before, mut changes) = (Instant::now(), 0, 1, 0);
    while begin.elapsed() < Duration::from_secs(1) {
        let now = number(&read(&path, Limit::default()).unwrap());
        (reads, changes) = (reads + 1, changes + u64::from(now != before));
        before = now;
        temporaries(directory.path()).iter().for_each(|path| age(path));
    }
    for (mut child, lines) in children {
        // A save that fails ends the child.
        assert_eq!(child.try_wait().unwrap(), None, "a child has failed");
        child.kill().unwrap();
        let said = kill(child, lines.join().unwrap().into_iter());
        assert!(said.is_some());
    }
    println!("{reads} reads, {changes} changes seen");
    assert!(changes > 10);
    number(&read(&path, Limit::default()).unwrap());
    temporaries(directory.path()).iter().for_each(|path| age(path));
    save(&path, 1).unwrap();
    assert_eq!(names(directory.path()), ["state.mpk"]);
}
