//! A record that is missing, damaged, truncated, foreign, too new or of another schedule is refused with a helpful message,
//! by burn 0.21 and 0.22 and by `Scheduler::load`; and a failed write leaves the existing record intact.

mod common;

use std::fmt::Debug;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use common::*;
use sched_burn::prelude::*;

fn plateau() -> Plateau {
    let mut scheduler =
        Scheduler::new(Schedule::constant(0.1).unwrap()).with_plateau(Plateau::new().patience(1).build().unwrap());
    scheduler.observe(1.0 / 3.0).unwrap();
    scheduler.plateau().unwrap().clone()
}

/// A scheduler whose state has everything that a state can have.
fn saved() -> Scheduler {
    let mut scheduler = Scheduler::new(schedule()).with_plateau(plateau());
    scheduler.seek(STOPPED_AT);
    scheduler
}

fn fresh() -> Scheduler {
    Scheduler::new(schedule()).with_plateau(Plateau::new().patience(1).build().unwrap())
}

/// A state edited by hand.
fn edited(state: &SchedulerState, edit: impl FnOnce(&mut SchedulerState)) -> SchedulerState {
    let mut state = state.clone();
    edit(&mut state);
    state
}

/// States that cannot be resumed from, and what the refusal says: found, expected, what to do.
fn bad_states(state: &SchedulerState) -> Vec<(SchedulerState, Vec<&'static str>)> {
    let mut elsewhere = Scheduler::new(Schedule::constant(0.5).unwrap());
    elsewhere.seek(STOPPED_AT);
    vec![
        (edited(state, |state| state.version = 2), vec!["has version 2", "expected 1", "update sched"]),
        (edited(state, |state| state.version = 0), vec!["has version 0", "expected 1"]),
        (
            edited(state, |state| state.kind = "sched.model".into()),
            vec!["sched.model", "sched.scheduler", "check that"],
        ),
        (
            edited(state, |state| state.checksum ^= 1),
            vec!["damaged", "checksum is 0x", "expected 0x", "another checkpoint"],
        ),
        (
            edited(state, |state| state.position += 1),
            vec!["damaged", "checksum is 0x", "expected 0x", "another checkpoint"],
        ),
        (edited(state, |state| state.last_lr = None), vec!["damaged", "another checkpoint"]),
        (elsewhere.state(), vec!["`0.5`", "linear 1e-3 -> 0.03 over 7", "OnMismatch::KeepConfigured"]),
    ]
}

/// Tries every truncation and every flipped bit of `bytes`; `load` returns the state that was resumed from, or `None`
/// if refused.
fn assert_refused_or_same<T: PartialEq + Debug>(bytes: &[u8], saved: &T, mut load: impl FnMut(&[u8]) -> Option<T>) {
    assert_eq!(load(bytes).as_ref(), Some(saved), "untouched");
    for length in 0..bytes.len() {
        let (kept, cut) = bytes.split_at(length);
        let padding = cut.iter().all(|&byte| byte == 0);
        let loaded = load(kept);
        let same = padding && loaded.as_ref() == Some(saved);
        assert!(loaded.is_none() || same, "cut to {length} of {} bytes", bytes.len());
    }
    let mut refused = 0;
    for bit in 0..8 * bytes.len() {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match load(&flipped) {
            None => refused += 1,
            Some(loaded) => assert_eq!(loaded, *saved, "bit {} of byte {}", bit % 8, bit / 8),
        }
    }
    assert!(refused > 4 * bytes.len(), "only {refused} of {} flipped bits refused", 8 * bytes.len());
}

/// Some file systems sync a file at once when it is truncated and rewritten, which takes milliseconds.
fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

mod a_file {
    use super::*;

