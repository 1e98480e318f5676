//! TensorBoard's event files.
//!
//! A file is a sequence of records, little-endian: the length as u64, its masked CRC32C, the bytes, their masked CRC32C
//! (TensorFlow's `record_writer.h`). The bytes of each are an `Event` of `event.proto`, of which only the fields of scalars
//! are needed, in the order of their numbers, as every protobuf library writes them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::scalars::{ScalarWriter, Scalars};

/// Writes event files that TensorBoard shows: `tensorboard --logdir DIRECTORY`.
///
/// Each split is a run: a folder of its own, such as `train` and `valid`, so that TensorBoard draws both in one chart. Every
/// writer begins new files. After a resume, TensorBoard drops what an earlier file has from that step on.
///
/// TensorBoard's scalars are 32-bit floats, which is about seven digits; [`JsonLines`](crate::JsonLines) and
/// [`Csv`](crate::Csv) have all digits.
#[derive(Debug)]
pub struct TensorBoard {
    directory: PathBuf,
    runs: BTreeMap<String, File>,
}

impl TensorBoard {
    /// Writes below this directory; folders and files are created at the first value of a split.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), runs: BTreeMap::new() }
    }
}

impl ScalarWriter for TensorBoard {
    fn write(&mut self, scalars: &Scalars<'_>) -> io::Result<()> {
        let mut bytes = Vec::new();
        if !self.runs.contains_key(scalars.split) {
            let file = create(&self.directory.join(scalars.split), scalars.wall_time)?;
            self.runs.insert(scalars.split.to_owned(), file);
            // The version comes first; then a start, from whose step on earlier files do not count.
            let version = message(3, b"brain.Event:2");
            record(&mut bytes, &event(Scalars { step: 0, ..*scalars }, &version));
            record(&mut bytes, &event(*scalars, &message(7, &[0x08, 0x01])));
        }
        record(&mut bytes, &event(*scalars, &message(5, &summary(scalars.values))));
        match self.runs.get_mut(scalars.split) {
            Some(file) => file.write_all(&bytes),
            None => Ok(()),
        }
    }
}

/// A new file, whose name tells TensorBoard what it is; it reads the files of a folder in the order of their names.
fn create(directory: &Path, wall_time: f64) -> io::Result<File> {
    fs::create_dir_all(directory)?;
    let process = std::process::id();
    let mut number = 0;
    loop {
        let name = format!("events.out.tfevents.{:010}.sched.{process}.{number}", wall_time as u64);
        match File::create_new(directory.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            other => return other,
        }
    }
}

fn record(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = (bytes.len() as u64).to_le_bytes();
    out.extend(length);
    out.extend(masked_crc(&length));
    out.extend(bytes);
    out.extend(masked_crc(bytes));
}

/// A CRC of data that holds CRCs itself is weak, so the format stores a CRC turned and shifted.
fn masked_crc(bytes: &[u8]) -> [u8; 4] {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

/// `Event { wall_time: 1, step: 2, what }`.
fn event(Scalars { wall_time, step, .. }: Scalars<'_>, what: &[u8]) -> Vec<u8> {
    let mut event = vec![0x09];
    event.extend(wall_time.to_le_bytes());
    // protobuf leaves out zeros.
    if step > 0 {
        event.push(0x10);
        varint(&mut event, step);
    }
    event.extend(what);
    event
}

/// `Summary { repeated Value { tag: 1, simple_value: 2 } value: 1 }`.
fn summary(values: &[(&str, f64)]) -> Vec<u8> {
    let value = |&(tag, value): &(&str, f64)| {
        let mut bytes = message(1, tag.as_bytes());
        bytes.push(0x15);
        bytes.extend((value as f32).to_le_bytes());
        message(1, &bytes)
    };
    values.iter().flat_map(value).collect()
}

/// A field of bytes: a string or a message.
fn message(field: u8, bytes: &[u8]) -> Vec<u8> {
    let mut message = vec![field << 3 | 2];
    varint(&mut message, bytes.len() as u64);
    message.extend(bytes);
    message
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
