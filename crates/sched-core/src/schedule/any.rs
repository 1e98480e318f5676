//! Schedules of every node and shape with adversarial numbers, for tests. A new node or shape does not compile until it is here.

use alloc::vec;
use alloc::vec::Vec;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use super::{Beyond, Milestone, Node, Phase, Ramp, Repeat, Schedule, Shape};

/// One of the strategies. The patterns before them must cover the type, so that a new variant does not compile until it has one.
macro_rules! any_variant {
    ($type:ty: $($pattern:pat => $weight:literal, $strategy:expr;)*) => {{
        let _covers = |variant: &$type| match variant {
            $($pattern => (),)*
        };
        Union::new_weighted(vec![$(($weight, $strategy.boxed())),*])
    }};
}

const EXACT: u64 = 1 << 53;

/// Numbers of 0 or more, with those that arithmetic likes least.
pub(crate) fn rate() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..1.0_f64,
        1 => Just(0.1_f64.next_up()),
        4 => select(vec![0.0, 0.1, 1e-3, 1.0, 1e-300, 1e300, 5e-324, f64::MIN_POSITIVE, f64::MAX]),
    ]
}

/// Lengths of time that something is divided by.
pub(crate) fn span() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => (1..200_u32).prop_map(f64::from),
        3 => (-9.0..19.0_f64).prop_map(|exponent| 10.0_f64.powf(exponent)),
        2 => select(vec![1e-9, 0.3, 1.0, 1.0_f64.next_up(), 33.7, EXACT as f64, 2.0_f64.powi(64)]),
    ]
}

fn length() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 7 => span()]
}

/// Steps and counts of steps.
pub(crate) fn step() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0..100_u64,
        2 => EXACT - 3..EXACT + 3,
        1 => u64::MAX - 3..=u64::MAX,
        1 => any::<u64>(),
    ]
}

/// Factors near 1, and far from it.
pub(crate) fn factor() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => 0.0..3.0_f64,
        3 => select(vec![0.0, 1.0, 1.0_f64.next_up(), 1.0_f64.next_down(), 1.0 + 1e-9, 1e9]),
    ]
}

pub(crate) fn shape() -> impl Strategy<Value = Shape> {
    use Shape::*;
    let exponent =
        || prop_oneof![0.0..4.0_f64, select(vec![0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 7.5, 17.0, 1e-3, 1e6, 1e300])];
    let tanh = || (-1000.0..0.0_f64, 0.0..1000.0_f64);
    any_variant![Shape:
        Linear => 1, Just(Linear);
        Cosine => 1, Just(Cosine);
        CosinePower(_) => 1, exponent().prop_map(CosinePower);
        Polynomial(_) => 2, exponent().prop_map(Polynomial);
        Geometric => 1, Just(Geometric);
        OneMinusSqrt => 1, Just(OneMinusSqrt);
        OneMinusSquare => 1, Just(OneMinusSquare);
        OneMinusPower(_) => 2, exponent().prop_map(|k| OneMinusPower(k.max(1e-3)));
        ExpHalf => 1, Just(ExpHalf);
        Logarithmic(_) => 1, prop_oneof![1.0_f64.next_up()..1e6, select(vec![1.0_f64.next_up(), 1e300])].prop_map(Logarithmic);
        ExpRatio(_) => 1, prop_oneof![1e-6..1.0_f64, select(vec![5e-324, 1e-300, 0.5, 1.0_f64.next_down()])].prop_map(ExpRatio);
        Tanh { .. } => 1, tanh().prop_map(|(lb, ub)| Tanh { lb, ub: ub.max(lb.next_up()) });
        Rex => 1, Just(Rex);
        RexAlpha(_) => 1, prop_oneof![1e-6..1.0_f64, select(vec![1e-9, 0.5, 1.0])].prop_map(RexAlpha);
    ]
}

fn beyond() -> impl Strategy<Value = Beyond> {
    any_variant![Beyond:
        Beyond::Hold => 1, Just(Beyond::Hold);
        Beyond::Mirror => 1, Just(Beyond::Mirror);
        Beyond::Repeat => 1, Just(Beyond::Repeat);
    ]
}

pub(crate) fn ramp() -> impl Strategy<Value = Ramp> {
    (rate(), rate(), length(), shape(), beyond()).prop_map(|(from, to, steps, shape, beyond)| {
        let least = if shape == Shape::Geometric { 5e-324 } else { 0.0 };
        Ramp { from: from.max(least), to: to.max(least), steps, shape, beyond }
    })
}

/// Phases that begin at 0; some have no length.
pub(crate) fn phases(of: impl Strategy<Value = Schedule>) -> impl Strategy<Value = Vec<Phase>> {
    vec((step(), of), 1..4).prop_map(|mut phases| {
        phases[0].0 = 0;
        phases.sort_by_key(|&(start, _)| start);
        phases.into_iter().map(|(start, schedule)| Phase { start, schedule }).collect()
    })
}

fn repeat(of: impl Strategy<Value = Schedule>) -> impl Strategy<Value = Repeat> {
    let growth = (factor(), option::of(step())).prop_map(|(growth, limit)| match limit {
        Some(limit) => (growth.max(1e-3), Some(limit.max(1))),
        None => (growth.max(1.0), None),
    });
    (of, step(), growth, factor(), rate()).prop_map(|(of, period, (growth, limit), cycle_scale, floor)| Repeat {
        of,
        period: period.max(1),
        growth,
        cycle_scale,
        floor,
        limit,
    })
}

