//! Proves that the states of the rules that follow a metric load as they were saved before `Plateau` and `Greedy` had
//! builders, to the bit and with the same checksum, and that both can be written by hand.
//!
//! The states, and the rates after them, were written by the code of that time.

use sched_core::{
    Feedback, Greedy, GreedyBuilder, NonFinite, OnMismatch, Plateau, PlateauMode, Rule, Schedule, Scheduler,
    SchedulerState, Seen, ThresholdMode,
};
use serde::Deserialize;

/// A state as JSON and as MessagePack without names, which is read by position alone; and the four rates after it, with a
/// metric of 0, 0.2, 0.4 and 0.6 after each.
struct Saved {
    json: &'static str,
    msgpack: &'static str,
    rates: [f64; 4],
}

const PLATEAU_WITH_ALL_OPTIONS: Saved = Saved {
    json: r#"{"kind":"sched.scheduler","version":1,"position":17,"schedule":{"ramp":{"from":0.1,"to":0.001,"steps":100.0,"shape":"cosine","beyond":"hold"}},"feedback":{"plateau":{"rules":{"better":{"mode":"max","threshold":0.2,"threshold_mode":"relative_signed","margin":0.01},"factor":0.3,"patience":1,"cooldown":2,"blind_cooldown":true,"accumulation":2,"min_lr":0.0005,"eps":1e-9,"non_finite":"ignore","start_step":3},"memory":{"best":1.2583333333333333,"bad_observations":0,"cooldown_left":2,"reductions":2,"accumulated":1,"mean":0.1}}},"last_lr":0.008448946259595412,"checksum":11343599793018542812}"#,
    msgpack: "97af73636865642e7363686564756c6572011181a472616d7095cb3fb999999999999acb3f50624dd2f1a9fccb4059000000000000a6636f73696e65a4686f6c6481a7706c6174656175929a94a36d6178cb3fc999999999999aaf72656c61746976655f7369676e6564cb3f847ae147ae147bcb3fd33333333333330102c302cb3f40624dd2f1a9fccb3e112e0be826d695a669676e6f72650396cb3ff422222222222200020201cb3fb999999999999acb3f814dae5ef7099fcf9d6c8fe929109adc",
    rates: [0.008379605730302568, 0.008306480908111476, 0.008229643958393174, 0.008149170709940392],
};

const PLATEAU: Saved = Saved {
    json: r#"{"kind":"sched.scheduler","version":1,"position":17,"schedule":{"ramp":{"from":0.1,"to":0.001,"steps":100.0,"shape":"cosine","beyond":"hold"}},"feedback":{"plateau":{"rules":{"better":{"mode":"min","threshold":0.0001,"threshold_mode":"relative","margin":0.0},"factor":0.1,"patience":10,"cooldown":0,"blind_cooldown":false,"accumulation":1,"min_lr":0.0,"eps":1e-8,"non_finite":"count_as_bad","start_step":0},"memory":{"best":0.1,"bad_observations":4,"cooldown_left":0,"reductions":1,"accumulated":0,"mean":null}}},"last_lr":0.009387718066217125,"checksum":10119011546099389777}"#,
    msgpack: "97af73636865642e7363686564756c6572011181a472616d7095cb3fb999999999999acb3f50624dd2f1a9fccb4059000000000000a6636f73696e65a4686f6c6481a7706c6174656175929a94a36d696ecb3f1a36e2eb1c432da872656c6174697665cb0000000000000000cb3fb999999999999a0a00c201cb0000000000000000cb3e45798ee2308c3aac636f756e745f61735f6261640096cb3fb999999999999a04000100c0cb3f8339de30a0b55ccf8c6df3636b549551",
    rates: [0.009310673033669522, 0.009229423231234974, 0.009144048842659082, 0.00905463412215599],
};

