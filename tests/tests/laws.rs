//! Proves, on arbitrary schedule trees with adversarial numbers, the laws that every schedule and scheduler keeps: total,
//! pure, resumable to the bit, the same however sequences are bracketed, and never taken from a damaged state.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sched_core::{
    Beyond, Custom, Exponential, Factor, Feedback, LoadError, Milestone, Node, NonFinite, OnMismatch, Phase, Plateau,
    PlateauMode, PowerLaw, Ramp, Repeat, Rule, Schedule, Scheduler, SchedulerState, Seen, Shape, Steps, ThresholdMode,
};

const EXACT: u64 = 1 << 53;

/// Numbers of 0 or more, with those that arithmetic likes least.
fn rate() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..1.0_f64,
        1 => Just(0.1_f64.next_up()),
        4 => prop::sample::select(vec![0.0, 0.1, 1e-3, 1.0, 1e-300, 1e300, 5e-324, f64::MIN_POSITIVE, f64::MAX]),
    ]
}

/// Lengths of time that something is divided by.
fn span() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => (1..200_u32).prop_map(f64::from),
        3 => (-9.0..19.0_f64).prop_map(|exponent| 10.0_f64.powf(exponent)),
        2 => prop::sample::select(vec![1e-9, 0.3, 1.0, 1.0_f64.next_up(), 33.7, EXACT as f64, 2.0_f64.powi(64)]),
    ]
}

fn length() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 7 => span()]
}

/// Steps and counts of steps.
fn step() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0..100_u64,
        2 => EXACT - 3..EXACT + 3,
        1 => u64::MAX - 3..=u64::MAX,
        1 => any::<u64>(),
    ]
}

/// Factors near 1, and far from it.
fn factor() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => 0.0..3.0_f64,
        3 => prop::sample::select(vec![0.0, 1.0, 1.0_f64.next_up(), 1.0_f64.next_down(), 1.0 + 1e-9, 1e9]),
    ]
}

fn shape() -> impl Strategy<Value = Shape> {
    use Shape::*;
    let exponent = || prop_oneof![0.0..4.0_f64, prop::sample::select(vec![0.0, 1.0, 1e-3, 1e6, 1e300])];
    prop_oneof![
        4 => prop::sample::select(vec![Linear, Cosine, Geometric, OneMinusSqrt, OneMinusSquare, ExpHalf, Rex]),
        1 => exponent().prop_map(CosinePower),
        1 => exponent().prop_map(Polynomial),
        1 => exponent().prop_map(|k| OneMinusPower(k.max(1e-3))),
        1 => (-1000.0..0.0_f64, 0.0..1000.0_f64).prop_map(|(lb, ub)| Tanh { lb, ub: ub.max(lb.next_up()) }),
    ]
}

fn ramp() -> impl Strategy<Value = Ramp> {
    let beyond = prop::sample::select(vec![Beyond::Hold, Beyond::Mirror, Beyond::Repeat]);
    (rate(), rate(), length(), shape(), beyond).prop_map(|(from, to, steps, shape, beyond)| {
        let least = if shape == Shape::Geometric { 5e-324 } else { 0.0 };
        Ramp { from: from.max(least), to: to.max(least), steps, shape, beyond }
    })
}

fn leaf() -> impl Strategy<Value = Node> {
    let milestones = vec((step(), rate()), 1..4).prop_map(|mut milestones| {
        milestones.sort_by_key(|&(step, _)| step);
        milestones.into_iter().map(|(step, value)| Milestone { step, value }).collect()
    });
    prop_oneof![
        1 => rate().prop_map(Node::Constant),
        4 => ramp().prop_map(Node::Ramp),
        2 => (rate(), factor(), span())
            .prop_map(|(initial, gamma, decay_steps)| Node::Exponential(Exponential { initial, gamma, decay_steps })),
        2 => (rate(), length(), span(), prop_oneof![-4.0..4.0_f64, Just(-1e300), Just(1e17)]).prop_map(
            |(scale, offset, time_scale, power)| Node::PowerLaw(PowerLaw { scale, offset, time_scale, power })
        ),
        1 => (rate(), milestones).prop_map(|(initial, milestones)| Node::Steps(Steps { initial, milestones })),
    ]
}

