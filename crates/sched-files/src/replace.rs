//! Replacing a file as a whole.

use std::fs::{self, File};
use std::io::{BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use crate::platform::copy_attributes;
use crate::target::Target;
use crate::temporary::Temporary;
use crate::write_error::{BoxError, WriteError, WriteStep};

/// Replaces a file with these bytes; see [`replace`].
///
/// # Errors
///
/// As for [`replace`].
pub fn replace_with(path: impl AsRef<Path>, bytes: &[u8]) -> Result<(), WriteError> {
    replace(path, |file| Ok(file.write_all(bytes)?))
}

/// Replaces a file with what `write` writes, all or nothing: after a kill, a full disk or a power cut, either the old file
/// or the new one is there, whole.
///
/// The bytes go to a temporary file in the same folder, which is synced to disk and then renamed. Symbolic links are
/// followed, even dangling ones, and missing folders are created. The new file keeps the old one's mode, and its owner if
/// this process may set it; without an old file, the umask decides. Only a regular file is ever replaced. Hard links of the
/// old file still lead to the old content. If the process is killed, its temporary file is removed by a write to the same
/// path ten minutes or more later.
///
/// ```
/// use std::io::Write;
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("lr.csv");
/// sched_files::replace(&path, |file| {
///     writeln!(file, "step,lr")?;
///     writeln!(file, "0,{}", "0.1".parse::<f64>()?)?;
///     Ok(())
/// })?;
/// assert_eq!(std::fs::read_to_string(&path)?, "step,lr\n0,0.1\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// `write` or the system fails. What was at the path is unchanged, except after [`WriteError::NotDurable`].
pub fn replace(
    path: impl AsRef<Path>,
    write: impl FnOnce(&mut BufWriter<&File>) -> Result<(), BoxError>,
) -> Result<(), WriteError> {
    replace_verified(path, write, |_| Ok(()))
}

/// Replaces a file as [`replace`] does, but only if `verify` accepts the new file, which it gets synced and rewound.
///
/// # Errors
///
/// As for [`replace`], or `verify` fails.
pub fn replace_verified(
    path: impl AsRef<Path>,
    write: impl FnOnce(&mut BufWriter<&File>) -> Result<(), BoxError>,
    verify: impl FnOnce(&File) -> Result<(), BoxError>,
) -> Result<(), WriteError> {
    let target = Target::new(path.as_ref())?;
    let path = &target.named;
    let temporary = Temporary::file(&target).map_err(WriteError::io(path, WriteStep::CreateTemporary))?;
    let content = |source| WriteError::content(path, source, || temporary.probe());

    let mut file = temporary.lock();
    let written = fill(file, write).map_err(content)?;
    finish(&target, file, target.old.as_ref())?;
    let found = file.metadata().map_err(WriteError::io(path, WriteStep::Sync))?.len();
    if found < written {
        return Err(WriteError::Short { path: path.clone(), written, found });
    }
    file.rewind().map_err(|error| content(error.into()))?;
    verify(file).map_err(content)?;

    if cfg!(windows) {
        // Where a lock would keep readers out.
        let _ = file.unlock();
    }
    target.put(temporary.path())?;
    drop(temporary);
    target.sync()
}

/// Replaces a file as [`replace`] does, through a writer that opens files by path: one that chooses the extension, say, or
/// removes an existing file first.
///
/// `write` gets a temporary folder, writes into it whatever it likes, and returns the path of the file to be put in place.
/// Such writers may not notice a full disk, so read the file back before returning.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("record.txt");
/// sched_files::replace_in_folder(&path, |folder| {
///     let file = folder.join("record").with_extension("txt");
///     std::fs::write(&file, "position: 3")?;
///     if std::fs::read(&file)? != b"position: 3" {
///         return Err("what was read back is not what was written".into());
///     }
///     Ok(file)
/// })?;
/// assert_eq!(std::fs::read_to_string(&path)?, "position: 3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As for [`replace`], or `write` returns a path that is not a regular file in the folder.
pub fn replace_in_folder(
    path: impl AsRef<Path>,
    write: impl FnOnce(&Path) -> Result<PathBuf, BoxError>,
) -> Result<(), WriteError> {
    let target = Target::new(path.as_ref())?;
    let path = &target.named;
    let temporary = Temporary::folder(&target).map_err(WriteError::io(path, WriteStep::CreateTemporary))?;

    let named = write(temporary.path()).map_err(|source| WriteError::content(path, source, || temporary.probe()))?;
    let is_regular = fs::symlink_metadata(&named).is_ok_and(|metadata| metadata.is_file());
    if named.parent() != Some(temporary.path()) || !is_regular {
        return Err(WriteError::Missing { path: path.clone(), returned: named });
    }
    let sync = WriteError::io(path, WriteStep::Sync);
    // Unix syncs files opened for reading, which works even if the writer made the file read-only; others do not.
    let file = File::options().read(true).write(!cfg!(unix)).open(&named).map_err(&sync)?;
    let new = temporary.lock().metadata().map_err(&sync)?;
    finish(&target, &file, Some(target.old.as_ref().unwrap_or(&new)))?;
    target.put(&named)?;
    drop(temporary);
    target.sync()
}

/// Returns how many bytes the file should have afterwards.
fn fill(file: &File, write: impl FnOnce(&mut BufWriter<&File>) -> Result<(), BoxError>) -> Result<u64, BoxError> {
    let mut file = BufWriter::new(file);
    write(&mut file)?;
    file.flush()?;
    Ok(file.stream_position()?)
}

/// Gives the new file its attributes and syncs it to disk.
fn finish(target: &Target, file: &File, like: Option<&fs::Metadata>) -> Result<(), WriteError> {
    if let Some(like) = like {
        copy_attributes(like, file).map_err(WriteError::io(&target.named, WriteStep::SetMode))?;
    }
    file.sync_all().map_err(WriteError::io(&target.named, WriteStep::Sync))
}