const GREEDY_WITH_ALL_OPTIONS: Saved = Saved {
    json: r#"{"kind":"sched.scheduler","version":1,"position":17,"schedule":{"ramp":{"from":0.1,"to":0.001,"steps":100.0,"shape":"cosine","beyond":"hold"}},"feedback":{"greedy":{"rules":{"better":{"mode":"max","threshold":0.1,"threshold_mode":"relative","margin":0.0},"factor":0.8,"patience":1,"cooldown":1,"warmup":2,"min_lr":0.001,"max_lr":0.5,"eps":1e-7,"window":3,"reset_start":7},"memory":{"best":1.4433333333333334,"bad_observations":0,"good_observations":0,"cooldown_left":0,"warmup_left":0,"at_min":0,"multiplier":0.5120000000000002,"recent":[0.1,0.1,0.1]}}},"last_lr":0.048065116499031696,"checksum":4412129746578372893}"#,
    msgpack: "97af73636865642e7363686564756c6572011181a472616d7095cb3fb999999999999acb3f50624dd2f1a9fccb4059000000000000a6636f73696e65a4686f6c6481a6677265656479929a94a36d6178cb3fb999999999999aa872656c6174697665cb0000000000000000cb3fe999999999999a010102cb3f50624dd2f1a9fccb3fe0000000000000cb3e7ad7f29abcaf48030798cb3ff717e4b17e4b180000000000cb3fe0624dd2f1a9fe93cb3fb999999999999acb3fb999999999999acb3fb999999999999acb3fa89bfdaee22fd4cf3d3b08a0c7bcf91d",
    rates: [0.04767064593238797, 0.04725464694392309, 0.03745402405953162, 0.03708778136435096],
};

const GREEDY: Saved = Saved {
    json: r#"{"kind":"sched.scheduler","version":1,"position":17,"schedule":{"constant":0.1},"feedback":{"greedy":{"rules":{"better":{"mode":"min","threshold":1e-6,"threshold_mode":"absolute","margin":0.0},"factor":0.95,"patience":10,"cooldown":0,"warmup":0,"min_lr":0.001,"max_lr":1.0,"eps":1e-8,"window":1,"reset_start":500},"memory":{"best":0.1,"bad_observations":4,"good_observations":0,"cooldown_left":0,"warmup_left":0,"at_min":0,"multiplier":0.95,"recent":[]}}},"last_lr":0.095,"checksum":7607357124472314205}"#,
    msgpack: "97af73636865642e7363686564756c6572011181a8636f6e7374616e74cb3fb999999999999a81a6677265656479929a94a36d696ecb3eb0c6f7a0b5ed8da86162736f6c757465cb0000000000000000cb3fee6666666666660a0000cb3f50624dd2f1a9fccb3ff0000000000000cb3e45798ee2308c3a01cd01f498cb3fb999999999999a0400000000cb3fee66666666666690cb3fb851eb851eb852cf6992c2ffcbb5995d",
    rates: [0.095, 0.095, 0.095, 0.095],
};

const CUSTOM: Saved = Saved {
    json: r#"{"kind":"sched.scheduler","version":1,"position":17,"schedule":null,"feedback":{"custom":{"name":"last","memory":[0.1,-1.5],"multiplier":7.62939453125e-6,"observations":17}},"last_lr":8.975758272058823e-7,"checksum":4343699059786364771}"#,
    msgpack: "97af73636865642e7363686564756c65720111c081a6637573746f6d94a46c61737492cb3fb999999999999acbbff8000000000000cb3ee000000000000011cb3eae1e1e1e1e1e1ecf3c47eb47edc3b763",
    rates: [4.238552517361111e-7, 2.0077354029605262e-7, 9.5367431640625e-8, 4.54130626860119e-8],
};

/// Halves the rate at each observation.
struct Last;

impl Rule for Last {
    fn name(&self) -> &str {
        "last"
    }

    fn memory(&self) -> Vec<f64> {
        vec![0.0, -1.5]
    }

