//! The two containers of `torch.save`: a zip archive, since PyTorch 1.6, and before that a stream of pickles with the
//! storages after them. Both keep the storages where they are until they are asked for.

use super::counted::Counted;
use super::error::{DIRECTORY, ReadError};
use super::heap::{Heap, Object, Slot, Storage};
use super::limits::{LimitExceeded, Limits};
use super::pickle;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use zip::CompressionMethod;
use zip::read::{ArchiveOffset, Config, ZipArchive, ZipReadOptions};
use zip::result::ZipError;

/// A file's bytes, on disk or in memory.
pub(crate) enum Input {
    File(File),
    Bytes(io::Cursor<Vec<u8>>),
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Bytes(bytes) => bytes.read(buffer),
        }
    }
}

impl Seek for Input {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Bytes(bytes) => bytes.seek(to),
        }
    }
}

/// An input that gives only so many bytes while the directory of the archive is read.
pub(crate) struct Rationed {
    input: Input,
    left: Arc<AtomicU64>,
    exceeded: Option<LimitExceeded>,
}

impl Read for Rationed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        if let Some(exceeded) = self.exceeded {
            let left = self.left.load(Ordering::Relaxed).checked_sub(read as u64);
            self.left.store(left.ok_or_else(|| io::Error::other(exceeded))?, Ordering::Relaxed);
        }
        Ok(read)
    }
}

impl Seek for Rationed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.input.seek(to)
    }
}

type Archive = ZipArchive<BufReader<Rationed>>;

/// Where the bytes of the storages are.
pub(crate) enum Container {
    Zip { archive: Mutex<Archive>, prefix: String, big_endian: bool },
    Stream { input: Mutex<BufReader<Input>>, offsets: HashMap<String, u64> },
}

/// A file's objects, and where the bytes of its storages are.
pub(crate) struct Contents {
    pub(crate) heap: Heap,
    pub(crate) root: Slot,
    pub(crate) container: Container,
    pub(crate) limits: Limits,
}

impl Contents {
    pub(crate) fn read(mut input: Input, limits: Limits) -> Result<Self, ReadError> {
        let size = input.seek(SeekFrom::End(0))?;
        limits.file_bytes(size)?;
        input.rewind()?;
        let mut start = Vec::new();
        (&mut input).take(4).read_to_end(&mut start)?;
        input.rewind()?;
        match start[..] {
            [b'P', b'K', 3 | 5, _] => Self::read_zip(input, limits),
            [0x80, ..] => Self::read_stream(input, size, limits),
            [] => Err(ReadError::NotTorch { reason: "it is empty" }),
            _ => Err(ReadError::NotTorch { reason: "it starts neither like a zip archive nor like a pickle" }),
        }
    }

    fn read_zip(input: Input, limits: Limits) -> Result<Self, ReadError> {
        let left = Arc::new(AtomicU64::new(limits.directory_bytes));
        let exceeded = limits.directory_bytes(u64::MAX).err();
        let input = BufReader::new(Rationed { input, left: Arc::clone(&left), exceeded });
        // torch.save puts nothing before the archive.
        let config = Config { archive_offset: ArchiveOffset::Known(0) };
        let mut archive = Archive::with_config(config, input).map_err(|error| zip_error(DIRECTORY, error))?;
        if archive.has_duplicate_names() {
            return Err(ReadError::Zip { member: DIRECTORY.into(), reason: "two members have one name".into() });
        }
        let prefix = prefix(&archive)?;
        // What is read from here on has limits of its own.
        left.store(u64::MAX, Ordering::Relaxed);
        let mut bytes = Vec::new();
        member(
            &mut archive,
            &format!("{prefix}data.pkl"),
            |size, _| limits.pickle_bytes(size),
            |reader| reader.read_to_end(&mut bytes).map(drop),
        )?;
        let mut rest = &bytes[..];
        let mut counted = Counted { left: rest.len() as u64, input: &mut rest, limits: &limits, position: 0 };
        let (heap, root) = pickle::read("data.pkl", &mut counted, true)?;

        // Files before PyTorch 2.1 have no `byteorder`; they are taken as little-endian, as PyTorch does.
        let mut order = Vec::new();
        let name = format!("{prefix}byteorder");
        if archive.index_for_name(&name).is_some() {
            member(&mut archive, &name, |_, _| Ok(()), |reader| reader.take(16).read_to_end(&mut order).map(drop))?;
        }
        let big_endian = match &order[..] {
            b"" | b"little" => false,
            b"big" => true,
            _ => return Err(ReadError::Zip { member: name, reason: "neither `little` nor `big`".into() }),
        };
        for storage in heap.storages() {
            let name = format!("{prefix}data/{}", storage.key);
            let size = archive.index_for_name(&name).and_then(|index| Some(archive.by_index_data(index).ok()?.size()));
            check_storage(storage, size)?;
        }
        Ok(Self { heap, root, container: Container::Zip { archive: Mutex::new(archive), prefix, big_endian }, limits })
    }