    #[track_caller]
    fn assert_refused(path: &Path, parts: &[&str]) {
        let mut scheduler = fresh();
        scheduler.step();
        let before = scheduler.state();
        let message = scheduler.load(path).unwrap_err().to_string();
        assert_says(&message, &[&[path.to_str().unwrap()], parts].concat());
        assert_eq!(scheduler.state(), before, "a refusal changes nothing");
        assert!(Scheduler::from_file(path).is_err() || message.contains("OnMismatch"), "{message}");
    }

    #[test]
    fn missing_or_unreadable() {
        let directory = tempfile::tempdir().unwrap();
        assert_refused(&directory.path().join("none.mpk"), &["cannot open", "check the path"]);
        assert_refused(directory.path(), &["cannot read", "it is a folder, expected a regular file"]);
    }

    #[test]
    fn not_a_state() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scheduler.mpk");
        let mut trailing = saved().to_msgpack().unwrap();
        trailing.push(0);
        for (bytes, parts) in [
            (
                vec![],
                vec!["these 0 bytes", "it ends early, as after a full disk or a crash", "take another checkpoint"],
            ),
            (
                b"{\"kind\": \"json\"}".to_vec(),
                vec!["16 bytes", "cannot read a scheduler state", "check that the file is"],
            ),
            (rmp_serde::to_vec(&10_u64).unwrap(), vec!["expected a scheduler state", "check that the file is"]),
            (
                rmp_serde::to_vec_named(&schedule()).unwrap(),
                vec!["a field `sequence`", "expected `kind`", "check that"],
            ),
            (trailing, vec!["1 bytes after the scheduler state", "expected none", "take another checkpoint"]),
        ] {
            fs::write(&path, bytes).unwrap();
            assert_refused(&path, &parts);
        }
    }

    #[test]
    fn a_file_of_burns() {
        let directory = tempfile::tempdir().unwrap();
        learner_0_21::Job { epochs: STOP, ..Default::default() }.run(directory.path(), fresh());
        for name in ["model", "optim", "scheduler"] {
            let path = directory.path().join(format!("checkpoint/{name}-2.mpk"));
            assert_refused(&path, &["a field `metadata`", "expected `kind`", "check that the file is the scheduler's"]);
        }
        let directory = tempfile::tempdir().unwrap();
        v0_22::learner::Job { epochs: STOP, ..Default::default() }.run(directory.path(), fresh());
        for name in ["model", "optim", "scheduler"] {
            let path = directory.path().join(format!("checkpoint/{name}-2.bpk"));
            assert_refused(&path, &["cannot read a scheduler state", "check that the file is the scheduler's"]);
        }
    }

    #[test]
    fn a_bad_state() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scheduler.mpk");
        for (state, parts) in bad_states(&saved().state()) {
            fs::write(&path, rmp_serde::to_vec_named(&state).unwrap()).unwrap();
            assert_refused(&path, &parts);
        }
    }

    #[test]
    fn the_newest_whole_one_of_the_series_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        for (name, position) in [("s-8.mpk", 8), ("s-9.mpk", 9), ("s-10.mpk", 10), ("s-11.mpk", 11), ("t-12.mpk", 12)] {
            let mut scheduler = saved();
            scheduler.seek(position);
            scheduler.save(path(name)).unwrap();
        }
        let cut = |name: &str| fs::write(path(name), &fs::read(path(name)).unwrap()[..100]).unwrap();
        cut("s-11.mpk");
        assert_refused(
            &path("s-11.mpk"),
            &["it ends early", "the newest whole one beside it is `s-10.mpk`, at step 10"],
        );
        cut("s-10.mpk");
        assert_refused(&path("s-11.mpk"), &["the newest whole one beside it is `s-9.mpk`, at step 9"]);
        cut("t-12.mpk");
        let message = fresh().load(path("t-12.mpk")).unwrap_err().to_string();
        assert!(!message.contains("beside"), "the others are of another series: {message}");
        // A whole state of another schedule is no reason to take an older one.
        let message = Scheduler::new(Schedule::constant(0.5).unwrap()).load(path("s-9.mpk")).unwrap_err().to_string();
        assert!(!message.contains("beside"), "{message}");
    }

    #[test]
    fn every_cut_and_every_flipped_bit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scheduler.mpk");
        saved().save(&path).unwrap();
        let bytes = fs::read(&path).unwrap();
        assert_refused_or_same(&bytes, &saved().state(), |bytes| {
            replace(&path, bytes);
            let mut scheduler = fresh();
            scheduler.load(&path).ok().map(|()| scheduler.state())
        });
    }
}

