//! burn 0.21's file recorders, made safe against crashes and full disks.

use std::fs;
use std::path::{Path, PathBuf};

use burn_0_21::record::{BurnRecord, FileRecorder, Record, Recorder, RecorderError};
use burn_0_21::tensor::backend::Backend;
use sched_files::{BoxError, quote_path, replace_in_folder};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::read_back::{check_unknown, lack_of_room, read_back, reason};
use crate::message::{FINDER, one_line, with_cause};

/// A burn 0.21 file recorder that replaces files atomically.
///
/// burn 0.21's own recorders delete the old file first, then write the new one without checking that it reached the
/// disk: a crash in between loses both, and a full disk leaves an empty file and no error. This one writes next to the
/// old file, reads back what it wrote, syncs it to disk and only then renames it. Files and formats are those of the
/// inner recorder.
///
/// `save_item` alone, which burn's Learner does not call, does not know the type to read back. It compares the checksum of
/// compressed files, reads MessagePack and JSON to their end, and checks for bincode that the disk is not full.
///
/// ```
/// # use burn_0_21 as burn;
/// use burn::record::{FullPrecisionSettings, NamedMpkFileRecorder};
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
        mut path: PathBuf,
        extension: &str,
        write: impl FnOnce(PathBuf) -> Result<(), RecorderError>,
        check: impl FnOnce(&Path) -> Result<(), BoxError>,
    ) -> Result<(), RecorderError> {
        path.set_extension(extension); // as burn's recorders do
        let replaced = replace_in_folder(path, |folder| {
            // Without the extension: setting `mpk.gz` twice gives `mpk.mpk.gz`.
            let stem = folder.join("record");
            let file = stem.with_extension(extension);
            let written = write(stem.clone()).map_err(|error| reason(error).into()).and_then(|()| check(&stem));
            // burn passes on none of the system's errors, only words.
            written.map_err(|error| lack_of_room(&file).map_or(error, BoxError::from))?;
            Ok(file)
        });
        replaced.map_err(|error| RecorderError::Unknown(error.to_string()))
    }
}

impl<B: Backend, R: FileRecorder<B>> Recorder<B> for AtomicRecorder<R> {
    type Settings = R::Settings;
    type RecordArgs = PathBuf;
    type RecordOutput = ();
    type LoadArgs = PathBuf;

    fn record<T: Record<B>>(&self, record: T, path: PathBuf) -> Result<(), RecorderError> {
        let item = BurnRecord::new::<R>(record.into_item::<Self::Settings>());
        Self::replace(
            path,
            R::file_extension(),
            |stem| self.inner.save_item(item, stem),
            |stem| read_back::<B, T::Item<Self::Settings>, R>(&self.inner, stem),
        )
    }

    fn save_item<I: Serialize>(&self, item: I, path: PathBuf) -> Result<(), RecorderError> {
        Self::replace(
            path,
            R::file_extension(),
            |stem| self.inner.save_item(item, stem),
            |stem| check_unknown::<B, R>(&self.inner, stem),
        )
    }

    fn load<T: Record<B>>(&self, path: PathBuf, device: &B::Device) -> Result<T, RecorderError> {
        let file = path.with_extension(R::file_extension());
        refuse_pipe(&file)?;
        self.inner.load(path, device).map_err(|error| match error {
            RecorderError::FileNotFound(_) => error,
            error => RecorderError::Unknown(format!(
                "cannot read {}: {}; take another checkpoint: {FINDER}",
                quote_path(&file),
                with_cause(one_line(reason(error), 600))
            )),
        })
    }

    fn load_item<I: DeserializeOwned>(&self, path: &mut PathBuf) -> Result<I, RecorderError> {
        refuse_pipe(&path.with_extension(R::file_extension()))?;
        self.inner.load_item(path)
    }
}

/// burn would wait for ever for somebody to write to a pipe, and read a device without end.
fn refuse_pipe(file: &Path) -> Result<(), RecorderError> {
    if fs::metadata(file).is_ok_and(|metadata| !metadata.is_file()) {
        let file = quote_path(file);
        let advice = "copy its contents into a file first";
        return Err(RecorderError::Unknown(format!("cannot read {file}: it is not a regular file; {advice}")));
    }
    Ok(())
}

impl<B: Backend, R: FileRecorder<B>> FileRecorder<B> for AtomicRecorder<R> {
    fn file_extension() -> &'static str {
        R::file_extension()
    }
}