    fn read_stream(input: Input, size: u64, limits: Limits) -> Result<Self, ReadError> {
        let mut input = BufReader::new(input);
        let mut position = 0;
        let mut next = |name, storages| -> Result<_, ReadError> {
            // The file may have grown since.
            let left = size.saturating_sub(position);
            let mut counted = Counted { left, input: &mut input, limits: &limits, position: 0 };
            let read = pickle::read(name, &mut counted, storages)?;
            position += counted.position;
            Ok(read)
        };
        let (heap, magic) = next("the magic number", false)?;
        if !matches!(heap.object(magic), Some(Object::BigInt(bytes)) if **bytes == MAGIC) {
            return Err(ReadError::NotTorch { reason: "a pickle without torch.save's magic number" });
        }
        if next("the version", false)?.1 != Slot::Int(1001) {
            return Err(ReadError::NotTorch { reason: "a stream of another version than 1001" });
        }
        // Its byte order does not matter: the storages of a stream are always little-endian.
        next("the system's description", false)?;
        let (heap, root) = next("the object", true)?;
        let (key_heap, keys) = next("the storage keys", false)?;
        let keys = key_heap.sequence(keys).ok_or(ReadError::NotTorch { reason: "a stream without storage keys" })?;

        let mut sizes = HashMap::new();
        for storage in heap.storages() {
            let Some(dtype) = storage.dtype else {
                let problem = "has elements of a type that is not known".into();
                return Err(ReadError::Storage { key: storage.key.to_string(), problem });
            };
            sizes.insert(&*storage.key, dtype.size());
        }
        let mut offsets = HashMap::new();
        let mut ends = HashMap::new();
        for key in keys {
            let key = key_heap.str(*key).ok_or(ReadError::NotTorch { reason: "a storage key that is not a string" })?;
            let wrong = |problem: &str| ReadError::Storage { key: key.to_string(), problem: problem.into() };
            let element = *sizes.get(&**key).ok_or_else(|| wrong("is in no tensor"))?;
            let mut count = [0; 8];
            input.read_exact(&mut count).map_err(|_| wrong("is not in the file: it ends before"))?;
            position += 8;
            let bytes =
                u64::from_le_bytes(count).checked_mul(element).filter(|bytes| *bytes <= size.saturating_sub(position));
            let bytes = bytes.ok_or_else(|| wrong("is longer than the rest of the file"))?;
            offsets.insert(key.to_string(), position);
            ends.insert(key.to_string(), bytes);
            position += bytes;
            input.seek_relative(bytes.cast_signed())?;
        }
        for storage in heap.storages() {
            check_storage(storage, ends.get(&*storage.key).copied())?;
        }
        Ok(Self { heap, root, container: Container::Stream { input: Mutex::new(input), offsets }, limits })
    }

