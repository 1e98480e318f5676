//! What a file is that holds no scheduler state, by how it begins.

use sched_core::Plan;
use sched_dialects::{FileError, parse, read_value};

/// How much of a file tells what it is.
pub(super) const START: usize = 1 << 16;

/// Bytes at an offset, and what a file is that has them there.
const MAGIC: &[(usize, &[u8], &str)] = &[
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file, such as the weights of Keras"),
    (0, b"GGUF", "a GGUF file, which holds weights and no scheduler"),
    (0, b"\x93NUMPY", "an array of NumPy"),
    (0, b"SQLite format 3\0", "a database of SQLite"),
    (0, b"\x89PNG", "a picture"),
    (0, b"\xff\xd8\xff", "a picture"),
    (0, b"%PDF", "a PDF document"),
    (0, b"\x7fELF", "a program"),
    (0, b"PAR1", "a Parquet file"),
    (0, b"ARROW1", "an Arrow file"),
    (0, b"\x28\xb5\x2f\xfd", "a file packed with zstd; unpack it first"),
    (0, b"BZh", "a file packed with bzip2; unpack it first"),
    (0, b"\xfd7zXZ\0", "a file packed with xz; unpack it first"),
    (257, b"ustar", "a tar archive; unpack it first"),
];

/// Names inside a file that begins like a zip archive.
const ARCHIVES: &[(&[u8], &str)] = &[
    (b".npy", "an archive of NumPy's arrays (.npz)"),
    (b"model.weights.h5", "a model of Keras (.keras), whose schedule is in its `config.json`: unpack it and read that"),
    (b"[Content_Types].xml", "an office document"),
    (b"META-INF", "a Java archive"),
];

/// What the file is, if it begins like one that is known and holds no state.
pub(super) fn name(bytes: &[u8]) -> Option<String> {
    let start = &bytes[..bytes.len().min(START)];
    let has = |part: &[u8]| start.windows(part.len()).any(|window| window == part);
    let magic = MAGIC.iter().find(|(at, magic, _)| start.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    if let Some((_, _, name)) = magic {
        return Some((*name).to_owned());
    }
    if start.starts_with(b"PK") {
        let archive = ARCHIVES.iter().find(|(part, _)| has(part));
        return archive.map(|(_, name)| (*name).to_owned());
    }
    if let Some((length, rest)) = start.split_first_chunk()
        && u64::from_le_bytes(*length) < 1 << 32
        && rest.starts_with(b"{\"")
    {
        return Some("a safetensors file, which holds weights and no scheduler".to_owned());
    }
    if has(b"brain.Event:") {
        return Some("a log of TensorBoard".to_owned());
    }
    text(bytes)
}

/// What a text is: perhaps a schedule, which other subcommands show.
fn text(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    if text.trim().is_empty() || text.contains('\0') {
        return None;
    }
    let Ok(value) = parse(text, None) else { return Some("a text".to_owned()) };
    // A state has a schedule too.
    let is_state =
        matches!(&value, sched_core::Value::Map(entries) if entries.iter().any(|(name, _)| name == "position"));
    match read_value(&value, &Plan::new()) {
        _ if is_state => None,
        Ok(found) => Some(format!("a schedule and no state: {}; show it with `sched FILE`", article(found.kind))),
        Err(FileError::NoMap { .. } | FileError::Unknown { .. }) => {
            Some("a text that is neither a state nor a schedule".to_owned())
        }
        Err(_) => Some("a schedule and no state; show it with `sched FILE`".to_owned()),
    }
}

fn article(kind: &str) -> String {
    if kind.starts_with(|c: char| "aeiou".contains(c)) { format!("an {kind}") } else { format!("a {kind}") }
}
