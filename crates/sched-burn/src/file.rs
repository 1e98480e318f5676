//! A state in a file of its own, written so that a crash leaves either the old file or the new one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::scheduler::Scheduler;
use crate::state_error::StateError;

impl Scheduler {
    /// Writes the [state](Self::state) to a file as [MessagePack](Self::to_msgpack). The usual extension is `mpk`.
    ///
    /// The file is replaced atomically: after a crash, a full disk or a power failure it is either the old one or the
    /// new one.
    ///
    /// # Errors
    ///
    /// The file cannot be written. An existing file is unchanged.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), StateError> {
        let path = path.as_ref();
        let bytes = self.to_msgpack()?;
        replace(path, |file| file.write_all(&bytes)).map_err(|source| StateError::Io {
            action: "write",
            path: path.to_owned(),
            source,
        })
    }

    /// Restores the state from a file that [`save`](Self::save) wrote. [`on_mismatch`](Self::on_mismatch) decides what
    /// happens if its schedule or rule differs.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or does not hold a state, or the state is refused. The scheduler is unchanged then.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<(), StateError> {
        let path = path.as_ref();
        let bytes = read(path)?;
        self.load_msgpack(&bytes).map_err(|source| in_file(path, source))
    }

    /// Builds a scheduler from a file that [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or does not hold a state, or holds that of a closure, which has no schedule.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, StateError> {
        let path = path.as_ref();
        let bytes = read(path)?;
        Self::from_msgpack(&bytes).map_err(|source| in_file(path, source))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, StateError> {
    fs::read(path).map_err(|source| StateError::Io { action: "read", path: path.to_owned(), source })
}

fn in_file(path: &Path, source: StateError) -> StateError {
    StateError::InFile { path: path.to_owned(), source: Box::new(source) }
}

/// Replaces a file with what `write` writes: to a temporary file next to it, synced to disk, then renamed.
fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// The folder that contains a path; a bare file name is in the current folder.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a rename durable: on Unix the folder must be synced, too; elsewhere it cannot be opened.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