mod burn_0_21_record {
    use burn_0_21::backend::NdArray;
    use burn_0_21::lr_scheduler::LrScheduler;
    use burn_0_21::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
    use burn_0_21::lr_scheduler::exponential::ExponentialLrSchedulerConfig;
    use burn_0_21::record::Record;
    use common::learner_0_21::{Job, Recorder, load, save};
    use sched_burn::{PerUpdateRecord, SchedulerRecord};

    use super::*;

    fn record(record: impl Record<NdArray>, path: &Path) {
        save(&Recorder::new(), record, path).unwrap();
    }

    /// Trains, lets `damage` change the scheduler's file, resumes, and returns burn's panic message.
    fn refusal(damage: impl FnOnce(&Path)) -> String {
        let directory = tempfile::tempdir().unwrap();
        Job { epochs: STOP, ..Job::default() }.run(directory.path(), fresh());
        damage(&directory.path().join("checkpoint/scheduler-2.mpk"));
        let job = Job { checkpoint: Some(STOP), ..Job::default() };
        panic_message(|| job.run(directory.path(), fresh()))
    }

    #[test]
    fn missing_or_not_a_record() {
        let message = refusal(|path| fs::remove_file(path).unwrap());
        assert_says(&message, &["Can load learning rate scheduler checkpoint", "FileNotFound"]);
        for bytes in [b"".as_slice(), b"something else"] {
            let message = refusal(|path| fs::write(path, bytes).unwrap());
            assert_says(&message, &["Can load learning rate scheduler checkpoint"]);
        }
        let message = refusal(|path| fs::write(path, &fs::read(path).unwrap()[..300]).unwrap());
        assert_says(&message, &["Can load learning rate scheduler checkpoint"]);
    }

    #[test]
    fn the_models_or_the_optimizers_record() {
        for name in ["model", "optim"] {
            let message = refusal(|path| {
                fs::copy(path.with_file_name(format!("{name}-2.mpk")), path).unwrap();
            });
            assert_says(
                &message,
                &["this is not a scheduler state", "expected `kind`", "check that the file is the scheduler's"],
            );
        }
    }

    #[test]
    fn a_record_of_burns_own_schedulers() {
        let cosine = CosineAnnealingLrSchedulerConfig::new(0.1, 20).init().unwrap();
        let message = refusal(|path| record(LrScheduler::to_record::<NdArray>(&cosine), path));
        assert_says(&message, &["found 18446744073709551615, expected a scheduler state"]);
        let exponential = ExponentialLrSchedulerConfig::new(0.1, 0.9).init().unwrap();
        let message = refusal(|path| record(LrScheduler::to_record::<NdArray>(&exponential), path));
        assert_says(&message, &["found 0.1", "expected a scheduler state"]);
    }

    #[test]
    fn a_bad_state() {
        for (state, parts) in bad_states(&saved().state()) {
            let message = refusal(|path| record(SchedulerRecord(state), path));
            assert_says(&message, &parts);
        }
    }

