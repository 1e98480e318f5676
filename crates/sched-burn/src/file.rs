//! A state in a file of its own.

use std::fs;
use std::path::Path;

use sched_core::SchedulerState;
use sched_files::{Limit, read, replace_with};

use crate::msgpack;
use crate::scheduler::Scheduler;
use crate::state_error::{Beside, StateError};

/// Far more than any schedule needs that a person wrote.
const LIMIT: Limit = Limit::new(16 << 20).raised_by("Scheduler::load_msgpack");

impl Scheduler {
    /// Writes the [state](Self::state) to a file as [MessagePack](Self::to_msgpack). The usual extension is `mpk`.
    ///
    /// The file is replaced atomically: after a crash, a full disk or a power cut it is either the old one or the new one.
    /// It keeps its mode, symbolic links are followed, and missing folders are created.
    ///
    /// # Errors
    ///
    /// The file cannot be written, or the state has more than 16 MiB, which [`load`](Self::load) would refuse. An existing
    /// file is unchanged, except after [`WriteError::NotDurable`](crate::WriteError::NotDurable).
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), StateError> {
        let bytes = self.to_msgpack()?;
        if bytes.len() as u64 > LIMIT.bytes() {
            return Err(StateError::TooLarge { length: bytes.len(), limit: LIMIT });
        }
        Ok(replace_with(path, &bytes)?)
    }

    /// Restores the state from a file that [`save`](Self::save) wrote. [`on_mismatch`](Self::on_mismatch) decides what
    /// happens if its schedule or rule differs.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is not a regular file or has more than 16 MiB; it does not hold a state, or the state is
    /// refused. The scheduler is unchanged then. If the file is damaged, the error names the newest whole one beside it
    /// whose name differs in digits only, such as `scheduler-2.mpk` for `scheduler-3.mpk`.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<(), StateError> {
        let path = path.as_ref();
        let state = read_state(path)?;
        self.load_state(&state).map_err(|source| in_file(path, source, None))
    }

    /// Builds a scheduler from a file that [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load), or the state is that of a closure, which has no schedule.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, StateError> {
        let path = path.as_ref();
        let state = read_state(path)?;
        Self::from_state(&state).map_err(|source| in_file(path, source, None))
    }
}

fn read_state(path: &Path) -> Result<SchedulerState, StateError> {
    msgpack::decode(&read(path, LIMIT)?).map_err(|source| in_file(path, source, newest_beside(path)))
}

fn in_file(path: &Path, source: impl Into<StateError>, instead: Option<Beside>) -> StateError {
    StateError::InFile { path: path.to_owned(), source: Box::new(source.into()), instead }
}

/// The whole state with the highest position in a file beside this one that belongs to the same series.
fn newest_beside(path: &Path) -> Option<Beside> {
    let own = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let states = fs::read_dir(folder).ok()?.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        if name == own || without_digits(&name) != without_digits(own) {
            return None;
        }
        let state = msgpack::decode(&read(entry.path(), LIMIT).ok()?).ok()?;
        Some(Beside { name, position: state.position })
    });
    states.max_by_key(|beside| beside.position)
}

fn without_digits(name: &str) -> String {
    name.chars().filter(|character| !character.is_ascii_digit()).collect()
}
