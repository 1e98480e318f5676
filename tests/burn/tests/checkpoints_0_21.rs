//! The newest whole checkpoint on burn 0.21, whatever is damaged, through every kind of recorder.

mod common;

use std::io::Read;
use std::path::Path;

use burn_0_21::backend::NdArray;
use burn_0_21::lr_scheduler::LrScheduler;
use burn_0_21::optim::AdamConfig;
use burn_0_21::record::{
    BinFileRecorder, FileRecorder, FullPrecisionSettings as Full, NamedMpkFileRecorder, NamedMpkGzFileRecorder,
    PrettyJsonFileRecorder,
};
use common::damage::{self, Burn, Flips};
use common::learner_0_21::{Cpu, Job, Mlp};
use common::*;
use flate2::read::GzDecoder;
use sched_burn::Checkpoints;
use sched_burn::prelude::*;
use sched_burn::train_0_21::{SelfChecked, newest_checkpoint, write_scheduler};

trait Recorder: FileRecorder<Cpu> + FileRecorder<NdArray> + 'static {}

impl<R: FileRecorder<Cpu> + FileRecorder<NdArray> + 'static> Recorder for R {}

fn newest<R: Recorder, S>(directory: &Path, scheduler: &S) -> Checkpoints
where
    S: LrScheduler,
    S::Record<Cpu>: SelfChecked,
{
    let model: Mlp<Cpu> = Mlp::new(&Default::default());
    let optimizer = AdamConfig::new().init::<Cpu, Mlp<Cpu>>();
    newest_checkpoint(directory, &R::default(), &model, &optimizer, scheduler).unwrap()
}

fn burn_with<R: Recorder>() -> Burn {
    Burn {
        extension: <R as FileRecorder<Cpu>>::file_extension(),
        run: |directory, epochs, checkpoint| {
            let job = Job { recorder: R::default(), epochs, checkpoint, accumulation: None };
            job.run(directory, Scheduler::new(schedule()))
        },
        newest: |directory| newest::<R, _>(directory, &Scheduler::new(schedule())),
        write_scheduler: |directory, epoch, scheduler| {
            write_scheduler::<Cpu, R, _>(directory, &R::default(), epoch, &scheduler)
        },
    }
}

macro_rules! recorders {
    ($($name:ident $recorder:ty;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn lost_files_are_found() {
                damage::assert_lost_files_are_found(burn_with::<$recorder>());
            }

            #[test]
            fn files_of_two_runs_are_found() {
                damage::assert_files_of_two_runs_are_found(burn_with::<$recorder>());
            }

            #[test]
            fn it_falls_back_and_resumes_exactly() {
                damage::assert_falls_back_and_resumes_exactly(burn_with::<$recorder>());
            }

            #[test]
            fn a_lost_scheduler_is_bridged() {
                damage::assert_a_lost_scheduler_is_bridged(burn_with::<$recorder>());
            }
        }
    )*};
}

recorders! {
    named_mpk NamedMpkFileRecorder<Full>;
    atomic AtomicRecorder<NamedMpkFileRecorder<Full>>;
    named_mpk_gz NamedMpkGzFileRecorder<Full>;
    pretty_json PrettyJsonFileRecorder<Full>;
    bin BinFileRecorder<Full>;
}

#[test]
fn flipped_bits_are_found_or_harmless() {
    for Flips { stem, found, unseen, .. } in damage::flip_bits(burn_with::<NamedMpkFileRecorder<Full>>()) {
        assert!(2 * found.len() > unseen.len(), "{stem}: found in {found:?}, not in {unseen:?}");
        assert!(!unseen.is_empty(), "{stem}: burn has no checksum");
    }
}

#[test]
fn the_checksum_of_compressed_files_finds_every_flipped_bit() {
    let unpacked = |bytes: &[u8]| {
        let mut unpacked = Vec::new();
        GzDecoder::new(bytes).read_to_end(&mut unpacked).map(|_| unpacked).unwrap()
    };
    for Flips { stem, bytes, unseen, .. } in damage::flip_bits(burn_with::<NamedMpkGzFileRecorder<Full>>()) {
        // The time of writing, what fills the last byte up, and a distance to another copy of the same bytes change nothing.
        for index in unseen {
            assert!(
                unpacked(&damage::flipped(&bytes, index)) == unpacked(&bytes),
                "{stem}: {index} of {}",
                bytes.len()
            );
        }
    }
}

#[test]
fn the_counters_of_per_update_are_checked() {
    let directory = tempfile::tempdir().unwrap();
    let per_update = || PerUpdate::new(Scheduler::new(schedule()));
    Job::default().run(directory.path(), per_update());
    let newest = || newest::<NamedMpkFileRecorder<Full>, _>(directory.path(), &per_update()).newest;
    assert_eq!(newest(), Some(EPOCHS));
    let path = directory.path().join("checkpoint/scheduler-6.mpk");
    let mut bytes = std::fs::read(&path).unwrap();
    let call = bytes.windows(4).position(|window| window == b"call").unwrap() + 4;
    bytes[call] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(newest(), Some(EPOCHS - 1));
}
