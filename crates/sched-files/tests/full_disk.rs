//! A disk without room: the old file stays, and the error says so in plain words.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;

use common::{child, names, run, run_on_small_disk, target};
use sched_files::{WriteError, replace, replace_in_folder, replace_with};

/// More than there is room for.
static BYTES: [u8; 300_000] = [7; 300_000];

/// Saves in every way to a file that holds `old`, in a place without room for `BYTES`.
fn save_without_room(lack: &str) {
    let path = target();
    let failed = [
        replace_with(&path, &BYTES),
        // Byte by byte, so that the last ones are still in the buffer when the writer is done.
        replace(&path, |file| BYTES.iter().try_for_each(|byte| Ok(file.write_all(&[*byte])?))),
        replace_in_folder(&path, |folder| {
            fs::write(folder.join("record"), BYTES)?;
            Ok(folder.join("record"))
        }),
    ];
    for result in failed {
        let error = result.unwrap_err();
        assert!(matches!(error, WriteError::Full { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(lack) && text.ends_with("the existing file, if any, is unchanged"), "{text}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(path.parent().unwrap()), ["state.mpk"]);
    }
    // There is room again.
    replace_with(&path, b"new").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
}

#[test]
#[ignore = "a child on a small file system"]
fn save_on_full_disk() {
    let path = target();
    fs::write(&path, "old").unwrap();
    // As burn's recorders do: the system's error is not passed on, only that of reading back.
    let error = replace_in_folder(&path, |folder| {
        let file = folder.join("record");
        let _ = fs::write(&file, BYTES);
        let read = fs::read(&file)?;
        if read == BYTES { Ok(file) } else { Err("failed to fill whole buffer".into()) }
    });
    let error = error.unwrap_err();
    assert!(matches!(error, WriteError::Full { .. }), "{error}");
    assert!(error.to_string().contains("the disk is full (failed to fill whole buffer)"), "{error}");
    // No room for a temporary file at all: the file system has no inode left.
    let fillers: Vec<_> =
        (0..).map(|n| path.with_file_name(format!("{n}"))).take_while(|path| fs::write(path, "").is_ok()).collect();
    let error = replace_with(&path, b"new").unwrap_err();
    assert!(matches!(error, WriteError::Full { .. }), "{error}");
    fillers.iter().for_each(|path| fs::remove_file(path).unwrap());
    save_without_room("the disk is full");
}

/// On a file system of 256 KiB and 16 files that only the child sees.
#[test]
fn a_full_disk_leaves_the_old_file() {
    let directory = tempfile::tempdir().unwrap();
    let save = child(":", "save_on_full_disk", &directory.path().join("state.mpk"));
    print!("{}", run_on_small_disk("256k", directory.path(), &save));
}

#[test]
#[ignore = "a child whose files must be small"]
fn save_beyond_limit() {
    fs::write(target(), "old").unwrap();
    save_without_room("the file is larger than a file may be here");
}

#[test]
fn a_limit_of_file_size_leaves_the_old_file() {
    let directory = tempfile::tempdir().unwrap();
    // In blocks of 512 bytes or 1 KiB, as the shell has it. Without the trap the system would end the child.
    let before = "trap '' XFSZ; ulimit -f 100";
    run(&mut child(before, "save_beyond_limit", &directory.path().join("state.mpk")));
}

#[test]
fn an_error_that_has_nothing_to_do_with_room_is_told_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path: &Path = &directory.path().join("state.mpk");
    let error = replace(path, |_| Err("failed to fill whole buffer".into())).unwrap_err();
    assert!(matches!(error, WriteError::Content { .. }), "{error}");
    let error = replace_in_folder(path, |_| Err("failed to fill whole buffer".into())).unwrap_err();
    assert!(matches!(error, WriteError::Content { .. }), "{error}");
}
