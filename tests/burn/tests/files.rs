//! The files that sched-burn itself writes and reads: full disks, pipes, devices, huge files, links and modes.
#![cfg(unix)]

mod common;
#[path = "../../../crates/sched-files/tests/common/mod.rs"]
mod files;

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use burn_0_21::backend::NdArray;
use burn_0_21::record::{
    BinFileRecorder, BinGzFileRecorder, FileRecorder, FullPrecisionSettings as Full, JsonGzFileRecorder,
    NamedMpkFileRecorder, NamedMpkGzFileRecorder, PrettyJsonFileRecorder, Recorder as _,
};
use common::*;
use files::{child, names, run, run_on_small_disk, target};
use sched_burn::SchedulerRecord;
use sched_burn::prelude::*;

type Result<T> = std::result::Result<T, String>;

/// A way to write a state and to read it again.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    extension: &'static str,
    write: fn(&Scheduler, &Path) -> Result<()>,
    read: fn(&Path) -> Result<SchedulerState>,
}

const SAVE: Way = Way {
    name: "save",
    extension: "mpk",
    write: |scheduler, path| scheduler.save(path).map_err(in_words),
    read: |path| Scheduler::from_file(path).map(|scheduler| scheduler.state()).map_err(in_words),
};

fn in_words(error: impl std::error::Error) -> String {
    error.to_string()
}

fn ways() -> Vec<Way> {
    /// As a record, and as an item whose type the recorder does not know.
    fn recorder<R: FileRecorder<NdArray>>(name: &'static str) -> [Way; 2] {
        let extension = R::file_extension();
        [
            Way {
                name,
                extension,
                write: |scheduler, path| {
                    let record = SchedulerRecord(scheduler.state());
                    AtomicRecorder::<R>::default().record(record, stem(path)).map_err(in_words)
                },
                read: |path| {
                    let record = AtomicRecorder::<R>::default().load(stem(path), &Default::default());
                    record.map(|SchedulerRecord(state)| state).map_err(in_words)
                },
            },
            Way {
                name,
                extension,
                write: |scheduler, path| {
                    AtomicRecorder::<R>::default().save_item(scheduler.state(), stem(path)).map_err(in_words)
                },
                read: |path| AtomicRecorder::<R>::default().load_item(&mut stem(path)).map_err(in_words),
            },
        ]
    }
    let recorders = [
        recorder::<NamedMpkFileRecorder<Full>>("named MessagePack"),
        recorder::<NamedMpkGzFileRecorder<Full>>("named MessagePack, compressed"),
        recorder::<BinFileRecorder<Full>>("bincode"),
        recorder::<BinGzFileRecorder<Full>>("bincode, compressed"),
        recorder::<PrettyJsonFileRecorder<Full>>("JSON"),
        recorder::<JsonGzFileRecorder<Full>>("JSON, compressed"),
    ];
    [SAVE].into_iter().chain(recorders.into_iter().flatten()).collect()
}

/// Without any extension, which burn's recorders add.
fn stem(path: &Path) -> PathBuf {
    path.with_extension("").with_extension("")
}

/// A scheduler whose state takes 30 bytes in MessagePack for each milestone, and at least ten however it is compressed.
fn of_size(milestones: u32) -> Scheduler {
    let value = |index: u32| f64::from(index.wrapping_mul(2_654_435_761)) / 1e9 + 1e-9 / f64::from(index + 1);
    let milestones: Vec<_> = (1..=milestones).map(|index| (u64::from(index) * 1_000_003, value(index))).collect();
    Scheduler::new(Schedule::piecewise_constant(0.1, &milestones).unwrap())
}

/// Saves states of all sizes around what there is room for: each is either written whole or refused in plain words, and
/// then the old file stays.
fn save_without_room(lack: &str) {
    let folder = target().parent().unwrap().to_owned();
    let (mut whole, mut refused) = (0, 0);
    for way in ways() {
        let path = folder.join(format!("s.{}", way.extension));
        let mut kept = of_size(1).state();
        (way.write)(&of_size(1), &path).unwrap();
        let (mut fits, mut does_not) = (0, 0);
        for size in (10..4000).step_by(307) {
            match (way.write)(&of_size(size), &path) {
                Ok(()) => (kept, fits) = (of_size(size).state(), fits + 1),
                Err(error) => {
                    assert_says(&error, &[lack, "the existing file, if any, is unchanged"]);
                    does_not += 1;
                }
            }
            assert_eq!((way.read)(&path).unwrap(), kept, "{}, {size} milestones", way.name);
            assert_eq!(names(&folder), [path.file_name().unwrap().to_str().unwrap()], "{}", way.name);
        }
        assert!(fits > 0 && does_not > 0, "{}: {fits} fit, {does_not} do not", way.name);
        (whole, refused) = (whole + fits, refused + does_not);
        fs::remove_file(path).unwrap();
    }
    println!("{lack}: {whole} states written whole, {refused} refused, every old file kept");
}

