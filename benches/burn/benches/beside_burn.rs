//! `step()` through burn's trait: ours and burn's own scheduler of the same kind, side by side.
//!
//! They take turns, because a machine's pace changes from second to second by more than they differ.
//!
//! The scheduler itself goes through `black_box`, because a training keeps it in memory: otherwise the loop around a step
//! that is one multiplication would hold it in a register.

#![allow(missing_docs, reason = "criterion's macros generate undocumented items")]

use std::hint::black_box;
use std::time::Duration;

use burn_0_21::lr_scheduler as burn_0_21;
use burn_0_22::lr_scheduler as burn_0_22;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use sched_burn::{Schedule, Scheduler};

/// More steps than a run makes, so that none is past the end.
const STEPS: usize = 1 << 36;
/// How many turns each takes.
const TURNS: usize = 10;

fn old(group: &mut BenchmarkGroup<'_, WallTime>, name: String, scheduler: &mut impl burn_0_21::LrScheduler) {
    group.bench_function(name, |b| b.iter(|| black_box(&mut *scheduler).step()));
}

fn new(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: String,
    scheduler: &mut burn_0_22::module_lr_scheduler::ModuleLrScheduler,
) {
    group.bench_function(name, |b| b.iter(|| black_box(&mut *scheduler).step().base()));
}

/// Ours and burn's, of one kind, on both burns; burn 0.22 hands out its schedulers only as `ModuleLrScheduler`.
fn side_by_side(
    c: &mut Criterion,
    kind: &str,
    schedule: Schedule,
    mut theirs_0_21: impl burn_0_21::LrScheduler,
    theirs_0_22: impl Into<burn_0_22::module_lr_scheduler::ModuleLrScheduler>,
) {
    let mut theirs_0_22 = theirs_0_22.into();
    let mut ours_0_21 = Scheduler::new(schedule.clone());
    let mut ours_0_22 = Scheduler::new(schedule).into();
    let mut group = c.benchmark_group(format!("step/{kind}"));
    group.sample_size(20).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(300));
    for turn in 0..TURNS {
        old(&mut group, format!("burn 0.21/turn {turn}"), &mut theirs_0_21);
        old(&mut group, format!("ours on 0.21/turn {turn}"), &mut ours_0_21);
        new(&mut group, format!("burn 0.22/turn {turn}"), &mut theirs_0_22);
        new(&mut group, format!("ours on 0.22/turn {turn}"), &mut ours_0_22);
    }
    group.finish();
}

fn steps(c: &mut Criterion) {
    let valid = "these parameters are valid";
    side_by_side(c, "constant", Schedule::constant(0.1).expect(valid), 0.1, 0.1);
    side_by_side(
        c,
        "linear",
        Schedule::linear(0.1, 0.01, STEPS as u64).expect(valid),
        burn_0_21::linear::LinearLrSchedulerConfig::new(0.1, 0.01, STEPS).init().expect(valid),
        burn_0_22::linear::LinearLrSchedulerConfig::new(0.1, 0.01, STEPS).init().expect(valid),
    );
    side_by_side(
        c,
        "cosine",
        Schedule::cosine_annealing(0.1, 0.0, STEPS as u64).expect(valid),
        burn_0_21::cosine::CosineAnnealingLrSchedulerConfig::new(0.1, STEPS).init().expect(valid),
        burn_0_22::cosine::CosineAnnealingLrSchedulerConfig::new(0.1, STEPS).init().expect(valid),
    );
    let gamma = 0.999_999_9; // the steps of a run do not take it to 0
    side_by_side(
        c,
        "exponential",
        Schedule::exponential(0.1, gamma).expect(valid),
        burn_0_21::exponential::ExponentialLrSchedulerConfig::new(0.1, gamma).init().expect(valid),
        burn_0_22::exponential::ExponentialLrSchedulerConfig::new(0.1, gamma).init().expect(valid),
    );
    side_by_side(
        c,
        "step",
        Schedule::step(0.1, 1000, 0.999_99).expect(valid),
        burn_0_21::step::StepLrSchedulerConfig::new(0.1, 1000).with_gamma(0.999_99).init().expect(valid),
        burn_0_22::step::StepLrSchedulerConfig::new(0.1, 1000).with_gamma(0.999_99).init().expect(valid),
    );
    side_by_side(
        c,
        "noam",
        Schedule::noam(1.0, 512, 4000).expect(valid),
        burn_0_21::noam::NoamLrSchedulerConfig::new(1.0).init().expect(valid),
        burn_0_22::noam::NoamLrSchedulerConfig::new(1.0).init().expect(valid),
    );
}

criterion_group!(benches, steps);
criterion_main!(benches);
