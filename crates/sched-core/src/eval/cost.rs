//! What `at` costs at the worst, in numbers that a file's size bounds: evaluations of nodes, and doublings in search of a cycle.

use alloc::format;
use alloc::vec::Vec;
use core::cell::Cell;
use core::iter::repeat_n;
use std::thread::LocalKey;

use proptest::prelude::*;

use crate::schedule::any::{schedule, steps_of};
use crate::schedule::{MAX_DEPTH, Schedule};

type Counter = LocalKey<Cell<u64>>;

std::thread_local! {
    pub(super) static EVALUATIONS: Cell<u64> = const { Cell::new(0) };
    pub(super) static DOUBLINGS: Cell<u64> = const { Cell::new(0) };
}

pub(super) fn count(counter: &Cell<u64>) {
    counter.set(counter.get() + 1);
}

fn cost(counter: &'static Counter, schedule: &Schedule, step: u64) -> u64 {
    counter.set(0);
    schedule.at(step);
    counter.get()
}

fn nodes(schedule: &Schedule) -> u64 {
    1 + schedule.node().children().into_iter().map(nodes).sum::<u64>()
}

proptest! {
    #[test]
    fn no_node_is_evaluated_more_than_twice(schedule in schedule()) {
        for step in steps_of(&schedule) {
            prop_assert!(cost(&EVALUATIONS, &schedule, step) <= 2 * nodes(&schedule), "step {step} of {schedule}");
        }
    }
}

/// A node in its shortest form, which is a map from the variant's number in MessagePack.
const CONSTANT: &[u8] = &[0x81, 0, 1];
const REPEAT: u8 = 6;
const SUM: u8 = 9;
const COMPLEMENT: u8 = 13;

/// `1 - (1 - (... sum of many children))`, with as many children as fit into a file.
fn msgpack(size: usize, complements: usize, child: &[u8]) -> Schedule {
    let mut file = [0x81, COMPLEMENT, 0x92, 1].repeat(complements);
    let children = (size - file.len() - 5) / child.len();
    file.extend([0x81, SUM, 0xdc]);
    file.extend(u16::try_from(children).unwrap().to_be_bytes());
    file.extend(child.repeat(children));
    rmp_serde::from_slice(&file).unwrap()
}

/// The same in JSON, where nodes are shortest inside each other.
fn json(size: usize, complements: usize) -> Schedule {
    let chain = MAX_DEPTH - complements - 2;
    let child = format!(r#"{}{{"constant":1}}{}"#, r#"{"sum":["#.repeat(chain), "]}".repeat(chain));
    let (open, close) = (r#"{"complement":[1,"#.repeat(complements), "]}".repeat(complements));
    let children = (size - open.len() - close.len() - 9) / (child.len() + 1);
    let list: Vec<&str> = repeat_n(child.as_str(), children).collect();
    serde_json::from_str(&format!(r#"{open}{{"sum":[{}]}}{close}"#, list.join(","))).unwrap()
}

/// Nested averages near the largest number took 2^depth evaluations, and of nested differences each doubled those below.
#[test]
fn the_worst_files_take_few_evaluations() {
    for (worst, expected) in [
        (msgpack(1024, 1, CONSTANT), 679),
        (msgpack(1024, 29, CONSTANT), 661),
        (msgpack(10_240, 1, CONSTANT), 6_823),
        (msgpack(10_240, 29, CONSTANT), 6_805),
        (json(1024, 1), 183),
        (json(1024, 29), 131),
        (json(10_240, 1), 1_983),
        (json(10_240, 29), 1_607),
    ] {
        assert_eq!(cost(&EVALUATIONS, &worst, 0), expected);
        // All twice but the difference itself.
        assert_eq!(expected, 2 * nodes(&worst) - 1);
    }
}

/// Bisection took up to 64 doublings for each of up to 64 boundaries.
#[test]
fn a_cycle_is_found_in_few_doublings() {
    // Without end, or nearly so.
    let repeat = |growth: f64| {
        let (number, limit) = (growth.to_be_bytes(), u64::MAX.to_be_bytes());
        [&[0x81, REPEAT, 0x96], CONSTANT, &[1, 0xcb], &number, &[1, 0, 0xcf], &limit].concat()
    };
    for growth in [1e-3, 0.5, 1.0 - 1e-9, 1.0_f64.next_down(), 1.0_f64.next_up(), 1.0 + 1e-9, 2.0, 1e9] {
        let one: Schedule = rmp_serde::from_slice(&repeat(growth)).unwrap();
        for step in steps_of(&one).into_iter().chain([1 << 40, 1 << 60]) {
            let doublings = cost(&DOUBLINGS, &one, step);
            assert!(doublings <= 4 * 64, "{doublings} at {step} with a growth of {growth}");
        }
    }
    for (size, repeats) in [(1024, 37), (10_240, 378)] {
        let worst = msgpack(size, 1, &repeat(1.0_f64.next_up()));
        assert_eq!(cost(&EVALUATIONS, &worst, u64::MAX), 2 * (2 + 2 * repeats) - 1);
        let doublings = cost(&DOUBLINGS, &worst, u64::MAX);
        assert!(doublings <= 2 * repeats * 4 * 64, "{doublings}");
    }
}
