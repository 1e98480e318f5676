//! The zip archive of `torch.save`, without tensors.

use std::io::{Cursor, Write as _};

use zip::CompressionMethod;
use zip::result::ZipResult;
use zip::write::{SimpleFileOptions, ZipWriter};

/// An archive of this pickle.
pub(super) fn archive(pickle: &[u8]) -> ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    // The members that PyTorch itself looks for.
    for (name, bytes) in [("data.pkl", pickle), ("byteorder", b"little".as_slice()), ("version", b"3\n")] {
        writer.start_file(format!("archive/{name}"), options)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}
