//! `sched inspect`: what is in a scheduler's state.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use burn_pack::{Bytes, Reader, Scalar};
use sched_core::{Feedback, Scheduler, SchedulerState};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use sched_plot::Short;

/// Say what is in a scheduler state.
///
/// It may be a file of burn 0.21's recorders (MessagePack or JSON, compressed or not), of burn 0.22 (burnpack), or of
/// sched's own `save`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The state: .mpk, .bpk, .json, or one of these with .gz; `-` for stdin.
    file: PathBuf,
    /// How many of the next rates to show.
    #[arg(long, value_name = "N", default_value_t = 5)]
    next: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What is said about a file.
#[derive(Serialize)]
struct Report {
    file: String,
    /// Who wrote it, and how.
    format: String,
    states: Vec<Entry>,
}

/// What is said about a state in it.
#[derive(Serialize)]
struct Entry {
    /// Where a record holds several: the group, such as `0`.
    group: Option<String>,
    position: u64,
    last_lr: Option<f64>,
    next_lr: Option<Vec<f64>>,
    in_words: Option<String>,
    feedback_in_words: Option<String>,
    multiplier: Option<f64>,
    state: SchedulerState,
}

/// burn 0.21's recorders put what they record beside a note about themselves.
#[derive(Deserialize)]
struct BurnRecord {
    metadata: BurnMetadata,
    item: SchedulerState,
}

#[derive(Deserialize)]
struct BurnMetadata {
    version: String,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let file = args.file.display().to_string();
    let (format, states) = read(&args.file).with_context(|| file.clone())?;
    let mut entries = Vec::new();
    for (group, state) in states {
        state.verify().with_context(|| file.clone())?;
        entries.push(Entry::new(group, state, args.next));
    }
    let report = Report { file, format, states: entries };
    if args.json { crate::print(&serde_json::to_string_pretty(&report)?) } else { crate::print(&report.text()?) }
}

type States = Vec<(Option<String>, SchedulerState)>;

fn read(path: &Path) -> anyhow::Result<(String, States)> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).context("cannot read it")?;
    } else {
        bytes = std::fs::read(path).context("cannot read it")?;
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).context("damaged gzip")?;
        bytes = plain;
    }
    if bytes.is_empty() {
        bail!(
            "the file is empty, expected a scheduler state; it was not written to its end, so take another checkpoint"
        );
    }
    if bytes.starts_with(&burn_pack::MAGIC_NUMBER.to_le_bytes()) {
        let reader = Reader::from_bytes(Bytes::from_bytes_vec(bytes)).context("damaged burnpack")?;
        return Ok(("burn 0.22, burnpack".to_owned(), burnpack_states(reader.scalars())?));
    }
    let syntax = if bytes.trim_ascii_start().starts_with(b"{") { Syntax::Json } else { Syntax::MessagePack };
    // burn's recorders write their note first, so a file that was cut off is known by it too.
    let by_burn = bytes[..bytes.len().min(64)].windows(8).any(|window| window == b"metadata");
    Ok(if by_burn {
        let BurnRecord { metadata, item } = syntax.read(&bytes)?;
        (format!("burn {}, {}", metadata.version, syntax.name()), vec![(None, item)])
    } else {
        (format!("sched, {}", syntax.name()), vec![(None, syntax.read(&bytes)?)])
    })
}

/// Deeper than any schedule, a level of which takes up to four of MessagePack, and what is around it.
const MSGPACK_DEPTH: usize = 4 * sched_core::MAX_DEPTH + 12;

#[derive(Clone, Copy)]
enum Syntax {
    Json,
    MessagePack,
}

impl Syntax {
    fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::MessagePack => "MessagePack",
        }
    }

    /// Reads the whole of what is there.
    fn read<T: DeserializeOwned>(self, bytes: &[u8]) -> anyhow::Result<T> {
        match self {
            Self::Json => serde_json::from_slice(bytes).context("no scheduler state in JSON"),
            Self::MessagePack => {
                let mut rest = bytes;
                let mut deserializer = rmp_serde::Deserializer::new(&mut rest);
                // A file of nothing but opening brackets would exhaust the stack.
                deserializer.set_max_depth(MSGPACK_DEPTH);
                let value = T::deserialize(&mut deserializer).context("no scheduler state in MessagePack")?;
                if !rest.is_empty() {
                    bail!(
                        "there are {} bytes after the scheduler state, expected none; the file is damaged",
                        rest.len()
                    );
                }
                Ok(value)
            }
        }
    }
}

