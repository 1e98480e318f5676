//! The log of a training: what sched-burn's `JsonLines` and `Csv` write.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sched_files::Limit;
use serde_json::{Map, Value};

use super::document::read_text;

/// The values of a training by name and step.
#[derive(Debug, Default)]
pub(crate) struct RunLog {
    /// After a resume, a step may be there twice, and the later value counts.
    pub(crate) lines: BTreeMap<String, BTreeMap<u64, f64>>,
}

impl RunLog {
    /// The files of a folder that may be logs, in order; a file is itself.
    pub(crate) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
        if folder.is_file() {
            return Ok(vec![folder.to_owned()]);
        }
        let entries = fs::read_dir(folder).with_context(|| format!("cannot read the folder `{}`", folder.display()))?;
        let mut files = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
        files.retain(|file| is(file, "jsonl") || is(file, "csv"));
        files.sort();
        if files.is_empty() {
            bail!(
                "there is no .jsonl or .csv file in `{}`; let the training write one with sched-burn's `ScalarLogger`",
                folder.display()
            );
        }
        Ok(files)
    }

    /// Reads these files.
    pub(crate) fn read(files: &[PathBuf], limit: Limit) -> anyhow::Result<Self> {
        let mut log = Self::default();
        for file in files {
            let text = read_text(file, limit).with_context(|| file.display().to_string())?;
            if is(file, "csv") { log.read_csv(&text) } else { log.read_json(&text) }
        }
        Ok(log)
    }

    /// A line that is not whole is being written, or was when the training was killed.
    fn read_json(&mut self, text: &str) {
        for line in text.lines() {
            let Ok(row) = serde_json::from_str::<Map<String, Value>>(line) else { continue };
            let split = row.get("split").and_then(Value::as_str).unwrap_or_default();
            let Some(step) = row.get("step").and_then(Value::as_u64) else { continue };
            for (name, value) in &row {
                if let Some(value) = value.as_f64().filter(|_| !["step", "wall_time"].contains(&name.as_str())) {
                    self.insert(split, name, step, value);
                }
            }
        }
    }

    fn read_csv(&mut self, text: &str) {
        for row in csv::Reader::from_reader(text.as_bytes()).deserialize().flatten() {
            let (step, split, name, value, _): (u64, String, String, f64, f64) = row;
            self.insert(&split, &name, step, value);
        }
    }

    fn insert(&mut self, split: &str, name: &str, step: u64, value: f64) {
        let name = if split == "train" { name.to_owned() } else { format!("{name} ({split})") };
        self.lines.entry(name).or_default().insert(step, value);
    }
}

fn is(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}
