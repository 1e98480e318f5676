//! A rate of a sequence of more and more phases.

#![allow(missing_docs, reason = "criterion's macros generate undocumented items")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use sched_core::{Node, Phase, Schedule};

const PHASE_STEPS: u64 = 100;

fn phases(c: &mut Criterion) {
    let mut group = c.benchmark_group("phases");
    for count in [10, 100, 1_000, 10_000] {
        let phase = Schedule::linear(0.1, 0.0, PHASE_STEPS).expect("these parameters are valid");
        let phases = (0..count).map(|i| Phase { start: i * PHASE_STEPS, schedule: phase.clone() }).collect();
        let schedule = Schedule::try_from(Node::Sequence(phases)).expect("these phases are in order");
        let steps = count * PHASE_STEPS;
        let mut step = 0;
        group.bench_function(count.to_string(), |b| {
            b.iter(|| {
                // Anywhere in the sequence, in no order.
                step = (step + 7_777_777_777) % steps;
                schedule.at(black_box(step))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, phases);
criterion_main!(benches);