    #[test]
    fn every_cut_and_every_flipped_bit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scheduler.mpk");
        record(SchedulerRecord(saved().state()), &path);
        let bytes = fs::read(&path).unwrap();
        assert_refused_or_same(&bytes, &saved().state(), |bytes| {
            replace(&path, bytes);
            let SchedulerRecord(state) = load(&Recorder::new(), &path).ok()?;
            // What `load_record` does, without the panic.
            let mut scheduler = fresh();
            scheduler.load_state(&state).ok()?;
            Some(scheduler.state())
        });
    }

    #[test]
    fn every_cut_and_every_flipped_bit_per_update() {
        silence_refusals();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scheduler.mpk");
        let per_update = || PerUpdate::new(fresh()).accumulation(3).unwrap();
        let mut saved = per_update();
        (0..4).for_each(|_| {
            saved.step();
        });
        let saved = LrScheduler::to_record::<NdArray>(&saved);
        record(saved.clone(), &path);
        let bytes = fs::read(&path).unwrap();
        assert_refused_or_same(&bytes, &saved, |bytes| {
            replace(&path, bytes);
            let record: PerUpdateRecord = load(&Recorder::new(), &path).ok()?;
            let resume = AssertUnwindSafe(|| LrScheduler::load_record::<NdArray>(per_update(), record));
            let resumed = catch_unwind(resume).ok()?;
            Some(LrScheduler::to_record::<NdArray>(&resumed))
        });
    }
}

mod burn_0_22_record {
    use burn_0_22::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
    use burn_0_22::lr_scheduler::{LrScheduler, LrSchedulerRecord};
    use burn_0_22::tensor::Bytes;
    use common::v0_22::learner::Job;

    use super::*;

    /// The record that a scheduler in this state saves.
    fn record_of(state: &SchedulerState) -> LrSchedulerRecord {
        let bytes = rmp_serde::to_vec_named(state).unwrap();
        let record = LrSchedulerRecord::new()
            .with_scalar("position", state.position)
            .with_scalar("state.bytes", bytes.len() as u64);
        bytes.chunks(8).enumerate().fold(record, |record, (index, chunk)| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            record.with_scalar(&format!("state.{index:04}"), u64::from_le_bytes(word))
        })
    }

    fn save(record: LrSchedulerRecord, path: &Path) {
        LrSchedulerRecord::new().with_record("0", record).save(path).unwrap();
    }

    /// Trains, lets `damage` change the scheduler's file, resumes, and returns burn's panic message.
    fn refusal(damage: impl FnOnce(&Path)) -> String {
        let directory = tempfile::tempdir().unwrap();
        Job { epochs: STOP, ..Job::default() }.run(directory.path(), fresh());
        damage(&directory.path().join("checkpoint/scheduler-2.bpk"));
        let job = Job { checkpoint: Some(STOP), ..Job::default() };
        panic_message(|| job.run(directory.path(), fresh()))
    }

    #[test]
    fn missing_or_not_a_record() {
        let message = refusal(|path| fs::remove_file(path).unwrap());
        assert_says(&message, &["Can load learning rate scheduler checkpoint"]);
        for bytes in [b"".as_slice(), b"something else"] {
            let message = refusal(|path| fs::write(path, bytes).unwrap());
            assert_says(&message, &["Can load learning rate scheduler checkpoint"]);
        }
        let message = refusal(|path| fs::write(path, &fs::read(path).unwrap()[..300]).unwrap());
        assert_says(&message, &["Can load learning rate scheduler checkpoint"]);
    }

    #[test]
    fn the_models_or_the_optimizers_record() {
        for name in ["model", "optim"] {
            let message = refusal(|path| {
                fs::copy(path.with_file_name(format!("{name}-2.bpk")), path).unwrap();
            });
            assert_says(
                &message,
                &[
                    "the record holds nothing",
                    "expected the state of a `sched_burn::Scheduler`",
                    "resume with that one",
                ],
            );
        }
    }

    #[test]
    fn a_record_of_burns_own_schedulers() {
        let mut cosine = CosineAnnealingLrSchedulerConfig::new(0.1, 20).init().unwrap();
        cosine.step();
        let message = refusal(|path| cosine.to_record().save(path).unwrap());
        assert_says(
            &message,
            &["current_iter", "expected the state of a `sched_burn::Scheduler`", "resume with that one", "`seek`"],
        );
    }

    #[test]
    fn a_bad_state() {
        let mut scheduler = fresh();
        scheduler.load_record(record_of(&saved().state()));
        assert_eq!(scheduler.state(), saved().state(), "the records here are as ours");
        for (state, parts) in bad_states(&saved().state()) {
            let message = refusal(|path| save(record_of(&state), path));
            assert_says(&message, &parts);
        }
    }

    #[test]
    fn a_readable_number_that_was_edited() {
        let message = refusal(|path| save(saved().to_record().with_scalar("position", 0_u64), path));
        assert_says(&message, &["`position` is 0", "its state is at step 10", "`seek`"]);
    }

    #[test]
    fn a_part_of_a_state() {
        let message = refusal(|path| save(saved().to_record().with_scalar("state.bytes", 1_000_000_u64), path));
        assert_says(&message, &["1000000 bytes", "is missing", "take another checkpoint"]);
    }

    #[test]
    fn every_cut_and_every_flipped_bit() {
        silence_refusals();
        let bytes = saved().to_record().into_bytes().unwrap();
        assert_refused_or_same(&bytes, &saved().state(), |bytes| {
            let record = LrSchedulerRecord::from_bytes(Bytes::from_bytes_vec(bytes.to_vec())).ok()?;
            let mut scheduler = fresh();
            let load = AssertUnwindSafe(|| scheduler.load_record(record));
            catch_unwind(load).ok()?;
            Some(scheduler.state())
        });
    }
}

