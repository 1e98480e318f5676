//! The place that a new file is put in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf, is_separator};

use crate::kind::irregular;
use crate::platform::sync_folder;
use crate::write_error::{WriteError, WriteStep};

/// As many as Linux follows.
const MAX_LINKS: usize = 40;

/// A path that can be written to: its folder exists, and it holds a regular file or nothing.
pub(crate) struct Target {
    /// As the caller wrote it.
    pub(crate) named: PathBuf,
    /// With symbolic links followed.
    pub(crate) path: PathBuf,
    /// The file to be replaced, if there is one.
    pub(crate) old: Option<fs::Metadata>,
    /// The folders that get a new entry.
    changed: Vec<PathBuf>,
}

impl Target {
    /// Creates the missing folders on the way.
    pub(crate) fn new(named: &Path) -> Result<Self, WriteError> {
        let ends_in_separator = named.to_string_lossy().ends_with(is_separator);
        if ends_in_separator || named.file_name().is_none() {
            return Err(WriteError::NoFileName { path: named.to_owned() });
        }
        let old = found(fs::metadata(named)).map_err(WriteError::io(named, WriteStep::Look))?;
        if let Some(kind) = old.as_ref().and_then(|old| irregular(old.file_type())) {
            return Err(WriteError::NotRegular { path: named.to_owned(), kind });
        }
        let path = follow(named).map_err(WriteError::io(named, WriteStep::Look))?;
        let mut changed = create_folders(folder_of(&path)).map_err(WriteError::io(named, WriteStep::CreateFolder))?;
        changed.push(folder_of(&path).to_owned());
        Ok(Self { named: named.to_owned(), path, old, changed })
    }

    pub(crate) fn folder(&self) -> &Path {
        folder_of(&self.path)
    }

    /// Moves a finished file, already synced to disk, into place.
    pub(crate) fn put(&self, finished: &Path) -> Result<(), WriteError> {
        fs::rename(finished, &self.path).map_err(WriteError::io(&self.named, WriteStep::Rename))
    }

    /// Syncs the new names to disk.
    pub(crate) fn sync(&self) -> Result<(), WriteError> {
        let synced = self.changed.iter().try_for_each(|folder| sync_folder(folder));
        synced.map_err(|source| WriteError::NotDurable { path: self.named.clone(), source })
    }
}

/// The folder that a path is in; a bare name is in the current one.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where the symbolic links at a path lead, even if nothing is there.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        if !found(path.symlink_metadata())?.is_some_and(|metadata| metadata.is_symlink()) {
            return Ok(path);
        }
        path = folder_of(&path).join(fs::read_link(&path)?);
    }
    Err(io::Error::other("too many symbolic links, each leading to the next"))
}

/// Creates a folder and its missing ancestors; returns the folders that got a new entry.
fn create_folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut missing = Vec::new();
    for folder in folder.ancestors().filter(|folder| !folder.as_os_str().is_empty()) {
        if found(fs::metadata(folder))?.is_some() {
            break;
        }
        missing.push(folder);
    }
    let mut changed = Vec::new();
    for folder in missing.into_iter().rev() {
        match fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            // Also if another process created it first: it may not have synced the name yet.
            _ => changed.push(folder_of(folder).to_owned()),
        }
    }
    Ok(changed)
}

fn found(metadata: io::Result<fs::Metadata>) -> io::Result<Option<fs::Metadata>> {
    match metadata {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
