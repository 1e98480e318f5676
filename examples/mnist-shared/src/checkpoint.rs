//! The checkpoint to resume from.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The files that burn writes after an epoch, named like `model-3.mpk`.
const PARTS: [&str; 3] = ["model", "optim", "scheduler"];

/// The checkpoints in a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Checkpoints {
    /// The newest epoch that has all its files.
    pub(crate) newest_complete: Option<usize>,
    /// Newer epochs that are incomplete, and why.
    pub(crate) incomplete: Vec<(usize, String)>,
}

impl Checkpoints {
    /// Looks into a folder, which may be missing. Ignores other files.
    pub(crate) fn find(directory: &Path, extension: &str) -> Self {
        let mut found = Self::default();
        for epoch in epochs(directory, extension).into_iter().rev() {
            let missing: Vec<String> = PARTS
                .iter()
                .map(|part| format!("{part}-{epoch}.{extension}"))
                // A full disk leaves an empty file.
                .filter(|name| fs::metadata(directory.join(name)).map_or(0, |file| file.len()) == 0)
                .collect();
            if missing.is_empty() {
                found.newest_complete = Some(epoch);
                break;
            }
            found.incomplete.push((epoch, format!("{} missing or empty", missing.join(", "))));
        }
        found
    }
}

/// The epochs with at least one file.
fn epochs(directory: &Path, extension: &str) -> BTreeSet<usize> {
    let Ok(entries) = fs::read_dir(directory) else { return BTreeSet::new() };
    entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let (part, epoch) = name.strip_suffix(extension)?.strip_suffix('.')?.split_once('-')?;
            if PARTS.contains(&part) { epoch.parse().ok() } else { None }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(directory: &Path, names: &[&str]) {
        for name in names {
            fs::write(directory.join(name), "x").unwrap();
        }
    }

    #[test]
    fn the_newest_complete_epoch_counts() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        assert_eq!(Checkpoints::find(path, "mpk"), Checkpoints::default());
        assert_eq!(Checkpoints::find(&path.join("not there"), "mpk"), Checkpoints::default());
        write(path, &["model-9.mpk", "optim-9.mpk", "scheduler-9.mpk", "model-10.mpk", "optim-10.mpk"]);
        // Checkpoints of another burn, and similar names.
        write(path, &["model-11.bpk", "model-12.mpk.tmp", "notes-13.mpk", "model-x.mpk"]);
        let found = Checkpoints::find(path, "mpk");
        assert_eq!(found.newest_complete, Some(9));
        assert_eq!(found.incomplete, [(10, "scheduler-10.mpk missing or empty".to_owned())]);
        write(path, &["scheduler-10.mpk"]);
        assert_eq!(Checkpoints::find(path, "mpk").newest_complete, Some(10), "10 is newer than 9");
    }

    #[test]
    fn an_empty_file_is_no_checkpoint() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        write(path, &["model-1.mpk", "optim-1.mpk", "scheduler-1.mpk"]);
        fs::write(path.join("optim-1.mpk"), "").unwrap();
        let found = Checkpoints::find(path, "mpk");
        assert_eq!(found.newest_complete, None);
        assert_eq!(found.incomplete, [(1, "optim-1.mpk missing or empty".to_owned())]);
    }
}
