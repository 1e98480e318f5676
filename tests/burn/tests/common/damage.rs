//! Checkpoints of a real training, damaged in every way, on any version of burn.

use std::fs;
use std::path::{Path, PathBuf};

use sched_burn::prelude::*;
use sched_burn::{CheckpointError, CheckpointFile, Checkpoints};

use super::{EPOCHS, ITERATIONS, Outcome, assert_says, schedule};

const FILES: [(&str, CheckpointFile); 3] =
    [("model", CheckpointFile::Model), ("optim", CheckpointFile::Optimizer), ("scheduler", CheckpointFile::Scheduler)];

/// A version of burn, with a format.
#[derive(Clone, Copy)]
pub(crate) struct Burn {
    pub(crate) extension: &'static str,
    /// Trains in a folder up to an epoch, after the checkpoint of another.
    pub(crate) run: fn(&Path, usize, Option<usize>) -> Outcome,
    pub(crate) newest: fn(&Path) -> Checkpoints,
    pub(crate) write_scheduler: fn(&Path, usize, Scheduler) -> Result<(), CheckpointError>,
}

/// A whole training with the checkpoints of all its epochs.
pub(crate) struct Trained {
    burn: Burn,
    directory: tempfile::TempDir,
    whole: Outcome,
}

impl Burn {
    pub(crate) fn train(self) -> Trained {
        let directory = tempfile::tempdir().unwrap();
        let whole = (self.run)(directory.path(), EPOCHS, None);
        let trained = Trained { burn: self, directory, whole };
        assert_eq!(trained.newest(), Checkpoints { newest: Some(EPOCHS), skipped: vec![] });
        trained
    }
}

impl Trained {
    pub(crate) fn newest(&self) -> Checkpoints {
        (self.burn.newest)(self.directory.path())
    }

    fn name(&self, stem: &str, epoch: usize) -> String {
        format!("{stem}-{epoch}.{}", self.burn.extension)
    }

    pub(crate) fn path(&self, stem: &str, epoch: usize) -> PathBuf {
        self.directory.path().join("checkpoint").join(self.name(stem, epoch))
    }

    /// Asserts that exactly one file of the last epoch is at fault, and only that epoch.
    #[track_caller]
    fn assert_only_fault(&self, stem: &str, file: CheckpointFile, damage: &str) {
        let found = self.newest();
        assert_eq!(found.newest, Some(EPOCHS - 1), "{stem}: {damage}");
        let [skipped] = found.skipped.as_slice() else { panic!("{stem}: {damage}: {found:?}") };
        let line = skipped.to_string();
        let [fault] = skipped.faults.as_slice() else { panic!("{stem}: {damage}: {line}") };
        assert_eq!((skipped.epoch, fault.file), (EPOCHS, file), "{damage}: {line}");
        assert!(line.starts_with(&format!("epoch {EPOCHS}: {} ", self.name(stem, EPOCHS))), "{damage}: {line}");
        assert!(!line.contains('\n') && line.len() < 400, "{damage}: {line}");
        assert_eq!(skipped.lacks_only_scheduler(), file == CheckpointFile::Scheduler);
    }

    /// Resumes from what is left, and asserts that the rest is that of the whole training, bit for bit.
    #[track_caller]
    fn assert_resumes_exactly(&self, epoch: usize) {
        assert_eq!(self.newest().newest, Some(epoch));
        let resumed = (self.burn.run)(self.directory.path(), EPOCHS, Some(epoch));
        assert_eq!(resumed.rates, self.whole.rates[epoch * ITERATIONS..]);
        assert_eq!(resumed.parameters, self.whole.parameters);
    }
}

/// Cuts, an empty file, no file, garbage, and the file of another part, in each file: the epoch before is found.
pub(crate) fn assert_lost_files_are_found(burn: Burn) {
    let trained = burn.train();
    for (stem, file) in FILES {
        let path = trained.path(stem, EPOCHS);
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        trained.assert_only_fault(stem, file, "missing");
        let end = bytes.len() - bytes.iter().rev().take_while(|&&byte| byte == 0).count();
        let cuts = (0..16).map(|part| part * bytes.len() / 16).chain([1, 7, end - 1]).filter(|&cut| cut < end);
        for cut in cuts {
            fs::write(&path, &bytes[..cut]).unwrap();
            trained.assert_only_fault(stem, file, &format!("cut to {cut} of {} bytes", bytes.len()));
        }
        let noise: Vec<u8> =
            (0..bytes.len() as u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect();
        for (name, garbage) in [
            ("zeros", vec![0; bytes.len()]),
            ("ones", vec![0xff; bytes.len()]),
            ("noise", noise),
            ("text", b"no".into()),
        ] {
            // A length of bincode may be anything, and burn reserves as much.
            if !trained.burn.extension.starts_with("bin") {
                fs::write(&path, garbage).unwrap();
                trained.assert_only_fault(stem, file, name);
            }
        }
        fs::write(&path, &bytes).unwrap();
        assert_eq!(trained.newest().newest, Some(EPOCHS));
    }
}

/// A kill can leave the model of one run from scratch and the optimizer of another.
pub(crate) fn assert_files_of_two_runs_are_found(burn: Burn) {
    let (trained, other) = (burn.train(), burn.train());
    let swap = |stem| {
        let path = trained.path(stem, EPOCHS);
        let own = fs::read(&path).unwrap();
        fs::copy(other.path(stem, EPOCHS), &path).unwrap();
        (path, own)
    };
    for stem in ["model", "optim"] {
        let (path, own) = swap(stem);
        trained.assert_only_fault("optim", CheckpointFile::Optimizer, "of another run");
        let line = trained.newest().skipped[0].to_string();
        assert_says(&line, &["is of another run than", &trained.name("model", EPOCHS)]);
        fs::write(path, own).unwrap();
    }
    trained.assert_resumes_exactly(EPOCHS);
}

/// Several damaged epochs are skipped, and the newest whole one resumes.
pub(crate) fn assert_falls_back_and_resumes_exactly(burn: Burn) {
    let trained = burn.train();
    let cut = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    };
    cut(trained.path("model", EPOCHS));
    fs::remove_file(trained.path("optim", EPOCHS - 1)).unwrap();
    fs::remove_file(trained.path("scheduler", EPOCHS - 1)).unwrap();
    fs::write(trained.path("scheduler", EPOCHS - 2), "").unwrap();
    let found = trained.newest();
    let lines: Vec<String> = found.skipped.iter().map(ToString::to_string).collect();
    let name = |stem, epoch| trained.name(stem, epoch);
    assert_eq!(found.newest, Some(EPOCHS - 3));
    assert!(lines[0].starts_with(&format!("epoch 6: {} cannot be read: ", name("model", 6))), "{}", lines[0]);
    assert_eq!(lines[1], format!("epoch 5: {} is missing; {} is missing", name("optim", 5), name("scheduler", 5)));
    assert_eq!(lines[2], format!("epoch 4: {} is empty", name("scheduler", 4)));
    trained.assert_resumes_exactly(EPOCHS - 3);
    // The resumed training has written the skipped epochs anew.
    assert_eq!(trained.newest(), Checkpoints { newest: Some(EPOCHS), skipped: vec![] });
}

