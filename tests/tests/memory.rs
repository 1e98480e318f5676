//! What reading a file takes in memory, at the worst. The only test of its binary, whose allocator counts.

use peak_alloc::PeakAlloc;
use sched_core::{Plan, Schedule, Value};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// One more than a power of two, which leaves a list that grows with the most room.
const ELEMENTS: u32 = (1 << 17) + 1;

fn check(name: &str, file: &[u8], read: impl FnOnce(&[u8])) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    read(file);
    let cost = (MEMORY.peak_usage() - before) as f64 / file.len() as f64;
    assert!(cost <= 50.0, "{name}: {cost} bytes of memory for each byte of the file");
}

#[test]
fn reading_takes_at_most_fifty_times_the_size_of_the_file() {
    let msgpack = |head: &[u8], element: &[u8]| {
        let mut file = head.to_vec();
        file.push(0xdd);
        file.extend(ELEMENTS.to_be_bytes());
        file.extend(element.repeat(ELEMENTS as usize));
        file
    };
    let json = |head: &str, element: &str, tail: &str| {
        [head, &vec![element; ELEMENTS as usize].join(","), tail].concat().into_bytes()
    };
    let from_msgpack = |file: &[u8]| drop(rmp_serde::from_slice::<Schedule>(file).unwrap());
    let from_json = |file: &[u8]| drop(serde_json::from_slice::<Schedule>(file).unwrap());
    let with_units = |file: &[u8]| drop(Plan::new().schedule(&serde_json::from_slice::<Value>(file).unwrap()).unwrap());
    check("constants in MessagePack", &msgpack(&[0x81, 9], &[0x81, 0, 1]), from_msgpack);
    check("milestones in MessagePack", &msgpack(&[0x81, 4, 0x92, 1], &[0x92, 1, 1]), from_msgpack);
    let constants = json(r#"{"sum":["#, r#"{"constant":1}"#, "]}");
    let milestones = json(r#"{"steps":[1,["#, "[1,1]", "]]}");
    check("constants in JSON", &constants, from_json);
    check("milestones in JSON", &milestones, from_json);
    check("constants with units", &constants, with_units);
    check("milestones with units", &milestones, with_units);
}