mod a_failing_write {
    use std::path::PathBuf;

    use burn_0_21::backend::NdArray;
    use burn_0_21::record::{
        FileRecorder, FullPrecisionSettings, PrecisionSettings, Record, Recorder as RecorderTrait, RecorderError,
    };
    use burn_0_21::tensor::backend::Backend;
    use common::learner_0_21::{Recorder, load, save};
    use sched_burn::SchedulerRecord;
    use serde::de::DeserializeOwned;
    use serde::{Deserialize, Serialize, Serializer};

    use super::*;

    /// A record that can be read, but fails halfway through being written.
    #[derive(Clone, Deserialize)]
    struct Unwritable(u64);

    impl Serialize for Unwritable {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let _ = serializer.serialize_u64(self.0)?;
            Err(serde::ser::Error::custom("the tensor is gone"))
        }
    }

    impl<B: Backend> Record<B> for Unwritable {
        type Item<S: PrecisionSettings> = Self;

        fn into_item<S: PrecisionSettings>(self) -> Self {
            self
        }

        fn from_item<S: PrecisionSettings>(item: Self, _: &B::Device) -> Self {
            item
        }
    }

    /// burn's recorder on a disk with limited space: what does not fit is lost without an error.
    #[derive(Clone, Debug, Default)]
    struct FullDisk {
        room: u64,
    }

    impl<B: Backend> RecorderTrait<B> for FullDisk {
        type Settings = FullPrecisionSettings;
        type RecordArgs = PathBuf;
        type RecordOutput = ();
        type LoadArgs = PathBuf;

        fn save_item<I: Serialize>(&self, item: I, path: PathBuf) -> Result<(), RecorderError> {
            RecorderTrait::<B>::save_item(&Recorder::new(), item, path.clone())?;
            let file = fs::File::options().write(true).open(path.with_extension("mpk")).unwrap();
            let length = file.metadata().unwrap().len();
            file.set_len(length.min(self.room)).unwrap();
            Ok(())
        }

        fn load_item<I: DeserializeOwned>(&self, path: &mut PathBuf) -> Result<I, RecorderError> {
            RecorderTrait::<B>::load_item(&Recorder::new(), path)
        }
    }

    impl<B: Backend> FileRecorder<B> for FullDisk {
        fn file_extension() -> &'static str {
            "mpk"
        }
    }

    /// Records a state, lets `write` fail to replace it, and asserts that the folder still holds it and nothing else.
    fn assert_keeps(write: impl FnOnce(&Path)) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scheduler");
        let kept = SchedulerRecord(saved().state());
        save(&AtomicRecorder::new(Recorder::new()), kept.clone(), &path).unwrap();
        write(&path);
        let record: SchedulerRecord = load(&Recorder::new(), &path).unwrap();
        assert_eq!(record, kept);
        assert_eq!(names(directory.path()), ["scheduler.mpk"]);
    }

    fn names(directory: &Path) -> Vec<String> {
        let files = fs::read_dir(directory).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_record_that_cannot_be_written() {
        let recorder = AtomicRecorder::new(Recorder::new());
        assert_keeps(|path| {
            let error = save(&recorder, Unwritable(1), path).unwrap_err();
            assert_says(&error.to_string(), &["the tensor is gone"]);
        });
        assert_keeps(|path| {
            let error = RecorderTrait::<NdArray>::save_item(&recorder, Unwritable(1), path.to_owned()).unwrap_err();
            assert_says(&error.to_string(), &["the tensor is gone"]);
        });
    }

    #[test]
    fn a_full_disk() {
        let new = || SchedulerRecord(fresh().state());
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scheduler");
        save(&AtomicRecorder::new(FullDisk { room: u64::MAX }), new(), &path).unwrap();
        let whole = fs::metadata(path.with_extension("mpk")).unwrap().len();
        for room in (0..whole).step_by(31).chain([whole - 1]) {
            assert_keeps(|path| {
                save(&AtomicRecorder::new(FullDisk { room }), new(), path).unwrap_err();
            });
        }
    }

    #[test]
    fn a_folder_that_is_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "kept").unwrap();

        let recorder = AtomicRecorder::new(Recorder::new());
        let error = save(&recorder, SchedulerRecord(saved().state()), &file.join("scheduler")).unwrap_err();
        assert_says(
            &error.to_string(),
            &["cannot write", "scheduler.mpk", "a part of the path is a file, so choose another path"],
        );
        let error = saved().save(file.join("scheduler.mpk")).unwrap_err();
        assert_says(&error.to_string(), &["cannot write", "scheduler.mpk", "choose another path"]);

        assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
        assert_eq!(names(directory.path()), ["file"]);
    }

    #[test]
    fn a_file_that_is_a_folder() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scheduler.mpk");
        fs::create_dir(&path).unwrap();

        let recorder = AtomicRecorder::new(Recorder::new());
        let error = save(&recorder, SchedulerRecord(saved().state()), &path).unwrap_err();
        assert_says(&error.to_string(), &["cannot write", "scheduler.mpk", "it is a folder"]);
        let error = saved().save(&path).unwrap_err();
        assert_says(&error.to_string(), &["cannot write", "scheduler.mpk", "it is a folder"]);

        assert_eq!(names(directory.path()), ["scheduler.mpk"]);
    }
}

