//! A million rates, one by one and in bulk, beside the plain formulas and what the machine needs to write a million numbers.

#![allow(missing_docs, reason = "criterion's macros generate undocumented items")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sched_benches::{COUNT, by_hand, kinds, others};

fn samples(c: &mut Criterion) {
    let valid = "these parameters are valid";
    let all = || kinds(COUNT).expect(valid).into_iter().chain(others().expect(valid));
    let mut rates = vec![0.0; COUNT as usize];
    let mut group = c.benchmark_group("sample");
    group.throughput(Throughput::Elements(COUNT)).sample_size(20);
    group.bench_function("memory", |b| b.iter(|| black_box(&mut rates).fill(black_box(0.1))));
    for (kind, schedule) in all() {
        group.bench_function(format!("bulk/{kind}"), |b| {
            b.iter(|| schedule.sample(black_box(0), black_box(&mut rates)))
        });
    }
    for (kind, formula) in by_hand(COUNT) {
        group.bench_function(format!("by hand/{kind}"), |b| b.iter(|| formula(black_box(&mut rates))));
    }
    group.finish();

    let mut group = c.benchmark_group("at");
    for (kind, schedule) in all() {
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
