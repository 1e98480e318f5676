//! TensorBoard's event files are those of its own writer, byte for byte; `tests/reference/check_tensorboard.py` reads what this
//! leaves in the target folder.

use std::fs;
use std::path::{Path, PathBuf};

use sched_burn::{JsonLines, ScalarWriter, Scalars, TensorBoard};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    files: Vec<Written>,
}

#[derive(Deserialize)]
struct Written {
    steps: Vec<Step>,
    bytes: String,
}

#[derive(Deserialize)]
struct Step {
    step: u64,
    wall_time: f64,
    /// As text, since JSON has neither NaN nor infinity.
    values: Vec<(String, String)>,
}

fn reference() -> Vec<Written> {
    let text = include_str!("../../fixtures/tensorboard_events.json");
    serde_json::from_str::<Reference>(text).unwrap().files
}

fn write(writer: &mut impl ScalarWriter, steps: &[Step]) {
    for Step { step, wall_time, values } in steps {
        let values: Vec<_> = values.iter().map(|(name, value)| (name.as_str(), value.parse().unwrap())).collect();
        writer.write(&Scalars { split: "train", step: *step, wall_time: *wall_time, values: &values }).unwrap();
    }
}

/// The files of a folder in the order in which TensorBoard reads them.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn event_files_are_those_of_tensorboards_own_writer() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tensorboard");
    let _ = fs::remove_dir_all(&directory);
    for written in reference() {
        write(&mut TensorBoard::new(&directory), &written.steps);
        write(&mut JsonLines::open(directory.join("log.jsonl")).unwrap(), &written.steps);
    }
    let files = files(&directory.join("train"));
    for (file, written) in files.iter().zip(reference()) {
        assert_eq!(hex(&fs::read(file).unwrap()), written.bytes, "{file:?}");
    }
    assert_eq!(files.len(), reference().len());
}

/// A file for each writer, even in the same second.
#[test]
fn no_file_is_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        write(&mut TensorBoard::new(directory.path()), &reference()[0].steps);
    }
    let files = files(&directory.path().join("train"));
    let bytes: Vec<_> = files.iter().map(|file| hex(&fs::read(file).unwrap())).collect();
    assert_eq!(bytes, vec![reference()[0].bytes.clone(); 3]);
}