    fn observe(&self, seen: &Seen, memory: &mut [f64]) -> f64 {
        memory[0] = seen.metric;
        0.5 * seen.multiplier
    }
}

fn cosine() -> Scheduler {
    Scheduler::new(Schedule::cosine_annealing(0.1, 0.001, 100).unwrap())
}

/// The schedulers that were saved, configured anew.
fn configured() -> [(Saved, Scheduler); 5] {
    let plateau = Plateau::new()
        .mode(PlateauMode::Max)
        .factor(0.3)
        .patience(1)
        .threshold(0.2, ThresholdMode::RelativeSigned)
        .margin(0.01)
        .cooldown(2)
        .blind_cooldown(true)
        .accumulation(2)
        .min_lr(0.0005)
        .eps(1e-9)
        .non_finite(NonFinite::Ignore)
        .start_step(3)
        .build()
        .unwrap();
    let greedy = Greedy::new()
        .mode(PlateauMode::Max)
        .factor(0.8)
        .patience(1)
        .threshold(0.1, ThresholdMode::Relative)
        .cooldown(1)
        .warmup(2)
        .min_lr(0.001)
        .max_lr(0.5)
        .eps(1e-7)
        .window(3)
        .reset_start(7)
        .build()
        .unwrap();
    let constant = Scheduler::new(Schedule::constant(0.1).unwrap());
    let function = Scheduler::new(|step: u64| 1.0 / (step + 1) as f64);
    [
        (PLATEAU_WITH_ALL_OPTIONS, cosine().with_plateau(plateau)),
        (PLATEAU, cosine().with_plateau(Plateau::default())),
        (GREEDY_WITH_ALL_OPTIONS, cosine().with_greedy(greedy)),
        (GREEDY, constant.with_greedy(Greedy::default())),
        (CUSTOM, function.with_rule(Last).unwrap()),
    ]
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn old_states_load_and_continue() {
    for (saved, configured) in configured() {
        let from_json: SchedulerState = serde_json::from_str(saved.json).unwrap();
        let from_msgpack: SchedulerState = rmp_serde::from_slice(&bytes(saved.msgpack)).unwrap();
        for state in [from_json, from_msgpack] {
            state.verify().unwrap();
            assert_eq!(serde_json::to_string(&state).unwrap(), saved.json);
            assert_eq!(rmp_serde::to_vec(&state).unwrap(), bytes(saved.msgpack));
            let mut resumed = configured.clone();
            resumed.load_state(&state, OnMismatch::Refuse).unwrap();
            assert_eq!(resumed.state(), state);
            let rates = [0.0, 0.2, 0.4, 0.2 * 3.0].map(|metric| {
                let rate = resumed.step();
                resumed.observe(metric).unwrap();
                rate
            });
            assert_eq!(rates, saved.rates);
        }
    }
}

/// What a person writes, in each of the formats; a map of options is told from a state by its first key.
fn from_config<T: for<'de> Deserialize<'de>>(json: &str) -> Vec<Result<T, String>> {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    let msgpack = rmp_serde::to_vec_named(&value).unwrap();
    vec![
        serde_json::from_str(json).map_err(|error| error.to_string()),
        serde_json::from_value(value).map_err(|error| error.to_string()),
        rmp_serde::from_slice(&msgpack).map_err(|error| error.to_string()),
    ]
}

fn assert_read<T: for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug>(json: &str, expected: &T) {
    for read in from_config::<T>(json) {
        assert_eq!(read.as_ref(), Ok(expected), "{json}");
    }
}

fn assert_refused<T: for<'de> Deserialize<'de> + std::fmt::Debug>(json: &str, parts: &[&str]) {
    for read in from_config::<T>(json) {
        let error = read.unwrap_err();
        assert!(parts.iter().all(|part| error.contains(part)), "{json}: {error}");
    }
}

#[test]
fn a_plateau_is_written_by_hand() {
    assert_read("{}", &Plateau::default());
    assert_read(r#"{"factor": 0.5, "patience": 3}"#, &Plateau::new().factor(0.5).patience(3).build().unwrap());
    let [(_, scheduler), ..] = configured();
    let all = r#"{"mode": "max", "factor": 0.3, "patience": 1, "threshold": 0.2, "threshold_mode": "relative_signed",
        "margin": 0.01, "cooldown": 2, "blind_cooldown": true, "accumulation": 2, "min_lr": 0.0005, "eps": 1e-9,
        "non_finite": "ignore", "start_step": 3}"#;
    assert_read(all, scheduler.plateau().unwrap());
    assert_read(&format!(r#"{{"plateau": {all}}}"#), scheduler.feedback().unwrap());

    assert_refused::<Plateau>(r#"{"factor": 0.5, "patiense": 3}"#, &["`patiense`", "`patience`", "`min_lr`"]);
    assert_refused::<Plateau>(r#"{"factor": 0.5, "memory": {}}"#, &["unknown field `memory`"]);
    assert_refused::<Plateau>(r#"{"rules": {}, "factor": 0.5}"#, &["unknown field"]);
    assert_refused::<Plateau>(r#"{"factor": 1.5}"#, &["`factor` is 1.5, but must be 0 or more and below 1"]);
    assert_refused::<Plateau>(r#"{"patience": -1}"#, &["`patience` is -1, but must be a whole number"]);
    assert_refused::<Plateau>(r#"{"mode": "least"}"#, &["`least`", "`min`"]);
    assert_refused::<Feedback>(r#"{"plateau": {"accumulation": 0}}"#, &["`accumulation` is 0, but must be at least 1"]);
    let error = serde_json::from_str::<Plateau>("0.5").unwrap_err().to_string();
    assert!(error.contains("expected the options of a rule, or its `rules` and `memory`"), "{error}");
}

#[test]
fn a_greedy_rule_is_written_by_hand() {
    assert_read("{}", &Greedy::default());
    let [_, _, (_, scheduler), ..] = configured();
    let all = r#"{"greedy": {"mode": "max", "factor": 0.8, "patience": 1, "threshold": 0.1, "threshold_mode": "relative",
        "cooldown": 1, "warmup": 2, "min_lr": 0.001, "max_lr": 0.5, "eps": 1e-7, "window": 3, "reset_start": 7}}"#;
    assert_read(all, scheduler.feedback().unwrap());
    assert_refused::<Greedy>(r#"{"margin": 0.5}"#, &["unknown field `margin`", "`max_lr`"]);
    assert_refused::<Greedy>(r#"{"factor": 0}"#, &["`factor` is 0, but must be above 0 and below 1"]);
    assert_refused::<Greedy>(r#"{"window": 0}"#, &["`window` is 0, but must be at least 1"]);
}

#[test]
fn the_options_are_said_in_words() {
    let words = configured().map(|(_, scheduler)| scheduler.feedback().unwrap().to_string());
    let expected = [
        "x 0.3 after 2 bad observations (max, by 0.2 x best, signed + 0.01, averaging 2 metrics, blind cooldown 2, min_lr 5e-4, \
         eps 1e-9, NaN ignored, from step 3)",
        "x 0.1 after 11 bad observations (min, by 1e-4 x best)",
        "greedy x 0.8 after 2 bad observations, / 0.8 after 2 good ones (max, by 0.1 x best, min_lr 1e-3, max_lr 0.5, averaging \
         the last 3 metrics, cooldown 1, warmup 2, eps 1e-7, afresh after 7 reductions at min_lr)",
        "greedy x 0.95 after 11 bad observations, / 0.95 after 11 good ones (min, by 1e-6, min_lr 1e-3, max_lr 1, afresh after \
         500 reductions at min_lr)",
        r#"rule "last" that remembers 2 numbers"#,
    ];
    assert_eq!(words, expected);
}

#[test]
fn a_builder_is_read_before_it_is_checked() {
    let builder: GreedyBuilder = serde_json::from_str(r#"{"factor": 2, "patience": 3}"#).unwrap();
    assert_eq!(builder, Greedy::new().factor(2.0).patience(3));
    assert!(builder.clone().build().is_err());
    assert!(builder.factor(0.5).build().is_ok());
}

#[test]
fn the_memory_in_a_file_is_checked() {
    let read = |state: &Saved, old: &str, new: &str| {
        assert!(state.json.contains(old), "{old}");
        serde_json::from_str::<SchedulerState>(&state.json.replace(old, new)).map_err(|error| error.to_string())
    };
    let refused = |state: &Saved, old: &str, new: &str, part: &str| {
        let error = read(state, old, new).unwrap_err();
        assert!(error.contains(part), "{new}: {error}");
    };
    let greedy = &GREEDY_WITH_ALL_OPTIONS;
    refused(
        greedy,
        r#""multiplier":0.5120000000000002"#,
        r#""multiplier":-1"#,
        "`multiplier` is -1, but must be 0 or more",
    );
    for field in ["bad_observations", "good_observations", "cooldown_left", "warmup_left", "at_min"] {
        let (old, new) = (format!(r#""{field}":0"#), format!(r#""{field}":-1"#));
        refused(greedy, &old, &new, &format!("`{field}` is -1, but must be a whole number"));
    }
    let plateau = &PLATEAU_WITH_ALL_OPTIONS;
    for (field, value) in [("bad_observations", 0), ("cooldown_left", 2), ("reductions", 2), ("accumulated", 1)] {
        let (old, new) = (format!(r#""{field}":{value}"#), format!(r#""{field}":-1"#));
        refused(plateau, &old, &new, &format!("`{field}` is -1, but must be a whole number"));
    }

    // JSON has no NaN, but MessagePack does.
    let nan = |state: &Saved, number: f64, part: &str| {
        let mut bytes = bytes(state.msgpack);
        let number = number.to_be_bytes();
        let at = bytes.windows(8).rposition(|window| window == number).unwrap();
        bytes[at..at + 8].copy_from_slice(&f64::NAN.to_be_bytes());
        let error = rmp_serde::from_slice::<SchedulerState>(&bytes).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    };
    nan(plateau, 1.2583333333333333, "`best` is NaN, but must be a finite number");
    nan(greedy, 1.4433333333333334, "`best` is NaN, but must be a finite number");
    nan(greedy, 0.5120000000000002, "`multiplier` is NaN, but must be a finite number");
    nan(greedy, 0.1, "`recent` is NaN, but must be a finite number");
    nan(plateau, 0.1, "`mean` is NaN, but must be a finite number");
}

/// The largest counters that a file can hold count no further.
#[test]
fn counters_do_not_overflow() {
    let largest = u64::MAX.to_string();
    let mut plateau: Feedback = serde_json::from_str(&format!(
        r#"{{"plateau": {{"rules": {{"accumulation": 2, "patience": {largest}, "cooldown": {largest}}}, "memory": {{"best": 1,
            "bad_observations": {largest}, "cooldown_left": 0, "reductions": {largest}, "accumulated": {largest}, "mean": 1}}}}}}"#
    ))
    .unwrap();
    let mut greedy: Feedback = serde_json::from_str(&format!(
        r#"{{"greedy": {{"rules": {{"patience": {largest}, "min_lr": 1}}, "memory": {{"best": 1, "bad_observations": {largest},
            "good_observations": {largest}, "cooldown_left": 0, "warmup_left": 0, "at_min": {largest}, "multiplier": 1,
            "recent": []}}}}}}"#
    ))
    .unwrap();
    for feedback in [&mut plateau, &mut greedy] {
        let mut scheduler = cosine().with_feedback(feedback.clone());
        for metric in [2.0, 2.0, 0.5, 0.25, 3.0] {
            scheduler.observe(metric).unwrap();
            assert!(scheduler.step() >= 0.0);
        }
    }
}