/// A lost scheduler's file is written anew from the epoch, and a whole one is not replaced.
pub(crate) fn assert_a_lost_scheduler_is_bridged(burn: Burn) {
    let trained = burn.train();
    let directory = trained.directory.path();
    fs::remove_file(trained.path("model", EPOCHS)).unwrap();
    let path = trained.path("scheduler", EPOCHS - 1);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let found = trained.newest();
    assert_eq!(found.newest, Some(EPOCHS - 2));
    let lacks: Vec<_> = found.skipped.iter().map(|skipped| (skipped.epoch, skipped.lacks_only_scheduler())).collect();
    assert_eq!(lacks, [(EPOCHS, false), (EPOCHS - 1, true)]);

    let mut sought = Scheduler::new(schedule());
    sought.seek(((EPOCHS - 1) * ITERATIONS) as u64);
    (trained.burn.write_scheduler)(directory, EPOCHS - 1, sought.clone()).unwrap();
    let written = fs::read(&path).unwrap();
    sought.seek(0);
    let error = (trained.burn.write_scheduler)(directory, EPOCHS - 1, sought).unwrap_err();
    assert!(matches!(error, CheckpointError::SchedulerIsWhole { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), written);
    trained.assert_resumes_exactly(EPOCHS - 1);
}

/// What became of flipped bits in a file.
#[derive(Debug)]
pub(crate) struct Flips {
    pub(crate) stem: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// The bytes in which a flipped bit was found, and those in which it was not.
    pub(crate) found: Vec<usize>,
    pub(crate) unseen: Vec<usize>,
}

/// The bytes with a bit of the one at `index` flipped.
pub(crate) fn flipped(bytes: &[u8], index: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[index] ^= 1 << (index % 8);
    bytes
}

/// Flips a bit in every third byte of each file. What is not found must at least not stop burn, and in a scheduler's file
/// it must not change a rate.
pub(crate) fn flip_bits(burn: Burn) -> [Flips; 3] {
    /// Every so many, burn resumes from what was not found.
    const RESUMED: usize = 23;
    let trained = burn.train();
    FILES.map(|(stem, file)| {
        let (mut found, mut unseen) = (Vec::new(), Vec::new());
        let path = trained.path(stem, EPOCHS);
        let bytes = fs::read(&path).unwrap();
        let previous = trained.path(stem, EPOCHS - 1);
        let kept = fs::read(&previous).unwrap();
        for index in (0..bytes.len()).step_by(3) {
            fs::write(&path, flipped(&bytes, index)).unwrap();
            if trained.newest().newest != Some(EPOCHS) {
                trained.assert_only_fault(stem, file, &format!("flipped byte {index}"));
                found.push(index);
                continue;
            }
            unseen.push(index);
            if unseen.len() % RESUMED == 0 && index < kept.len() {
                fs::write(&previous, flipped(&kept, index)).unwrap();
                // Elsewhere, because the resumed training writes the last epoch anew.
                let copy = tempfile::tempdir().unwrap();
                fs::create_dir(copy.path().join("checkpoint")).unwrap();
                for (stem, _) in FILES {
                    let name = trained.name(stem, EPOCHS - 1);
                    fs::copy(trained.path(stem, EPOCHS - 1), copy.path().join("checkpoint").join(name)).unwrap();
                }
                if (trained.burn.newest)(copy.path()).newest == Some(EPOCHS - 1) {
                    let resumed = (trained.burn.run)(copy.path(), EPOCHS, Some(EPOCHS - 1));
                    assert_eq!(resumed.rates, trained.whole.rates[(EPOCHS - 1) * ITERATIONS..], "{stem} {index}");
                }
                fs::write(&previous, &kept).unwrap();
            }
        }
        fs::write(&path, &bytes).unwrap();
        Flips { stem, bytes, found, unseen }
    })
}
