//! A training on burn 0.21 that is stopped and resumed continues as if it had never stopped: through every recorder, with
//! every policy, with a plateau.

mod common;

use burn_0_21::backend::NdArray;
use burn_0_21::record::{
    BinBytesRecorder, BinFileRecorder, BinGzFileRecorder, CompactRecorder, FileRecorder, FullPrecisionSettings as Full,
    HalfPrecisionSettings as Half, JsonGzFileRecorder, NamedMpkBytesRecorder, NamedMpkFileRecorder,
    NamedMpkGzFileRecorder, PrettyJsonFileRecorder, Recorder as RecorderTrait,
};
use common::learner_0_21::{Cpu, Job, Recorder, load, save};
use common::*;
use sched_burn::prelude::*;
use sched_burn::{Rule, SchedulerRecord, Seen};

#[test]
fn every_epoch_is_a_good_one_to_stop_after() {
    let directory = tempfile::tempdir().unwrap();
    let whole = Job::default().run(directory.path(), Scheduler::new(schedule()));
    assert_eq!(whole.rates, rates(&schedule(), 0..UPDATES));
    for stop in 1..EPOCHS {
        let job = Job { checkpoint: Some(stop), ..Job::default() };
        let resumed = job.run(directory.path(), Scheduler::new(schedule()));
        assert_eq!(resumed.rates, whole.rates[stop * ITERATIONS..], "stopped after epoch {stop}");
        assert_eq!(resumed.parameters, whole.parameters, "stopped after epoch {stop}");
    }
}

/// Trains, stops, resumes through `recorder`; half precision keeps the rates but not the parameters.
fn assert_resumes<R: FileRecorder<Cpu> + FileRecorder<NdArray> + 'static>(recorder: R, full_precision: bool) {
    let directory = tempfile::tempdir().unwrap();
    let whole = Job::default().run(directory.path(), Scheduler::new(schedule()));

    let directory = tempfile::tempdir().unwrap();
    let job = Job { recorder: recorder.clone(), epochs: STOP, checkpoint: None, accumulation: None };
    let first = job.run(directory.path(), Scheduler::new(schedule()));
    let job = Job { recorder: recorder.clone(), epochs: EPOCHS, checkpoint: Some(STOP), accumulation: None };
    let second = job.run(directory.path(), Scheduler::new(schedule()));
    assert_eq!([first.rates, second.rates].concat(), whole.rates, "{recorder:?}");
    assert_eq!(second.parameters == whole.parameters, full_precision, "{recorder:?}");
}

/// A custom rule that remembers the last metric and the number of metrics.
struct Remembering;

impl Rule for Remembering {
    fn name(&self) -> &str {
        "remembering"
    }

    fn memory(&self) -> Vec<f64> {
        vec![f64::MIN_POSITIVE, 0.0]
    }

    fn observe(&self, seen: &Seen, memory: &mut [f64]) -> f64 {
        (memory[0], memory[1]) = (seen.metric, memory[1] + 1.0);
        1.0 / 3.0
    }
}

/// States with everything that formats tend to get wrong: the smallest and largest numbers, last bits, absent options.
fn states() -> Vec<SchedulerState> {
    let awkward = Schedule::multi_step(0.1 + 0.2, &[3, u64::MAX], 1.0 / 3.0).unwrap();
    let tiny =
        Schedule::linear(5e-324, f64::MAX, u64::MAX).unwrap().times(Schedule::constant(1e-300).unwrap()).unwrap();
    let plateau = Plateau::new().mode(PlateauMode::Max).threshold(0.1 + 0.7, ThresholdMode::Absolute).build().unwrap();
    let mut schedulers = vec![
        Scheduler::new(schedule()),
        Scheduler::new(awkward),
        Scheduler::new(tiny),
        Scheduler::new(|step: u64| 1.0 / (step + 3) as f64),
        Scheduler::new(Schedule::constant(0.7).unwrap()).with_plateau(plateau),
        Scheduler::new(Schedule::constant(0.7).unwrap()).with_rule(Remembering).unwrap(),
    ];
    for scheduler in &mut schedulers {
        scheduler.step();
        let _ = scheduler.observe(-1.0 / 3.0);
    }
    let mut far = schedulers[1].clone();
    far.seek(u64::MAX);
    schedulers.extend([far, Scheduler::new(schedule())]);
    schedulers.iter().map(Scheduler::state).collect()
}

fn assert_keeps_states<R: FileRecorder<NdArray>>(recorder: R) {
    let directory = tempfile::tempdir().unwrap();
    for (index, state) in states().into_iter().enumerate() {
        let path = directory.path().join(index.to_string());
        save(&recorder, SchedulerRecord(state.clone()), &path).unwrap();
        let SchedulerRecord(loaded) = load(&recorder, &path).unwrap();
        assert_eq!(loaded, state, "{recorder:?}");
        loaded.verify().unwrap();
    }
    let files = std::fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(files, states().len(), "a file for each state and nothing beside them: {recorder:?}");
}

