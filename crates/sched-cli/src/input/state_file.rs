//! Files that hold scheduler states: what burn 0.21, burn 0.22 and sched itself write.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use burn_pack::{Bytes, Reader, Scalar};
use sched_core::SchedulerState;
use sched_files::{Limit, WithinError, read_within};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::document::read_bytes;
use super::foreign;

/// burn 0.21's recorders wrap what they record, with metadata about themselves.
#[derive(Deserialize)]
struct BurnRecord {
    metadata: BurnMetadata,
    item: SchedulerState,
}

#[derive(Deserialize)]
struct BurnMetadata {
    version: String,
}

/// States, each with its parameter group if the record holds several.
type States = Vec<(Option<String>, SchedulerState)>;

/// The format of a file and the states in it; `-` is stdin.
pub(crate) fn read_states(path: &Path, limit: Limit) -> anyhow::Result<(String, States)> {
    let mut bytes = read_bytes(path, limit)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        bytes = match read_within(flate2::read::GzDecoder::new(bytes.as_slice()), limit) {
            Err(WithinError::Io(error)) => return Err(error).context("damaged gzip"),
            unpacked => unpacked.context("unpacked")?,
        };
    }
    decode(bytes.clone()).map_err(|error| match foreign::name(&bytes) {
        Some(name) => anyhow!("this is {name}"),
        None => error,
    })
}

fn decode(bytes: Vec<u8>) -> anyhow::Result<(String, States)> {
    if bytes.is_empty() {
        bail!("the file is empty, expected a scheduler state; writing it was interrupted, so use another checkpoint");
    }
    if bytes.starts_with(&burn_pack::MAGIC_NUMBER.to_le_bytes()) {
        let reader = Reader::from_bytes(Bytes::from_bytes_vec(bytes)).context("damaged burnpack")?;
        return Ok(("burn 0.22, burnpack".to_owned(), burnpack_states(reader.scalars())?));
    }
    let encoding = if bytes.trim_ascii_start().starts_with(b"{") { Encoding::Json } else { Encoding::MessagePack };
    // burn's recorders write their metadata first, so it identifies a truncated file too.
    let by_burn = bytes[..bytes.len().min(64)].windows(8).any(|window| window == b"metadata");
    Ok(if by_burn {
        let BurnRecord { metadata, item } = encoding.read(&bytes)?;
        (format!("burn {}, {}", metadata.version, encoding.name()), vec![(None, item)])
    } else {
        (format!("sched, {}", encoding.name()), vec![(None, encoding.read(&bytes)?)])
    })
}

/// Deeper than any state: a level of a schedule takes up to four of MessagePack, and the state around it takes a few more.
const MSGPACK_DEPTH: usize = 4 * sched_core::MAX_DEPTH + 12;

#[derive(Clone, Copy)]
enum Encoding {
    Json,
    MessagePack,
}

impl Encoding {
    fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::MessagePack => "MessagePack",
        }
    }

    /// Reads a value that must be all there is.
    fn read<T: DeserializeOwned>(self, bytes: &[u8]) -> anyhow::Result<T> {
        match self {
            Self::Json => serde_json::from_slice(bytes).context("not a scheduler state in JSON"),
            Self::MessagePack => {
                let mut rest = bytes;
                let mut deserializer = rmp_serde::Deserializer::new(&mut rest);
                // Deep nesting in a crafted file would exhaust the stack.
                deserializer.set_max_depth(MSGPACK_DEPTH);
                let value = T::deserialize(&mut deserializer).context("not a scheduler state in MessagePack")?;
                if !rest.is_empty() {
                    bail!(
                        "the scheduler state ends at byte {} of {}; the file is damaged, use another checkpoint",
                        bytes.len() - rest.len(),
                        bytes.len()
                    );
                }
                Ok(value)
            }
        }
    }
}

/// The states in a record of burn 0.22: one, or one per parameter group, with the group's number before each name.
fn burnpack_states(scalars: &BTreeMap<String, Scalar>) -> anyhow::Result<States> {
    let mut states = Vec::new();
    for (name, length) in scalars {
        let Some(prefix) = name.strip_suffix("state.bytes") else { continue };
        let group = prefix.strip_suffix('.');
        let state =
            u64::try_from(*length).map_err(anyhow::Error::new).and_then(|length| unpack(scalars, prefix, length));
        let state = state.with_context(|| group.map_or("the record".to_owned(), |group| format!("group {group}")))?;
        states.push((group.map(str::to_owned), state));
    }
    if states.is_empty() {
        let names: Vec<_> = scalars.keys().take(8).map(String::as_str).collect();
        bail!(
            "this record holds [{}], expected `state.bytes`; check that it is the record of a scheduler, and that the scheduler \
             is sched's",
            names.join(", ")
        );
    }
    Ok(states)
}

/// Unpacks a state, which sched-burn stores in words of eight bytes.
fn unpack(scalars: &BTreeMap<String, Scalar>, prefix: &str, length: u64) -> anyhow::Result<SchedulerState> {
    let mut bytes = Vec::new();
    for index in 0..length.div_ceil(8) {
        let word = scalars.get(&format!("{prefix}state.{index:04}")).and_then(|word| u64::try_from(*word).ok());
        let Some(word) = word else {
            bail!("the state has {length} bytes, but word {index} is missing; use another checkpoint");
        };
        bytes.extend(word.to_le_bytes());
    }
    bytes.truncate(length as usize);
    Encoding::MessagePack.read(&bytes)
}
