//! A temporary file or folder beside its target, and the removal of those that killed processes left behind.
//!
//! Each is locked while its writer lives; the system releases the lock when the process ends. So one that can be locked
//! has no writer any more, and is removed once it is also old: the age covers file systems whose locks hold on one machine
//! only.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::platform::{create_private_folder, is_at, private};
use crate::target::Target;

/// A temporary file is old when it has not been written to for this long.
const OLD: Duration = Duration::from_secs(600);
const ATTEMPTS: usize = 1000;
/// In a temporary folder, the file that is locked.
const LOCK: &str = ".lock";

pub(crate) enum Temporary {
    /// A file to write into.
    File { path: PathBuf, file: File },
    /// A folder to write into.
    Folder { path: PathBuf, lock: File },
}

impl Temporary {
    /// An empty file for the target's new content. If it replaces a file, it is private until it gets that file's mode;
    /// otherwise it has the mode of any new file.
    pub(crate) fn file(target: &Target) -> io::Result<Self> {
        Self::create(target, |path| Ok(Self::File { file: create(&path, target.old.is_some())?, path }))
    }

    /// An empty folder for the target's new content.
    pub(crate) fn folder(target: &Target) -> io::Result<Self> {
        Self::create(target, |path| {
            create_private_folder(&path)?;
            match create(&path.join(LOCK), false) {
                Ok(lock) => Ok(Self::Folder { path, lock }),
                // Swept by another process before the lock was in it; another name is tried, as if this one were taken.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Err(io::ErrorKind::AlreadyExists.into()),
                Err(error) => {
                    let _ = fs::remove_dir(path);
                    Err(error)
                }
            }
        })
    }

    /// Creates and locks a new one, then removes old leftovers.
    fn create(target: &Target, new: impl Fn(PathBuf) -> io::Result<Self>) -> io::Result<Self> {
        let name = Name::of(target);
        for _ in 0..ATTEMPTS {
            let temporary = match new(target.folder().join(name.fresh())) {
                Ok(temporary) => temporary,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            };
            // Until it was locked, another process may have taken it for abandoned. On a file system without locks nothing
            // is ever taken for abandoned.
            let locked = !matches!(temporary.lock().try_lock(), Err(TryLockError::WouldBlock));
            if locked && is_at(temporary.lock(), &temporary.lock_path()) {
                // Leftovers are dated by the file system's clock, which need not be this machine's.
                if let Ok(now) = temporary.lock().metadata().and_then(|metadata| metadata.modified()) {
                    name.sweep(target.folder(), now);
                }
                return Ok(temporary);
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, "no free name found"))
    }

    pub(crate) fn path(&self) -> &Path {
        let (Self::File { path, .. } | Self::Folder { path, .. }) = self;
        path
    }

    /// The locked file: the temporary file itself, or one in the folder, which has the mode of any new file.
    pub(crate) fn lock(&self) -> &File {
        let (Self::File { file, .. } | Self::Folder { lock: file, .. }) = self;
        file
    }

    fn lock_path(&self) -> PathBuf {
        match self {
            Self::File { path, .. } => path.clone(),
            Self::Folder { path, .. } => path.join(LOCK),
        }
    }

    /// Writes and syncs another block, to see whether there is room.
    pub(crate) fn probe(&self) -> io::Result<()> {
        let mut file = self.lock();
        file.seek(SeekFrom::End(0))?;
        file.write_all(&[0; 4096])?;
        file.sync_data()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // The lock is still held, so no other process removes it. A file that was put in place has another name by now.
        let _ = match self {
            Self::File { path, .. } => fs::remove_file(path),
            Self::Folder { path, .. } => remove_folder(path),
        };
    }
}

fn create(path: &Path, only_owner: bool) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    if only_owner {
        private(&mut options);
    }
    options.open(path)
}

/// Removes the lock after everything else: a folder with files but no lock would never be recognised as a leftover.
fn remove_folder(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path())? } else { fs::remove_file(entry.path())? }
    }
    fs::remove_file(path.join(LOCK))?;
    fs::remove_dir(path)
}

