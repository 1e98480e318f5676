//! A million rates, one by one and in bulk, beside what the machine needs to write a million numbers.

#![allow(missing_docs, reason = "criterion's macros generate undocumented items")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sched_core::{Schedule, ScheduleError, Shape, Wsd};

const COUNT: u64 = 1_000_000;

fn kinds() -> Result<Vec<(&'static str, Schedule)>, ScheduleError> {
    Ok(vec![
        ("constant", Schedule::constant(0.1)?),
        ("linear", Schedule::linear(0.1, 0.0, COUNT)?),
        ("cosine", Schedule::cosine_annealing(0.1, 0.0, COUNT)?),
        ("warmup, cosine", Schedule::cosine_annealing(0.1, 0.0, COUNT)?.warmup(0.0, 10_000)?),
        ("polynomial", Schedule::polynomial(0.1, 0.0, COUNT, 0.9)?),
        ("exponential", Schedule::exponential(0.1, 0.999_999)?),
        ("step", Schedule::step(0.1, 1000, 0.99)?),
        ("warm restarts", Schedule::cosine_warm_restarts(0.1, 0.0, 1000, 1.0)?),
        ("inverse sqrt", Schedule::inverse_sqrt(0.1, 4000.0)?),
        ("wsd", Wsd::new(0.1, 800_000, 100_000).warmup(0.0, 100_000).decay_shape(Shape::OneMinusSqrt).build()?),
    ])
}

fn samples(c: &mut Criterion) {
    let mut rates = vec![0.0; COUNT as usize];
    let mut group = c.benchmark_group("sample");
    group.throughput(Throughput::Elements(COUNT)).sample_size(20);
    group.bench_function("memory", |b| b.iter(|| black_box(&mut rates).fill(black_box(0.1))));
    for (kind, schedule) in kinds().expect("these parameters are valid") {
        group.bench_function(format!("bulk/{kind}"), |b| {
            b.iter(|| schedule.sample(black_box(0), black_box(&mut rates)))
        });
    }
    group.finish();

    let mut group = c.benchmark_group("at");
    for (kind, schedule) in kinds().expect("these parameters are valid") {
        let mut step = 0;
        group.bench_function(kind, |b| {
            b.iter(|| {
                step = (step + 1) % COUNT;
                schedule.at(black_box(step))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, samples);
criterion_main!(benches);