fn milestones() -> impl Strategy<Value = Vec<Milestone>> {
    vec((step(), rate()), 1..4).prop_map(|mut milestones| {
        milestones.sort_by_key(|&(step, _)| step);
        milestones.into_iter().map(|(step, value)| Milestone { step, value }).collect()
    })
}

/// Any node, made of these schedules.
fn node(of: &BoxedStrategy<Schedule>) -> impl Strategy<Value = Node> + use<> {
    use Node::*;
    let one = || of.clone();
    let several = || vec(one(), 1..4);
    let power = || prop_oneof![-4.0..4.0_f64, select(vec![-0.5, -1.0, -1e300, 1e17])];
    let bend = || prop_oneof![1e-3..9.0_f64, Just(1e300), Just(5e-324)];
    any_variant![Node:
        Constant(_) => 1, rate().prop_map(Constant);
        Ramp(_) => 4, ramp().prop_map(Ramp);
        Exponential(_) => 2, (rate(), factor(), prop_oneof![1 => Just(1.0), 2 => span()])
            .prop_map(|(initial, gamma, decay_steps)| Exponential(super::Exponential { initial, gamma, decay_steps }));
        PowerLaw(_) => 2, (rate(), length(), span(), power())
            .prop_map(|(scale, offset, time_scale, power)| PowerLaw(super::PowerLaw { scale, offset, time_scale, power }));
        Steps(_) => 1, (rate(), milestones())
            .prop_map(|(initial, milestones)| Steps(super::Steps { initial, milestones }));
        Sequence(_) => 3, phases(one()).prop_map(Sequence);
        Repeat(_) => 3, repeat(one()).prop_map(Repeat);
        Product(_) => 1, several().prop_map(Product);
        Sum(_) => 1, several().prop_map(Sum);
        Average(_) => 1, several().prop_map(Average);
        Min(_) => 1, several().prop_map(Min);
        Max(_) => 1, several().prop_map(Max);
        Clamp { .. } => 1, (rate(), rate(), one())
            .prop_map(|(a, b, of)| Clamp { min: a.min(b), max: a.max(b), of });
        Complement { .. } => 1, (rate(), one()).prop_map(|(whole, of)| Complement { whole, of });
        Every { .. } => 1, (step(), one()).prop_map(|(n, of)| Every { n: n.max(1), of });
        Stretch { .. } => 1, (span(), one()).prop_map(|(k, of)| Stretch { k, of });
        Delay { .. } => 1, (step(), one()).prop_map(|(steps, of)| Delay { steps, of });
        Advance { .. } => 1, (length(), one()).prop_map(|(by, of)| Advance { by, of });
        Warp { .. } => 1, (span(), bend(), one()).prop_map(|(steps, power, of)| Warp { steps, power, of });
    ]
}

/// A valid tree of up to five levels.
pub(crate) fn schedule() -> BoxedStrategy<Schedule> {
    let leaf = rate().prop_map(|lr| Schedule::constant(lr).unwrap()).boxed();
    let built = |of: &BoxedStrategy<Schedule>| node(of).prop_map(|node| Schedule::try_from(node).unwrap());
    built(&leaf).prop_recursive(4, 24, 3, move |of| built(&of)).boxed()
}

/// A schedule that ends.
pub(crate) fn ending() -> impl Strategy<Value = Schedule> {
    prop_oneof![
        3 => ramp().prop_map(|ramp| ramp.beyond(Beyond::Hold).build().unwrap()),
        1 => schedule().prop_filter("it never ends", |schedule| schedule.horizon().is_some()),
    ]
}

/// Times at which something may begin or end.
fn seams(schedule: &Schedule) -> Vec<f64> {
    let within = |of: &Schedule, time: &dyn Fn(f64) -> f64| seams(of).into_iter().map(time).collect::<Vec<_>>();
    match schedule.node() {
        Node::Constant(_) | Node::Exponential(_) | Node::PowerLaw(_) => vec![],
        Node::Ramp(ramp) => vec![ramp.steps, 2.0 * ramp.steps],
        Node::Steps(steps) => steps.milestones.iter().map(|milestone| milestone.step as f64).collect(),
        Node::Sequence(phases) => {
            let inside = phases.iter().flat_map(|phase| within(&phase.schedule, &|t| t + phase.start as f64));
            inside.chain(phases.iter().map(|phase| phase.start as f64)).collect()
        }
        Node::Repeat(Repeat { of, period, growth, limit, .. }) => {
            let period = *period as f64;
            let between = [period, period * (1.0 + growth), period * limit.unwrap_or(3) as f64];
            seams(of).into_iter().chain(between).collect()
        }
        Node::Product(of) | Node::Sum(of) | Node::Average(of) | Node::Min(of) | Node::Max(of) => {
            of.iter().flat_map(seams).collect()
        }
        Node::Clamp { of, .. } | Node::Complement { of, .. } => seams(of),
        Node::Every { n, of } => within(of, &|t| t * *n as f64),
        Node::Stretch { k, of } => within(of, &|t| t * k),
        Node::Delay { steps, of } => within(of, &|t| t + *steps as f64),
        Node::Advance { by, of } => within(of, &|t| t - by),
        Node::Warp { steps, of, .. } => seams(of).into_iter().chain([*steps]).collect(),
    }
}

/// Steps at which a schedule may go wrong.
pub(crate) fn steps_of(schedule: &Schedule) -> Vec<u64> {
    let mut steps: Vec<u64> = seams(schedule)
        .into_iter()
        .chain([0.0, 10.0])
        .map(|seam| seam as u64)
        .chain([EXACT, u64::MAX])
        .flat_map(|at| [at.saturating_sub(2), at.saturating_sub(1), at, at.saturating_add(1), at.saturating_add(2)])
        .collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}