/// Phases that begin at 0; some have no length.
fn phases(of: impl Strategy<Value = Schedule>) -> impl Strategy<Value = Vec<Phase>> {
    vec((step(), of), 1..4).prop_map(|mut phases| {
        phases[0].0 = 0;
        phases.sort_by_key(|&(start, _)| start);
        phases.into_iter().map(|(start, schedule)| Phase { start, schedule }).collect()
    })
}

fn repeat(of: impl Strategy<Value = Schedule>) -> impl Strategy<Value = Node> {
    let growth = (factor(), option::of(step())).prop_map(|(growth, limit)| match limit {
        Some(limit) => (growth.max(1e-3), Some(limit.max(1))),
        None => (growth.max(1.0), None),
    });
    (of, step(), growth, factor(), rate()).prop_map(|(of, period, (growth, limit), cycle_scale, floor)| {
        Node::Repeat(Repeat { of, period: period.max(1), growth, cycle_scale, floor, limit })
    })
}

fn built(node: impl Strategy<Value = Node>) -> impl Strategy<Value = Schedule> {
    node.prop_map(|node| Schedule::try_from(node).unwrap())
}

/// A valid tree of up to four more levels than a leaf.
fn schedule() -> BoxedStrategy<Schedule> {
    built(leaf())
        .prop_recursive(4, 24, 3, |of| {
            let several = || vec(of.clone(), 1..4);
            built(prop_oneof![
                3 => phases(of.clone()).prop_map(Node::Sequence),
                3 => repeat(of.clone()),
                1 => several().prop_map(Node::Product),
                1 => several().prop_map(Node::Sum),
                1 => several().prop_map(Node::Average),
                1 => several().prop_map(Node::Min),
                1 => several().prop_map(Node::Max),
                1 => (rate(), rate(), of.clone())
                    .prop_map(|(a, b, of)| Node::Clamp { min: a.min(b), max: a.max(b), of }),
                1 => (rate(), of.clone()).prop_map(|(whole, of)| Node::Complement { whole, of }),
                1 => (step(), of.clone()).prop_map(|(n, of)| Node::Every { n: n.max(1), of }),
                1 => (span(), of.clone()).prop_map(|(k, of)| Node::Stretch { k, of }),
                1 => (step(), of.clone()).prop_map(|(steps, of)| Node::Delay { steps, of }),
                1 => (length(), of.clone()).prop_map(|(by, of)| Node::Advance { by, of }),
                1 => (span(), prop_oneof![1e-3..9.0_f64, Just(1e300), Just(5e-324)], of.clone())
                    .prop_map(|(steps, power, of)| Node::Warp { steps, power, of }),
            ])
        })
        .boxed()
}

/// A schedule that ends.
fn ending() -> impl Strategy<Value = Schedule> {
    prop_oneof![
        3 => ramp().prop_map(|ramp| ramp.beyond(Beyond::Hold).build().unwrap()),
        1 => schedule().prop_filter("it never ends", |schedule| schedule.horizon().is_some()),
    ]
}