mod hostile_text {
    use burn_0_21::backend::NdArray;
    use burn_0_21::lr_scheduler::LrScheduler;
    use burn_0_21::record::{FullPrecisionSettings, PrettyJsonFileRecorder, RecorderError};
    use burn_0_22::lr_scheduler::{LrScheduler as LrScheduler022, LrSchedulerRecord};
    use common::learner_0_21::{load, save};
    use sched_burn::{PerUpdateRecord, SchedulerRecord, StateError};

    use super::*;

    /// What a terminal obeys, and a megabyte.
    fn hostile() -> String {
        format!("\u{1b}[2J\r\n\0\u{7f}\u{9b}31m\u{202e}\u{2066}\u{2028}{}", "A".repeat(1 << 20))
    }

    #[track_caller]
    fn assert_safe(message: &str) {
        let start: String = message.chars().take(2000).collect();
        assert!(!message.chars().any(|c| c.is_control() || ('\u{2028}'..='\u{2069}').contains(&c)), "{start:?}");
        assert!(message.len() < 2000, "{} bytes: {start}", message.len());
    }

    /// States in which a hostile text stands in each place in turn.
    fn states() -> Vec<serde_json::Value> {
        let state = serde_json::to_value(saved().state()).unwrap();
        let with = |edit: &dyn Fn(&mut serde_json::Value)| {
            let mut state = state.clone();
            edit(&mut state);
            state
        };
        vec![
            with(&|state| state["kind"] = hostile().into()),
            with(&|state| state["version"] = hostile().into()),
            with(&|state| state["position"] = hostile().into()),
            with(&|state| state["schedule"] = hostile().into()),
            with(&|state| state["schedule"] = serde_json::json!({ hostile(): 1 })),
            with(&|state| state["feedback"] = serde_json::json!({ hostile(): 1 })),
            with(&|state| state["feedback"]["plateau"][hostile()] = 1.into()),
            with(&|state| state["last_lr"] = hostile().into()),
            with(&|state| state[hostile()] = 1.into()),
        ]
    }

