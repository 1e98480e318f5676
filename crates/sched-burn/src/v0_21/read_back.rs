//! Whether what burn 0.21's recorders wrote is whole, which they do not check.

use std::fs::File;
use std::io::{self, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use burn_0_21::record::{BurnRecord, FileRecorder, RecorderError};
use burn_0_21::tensor::backend::Backend;
use flate2::bufread::GzDecoder;
use sched_files::BoxError;
use serde::de::{DeserializeOwned, IgnoredAny};

/// Reads a record of known type back, as burn does.
pub(super) fn read_back<B: Backend, I: DeserializeOwned, R: FileRecorder<B>>(
    recorder: &R,
    stem: &Path,
) -> Result<(), BoxError> {
    check_compressed(&stem.with_extension(R::file_extension()))?;
    recorder.load_item::<BurnRecord<I, B>>(&mut stem.to_owned()).map_err(reason)?;
    Ok(())
}

/// Checks an item of unknown type as far as its format allows: a compressed file has a checksum, MessagePack and JSON show
/// where a value ends. bincode shows nothing; there, what burn may have lost is its last write, so there has to be room
/// for as much once more.
pub(super) fn check_unknown<B: Backend, R: FileRecorder<B>>(recorder: &R, stem: &Path) -> Result<(), BoxError> {
    let file = stem.with_extension(R::file_extension());
    check_compressed(&file)?;
    if is_compressed(&file) {
        return Ok(());
    }
    let other = stem.with_file_name("other");
    if recorder.save_item(true, other.clone()).and_then(|()| skip::<B, R>(recorder, other)).is_err() {
        // Either the format shows nothing, or there is no room for a single byte.
        return lack_of_room(&file).map_or(Ok(()), |error| Err(error.into()));
    }
    Ok(skip::<B, R>(recorder, stem.to_owned()).map_err(reason)?)
}

fn skip<B: Backend, R: FileRecorder<B>>(recorder: &R, mut stem: PathBuf) -> Result<(), RecorderError> {
    recorder.load_item::<IgnoredAny>(&mut stem).map(drop)
}

fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gz")
}

/// Compares the checksum of a compressed file. burn stops reading at the end of the record, which is before it.
pub(super) fn check_compressed(path: &Path) -> io::Result<()> {
    if is_compressed(path) {
        io::copy(&mut GzDecoder::new(BufReader::new(File::open(path)?)), &mut io::sink())?;
    }
    Ok(())
}

/// The system's error if a file cannot grow by what burn's recorders hold back until the end; `None` if there is no file.
pub(super) fn lack_of_room(path: &Path) -> Option<io::Error> {
    const HELD_BACK: usize = 8 << 10;
    let mut file = File::options().write(true).open(path).ok()?;
    let grow = |file: &mut File| {
        let length = file.seek(SeekFrom::End(0))?;
        file.write_all(&[0; HELD_BACK])?;
        file.sync_data()?;
        file.set_len(length)
    };
    grow(&mut file).err()
}

/// What burn says, without its own name for the kind of error.
pub(super) fn reason(error: RecorderError) -> String {
    match error {
        RecorderError::FileNotFound(reason)
        | RecorderError::DeserializeError(reason)
        | RecorderError::Unknown(reason) => reason,
    }
}
