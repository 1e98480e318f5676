//! Proves that a custom rule sees what it should, that nothing gets into its state that a file cannot hold, and that a state
//! is loaded only by the rule that it belongs to.

use sched_core::{
    Custom, Feedback, LoadError, Observation, ObserveError, OnMismatch, Plateau, Rule, Schedule, ScheduleError,
    Scheduler, SchedulerState, Seen, Value,
};
use serde::Deserialize;

const NAN: f64 = f64::NAN;
const INFINITY: f64 = f64::INFINITY;

/// Remembers what it sees and the sum of the metrics; its multipliers are fixed.
struct Recorder;

impl Rule for Recorder {
    fn name(&self) -> &str {
        "recorder"
    }

    fn memory(&self) -> Vec<f64> {
        vec![0.0; 5]
    }

    fn observe(&self, seen: &Seen, memory: &mut [f64]) -> f64 {
        let seen =
            [seen.observation as f64, seen.scheduled, seen.steps as f64, seen.multiplier, memory[4] + seen.metric];
        memory.copy_from_slice(&seen);
        [0.5, 2.0, 2.0, 0.0][seen[0] as usize]
    }
}

/// Answers with the metric and remembers it, as often as it has numbers.
struct Fixed(&'static str, Vec<f64>);

impl Rule for Fixed {
    fn name(&self) -> &str {
        self.0
    }

    fn memory(&self) -> Vec<f64> {
        self.1.clone()
    }

    fn observe(&self, seen: &Seen, memory: &mut [f64]) -> f64 {
        memory.fill(seen.metric);
        seen.metric
    }
}

fn fixed(name: &'static str, numbers: usize) -> Custom {
    Custom::new(Fixed(name, vec![0.25; numbers])).unwrap()
}

fn constant(rate: f64) -> Schedule {
    Schedule::constant(rate).unwrap()
}

fn custom(scheduler: &Scheduler) -> &Custom {
    match scheduler.feedback() {
        Some(Feedback::Custom(custom)) => custom,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_rule_sees_the_run_and_sets_the_multiplier() {
    let mut scheduler = Scheduler::new(Schedule::linear(1.0, 0.0, 4).unwrap()).with_rule(Recorder).unwrap();
    assert_eq!(custom(&scheduler).memory(), [0.0; 5]);
    assert_eq!(scheduler.step(), 1.0);
    assert_eq!(scheduler.step(), 0.75);
    assert_eq!(scheduler.observe(3.0), Ok(Observation::Reduced { multiplier: 0.5 }));
    assert_eq!(custom(&scheduler).memory(), [0.0, 0.75, 2.0, 1.0, 3.0]);
    assert_eq!(scheduler.step(), 0.25);
    assert_eq!(scheduler.observe(4.0), Ok(Observation::Raised { multiplier: 2.0 }));
    assert_eq!(custom(&scheduler).memory(), [1.0, 0.5, 3.0, 0.5, 7.0]);
    assert_eq!(scheduler.observe(0.0), Ok(Observation::Unchanged));
    assert_eq!(scheduler.step(), 0.5);
    assert_eq!(scheduler.observe(0.0), Ok(Observation::Reduced { multiplier: 0.0 }));
    assert_eq!(scheduler.at(0), 0.0);
    assert_eq!(custom(&scheduler).observations(), 4);
}

#[test]
fn what_no_file_holds_is_refused_and_nothing_has_changed() {
    let mut scheduler = Scheduler::new(constant(0.1)).with_feedback(fixed("fixed", 0));
    for metric in [NAN, INFINITY, -INFINITY, -1.0, -5e-324] {
        let before = scheduler.state();
        let error = scheduler.observe(metric).unwrap_err();
        assert!(matches!(&error, ObserveError::Multiplier { rule, .. } if rule == "fixed"), "{error}");
        assert!(error.to_string().contains("must be finite and 0 or more"), "{error}");
        assert_eq!(scheduler.state(), before);
        before.verify().unwrap();
    }

    /// Answers with 1 and remembers the metric.
    struct Last;
    impl Rule for Last {
        fn name(&self) -> &str {
            "last"
        }
        fn memory(&self) -> Vec<f64> {
            vec![0.0, 0.0]
        }
        fn observe(&self, seen: &Seen, memory: &mut [f64]) -> f64 {
            memory[0] = 1.0;
            memory[1] = seen.metric;
            0.5
        }
    }
    let mut scheduler = Scheduler::new(constant(0.1)).with_rule(Last).unwrap();
    let before = scheduler.state();
    let error = scheduler.observe(INFINITY).unwrap_err();
    let expected = ObserveError::Memory { rule: "last".to_owned(), index: 1, value: INFINITY, metric: INFINITY };
    assert_eq!(error, expected);
    assert_eq!(scheduler.state(), before);
    assert_eq!(scheduler.observe(3.0), Ok(Observation::Reduced { multiplier: 0.5 }));
    assert_eq!(custom(&scheduler).memory(), [1.0, 3.0]);
}

#[test]
fn what_is_remembered_at_the_start_must_be_finite() {
    let error = Custom::new(Fixed("best", vec![0.0, INFINITY])).unwrap_err();
    assert_eq!(error, ScheduleError::NotFinite { field: "memory", value: INFINITY });
    assert!(Scheduler::new(constant(0.1)).with_rule(Fixed("best", vec![NAN])).is_err());
}

#[test]
fn a_rate_that_is_too_large_is_the_largest() {
    let mut scheduler = Scheduler::new(constant(1e300)).with_feedback(fixed("fixed", 0));
    scheduler.observe(1e300).unwrap();
    assert_eq!(scheduler.step(), f64::MAX);
}

#[test]
fn a_file_is_checked() {
    let read = |text: &str| serde_json::from_str::<Feedback>(text);
    let good = r#"{"custom":{"name":"a","memory":[0.1,-2.0],"multiplier":0.5,"observations":3}}"#;
    let feedback = read(good).unwrap();
    assert_eq!(serde_json::to_string(&feedback).unwrap(), good);
    assert_eq!(feedback.multiplier(), 0.5);
    for (text, message) in [
        (
            r#"{"custom":{"name":"a","memory":[],"multiplier":-1,"observations":3}}"#,
            "`multiplier` is -1, but must be 0 or more",
        ),
        (
            r#"{"custom":{"name":"a","memory":[],"multiplier":1,"observations":-3}}"#,
            "`observations` is -3, but must be a whole number",
        ),
        (r#"{"custom":{"name":"a","memory":[],"multiplier":1}}"#, "missing field `observations`"),
        (r#"{"custom":{"name":"a","memory":[],"multiplier":1,"observations":3,"rule":1}}"#, "unknown field `rule`"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
    // JSON has no NaN, but a serde format may.
    let numbers = |x: f64| Value::List(vec![Value::Number(x)]);
    let value = |memory| {
        let entries = [
            ("name", Value::Text("a".to_owned())),
            ("memory", memory),
            ("multiplier", Value::Int(1)),
            ("observations", Value::Int(1)),
        ];
        Value::Map(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    assert!(Custom::deserialize(&value(numbers(1.0))).is_ok());
    let error = Custom::deserialize(&value(numbers(NAN))).unwrap_err();
    assert!(error.to_string().starts_with("`memory` is NaN, but must be a finite number"), "{error}");
}

#[test]
fn the_same_rule_takes_its_memory_back_and_another_is_refused() {
    let mut saved = Scheduler::new(constant(0.1)).with_feedback(fixed("a", 2));
    saved.observe(0.5).unwrap();
    let state = saved.state();
    for on_mismatch in [OnMismatch::Refuse, OnMismatch::KeepConfigured, OnMismatch::TakeSaved] {
        let mut same = Scheduler::new(constant(0.1)).with_feedback(fixed("a", 2));
        same.load_state(&state, on_mismatch).unwrap();
        assert_eq!(same.state(), state);
        assert_eq!(same.observe(0.25), Ok(Observation::Reduced { multiplier: 0.25 })); // its code is still there
    }

    let others: [Feedback; 3] = [fixed("b", 2).into(), fixed("a", 3).into(), Plateau::default().into()];
    for other in others {
        let mut scheduler = Scheduler::new(constant(0.1)).with_feedback(other.clone());
        let refused = scheduler.load_state(&state, OnMismatch::Refuse);
        let expected = LoadError::Feedback {
            saved: r#"rule "a" that remembers 2 numbers"#.to_owned(),
            configured: other.to_string(),
        };
        assert_eq!(refused, Err(expected));
        assert_eq!(scheduler.feedback(), Some(&other));

        scheduler.load_state(&state, OnMismatch::KeepConfigured).unwrap();
        assert_eq!(scheduler.feedback(), Some(&other)); // it can make nothing of another rule's memory

        scheduler.load_state(&state, OnMismatch::TakeSaved).unwrap();
        assert_eq!(scheduler.feedback(), state.feedback.as_ref());
        assert_eq!(scheduler.step(), 0.05);
        let error = scheduler.observe(0.5).unwrap_err();
        assert_eq!(error, ObserveError::NoCode { rule: "a".to_owned() });
    }
}

#[test]
fn it_is_said_in_words() {
    assert_eq!(fixed("a", 0).to_string(), r#"rule "a" that remembers nothing"#);
    assert_eq!(fixed("\x1b[2J", 1).to_string(), r#"rule "\u{1b}[2J" that remembers 1 number"#);
    let scheduler = Scheduler::new(constant(0.1)).with_feedback(fixed("a", 2));
    assert_eq!(scheduler.to_string(), r#"step 0 of: 0.1, rule "a" that remembers 2 numbers"#);
}

/// The state in each file format, read back; without names a format is read by position alone.
#[test]
fn every_file_format_keeps_every_bit() {
    let mut scheduler = Scheduler::new(constant(0.1)).with_feedback(fixed("a", 3));
    for metric in [0.1_f64.next_up(), 5e-324, 1e300, f64::MAX, -0.0] {
        scheduler.observe(metric).unwrap();
        let state = scheduler.state();
        let read: [SchedulerState; 3] = [
            serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap(),
            rmp_serde::from_slice(&rmp_serde::to_vec_named(&state).unwrap()).unwrap(),
            rmp_serde::from_slice(&rmp_serde::to_vec(&state).unwrap()).unwrap(),
        ];
        for read in read {
            read.verify().unwrap();
            let Some(Feedback::Custom(custom)) = &read.feedback else { panic!("{read:?}") };
            assert!(!custom.has_code());
            assert_eq!(custom.memory().iter().map(|x| x.to_bits()).collect::<Vec<_>>(), [metric.to_bits(); 3]);
            assert_eq!(custom.multiplier().to_bits(), metric.to_bits());
        }
    }
}