/// The states in a record of burn 0.22: one, or one for each parameter group with its number before each name.
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
            "this record holds [{}], expected `state.bytes` and the like; check that the file is a scheduler's, and that the \
             scheduler was sched's",
            names.join(", ")
        );
    }
    Ok(states)
}

/// The state that sched-burn puts into words of eight bytes.
fn unpack(scalars: &BTreeMap<String, Scalar>, prefix: &str, length: u64) -> anyhow::Result<SchedulerState> {
    let mut bytes = Vec::new();
    for index in 0..length.div_ceil(8) {
        let word = scalars.get(&format!("{prefix}state.{index:04}")).and_then(|word| u64::try_from(*word).ok());
        let Some(word) = word else {
            bail!("its state has {length} bytes, but its word {index} is missing; take another checkpoint");
        };
        bytes.extend(word.to_le_bytes());
    }
    bytes.truncate(length as usize);
    Syntax::MessagePack.read(&bytes)
}

impl Entry {
    fn new(group: Option<String>, state: SchedulerState, next: u64) -> Self {
        // A closure's state has no schedule, so there is nothing to go on with.
        let scheduler = Scheduler::from_state(&state).ok();
        let next = |scheduler: &Scheduler| (0..next).map(|i| scheduler.at(state.position.saturating_add(i))).collect();
        Self {
            group,
            position: state.position,
            last_lr: state.last_lr,
            next_lr: scheduler.as_ref().map(next),
            in_words: state.schedule.as_ref().map(ToString::to_string),
            feedback_in_words: state.feedback.as_ref().map(ToString::to_string),
            multiplier: state.feedback.as_ref().map(Feedback::multiplier),
            state,
        }
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let line = |text: &mut String, name: &str, value: &str| writeln!(text, "{name:<10}{value}");
        if let Some(group) = &self.group {
            line(text, "group", group)?;
        }
        line(text, "schedule", self.in_words.as_deref().unwrap_or("a function, which no file holds"))?;
        line(text, "position", &format!("{} (the next update, counted from 0)", self.position))?;
        let last = self.last_lr.map_or("none yet".to_owned(), |lr| Short(lr).to_string());
        line(text, "last rate", &last)?;
        if let Some(next) = &self.next_lr {
            let next: Vec<_> = next.iter().map(|lr| Short(*lr).to_string()).collect();
            line(text, "next", &next.join(", "))?;
        }
        let Some(feedback) = &self.state.feedback else { return Ok(()) };
        let name = match feedback {
            Feedback::Plateau(_) => "plateau",
            Feedback::Greedy(_) => "greedy",
            _ => "rule",
        };
        line(text, name, self.feedback_in_words.as_deref().unwrap_or_default())?;
        let best =
            |best: Option<f64>| best.map_or("nothing observed yet".to_owned(), |best| format!("best {}", Short(best)));
        let counters = match feedback {
            Feedback::Plateau(plateau) => format!(
                "{}, {} bad observations, {} left of the cooldown, {} reductions",
                best(plateau.best()),
                plateau.bad_observations(),
                plateau.cooldown_left(),
                plateau.reductions()
            ),
            Feedback::Greedy(greedy) => best(greedy.best()),
            Feedback::Custom(custom) => {
                let memory: Vec<_> = custom.memory().iter().map(|x| Short(*x).to_string()).collect();
                format!("{} observations, memory [{}]", custom.observations(), memory.join(", "))
            }
            _ => String::new(),
        };
        line(text, "", &counters)?;
        line(text, "", &format!("the schedule's rate x {}", Short(feedback.multiplier())))
    }
}

impl Report {
    fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        writeln!(text, "{:<10}{}", "file", self.file)?;
        writeln!(text, "{:<10}{}", "format", self.format)?;
        for entry in &self.states {
            text.push('\n');
            entry.write(&mut text)?;
        }
        text.truncate(text.trim_end().len());
        Ok(text)
    }
}