/// The names of a target's temporary files: `.name-hash.random.tmp`, with at most 64 bytes of the target's name and a hash
/// of the whole, so that the longest names leave room for it.
struct Name {
    prefix: String,
}

const SUFFIX: &str = ".tmp";

impl Name {
    fn of(target: &Target) -> Self {
        let name = target.path.file_name().unwrap_or_default();
        let readable = name.to_string_lossy();
        let readable = &readable[..readable.floor_char_boundary(64)];
        Self { prefix: format!(".{readable}-{:016x}.", fnv1a(name.as_encoded_bytes())) }
    }

    fn fresh(&self) -> String {
        let random = RandomState::new().hash_one(());
        format!("{}{random:016x}{SUFFIX}", self.prefix)
    }

    fn covers(&self, name: &OsStr) -> bool {
        let random = name.to_str().and_then(|name| name.strip_prefix(&self.prefix)?.strip_suffix(SUFFIX));
        random
            .is_some_and(|random| random.len() == 16 && random.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')))
    }

    /// Removes what killed processes left behind, as far as possible.
    fn sweep(&self, folder: &Path, now: SystemTime) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if self.covers(&entry.file_name()) {
                let _ = remove_if_abandoned(&entry.path(), now);
            }
        }
    }
}

/// FNV-1a, which is the same in every process and release; the hashers of std do not promise that.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn remove_if_abandoned(path: &Path, now: SystemTime) -> io::Result<()> {
    let metadata = path.symlink_metadata()?;
    if metadata.is_file() && is_old(&metadata, now) {
        return remove_if_unlocked(path, || fs::remove_file(path));
    }
    if metadata.is_dir() && is_old(&metadata, now) {
        let entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
        if entries.is_empty() {
            // Its writer was killed before it created the lock. If it lives after all, it takes another name.
            return fs::remove_dir(path);
        }
        let old = entries.iter().all(|entry| entry.metadata().is_ok_and(|metadata| is_old(&metadata, now)));
        if old {
            return remove_if_unlocked(&path.join(LOCK), || remove_folder(path));
        }
    }
    Ok(())
}

fn is_old(metadata: &Metadata, now: SystemTime) -> bool {
    metadata.modified().is_ok_and(|then| now.duration_since(then).is_ok_and(|age| age >= OLD))
}

fn remove_if_unlocked(lock: &Path, remove: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    if !lock.symlink_metadata()?.is_file() {
        return Ok(());
    }
    // Some network file systems lock only what is open for writing; a file that already has its mode may be read-only.
    let file = File::options().read(true).write(true).open(lock).or_else(|_| File::open(lock))?;
    // Another process may have removed or renamed it before the lock was taken here.
    if file.try_lock().is_ok() && is_at(&file, lock) { remove() } else { Ok(()) }
}

#[cfg(all(test, unix))]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    #[test]
    fn another_is_made_if_the_first_is_swept_before_it_is_locked() {
        let directory = tempfile::tempdir().unwrap();
        let target = Target::new(&directory.path().join("state.mpk")).unwrap();
        let made = Cell::new(0);
        let temporary = Temporary::create(&target, |path| {
            made.set(made.get() + 1);
            let file = create(&path, false)?;
            if made.get() == 1 {
                fs::remove_file(&path)?;
            }
            Ok(Temporary::File { path, file })
        });
        assert!(temporary.unwrap().path().exists());
        assert_eq!(made.get(), 2);
    }

    #[test]
    fn another_is_made_if_the_first_is_locked_by_a_process_that_is_about_to_sweep_it() {
        let directory = tempfile::tempdir().unwrap();
        let target = Target::new(&directory.path().join("state.mpk")).unwrap();
        let (made, sweeper) = (Cell::new(0), RefCell::new(None));
        let temporary = Temporary::create(&target, |path| {
            made.set(made.get() + 1);
            let file = create(&path, false)?;
            if made.get() == 1 {
                let lock = File::open(&path)?;
                lock.try_lock().unwrap();
                sweeper.replace(Some(lock));
            }
            Ok(Temporary::File { path, file })
        });
        temporary.unwrap().lock().try_lock().unwrap();
        assert_eq!(made.get(), 2);
    }
}
