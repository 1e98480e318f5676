//! What differs between operating systems.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Opens for reading without blocking, which a FIFO would do until somebody writes to it.
pub(crate) fn open_without_waiting(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed());
    }
    options.open(path)
}

/// Makes a new file accessible to its owner only, on systems with owners.
pub(crate) fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// Creates a folder accessible to its owner only, on systems with owners.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has a mode to set"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Gives a new file the mode of the one it replaces, and the owner if this process may set it.
pub(crate) fn copy_attributes(from: &Metadata, to: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
        let new = to.metadata()?;
        if (from.uid(), from.gid()) != (new.uid(), new.gid()) {
            let _ = fchown(to, Some(from.uid()), Some(from.gid()));
        }
        // Without the set-user-ID and set-group-ID bits, which an ordinary write clears, too.
        let mode = from.mode() & 0o777;
        // On some file systems all files have one mode, and setting any fails.
        if mode == new.mode() & 0o777 { Ok(()) } else { to.set_permissions(PermissionsExt::from_mode(mode)) }
    }
    #[cfg(not(unix))]
    to.set_permissions(from.permissions())
}

/// Whether the open file is still the one at the path. Without inode numbers, any file there counts as the same.
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let number = |metadata: Metadata| (metadata.dev(), metadata.ino());
        let at_path = path.symlink_metadata().map(number);
        matches!((file.metadata().map(number), at_path), (Ok(open), Ok(found)) if open == found)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

/// Syncs the names in a folder to disk. Outside Unix a folder cannot be opened, and some file systems do not support it;
/// nothing can be done there.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        result => result,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_fifo_without_a_writer_opens_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fifo");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send(open_without_waiting(&path)));
        receiver.recv_timeout(Duration::from_secs(60)).expect("it blocks").unwrap();
    }
}
