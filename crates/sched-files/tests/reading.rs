//! What is read, and what is refused.

use std::fs;
use std::io::{Read, Write};

use sched_files::{Limit, ReadError, WithinError, read, read_text, read_within};

#[test]
fn a_file_of_the_limit_is_read_and_one_byte_more_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.mpk");
    fs::write(&path, [7; 1000]).unwrap();
    assert_eq!(read(&path, Limit::new(1000)).unwrap(), [7; 1000]);
    let error = read(&path, Limit::new(999).raised_by("--max-bytes")).unwrap_err();
    let ReadError::Content { source: WithinError::TooLarge { size, limit }, .. } = &error else { panic!("{error}") };
    assert_eq!((*size, limit.bytes()), (Some(1000), 999));
    assert_eq!(
        error.to_string(),
        format!(
            "cannot read `{}`: there are 1000 bytes, more than the limit of 999 bytes; check that it is the right file, or \
             raise the limit with `--max-bytes`",
            path.display()
        )
    );
}

#[test]
fn a_sparse_file_is_refused_by_its_size() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sparse");
    fs::File::create(&path).unwrap().set_len(2 << 30).unwrap();
    let error = read(&path, Limit::default()).unwrap_err();
    // The size is known only to a reader that has not read on until the limit.
    assert!(error.to_string().contains("there are 2147483648 bytes, more than the limit of 16 MiB"), "{error}");
}

#[test]
fn a_folder_and_a_missing_file_say_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let error = read(directory.path(), Limit::default()).unwrap_err();
    assert!(matches!(error, ReadError::NotRegular { kind: "a folder", .. }), "{error}");
    let error = read(directory.path().join("a\u{1b}[31m"), Limit::default()).unwrap_err().to_string();
    assert!(error.contains(r"a\u{1b}[31m`: "), "{error}");
    assert!(error.ends_with("; check the path"), "{error}");
}

#[test]
fn text_loses_its_byte_order_mark_and_has_to_be_utf_8() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("schedule.json");
    fs::write(&path, "\u{feff}{\u{feff}}").unwrap();
    assert_eq!(read_text(&path, Limit::default()).unwrap(), "{\u{feff}}");
    fs::write(&path, b"{\"a\": \xff}").unwrap();
    let error = read_text(&path, Limit::default()).unwrap_err();
    assert!(matches!(error, ReadError::NotUtf8 { offset: 6, .. }), "{error}");
}

#[test]
fn a_bomb_is_unpacked_to_the_limit_only() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![0; 64 << 20]).unwrap();
    let packed = packed.finish().unwrap();
    let mut plain = flate2::read::GzDecoder::new(packed.as_slice());
    let error = read_within(&mut plain, Limit::default()).unwrap_err();
    assert!(matches!(error, WithinError::TooLarge { size: None, .. }), "{error}");
    let mut rest = Vec::new();
    plain.read_to_end(&mut rest).unwrap();
    assert_eq!(rest.len(), (48 << 20) - 1, "it was read beyond the limit and one byte");
}

#[test]
fn no_limit_overflows() {
    assert_eq!(read_within(&b"abc"[..], Limit::new(u64::MAX)).unwrap(), b"abc");
    assert_eq!(read_within(&b""[..], Limit::new(0)).unwrap(), b"");
    assert!(read_within(&b"a"[..], Limit::new(0)).is_err());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::path::Path;
    use std::process::Command;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn mkfifo(path: &Path) {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    /// Fails where `f` would block for ever.
    fn promptly<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send(f()));
        receiver.recv_timeout(Duration::from_secs(60)).expect("it blocks")
    }

    fn kind_of(path: &Path) -> &'static str {
        let path = path.to_owned();
        match promptly(|| read(path, Limit::default())) {
            Err(ReadError::NotRegular { kind, .. }) => kind,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_regular_files_are_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name| directory.path().join(name);
        mkfifo(&path("fifo"));
        assert_eq!(kind_of(&path("fifo")), "a named pipe (FIFO)");
        let _listener = UnixListener::bind(path("socket")).unwrap();
        assert_eq!(kind_of(&path("socket")), "a socket");
        assert_eq!(kind_of(Path::new("/dev/zero")), "a device");
        symlink("/dev/zero", path("link")).unwrap();
        assert_eq!(kind_of(&path("link")), "a device");
    }

    #[test]
    fn links_are_followed() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name| directory.path().join(name);
        fs::write(path("file"), "x").unwrap();
        symlink("file", path("link")).unwrap();
        assert_eq!(read(path("link"), Limit::default()).unwrap(), b"x");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn files_whose_size_says_0_are_read_within_the_limit() {
        assert_eq!(fs::metadata("/proc/self/status").unwrap().len(), 0);
        assert!(read_text("/proc/self/status", Limit::default()).unwrap().starts_with("Name:"));
        let error = read("/proc/self/status", Limit::new(10)).unwrap_err();
        assert!(matches!(error, ReadError::Content { source: WithinError::TooLarge { .. }, .. }), "{error}");
    }
}