macro_rules! recorders {
    ($($name:ident $recorder:ty, $full_precision:literal;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn resumes() {
                assert_resumes(<$recorder>::default(), $full_precision);
            }

            #[test]
            fn resumes_when_atomic() {
                assert_resumes(AtomicRecorder::new(<$recorder>::default()), $full_precision);
            }

            #[test]
            fn keeps_states() {
                assert_keeps_states(<$recorder>::default());
                assert_keeps_states(AtomicRecorder::new(<$recorder>::default()));
            }
        }
    )*};
}

recorders! {
    named_mpk NamedMpkFileRecorder<Full>, true;
    named_mpk_gz NamedMpkGzFileRecorder<Full>, true;
    bin BinFileRecorder<Full>, true;
    bin_gz BinGzFileRecorder<Full>, true;
    pretty_json PrettyJsonFileRecorder<Full>, true;
    json_gz JsonGzFileRecorder<Full>, true;
    compact CompactRecorder, false;
    bin_half BinFileRecorder<Half>, false;
}

#[test]
fn bytes_recorders_keep_states() {
    for state in states() {
        let record = || SchedulerRecord(state.clone());
        macro_rules! assert_keeps {
            ($($recorder:ty)*) => {$(
                let recorder = <$recorder>::default();
                let bytes = RecorderTrait::<NdArray>::record(&recorder, record(), ()).unwrap();
                let loaded = RecorderTrait::<NdArray>::load(&recorder, bytes, &Default::default());
                let loaded: SchedulerRecord = loaded.unwrap();
                assert_eq!(loaded, record());
            )*};
        }
        assert_keeps!(BinBytesRecorder<Full> BinBytesRecorder<Half> NamedMpkBytesRecorder<Full> NamedMpkBytesRecorder<Half>);
    }
}

/// Trains with one schedule and resumes with another under a policy; returns the rates after the resume.
fn resume_with_another(policy: OnMismatch) -> Vec<f64> {
    let directory = tempfile::tempdir().unwrap();
    Job { epochs: STOP, ..Job::default() }.run(directory.path(), Scheduler::new(schedule()));
    let scheduler = Scheduler::new(another()).on_mismatch(policy);
    Job { checkpoint: Some(STOP), ..Job::default() }.run(directory.path(), scheduler).rates
}

/// Twice as long as [`schedule`].
fn another() -> Schedule {
    Schedule::linear(0.01, 0.0, 54).unwrap()
}

#[test]
fn refuse_panics_and_names_both_schedules() {
    let message = panic_message(|| resume_with_another(OnMismatch::Refuse));
    assert_says(
        &message,
        &["cannot resume", &schedule().to_string(), &another().to_string(), "at step 10", "OnMismatch::KeepConfigured"],
    );
}

#[test]
fn keep_configured_goes_on_at_the_saved_position() {
    assert_eq!(resume_with_another(OnMismatch::KeepConfigured), rates(&another(), STOPPED_AT..UPDATES));
}

#[test]
fn take_saved_goes_on_as_saved() {
    assert_eq!(resume_with_another(OnMismatch::TakeSaved), rates(&schedule(), STOPPED_AT..UPDATES));
}

#[test]
fn keep_progress_goes_on_at_the_same_part_of_the_way() {
    let start = 2 * STOPPED_AT; // of 54 steps instead of 27
    assert_eq!(resume_with_another(OnMismatch::KeepProgress), rates(&another(), start..start + UPDATES - STOPPED_AT));
}

#[test]
fn a_plateau_survives() {
    let directory = tempfile::tempdir().unwrap();
    let plateau = Plateau::new().factor(0.5).patience(1).cooldown(3).build().unwrap();
    let scheduler = || Scheduler::new(schedule()).with_plateau(plateau.clone());
    Job { epochs: STOP, ..Job::default() }.run(directory.path(), scheduler());

    // Between the two runs, observe three metrics in the checkpoint: the best, and two that are no better.
    let path = directory.path().join("checkpoint/scheduler-2");
    let recorder = Recorder::new();
    let SchedulerRecord(state) = load(&recorder, &path).unwrap();
    let mut observing = Scheduler::from_state(&state).unwrap();
    for metric in [0.5, 0.6, 0.7] {
        observing.observe(metric).unwrap();
    }
    save(&recorder, SchedulerRecord(observing.state()), &path).unwrap();

    let resumed = Job { checkpoint: Some(STOP), ..Job::default() }.run(directory.path(), scheduler());
    let halved: Vec<f64> = rates(&schedule(), STOPPED_AT..UPDATES).into_iter().map(|rate| rate * 0.5).collect();
    assert_eq!(resumed.rates, halved);

    let path = directory.path().join("checkpoint/scheduler-6");
    let SchedulerRecord(state) = load(&recorder, &path).unwrap();
    let ended = Scheduler::from_state(&state).unwrap();
    assert_eq!(ended.plateau(), observing.plateau());
    assert_eq!(ended.plateau().map(|plateau| (plateau.best(), plateau.cooldown_left())), Some((Some(0.5), 3)));
}
