//! burn 0.21's file recorders, made safe against crashes and full disks.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use burn_0_21::record::{BurnRecord, FileRecorder, Record, Recorder, RecorderError};
use burn_0_21::tensor::backend::Backend;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::file::{folder_of, sync_folder};

/// A burn 0.21 file recorder that replaces files atomically.
///
/// burn 0.21's own recorders delete the old file first, then write the new one without checking that it reached the
/// disk: a crash in between loses both, and a full disk leaves an empty file and no error. This one writes next to the
/// old file, reads back what it wrote, syncs it to disk and only then renames it. Files and formats are those of the
/// inner recorder.
///
/// ```
/// use burn_0_21::record::{FullPrecisionSettings, NamedMpkFileRecorder};
/// use sched_burn::AtomicRecorder;
///
/// // Pass it to `.with_file_checkpointer(recorder)` like any other recorder.
/// let recorder = AtomicRecorder::new(NamedMpkFileRecorder::<FullPrecisionSettings>::new());
/// # let _ = recorder;
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a recorder does nothing until a checkpointer takes it"]
pub struct AtomicRecorder<R> {
    inner: R,
}

impl<R> AtomicRecorder<R> {
    /// Wraps one of burn's file recorders.
    pub fn new(inner: R) -> Self {
        Self { inner }
    }

    /// Writes a temporary file with `write`, checks it with `check`, and moves it into place.
    fn replace(
        &self,
        path: PathBuf,
        extension: &str,
        write: impl FnOnce(PathBuf) -> Result<(), RecorderError>,
        check: impl FnOnce(PathBuf) -> Result<(), RecorderError>,
    ) -> Result<(), RecorderError> {
        let mut path = path;
        path.set_extension(extension); // as burn's recorders do
        let fail = |action: &str, error: io::Error| {
            RecorderError::Unknown(format!("cannot {action} the record `{}`: {error}", path.display()))
        };
        let folder = folder_of(&path);
        fs::create_dir_all(folder).map_err(|error| fail("write", error))?;
        // In a folder of its own: the inner recorder sets the extension, so the file cannot have a unique name.
        let temporary = tempfile::Builder::new().prefix(".record").tempdir_in(folder);
        let temporary = temporary.map_err(|error| fail("write", error))?;
        // Without the extension: setting `mpk.gz` twice gives `mpk.mpk.gz`.
        let stem = temporary.path().join("record");
        write(stem.clone())?;
        check(stem.clone())?;
        put_in_place(&stem.with_extension(extension), &path).map_err(|error| fail("replace", error))
    }
}

fn put_in_place(file: &Path, path: &Path) -> io::Result<()> {
    File::options().write(true).open(file)?.sync_all()?;
    fs::rename(file, path)?;
    sync_folder(folder_of(path))
}

impl<B: Backend, R: FileRecorder<B>> Recorder<B> for AtomicRecorder<R> {
    type Settings = R::Settings;
    type RecordArgs = PathBuf;
    type RecordOutput = ();
    type LoadArgs = PathBuf;

    fn record<T: Record<B>>(&self, record: T, path: PathBuf) -> Result<(), RecorderError> {
        let item = BurnRecord::new::<R>(record.into_item::<Self::Settings>());
        self.replace(
            path,
            R::file_extension(),
            |file| self.inner.save_item(item, file),
            // burn's recorders miss a failed last write; what cannot be read back was not written.
            |mut file| self.inner.load_item::<BurnRecord<T::Item<Self::Settings>, B>>(&mut file).map(drop),
        )
    }

    fn save_item<I: Serialize>(&self, item: I, path: PathBuf) -> Result<(), RecorderError> {
        self.replace(path, R::file_extension(), |file| self.inner.save_item(item, file), |_| Ok(()))
    }

    fn load_item<I: DeserializeOwned>(&self, path: &mut PathBuf) -> Result<I, RecorderError> {
        self.inner.load_item(path)
    }
}

impl<B: Backend, R: FileRecorder<B>> FileRecorder<B> for AtomicRecorder<R> {
    fn file_extension() -> &'static str {
        R::file_extension()
    }
}