/// Times at which something may begin or end.
fn seams(schedule: &Schedule, found: &mut Vec<f64>) {
    let mut within = |of: &Schedule, time: &dyn Fn(f64) -> f64| {
        let mut inner = vec![];
        seams(of, &mut inner);
        found.extend(inner.into_iter().map(time));
    };
    match schedule.node() {
        Node::Ramp(ramp) => found.extend([ramp.steps, 2.0 * ramp.steps]),
        Node::Steps(steps) => found.extend(steps.milestones.iter().map(|milestone| milestone.step as f64)),
        Node::Sequence(phases) => {
            for phase in phases {
                within(&phase.schedule, &|t| t + phase.start as f64);
            }
            found.extend(phases.iter().map(|phase| phase.start as f64));
        }
        Node::Repeat(repeat) => {
            within(&repeat.of, &|t| t);
            let period = repeat.period as f64;
            found.extend([period, period * (1.0 + repeat.growth), period * repeat.limit.unwrap_or(3) as f64]);
        }
        Node::Product(of) | Node::Sum(of) | Node::Average(of) | Node::Min(of) | Node::Max(of) => {
            of.iter().for_each(|of| within(of, &|t| t));
        }
        Node::Clamp { of, .. } | Node::Complement { of, .. } => within(of, &|t| t),
        Node::Every { n, of } => within(of, &|t| t * *n as f64),
        Node::Stretch { k, of } => within(of, &|t| t * k),
        Node::Delay { steps, of } => within(of, &|t| t + *steps as f64),
        Node::Advance { by, of } => within(of, &|t| t - by),
        Node::Warp { steps, of, .. } => {
            within(of, &|t| t);
            found.push(*steps);
        }
        _ => {}
    }
}

/// Steps at which a schedule may go wrong.
fn steps_of(schedule: &Schedule) -> Vec<u64> {
    let mut found = vec![0.0, 10.0];
    seams(schedule, &mut found);
    let mut steps: Vec<u64> = found
        .into_iter()
        .map(|seam| seam as u64)
        .chain([EXACT, u64::MAX])
        .flat_map(|at| [at.saturating_sub(2), at.saturating_sub(1), at, at.saturating_add(1), at.saturating_add(2)])
        .collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

fn bits(schedule: &Schedule, steps: &[u64]) -> Vec<u64> {
    steps.iter().map(|&step| schedule.at(step).to_bits()).collect()
}

fn plateau() -> impl Strategy<Value = Plateau> {
    let threshold_mode =
        prop::sample::select(vec![ThresholdMode::Relative, ThresholdMode::Absolute, ThresholdMode::RelativeSigned]);
    let mode = prop::sample::select(vec![PlateauMode::Min, PlateauMode::Max]);
    let non_finite = prop::sample::select(vec![NonFinite::CountAsBad, NonFinite::Ignore, NonFinite::Error]);
    let rules = (mode, 0.0..1.0_f64, 0..3_u64, rate(), threshold_mode);
    (rules, 0..3_u64, rate(), prop_oneof![Just(0.0), rate()], non_finite, 0..20_u64).prop_map(
        |((mode, factor, patience, threshold, threshold_mode), cooldown, min_lr, eps, non_finite, start_step)| {
            Plateau::new()
                .mode(mode)
                .factor(factor)
                .patience(patience)
                .threshold(threshold, threshold_mode)
                .cooldown(cooldown)
                .min_lr(min_lr)
                .eps(eps)
                .non_finite(non_finite)
                .start_step(start_step)
                .build()
                .unwrap()
        },
    )
}

/// Multiplies by how far the metric is from the mean of those before, which it remembers. What the arithmetic makes of
/// infinite metrics is refused.
struct Drift(Vec<f64>);

impl Rule for Drift {
    fn name(&self) -> &str {
        "drift"
    }

    fn memory(&self) -> Vec<f64> {
        self.0.clone()
    }

    fn observe(&self, seen: &Seen, memory: &mut [f64]) -> f64 {
        let mut distance = seen.scheduled;
        for (age, mean) in (1..).zip(memory) {
            distance += (seen.metric - *mean).abs();
            *mean += (seen.metric - *mean) / f64::from(age + 1);
        }
        // Multipliers of any size, and often the one that there was.
        if seen.observation % 3 == 2 { seen.multiplier } else { distance / (1.0 + seen.steps as f64) }
    }
}

/// A rule of any kind.
fn feedback() -> impl Strategy<Value = Feedback> {
    let drift = vec(-1.0..1.0_f64, 0..4).prop_map(|start| Custom::new(Drift(start)).unwrap());
    prop_oneof![plateau().prop_map(Feedback::from), drift.prop_map(Feedback::from)]
}

/// What is observed after each step, if anything.
fn metrics() -> impl Strategy<Value = Vec<Option<f64>>> {
    let metric = prop_oneof![
        4 => -1.0..1.0_f64,
        2 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, f64::MAX, f64::MIN, 1e-300]),
    ];
    vec(option::of(metric), 1..30)
}

