//! Processes that are killed while they save, by our writers and by burn 0.22's, and trainings that are killed again and again.
//!
//! `SCHED_KILLS=1000` makes the kills many; without it they take a few seconds.
#![cfg(unix)]

mod common;
#[path = "../../../crates/sched-files/tests/common/mod.rs"]
mod files;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use burn_0_21::record::{FullPrecisionSettings as Full, NamedMpkFileRecorder, NamedMpkGzFileRecorder};
use burn_0_22::lr_scheduler::{LrScheduler, LrSchedulerRecord};
use burn_0_22::train::checkpoint::{Checkpointer, FileCheckpointer};
use common::v0_22::learner as learner_0_22;
use common::*;
use files::{age, kill, kills, moments, names, say_saved, start, target};
use sched_burn::prelude::*;
use sched_burn::{Checkpoints, SchedulerRecord, train_0_21, train_0_22};

/// At this position, on a schedule that takes some blocks of the disk.
fn scheduler(position: u64) -> Scheduler {
    let milestones: Vec<_> = (1..1000_u64).map(|index| (index, 1.0 / (index + 1) as f64)).collect();
    let mut scheduler = Scheduler::new(Schedule::piecewise_constant(1.0, &milestones).unwrap());
    scheduler.seek(position);
    scheduler
}

/// A way to save that is killed: the number of the save is the position.
struct Saver {
    /// The child that does it.
    test: &'static str,
    save: fn(&Path, u64),
    /// Panics if the state is damaged.
    load: fn(&Path) -> SchedulerState,
}

const SAVE: Saver = Saver {
    test: "saver",
    save: |folder, number| scheduler(number).save(folder.join("state.mpk")).unwrap(),
    load: |folder| Scheduler::from_file(folder.join("state.mpk")).unwrap().state(),
};

type Mpk = AtomicRecorder<NamedMpkFileRecorder<Full>>;
type MpkGz = AtomicRecorder<NamedMpkGzFileRecorder<Full>>;

const RECORDER: Saver = Saver {
    test: "saver_by_recorder",
    save: |folder, number| {
        let record = SchedulerRecord(scheduler(number).state());
        learner_0_21::save(&Mpk::default(), record, &folder.join("state")).unwrap();
    },
    load: |folder| {
        let SchedulerRecord(state) = learner_0_21::load(&Mpk::default(), &folder.join("state")).unwrap();
        state
    },
};

const COMPRESSING_RECORDER: Saver = Saver {
    test: "saver_by_compressing_recorder",
    save: |folder, number| {
        let record = SchedulerRecord(scheduler(number).state());
        learner_0_21::save(&MpkGz::default(), record, &folder.join("state")).unwrap();
    },
    load: |folder| {
        let SchedulerRecord(state) = learner_0_21::load(&MpkGz::default(), &folder.join("state")).unwrap();
        state
    },
};

/// burn's own checkpointer, which writes to one name again and again here.
const CHECKPOINTER: Saver = Saver {
    test: "saver_by_checkpointer",
    save: |folder, number| {
        FileCheckpointer::new(folder, "state").save(0, scheduler(number).to_record()).unwrap();
    },
    load: |folder| {
        let record: LrSchedulerRecord = FileCheckpointer::new(folder, "state").restore(0).unwrap();
        let mut loaded = scheduler(0);
        loaded.load_record(record);
        loaded.state()
    },
};

/// Saves on and on, with rising numbers, and says after each which it was.
fn save_on(saver: &Saver) {
    let folder = target();
    let last = (saver.load)(&folder).position;
    for number in last + 1.. {
        (saver.save)(&folder, number);
        if !say_saved(number) {
            return;
        }
    }
}

macro_rules! children {
    ($($name:ident $saver:ident)*) => {$(
        #[test]
        #[ignore = "a child that saves until it is killed"]
        fn $name() {
            save_on(&$saver);
        }
    )*};
}

children! {
    saver SAVE
    saver_by_recorder RECORDER
    saver_by_compressing_recorder COMPRESSING_RECORDER
    saver_by_checkpointer CHECKPOINTER
}

/// Kills savers at random moments. Returns in how many saves a kill fell.
fn kill_savers(saver: &Saver, count: u64) -> usize {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path();
    (saver.save)(folder, 1);
    let file = names(folder).remove(0);
    let (mut last, mut hits) = (1, 0);
    for moment in moments(Duration::from_millis(15)).take(count as usize) {
        let (child, mut lines) = start(saver.test, folder);
        // From its first save on.
        let first = lines.by_ref().find(|line| line.starts_with("saved "));
        thread::sleep(moment);
        let said = kill(child, first.into_iter().chain(lines)).expect("it has not saved once");
        let found = (saver.load)(folder);
        // The one it has said, or the next one, which it was killed in or just after.
        assert!(said > last, "{said} after {last}");
        let number = found.position;
        assert!(number == said || number == said + 1, "{number} after {said}");
        assert_eq!(found, scheduler(number).state(), "whole, and of that position");
        last = number;
        let left: Vec<PathBuf> =
            names(folder).into_iter().filter(|name| *name != file).map(|name| folder.join(name)).collect();
        hits += left.len();
        // Ours are cleared away by the next save once they are old. burn's stay.
        left.iter().for_each(|path| age(path));
        if file.ends_with(".bpk") {
            left.iter().for_each(|path| fs::remove_file(path).unwrap());
        }
    }
    (saver.save)(folder, last + 1);
    assert_eq!(names(folder), [file]);
    hits
}

