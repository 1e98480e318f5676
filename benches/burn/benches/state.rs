//! A state to bytes and back.

#![allow(missing_docs, reason = "criterion's macros generate undocumented items")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use sched_burn::{Plateau, Schedule, ScheduleError, Scheduler};

fn schedulers() -> Result<Vec<(&'static str, Scheduler)>, ScheduleError> {
    let cosine = Schedule::cosine_annealing(1e-3, 1e-5, 9_500)?.warmup(0.0, 500)?;
    Ok(vec![
        ("warmup, cosine", Scheduler::new(cosine.clone())),
        ("warmup, cosine, plateau", Scheduler::new(cosine).with_plateau(Plateau::default())),
    ])
}

fn states(c: &mut Criterion) {
    let mut group = c.benchmark_group("state");
    for (kind, mut scheduler) in schedulers().expect("these parameters are valid") {
        scheduler.step();
        let bytes = scheduler.to_msgpack().expect("a state can be encoded");
        // The size is part of the name, so that the report has it.
        let kind = format!("{kind} ({} bytes)", bytes.len());
        group.bench_function(format!("encode/{kind}"), |b| b.iter(|| black_box(&scheduler).to_msgpack()));
        let mut target = scheduler.clone();
        group.bench_function(format!("decode/{kind}"), |b| b.iter(|| target.load_msgpack(black_box(&bytes))));
    }
    group.finish();
}

criterion_group!(benches, states);
criterion_main!(benches);