fn scheduler(schedule: &Schedule, feedback: &Option<impl Into<Feedback> + Clone>) -> Scheduler {
    let scheduler = Scheduler::new(schedule.clone());
    match feedback {
        Some(feedback) => scheduler.with_feedback(feedback.clone()),
        None => scheduler,
    }
}

/// Steps and observes; the bits of the rates.
fn run(scheduler: &mut Scheduler, metrics: &[Option<f64>]) -> Vec<u64> {
    let each = metrics.iter().map(|metric| {
        let rate = scheduler.step();
        if let Some(metric) = metric {
            let _ = scheduler.observe(*metric); // without a rule, or one that does not accept it: refused, in every run alike
        }
        rate.to_bits()
    });
    each.collect()
}

/// The state in each file format, read back.
fn through_files(state: &SchedulerState) -> Vec<SchedulerState> {
    vec![
        serde_json::from_str(&serde_json::to_string(state).unwrap()).unwrap(),
        rmp_serde::from_slice(&rmp_serde::to_vec_named(state).unwrap()).unwrap(),
        rmp_serde::from_slice(&rmp_serde::to_vec(state).unwrap()).unwrap(),
    ]
}

proptest! {
    #[test]
    fn every_rate_is_finite_and_not_negative_in_any_order(schedule in schedule(), more in vec(step(), 8)) {
        let mut steps = steps_of(&schedule);
        steps.extend(more);
        for &step in &steps {
            let rate = schedule.at(step);
            prop_assert!(rate.is_finite() && rate >= 0.0, "{rate} at {step} of {schedule}");
        }
        let forwards = bits(&schedule, &steps);
        steps.reverse();
        let mut backwards = bits(&schedule, &steps);
        backwards.reverse();
        prop_assert_eq!(forwards, backwards);
    }

    #[test]
    fn many_rates_at_once_are_those_one_by_one(schedule in schedule(), more in vec(step(), 8), count in 1..200_usize) {
        for first in steps_of(&schedule).into_iter().chain(more) {
            let mut rates = vec![f64::NAN; count];
            schedule.sample(first, &mut rates);
            for (offset, rate) in (0..).zip(rates) {
                let step = first.saturating_add(offset);
                let alone = schedule.at(step);
                prop_assert_eq!(rate.to_bits(), alone.to_bits(), "{} or {} at {} of {}", rate, alone, step, &schedule);
            }
        }
    }

    #[test]
    fn the_smallest_of_one_is_that_one(schedule in schedule(), more in vec(step(), 8)) {
        // A minimum evaluates its parts with 106 bits of time, where the schedule alone may have a quicker way.
        let steps: Vec<u64> = steps_of(&schedule).into_iter().chain(more).collect();
        let smallest = Schedule::try_from(Node::Min(vec![schedule.clone()])).unwrap();
        prop_assert_eq!(bits(&smallest, &steps), bits(&schedule, &steps), "{}", schedule);
    }

    #[test]
    fn a_ramp_stays_between_its_ends(ramp in ramp(), more in vec(step(), 8), k in span()) {
        let schedule = ramp.build().unwrap();
        let (low, high) = (ramp.from.min(ramp.to), ramp.from.max(ramp.to));
        for of in [schedule.clone(), schedule.stretch(k).unwrap()] {
            for step in steps_of(&of).into_iter().chain(more.clone()) {
                let rate = of.at(step);
                prop_assert!((low..=high).contains(&rate), "{rate} at {step} of {of}");
            }
        }
    }

    #[test]
    fn nothing_changes_after_the_horizon(schedule in ending(), more in vec(step(), 8)) {
        let horizon = schedule.horizon().unwrap();
        let last = schedule.at(horizon);
        for step in steps_of(&schedule).into_iter().chain(more) {
            let step = step.saturating_add(horizon);
            prop_assert_eq!(schedule.at(step).to_bits(), last.to_bits(), "{} after {} of {}", step, horizon, schedule);
        }
    }

    #[test]
    fn brackets_around_sequences_change_nothing(phases in phases(schedule()), split in any::<prop::sample::Index>()) {
        let flat = Schedule::try_from(Node::Sequence(phases.clone())).unwrap();
        let steps = steps_of(&flat);
        let wrapped = Schedule::try_from(Node::Sequence(vec![Phase { start: 0, schedule: flat.clone() }])).unwrap();
        prop_assert_eq!(bits(&wrapped, &steps), bits(&flat, &steps));

        // The phases from `at` on as a sequence of their own.
        let at = split.index(phases.len());
        let start = phases[at].start;
        let tail = phases[at..].iter().map(|phase| Phase { start: phase.start - start, schedule: phase.schedule.clone() });
        let tail = Schedule::try_from(Node::Sequence(tail.collect())).unwrap();
        let mut head = phases[..at].to_vec();
        head.push(Phase { start, schedule: tail.clone() });
        let nested = Schedule::try_from(Node::Sequence(head)).unwrap();
        prop_assert_eq!(bits(&nested, &steps), bits(&flat, &steps));

        // And put together again.
        if at > 0 {
            let head = Schedule::try_from(Node::Sequence(phases[..at].to_vec())).unwrap();
            let joined = head.then_at(start, tail).unwrap();
            prop_assert_eq!(&joined, &flat);
        }
    }

    #[test]
    fn what_is_frozen_begins_at_its_own_step_0(schedule in schedule(), start in step(), more in vec(step(), 8)) {
        let frozen = schedule.clone().frozen_until(start).unwrap();
        for step in steps_of(&schedule).into_iter().chain(more) {
            if step < start {
                prop_assert_eq!(frozen.at(step).to_bits(), 0, "{} of {}", step, frozen);
            }
            if let Some(later) = start.checked_add(step) {
                prop_assert_eq!(frozen.at(later).to_bits(), schedule.at(step).to_bits(), "{} of {}", later, frozen);
            }
        }
        let last = u64::MAX - start;
        prop_assert_eq!(frozen.at(u64::MAX).to_bits(), schedule.at(last).to_bits(), "the last step of {}", frozen);
    }

    #[test]
    fn a_scaled_scheduler_is_on_the_multiplied_curve(
        schedule in schedule(),
        plateau in option::of(plateau()),
        factor in factor(),
        metrics in metrics(),
    ) {
        let factor = Factor::new(factor).unwrap();
        let mut whole = scheduler(&schedule, &plateau);
        run(&mut whole, &metrics);
        let mut part = whole.scaled(factor).unwrap();
        // Of a closure, the rates are multiplied one by one.
        let code = schedule.clone();
        let mut coded = Scheduler::new(move |step| factor.apply(code.at(step)));
        if let Some(feedback) = whole.feedback() {
            coded = coded.with_feedback(feedback.clone());
        }
        coded.seek(whole.position());
        prop_assert_eq!(part.position(), whole.position());
        prop_assert_eq!(part.feedback(), whole.feedback());
        prop_assert_eq!(part.last_rate().is_some(), whole.last_rate().is_some());
        for _ in 0..40 {
            let (part, coded) = (part.step(), coded.step());
            // The product is rounded once, the closure's rate twice, and the plateau rounds again.
            let ulp = coded.next_up() - coded;
            prop_assert!((part - coded).abs() <= 3.0 * ulp, "{} and {} of {}", part, coded, schedule);
        }
    }

    #[test]
    fn then_is_associative(a in ending(), b in ending(), c in schedule()) {
        let left = a.clone().then(b.clone()).unwrap().then(c.clone()).unwrap();
        let right = a.then(b.then(c).unwrap()).unwrap();
        prop_assert_eq!(&left, &right);
        let steps = steps_of(&left);
        prop_assert_eq!(bits(&left, &steps), bits(&right, &steps));
    }

    #[test]
    fn a_file_keeps_every_bit_of_a_schedule(schedule in schedule()) {
        prop_assert_eq!(&Schedule::try_from(Node::from(schedule.clone())).unwrap(), &schedule);
        let json = serde_json::to_string(&schedule).unwrap();
        let msgpack = rmp_serde::to_vec_named(&schedule).unwrap();
        let from_json: Schedule = serde_json::from_str(&json).unwrap();
        let from_msgpack: Schedule = rmp_serde::from_slice(&msgpack).unwrap();
        let steps = steps_of(&schedule);
        for read in [from_json, from_msgpack] {
            prop_assert_eq!(&read, &schedule);
            prop_assert_eq!(rmp_serde::to_vec_named(&read).unwrap(), msgpack.clone()); // -0 is not 0 here
            prop_assert_eq!(bits(&read, &steps), bits(&schedule, &steps));
        }
    }

    #[test]
    fn a_resumed_run_is_one_that_never_stopped(
        schedule in schedule(),
        feedback in option::of(feedback()),
        start in step(),
        before in metrics(),
        after in metrics(),
    ) {
        let mut unbroken = scheduler(&schedule, &feedback);
        unbroken.seek(start);
        run(&mut unbroken, &before);
        let state = unbroken.state();
        state.verify().unwrap();
        let mut resumed = Vec::new();
        // No file holds the code of a rule, so nothing can be observed without configuring it.
        if !matches!(feedback, Some(Feedback::Custom(_))) {
            resumed.push(Scheduler::from_state(&state).unwrap());
        }
        for read in through_files(&state) {
            prop_assert_eq!(&read, &state);
            let mut fresh = scheduler(&schedule, &feedback);
            fresh.load_state(&read, OnMismatch::Refuse).unwrap();
            fresh.load_state(&read, OnMismatch::Refuse).unwrap(); // set, not added
            resumed.push(fresh);
        }
        let rates = run(&mut unbroken, &after);
        for mut resumed in resumed {
            prop_assert_eq!(run(&mut resumed, &after), rates.clone());
            prop_assert_eq!(resumed.state(), unbroken.state());
        }
        for rate in rates {
            let rate = f64::from_bits(rate);
            prop_assert!(rate.is_finite() && rate >= 0.0, "{rate} of {unbroken}");
        }
    }

    #[test]
    fn a_clone_has_a_position_of_its_own(
        schedule in schedule(),
        feedback in option::of(feedback()),
        start in step(),
        metrics in metrics(),
    ) {
        let mut original = scheduler(&schedule, &feedback);
        original.seek(start);
        original.step();
        let mut clone = original.clone();
        let state = original.state();
        let rates = run(&mut clone, &metrics);
        prop_assert_eq!(original.state(), state);
        prop_assert_eq!(run(&mut original, &metrics), rates);
        prop_assert_eq!(original.state(), clone.state());
    }

    #[test]
    fn seeking_is_stepping(schedule in schedule(), start in step(), count in 1..20_u64) {
        let mut stepped = Scheduler::new(schedule.clone());
        stepped.seek(start);
        for _ in 0..count {
            let step = stepped.position();
            prop_assert_eq!(stepped.peek().to_bits(), schedule.at(step).to_bits());
            prop_assert_eq!(stepped.step().to_bits(), schedule.at(step).to_bits());
        }
        let mut sought = Scheduler::new(schedule);
        sought.seek(start.saturating_add(count));
        prop_assert_eq!(sought.position(), stepped.position());
        prop_assert_eq!(sought.step().to_bits(), stepped.step().to_bits());
    }

    #[test]
    fn what_wins_is_what_was_chosen(
        saved in ending(),
        configured in ending(),
        saved_plateau in option::of(plateau()),
        plateau in option::of(plateau()),
        start in step(),
        metrics in metrics(),
    ) {
        prop_assume!(saved != configured);
        let mut old = scheduler(&saved, &saved_plateau);
        old.seek(start);
        run(&mut old, &metrics);
        let state = old.state();
        let fresh = scheduler(&configured, &plateau);
        let load = |on_mismatch| {
            let mut fresh = fresh.clone();
            let result = fresh.load_state(&state, on_mismatch);
            (fresh, result)
        };

        let (refused, error) = load(OnMismatch::Refuse);
        let in_words = [&saved, &configured].map(|schedule| schedule.to_string());
        let in_full = [&saved, &configured].map(|schedule| format!("{schedule:#}"));
        let expected = if in_words[0] == in_words[1] { &in_full } else { &in_words };
        let named = matches!(&error, Err(LoadError::Schedule { saved: s, configured: c, .. })
            if *s == expected[0] && *c == expected[1] && s != c);
        prop_assert!(named, "{error:?}");
        prop_assert_ne!(&in_full[0], &in_full[1]);
        prop_assert_eq!(refused.state(), fresh.state());

        let (kept, result) = load(OnMismatch::KeepConfigured);
        prop_assert_eq!(result, Ok(()));
        prop_assert_eq!(kept.position(), old.position());
        prop_assert_eq!(kept.schedule(), Some(configured.clone()));
        prop_assert_eq!(kept.plateau().is_some(), plateau.is_some());
        if let (Some(kept), Some(old)) = (kept.plateau(), old.plateau()) {
            prop_assert_eq!((kept.best(), kept.reductions()), (old.best(), old.reductions()));
        }

        let (taken, result) = load(OnMismatch::TakeSaved);
        prop_assert_eq!(result, Ok(()));
        prop_assert_eq!(taken.state(), state.clone());

        let (moved, result) = load(OnMismatch::KeepProgress);
        let (from, to) = (saved.horizon().unwrap(), configured.horizon().unwrap());
        if from == 0 || to == 0 {
            prop_assert!(matches!(result, Err(LoadError::NoHorizon { .. })), "{result:?}");
            prop_assert_eq!(moved.state(), fresh.state());
        } else {
            prop_assert_eq!(result, Ok(()));
            prop_assert_eq!(moved.schedule(), Some(configured));
            // |position / to - old position / from| <= 1 / (2 to), unless there is no such step.
            let (position, old) = (u128::from(moved.position()), u128::from(old.position()));
            let difference = (position * u128::from(from)).abs_diff(old * u128::from(to));
            prop_assert!(difference <= u128::from(from / 2) || moved.position() == u64::MAX, "{old} of {from} to {position} of {to}");
        }
    }
}

proptest! {
    // Every case flips thousands of bits.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_flipped_bit_of_a_state_goes_unnoticed(
        schedule in schedule(),
        feedback in option::of(feedback()),
        start in step(),
        metrics in metrics(),
    ) {
        let mut scheduler = scheduler(&schedule, &feedback);
        scheduler.seek(start);
        run(&mut scheduler, &metrics);
        let state = scheduler.state();
        let bytes = rmp_serde::to_vec_named(&state).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let Ok(read) = rmp_serde::from_slice::<SchedulerState>(&flipped) else {
                continue;
            };
            if read.verify().is_ok() {
                prop_assert_eq!(rmp_serde::to_vec_named(&read).unwrap(), bytes.clone(), "bit {}", bit);
            } else {
                let before = scheduler.state();
                prop_assert!(scheduler.load_state(&read, OnMismatch::TakeSaved).is_err());
                prop_assert_eq!(scheduler.state(), before);
            }
        }
    }
}