#[test]
fn a_kill_leaves_the_old_state_or_the_new_one() {
    let count = kills(40).div_ceil(4);
    for saver in [SAVE, RECORDER, COMPRESSING_RECORDER, CHECKPOINTER] {
        let begin = Instant::now();
        let hits = kill_savers(&saver, count);
        println!(
            "{}: {count} kills in {:.0?}, {hits} of them in a save: all states whole",
            saver.test,
            begin.elapsed()
        );
    }
}

/// A training with checkpoints that resumes from the newest whole one.
struct Training {
    test: &'static str,
    newest: fn(&Path) -> Checkpoints,
    run: fn(&Path, Option<usize>) -> Outcome,
}

const TRAINING_0_21: Training = Training {
    test: "training_0_21",
    newest: |folder| {
        let model = learner_0_21::Mlp::<learner_0_21::Cpu>::new(&Default::default());
        let optimizer = burn_0_21::optim::AdamConfig::new().init();
        train_0_21::newest_checkpoint(folder, &Mpk::default(), &model, &optimizer, &Scheduler::new(schedule())).unwrap()
    },
    run: |folder, checkpoint| {
        let job = learner_0_21::Job { recorder: Mpk::default(), epochs: EPOCHS, checkpoint, accumulation: None };
        job.run(folder, Scheduler::new(schedule()))
    },
};

const TRAINING_0_22: Training = Training {
    test: "training_0_22",
    newest: |folder| {
        let model = learner_0_22::Mlp::new(&burn_0_22::tensor::Device::flex().autodiff());
        train_0_22::newest_checkpoint(folder, &model, &burn_0_22::optim::AdamConfig::new().init()).unwrap()
    },
    run: |folder, checkpoint| {
        let job = learner_0_22::Job { checkpoint, ..Default::default() };
        job.run(folder, Scheduler::new(schedule()))
    },
};

/// Says when it begins, trains what is left, and says when it is done.
fn train(training: &Training) {
    let folder = target();
    let newest = (training.newest)(&folder).newest;
    say_saved(0);
    if newest != Some(EPOCHS) {
        (training.run)(&folder, newest);
    }
    say_saved(1);
    // Until it is killed.
    thread::sleep(Duration::from_secs(600));
}

#[test]
#[ignore = "a child that trains until it is killed"]
fn training_0_21() {
    train(&TRAINING_0_21);
}

#[test]
#[ignore = "a child that trains until it is killed"]
fn training_0_22() {
    train(&TRAINING_0_22);
}

/// Kills trainings until one has got to its end, again and again; every one goes on from a whole epoch, with the rates and the
/// parameters of a training that nobody killed. Returns how many were killed before their end, and how many epochs were skipped.
fn kill_trainings(training: &Training, count: usize) -> (usize, usize) {
    let directory = tempfile::tempdir().unwrap();
    let begin = Instant::now();
    let whole = (training.run)(directory.path(), None);
    // So that most are killed a few times on the way.
    let end = begin.elapsed() / 2;
    let (mut early, mut skipped, mut kills) = (0, 0, moments(end).take(count).peekable());
    while kills.peek().is_some() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path();
        for moment in kills.by_ref() {
            let (child, mut lines) = start(training.test, folder);
            let _ = lines.by_ref().find(|line| line.starts_with("saved "));
            thread::sleep(moment);
            let done = kill(child, lines) == Some(1);
            early += usize::from(!done);
            let found = (training.newest)(folder);
            skipped += found.skipped.len();
            // On from there, in a copy, because this training is to be killed again.
            let copy = tempfile::tempdir().unwrap();
            fs::create_dir(copy.path().join("checkpoint")).unwrap();
            if folder.join("checkpoint").exists() {
                for name in names(&folder.join("checkpoint")) {
                    let path = folder.join("checkpoint").join(&name);
                    if path.is_file() {
                        fs::copy(path, copy.path().join("checkpoint").join(name)).unwrap();
                    }
                }
            }
            assert_eq!((training.newest)(copy.path()), found);
            let after = found.newest.unwrap_or(0);
            if after < EPOCHS {
                let rest = (training.run)(copy.path(), found.newest);
                assert_eq!(rest.rates, whole.rates[after * ITERATIONS..], "after epoch {after}");
                assert_eq!(rest.parameters, whole.parameters, "after epoch {after}");
            }
            if done {
                assert_eq!(found.newest, Some(EPOCHS));
                break;
            }
        }
    }
    (early, skipped)
}

#[test]
fn a_killed_training_goes_on_from_a_whole_epoch() {
    let count = kills(40).div_ceil(4) as usize;
    for training in [TRAINING_0_21, TRAINING_0_22] {
        let begin = Instant::now();
        let (early, skipped) = kill_trainings(&training, count);
        let time = begin.elapsed();
        println!(
            "{}: {count} kills in {time:.0?}, {early} before the end, {skipped} epochs skipped: all resumed exactly",
            training.test
        );
        assert!(early > 0, "no kill fell in a training, so nothing was tested");
    }
}