    /// Bytes `start..start + length` of a storage.
    pub(crate) fn storage(&self, storage: &Storage, start: u64, length: u64) -> Result<Vec<u8>, ReadError> {
        let start = storage.start + start;
        let mut bytes = Vec::new();
        match &self.container {
            Container::Zip { archive, prefix, .. } => {
                let mut archive = archive.lock().unwrap_or_else(PoisonError::into_inner);
                let name = format!("{prefix}data/{}", storage.key);
                let limit = |size, compressed| if compressed { self.limits.unpacked_bytes(size) } else { Ok(()) };
                member(&mut archive, &name, limit, |reader| {
                    io::copy(&mut (&mut *reader).take(start), &mut io::sink())?;
                    (&mut *reader).take(length).read_to_end(&mut bytes)?;
                    // At the end of the member this compares the checksum.
                    reader.read(&mut [0]).map(drop)
                })?;
            }
            Container::Stream { input, offsets } => {
                let mut input = input.lock().unwrap_or_else(PoisonError::into_inner);
                let offset = offsets.get(&*storage.key).copied().unwrap_or(u64::MAX);
                input.seek(SeekFrom::Start(offset.saturating_add(start)))?;
                input.by_ref().take(length).read_to_end(&mut bytes)?;
            }
        }
        if bytes.len() as u64 != length {
            return Err(ReadError::Storage { key: storage.key.to_string(), problem: "ends early".into() });
        }
        Ok(bytes)
    }

    pub(crate) fn big_endian(&self) -> bool {
        matches!(self.container, Container::Zip { big_endian: true, .. })
    }
}

/// `0x1950a86a20f9469cfc6c`, least significant byte first.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// Refuses a storage that the file does not hold, or holds less of than its tensors need.
fn check_storage(storage: &Storage, held: Option<u64>) -> Result<(), ReadError> {
    let problem = match (held, storage.start.checked_add(storage.bytes)) {
        (None, _) => "is not in the file".into(),
        (Some(held), Some(needed)) if held >= needed => return Ok(()),
        (Some(held), _) => format!("has {held} bytes in the file, and {} are needed", storage.bytes),
    };
    Err(ReadError::Storage { key: storage.key.to_string(), problem })
}

/// The folder in the archive that holds `data.pkl`, with its slash.
fn prefix(archive: &Archive) -> Result<String, ReadError> {
    let mut found = archive.file_names().filter_map(|name| {
        let name = name.ok()?;
        let folder = name.strip_suffix("data.pkl")?;
        (folder.is_empty() || folder.find('/') == Some(folder.len() - 1)).then(|| folder.to_owned())
    });
    match (found.next(), found.next()) {
        (Some(prefix), None) => Ok(prefix),
        (None, _) => Err(ReadError::NotTorch { reason: "a zip archive without `data.pkl`" }),
        (Some(_), Some(_)) => Err(ReadError::NotTorch { reason: "a zip archive with more than one `data.pkl`" }),
    }
}

/// Reads a member, once its unpacked size and whether it is compressed have passed `limit`.
fn member(
    archive: &mut Archive,
    name: &str,
    limit: impl FnOnce(u64, bool) -> Result<(), LimitExceeded>,
    read: impl FnOnce(&mut dyn Read) -> io::Result<()>,
) -> Result<(), ReadError> {
    let index = archive.index_for_name(name).ok_or(ZipError::FileNotFound).map_err(|error| zip_error(name, error))?;
    let entry = archive.by_index_data(index).map_err(|error| zip_error(name, error))?;
    let size = entry.size();
    let compressed = entry.compression() != CompressionMethod::Stored;
    // With `torch.utils.serialization.config.save.compute_crc32 = False` every checksum is 0.
    let options = ZipReadOptions::new().ignore_crc32(entry.crc32() == 0);
    limit(size, compressed)?;
    let member = archive.by_index_with_options(index, options).map_err(|error| zip_error(name, error))?;
    // Whatever the member unpacks to, no more than it promised is taken.
    read(&mut member.take(size.saturating_add(1))).map_err(|error| zip_error(name, ZipError::Io(error)))
}

fn zip_error(member: &str, error: ZipError) -> ReadError {
    if let ZipError::Io(error) = &error
        && let Some(exceeded) = error.get_ref().and_then(|inner| inner.downcast_ref::<LimitExceeded>())
    {
        return ReadError::Limit(*exceeded);
    }
    ReadError::Zip { member: member.to_owned(), reason: error.to_string() }
}