#[test]
#[ignore = "a child whose files must be small"]
fn save_beyond_limit() {
    save_without_room("the file is larger than a file may be here");
}

#[test]
#[ignore = "a child on a small file system"]
fn save_on_full_disk() {
    save_without_room("the disk is full");
}

#[test]
fn a_limit_of_file_size_leaves_the_old_file() {
    let directory = tempfile::tempdir().unwrap();
    // To 32 KiB, in blocks of 512 bytes. Without the trap the system would end the child.
    print!("{}", run(&mut child("trap '' XFSZ; ulimit -f 64", "save_beyond_limit", &directory.path().join("s"))));
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let directory = tempfile::tempdir().unwrap();
    let save = child(":", "save_on_full_disk", &directory.path().join("s"));
    print!("{}", run_on_small_disk("64k", directory.path(), &save));
}

/// What reading a path says, at once.
fn refusal(way: Way, path: PathBuf) -> String {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || drop(sender.send((way.read)(&path))));
    receiver.recv_timeout(Duration::from_secs(60)).expect("it waits").expect_err("this is no state")
}

#[test]
fn what_is_no_regular_file_is_neither_read_nor_replaced() {
    let directory = tempfile::tempdir().unwrap();
    for way in ways() {
        let path = |name: &str| directory.path().join(format!("{name}.{}", way.extension));
        let _ = fs::remove_file(path("pipe"));
        let _ = fs::remove_file(path("zero"));
        assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
        symlink("/dev/zero", path("zero")).unwrap();
        for name in ["pipe", "zero"] {
            let kind = fs::metadata(path(name)).unwrap().file_type();
            assert_says(&refusal(way, path(name)), &[name, "a regular file"]);
            let error = (way.write)(&of_size(1), &path(name)).unwrap_err();
            assert_says(&error, &[name, "expected a regular file or nothing"]);
            assert_eq!(fs::metadata(path(name)).unwrap().file_type(), kind, "{}", way.name);
        }
    }
}

#[test]
fn a_huge_file_is_not_read_whole() {
    let directory = tempfile::tempdir().unwrap();
    for way in ways() {
        let path = directory.path().join(format!("huge.{}", way.extension));
        File::create(&path).unwrap().set_len(2 << 30).unwrap();
        let error = refusal(way, path.clone());
        if way.name == "save" {
            assert_says(&error, &["2147483648 bytes, more than the limit of 16 MiB", "raise the limit with"]);
        }
        fs::remove_file(path).unwrap();
    }
    // Far less than the gigabytes that there were to read.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak_kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB"));
    let peak_kib = peak_kib.map_or(0, |kib| kib.trim().parse::<u64>().unwrap());
    assert!(peak_kib < 500 << 10, "{peak_kib} KiB of memory were used");
}

#[test]
fn what_could_not_be_loaded_is_not_saved() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.mpk");
    of_size(1).save(&path).unwrap();
    let error = of_size(1_000_000).save(&path).unwrap_err().to_string();
    assert_says(&error, &["more than the limit of 16 MiB", "`to_msgpack`", "`load_msgpack`"]);
    assert_eq!(Scheduler::from_file(&path).unwrap().state(), of_size(1).state());
    // As the error says.
    let bytes = of_size(1_000_000).to_msgpack().unwrap();
    assert!(Scheduler::from_msgpack(&bytes).unwrap().schedule() == of_size(1_000_000).schedule());
}

#[test]
fn links_are_followed_and_modes_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    for way in ways() {
        let path = |name: &str| directory.path().join(format!("{name}.{}", way.extension));
        let _ = fs::remove_file(path("link"));
        symlink(path("folder/real"), path("link")).unwrap();
        for size in [1, 2] {
            (way.write)(&of_size(size), &path("link")).unwrap();
            assert!(fs::symlink_metadata(path("link")).unwrap().is_symlink(), "{}", way.name);
            for name in ["link", "folder/real"] {
                assert_eq!((way.read)(&path(name)).unwrap(), of_size(size).state(), "{}", way.name);
            }
            if size == 1 {
                fs::set_permissions(path("folder/real"), Permissions::from_mode(0o604)).unwrap();
            }
        }
        assert_eq!(mode(&path("folder/real")), 0o604, "{}", way.name);
        fs::remove_dir_all(directory.path().join("folder")).unwrap();
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
#[ignore = "a child with another umask"]
fn save_under_umask() {
    for way in ways() {
        let path = target().with_extension(way.extension);
        (way.write)(&of_size(1), &path).unwrap();
        assert_eq!(mode(&path), 0o640, "{}", way.name);
    }
}

#[test]
fn a_new_file_has_the_mode_of_the_umask() {
    let directory = tempfile::tempdir().unwrap();
    run(&mut child("umask 027", "save_under_umask", &directory.path().join("state")));
}