    #[test]
    fn in_a_file_of_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scheduler.mpk");
        for state in states() {
            fs::write(&path, rmp_serde::to_vec_named(&state).unwrap()).unwrap();
            let error = fresh().load(&path).unwrap_err();
            assert!(matches!(error, StateError::InFile { .. }), "{error}");
            assert_safe(&error.to_string());
            // Not only what is printed of the whole, but each part of it.
            let mut source = std::error::Error::source(&error);
            while let Some(error) = source {
                assert_safe(&error.to_string());
                source = error.source();
            }
        }
        let named = directory.path().join("\u{1b}[2J\u{202e}.mpk");
        assert_safe(&fresh().load(&named).unwrap_err().to_string());
        fs::create_dir(&named).unwrap();
        assert_safe(&saved().save(&named).unwrap_err().to_string());
    }

    #[test]
    fn in_a_record_of_burn_0_21() {
        type Json = AtomicRecorder<PrettyJsonFileRecorder<FullPrecisionSettings>>;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scheduler");
        let recorder = Json::default();
        save(&recorder, SchedulerRecord(saved().state()), &path).unwrap();
        let whole: serde_json::Value = serde_json::from_slice(&fs::read(path.with_extension("json")).unwrap()).unwrap();
        for state in states() {
            let mut record = whole.clone();
            record["item"] = state;
            fs::write(path.with_extension("json"), record.to_string()).unwrap();
            let error: RecorderError = load::<SchedulerRecord>(&recorder, &path).unwrap_err();
            assert_safe(&error.to_string());
            assert_says(&error.to_string(), &["take another checkpoint", "`newest_checkpoint`"]);
            let error: RecorderError = load::<PerUpdateRecord>(&recorder, &path).unwrap_err();
            assert_safe(&error.to_string());
        }
        // Where only `load_record` sees it.
        let mut state = saved().state();
        state.kind = hostile();
        let message = panic_message(|| LrScheduler::load_record::<NdArray>(fresh(), SchedulerRecord(state)));
        assert_safe(&message);
    }

    #[test]
    fn in_a_record_of_burn_0_22() {
        for state in states() {
            let bytes = rmp_serde::to_vec_named(&state).unwrap();
            let record = LrSchedulerRecord::new().with_scalar("position", 0_u64);
            let record = record.with_scalar("state.bytes", bytes.len() as u64);
            let record = bytes.chunks(8).enumerate().fold(record, |record, (index, chunk)| {
                let mut word = [0; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                record.with_scalar(&format!("state.{index:04}"), u64::from_le_bytes(word))
            });
            assert_safe(&panic_message(|| LrScheduler022::load_record(&mut fresh(), record)));
        }
        let foreign = LrSchedulerRecord::new().with_scalar(&hostile(), 0_u64);
        assert_safe(&panic_message(|| LrScheduler022::load_record(&mut fresh(), foreign)));
    }
}
