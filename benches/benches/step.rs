//! `Scheduler::step`, which computes rates ahead, beside `Schedule::at` for the same updates.
//!
//! The scheduler itself goes through `black_box`, because a training keeps it in memory.

#![allow(missing_docs, reason = "criterion's macros generate undocumented items")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use sched_benches::kinds;
use sched_core::Scheduler;

/// More steps than a bench makes, so that none is past the end.
const STEPS: u64 = 1 << 36;

fn steps(c: &mut Criterion) {
    for (kind, schedule) in kinds(STEPS).expect("these parameters are valid") {
        let mut group = c.benchmark_group(format!("ahead/{kind}"));
        let mut scheduler = Scheduler::new(schedule.clone());
        group.bench_function("step", |b| b.iter(|| black_box(&mut scheduler).step()));
        let mut step = 0;
        group.bench_function("at", |b| {
            b.iter(|| {
                step += 1;
                black_box(&schedule).at(step)
            });
        });
        group.finish();
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
