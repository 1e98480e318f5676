//! Proves that whatever makes no schedule is refused with the field, the value and the rule, by constructors and by
//! readers alike, and that the odd cases which do make one have the values that they should.

#![allow(clippy::type_complexity, reason = "the tables of cases are arrays of tuples, each explained where it stands")]

use sched_core::{
    Cyclic, CyclicMode, Exponential, Factor, MAX_DEPTH, Milestone, Node, OneCycle, Phase, Plan, PlanError, Plateau,
    PlateauBuilder, PowerLaw, Ramp, RangeTest, Repeat, Schedule, ScheduleError, Shape, Steps, ThresholdMode, Wsd,
};

type Built = Result<Schedule, ScheduleError>;

const RATE: &str = "0 or more";
const ABOVE: &str = "above 0";
const LENGTH: &str = "0, or between 1e-9 and 2^64 steps";
const SPAN: &str = "between 1e-9 and 2^64 steps";
const SHIFT: &str = "between 0 and 2^64 steps";
const LIMITLESS: &str = "1 or more when there is no `limit`, because shrinking cycles come to an end";
const GEOMETRIC: &str = "above 0 in a geometric ramp, which never gets to 0";
const LONG: f64 = 4e19; // more than 2^64

const NEGATIVE: &[f64] = &[-1.0, -f64::MIN_POSITIVE, -5e-324, f64::MIN];
const NOT_ABOVE: &[f64] = &[0.0, -0.0, -1.0];
const NO_LENGTH: &[f64] = &[-1.0, 1e-10, LONG];
const NO_SPAN: &[f64] = &[0.0, -1.0, 1e-10, LONG];
const NO_SHIFT: &[f64] = &[-0.5, LONG];
const NO_PART: &[f64] = &[-0.5, 1.0_f64.next_up(), 75.0];

fn cosine() -> Schedule {
    Schedule::cosine_annealing(0.1, 0.0, 100).unwrap()
}

fn ramp(shape: Shape) -> Built {
    Ramp::new(1.0, 0.5, 10).shape(shape).build()
}

fn law(scale: f64, offset: f64, time_scale: f64, power: f64) -> Built {
    Node::PowerLaw(PowerLaw { scale, offset, time_scale, power }).try_into()
}

fn cycle(mode: CyclicMode) -> Cyclic {
    Cyclic::new(0.1, 0.2, 5).mode(mode)
}

fn fine(plateau: PlateauBuilder) -> Built {
    plateau.build()?;
    Schedule::constant(0.1)
}

fn layers(decay: f64, min_scale: f64, no_opt_scale: f64) -> Built {
    Factor::layer_decay(decay, 12, min_scale, no_opt_scale)?;
    Schedule::constant(0.1)
}

/// Where a number is taken, which field the error names, values that break the rule, the rule, and what takes it.
type Taken = (&'static str, &'static str, &'static [f64], &'static str, fn(f64) -> Built);

/// Every number that a constructor or a node takes. NaN and the infinities are tried on all of them.
#[rustfmt::skip]
const NUMBERS: &[Taken] = &[
    ("factor", "factor", NEGATIVE, RATE, |x| cosine().scaled(Factor::new(x)?)),
    ("layer_decay", "decay", &[0.0, -0.0, -1.0, 1.0_f64.next_up()], "above 0 and at most 1", |x| layers(x, 0.0, 0.0)),
    ("layer_decay", "min_scale", NO_PART, "between 0 and 1", |x| layers(0.5, x, 0.0)),
    ("layer_decay", "no_opt_scale", NO_PART, "between 0 and 1", |x| layers(0.5, 0.0, x)),
    ("constant", "lr", NEGATIVE, RATE, Schedule::constant),
    ("linear", "initial", NEGATIVE, RATE, |x| Schedule::linear(x, 0.1, 10)),
    ("linear", "end", NEGATIVE, RATE, |x| Schedule::linear(0.1, x, 10)),
    ("polynomial", "initial", NEGATIVE, RATE, |x| Schedule::polynomial(x, 0.1, 10, 2.0)),
    ("polynomial", "eta_min", NEGATIVE, RATE, |x| Schedule::polynomial(0.1, x, 10, 2.0)),
    ("polynomial", "power", NEGATIVE, RATE, |x| Schedule::polynomial(0.1, 0.0, 10, x)),
    ("exponential", "initial", NEGATIVE, RATE, |x| Schedule::exponential(x, 0.9)),
    ("exponential", "gamma", NEGATIVE, RATE, |x| Schedule::exponential(0.1, x)),
    ("exponential_over", "initial", NEGATIVE, RATE, |x| Schedule::exponential_over(x, 0.9, 2.0)),
    ("exponential_over", "gamma", NEGATIVE, RATE, |x| Schedule::exponential_over(0.1, x, 2.0)),
    ("exponential_over", "decay_steps", NO_SPAN, SPAN, |x| Schedule::exponential_over(0.1, 0.9, x)),
    ("step", "initial", NEGATIVE, RATE, |x| Schedule::step(x, 30, 0.1)),
    ("step", "gamma", NEGATIVE, RATE, |x| Schedule::step(0.1, 30, x)),
    ("multi_step", "initial", NEGATIVE, RATE, |x| Schedule::multi_step(x, &[30], 0.1)),
    ("multi_step", "gamma", NEGATIVE, RATE, |x| Schedule::multi_step(0.1, &[30], x)),
    ("cosine_annealing", "initial", NEGATIVE, RATE, |x| Schedule::cosine_annealing(x, 0.0, 10)),
    ("cosine_annealing", "eta_min", NEGATIVE, RATE, |x| Schedule::cosine_annealing(0.1, x, 10)),
    ("rex", "initial", NEGATIVE, RATE, |x| Schedule::rex(x, 0.0, 10)),
    ("rex", "eta_min", NEGATIVE, RATE, |x| Schedule::rex(0.1, x, 10)),
    ("tanh", "initial", NEGATIVE, RATE, |x| Schedule::tanh(x, 0.0, 10, -7.0, 3.0)),
    ("tanh", "eta_min", NEGATIVE, RATE, |x| Schedule::tanh(0.1, x, 10, -7.0, 3.0)),
    ("tanh", "lb", &[-1000.5], "at least -1000", |x| Schedule::tanh(0.1, 0.0, 10, x, 3.0)),
    ("tanh", "ub", &[-7.0, -8.0, 1000.5], "above `lb` and at most 1000", |x| Schedule::tanh(0.1, 0.0, 10, -7.0, x)),
    ("inverse_sqrt", "initial", NEGATIVE, RATE, |x| Schedule::inverse_sqrt(x, 100.0)),
    ("inverse_sqrt", "time_scale", NO_SPAN, SPAN, |x| Schedule::inverse_sqrt(0.1, x)),
    ("inverse_time", "initial", NEGATIVE, RATE, |x| Schedule::inverse_time(x, 0.5, 10.0)),
    ("inverse_time", "decay_rate", NEGATIVE, RATE, |x| Schedule::inverse_time(0.1, x, 10.0)),
    ("inverse_time", "decay_steps", NO_SPAN, SPAN, |x| Schedule::inverse_time(0.1, 0.5, x)),
    ("eden", "initial", &[-1.0, 1e-251, 1e251], "0, or between 1e-250 and 1e250", |x| Schedule::eden(x, 10.0, 0.5)),
    ("eden", "time_scale", NO_SPAN, SPAN, |x| Schedule::eden(0.1, x, 0.5)),
    ("eden", "power", NO_PART, "between 0 and 1", |x| Schedule::eden(0.1, 10.0, x)),
    ("piecewise_constant", "initial", NEGATIVE, RATE, |x| Schedule::piecewise_constant(x, &[(1, 0.1)])),
    ("cosine_warm_restarts", "initial", NEGATIVE, RATE, |x| Schedule::cosine_warm_restarts(x, 0.0, 10, 2.0)),
    ("cosine_warm_restarts", "eta_min", NEGATIVE, RATE, |x| Schedule::cosine_warm_restarts(0.1, x, 10, 2.0)),
    ("cosine_warm_restarts", "t_mult", &[0.0, -1.0, 0.5, 1.0 - f64::EPSILON, 1e10], "between 1 and 1e9", |x| Schedule::cosine_warm_restarts(0.1, 0.0, 10, x)),
    ("warmup", "initial", NEGATIVE, RATE, |x| cosine().warmup(x, 10)),
    ("warmup_with", "initial", NEGATIVE, RATE, |x| cosine().warmup_with(x, 10, Shape::Cosine)),
    ("warmup_with", "initial", &[0.0, -0.0], GEOMETRIC, |x| cosine().warmup_with(x, 10, Shape::Geometric)),
    ("noam", "factor", NEGATIVE, RATE, |x| Schedule::noam(x, 512, 4000)),
    ("tri_stage", "max_lr", NOT_ABOVE, ABOVE, |x| Schedule::tri_stage(x, 1, 1, 1, 0.1, 0.1)),
    ("tri_stage", "init_lr_scale", NEGATIVE, RATE, |x| Schedule::tri_stage(0.1, 1, 1, 1, x, 0.1)),
    ("tri_stage", "final_lr_scale", NOT_ABOVE, ABOVE, |x| Schedule::tri_stage(0.1, 1, 1, 1, 0.1, x)),
    ("clamp", "min", NEGATIVE, RATE, |x| cosine().clamp(x, 0.1)),
    ("clamp", "max", &[-1.0, 0.0, 0.49], "`min` or more", |x| cosine().clamp(0.5, x)),
    ("stretch", "k", NO_SPAN, SPAN, |x| cosine().stretch(x)),
    ("advance", "by", NO_SHIFT, SHIFT, |x| cosine().advance(x)),
    ("warp", "steps", NO_SPAN, SPAN, |x| cosine().warp(x, 2.0)),
    ("warp", "power", NOT_ABOVE, ABOVE, |x| cosine().warp(10.0, x)),
    ("Ramp", "steps", NO_LENGTH, LENGTH, |x| Ramp { steps: x, ..Ramp::new(1.0, 0.5, 10) }.build()),
    ("Ramp", "from", NEGATIVE, RATE, |x| Ramp::new(x, 0.5, 10).build()),
    ("Ramp", "to", NEGATIVE, RATE, |x| Ramp::new(0.5, x, 10).build()),
    ("Ramp", "from", &[0.0, -0.0], GEOMETRIC, |x| Ramp::new(x, 0.5, 10).shape(Shape::Geometric).build()),
    ("Ramp", "to", &[0.0, -0.0], GEOMETRIC, |x| Ramp::new(0.5, x, 10).shape(Shape::Geometric).build()),
    ("Shape", "cosine_power", NEGATIVE, RATE, |x| ramp(Shape::CosinePower(x))),
    ("Shape", "polynomial", NEGATIVE, RATE, |x| ramp(Shape::Polynomial(x))),
    ("Shape", "exp_ratio", &[0.0, -1.0, 1.0, 2.0], "above 0 and below 1", |x| ramp(Shape::ExpRatio(x))),
    ("Shape", "rex_alpha", &[0.0, -1.0, 1.5], "between 1e-9 and 1", |x| ramp(Shape::RexAlpha(x))),
    ("Shape", "one_minus_power", NOT_ABOVE, ABOVE, |x| ramp(Shape::OneMinusPower(x))),
    ("Exponential", "initial", NEGATIVE, RATE, |x| Node::Exponential(Exponential { initial: x, gamma: 0.9, decay_steps: 1.0 }).try_into()),
    ("Exponential", "gamma", NEGATIVE, RATE, |x| Node::Exponential(Exponential { initial: 0.1, gamma: x, decay_steps: 1.0 }).try_into()),
    ("Exponential", "decay_steps", NO_SPAN, SPAN, |x| Node::Exponential(Exponential { initial: 0.1, gamma: 0.9, decay_steps: x }).try_into()),
    ("PowerLaw", "scale", NEGATIVE, RATE, |x| law(x, 1.0, 1.0, -0.5)),
    ("PowerLaw", "offset", NO_SHIFT, SHIFT, |x| law(0.1, x, 1.0, -0.5)),
    ("PowerLaw", "time_scale", NO_SPAN, SPAN, |x| law(0.1, 1.0, x, -0.5)),
    ("PowerLaw", "power", &[], "", |x| law(0.1, 1.0, 1.0, x)),
    ("Repeat", "growth", &[0.0, -1.0, 1e10], "above 0 and at most 1e9", |x| Repeat::new(cosine(), 10).growth(x).limit(3).build()),
    ("Repeat", "growth", &[0.5, 1.0 - f64::EPSILON], LIMITLESS, |x| Repeat::new(cosine(), 10).growth(x).build()),
    ("Repeat", "cycle_scale", NEGATIVE, RATE, |x| Repeat::new(cosine(), 10).cycle_scale(x).build()),
    ("Repeat", "floor", NEGATIVE, RATE, |x| Repeat::new(cosine(), 10).floor(x).build()),
    ("Complement", "whole", NEGATIVE, RATE, |x| Node::Complement { whole: x, of: cosine() }.try_into()),
    ("OneCycle", "max_lr", NEGATIVE, RATE, |x| OneCycle::new(x, 100).lr()),
    ("OneCycle", "pct_start", &[-0.1, 1.1], "between 0 and 1", |x| OneCycle::new(0.1, 100).pct_start(x).lr()),
    ("OneCycle", "div_factor", NOT_ABOVE, ABOVE, |x| OneCycle::new(0.1, 100).div_factor(x).lr()),
    ("OneCycle", "final_div_factor", NOT_ABOVE, ABOVE, |x| OneCycle::new(0.1, 100).final_div_factor(x).lr()),
    ("OneCycle", "base_momentum", NEGATIVE, RATE, |x| OneCycle::new(0.1, 100).momentum(x, 0.9)),
    ("OneCycle", "max_momentum", NEGATIVE, RATE, |x| OneCycle::new(0.1, 100).momentum(0.8, x)),
    ("Cyclic", "base_lr", NEGATIVE, RATE, |x| Cyclic::new(x, 0.2, 5).lr()),
    ("Cyclic", "max_lr", &[0.09, -1.0], "`base_lr` or more", |x| Cyclic::new(0.1, x, 5).lr()),
    ("Cyclic", "gamma", NEGATIVE, RATE, |x| cycle(CyclicMode::ExpRange { gamma: x }).lr()),
    ("Cyclic", "gamma", NEGATIVE, RATE, |x| cycle(CyclicMode::ExpRange { gamma: x }).momentum(0.8, 0.9)),
    ("Cyclic", "base_momentum", NEGATIVE, RATE, |x| cycle(CyclicMode::Triangular2).momentum(x, 0.9)),
    ("Cyclic", "max_momentum", &[0.7, -1.0], "`base_momentum` or more", |x| cycle(CyclicMode::Triangular).momentum(0.8, x)),
    ("Wsd", "max_lr", NEGATIVE, RATE, |x| Wsd::new(x, 10, 10).build()),
    ("Wsd", "initial", NEGATIVE, RATE, |x| Wsd::new(0.1, 10, 10).warmup(x, 5).build()),
    ("Wsd", "initial", NEGATIVE, RATE, |x| Wsd::new(0.1, 10, 10).warmup(x, 0).build()),
    ("Wsd", "initial", &[0.0, -0.0], GEOMETRIC, |x| Wsd::new(0.1, 10, 10).warmup(x, 5).warmup_shape(Shape::Geometric).build()),
    ("Wsd", "eta_min", &[0.0, -0.0], GEOMETRIC, |x| Wsd::new(0.1, 10, 10).decay_shape(Shape::Geometric).eta_min(x).build()),
    ("Wsd", "max_lr", &[0.0, -0.0], GEOMETRIC, |x| Wsd::new(x, 10, 10).decay_shape(Shape::Geometric).eta_min(0.1).build()),
    ("Wsd", "eta_min", NEGATIVE, RATE, |x| Wsd::new(0.1, 10, 10).eta_min(x).build()),
    ("RangeTest", "min_lr", NOT_ABOVE, ABOVE, |x| RangeTest::new(x, 1.0, 10).schedule()),
    ("RangeTest", "max_lr", &[0.05, 0.1, -1.0], "greater than `min_lr`", |x| RangeTest::new(0.1, x, 10).schedule()),
    ("RangeTest", "beta", &[-0.1, 1.0, 2.0], "0 or more and below 1", |x| RangeTest::new(0.1, 1.0, 10).beta(x).schedule()),
    ("RangeTest", "diverge_factor", &[1.0, 0.5, -1.0], "above 1", |x| RangeTest::new(0.1, 1.0, 10).diverge_factor(x).schedule()),
    ("Plateau", "factor", &[-0.1, 1.0, 1.5], "0 or more and below 1", |x| fine(Plateau::new().factor(x))),
    ("Plateau", "threshold", NEGATIVE, RATE, |x| fine(Plateau::new().threshold(x, ThresholdMode::Absolute))),
    ("Plateau", "min_lr", NEGATIVE, RATE, |x| fine(Plateau::new().min_lr(x))),
    ("Plateau", "eps", NEGATIVE, RATE, |x| fine(Plateau::new().eps(x))),
];

#[test]
fn a_number_that_breaks_a_rule_is_named_with_its_value_and_the_rule() {
    for (place, field, bad, rule, build) in NUMBERS {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = build(value).unwrap_err();
            let named = matches!(&error, ScheduleError::NotFinite { field: f, value: v }
                if f == field && v.total_cmp(&value).is_eq());
            assert!(named, "{place}: {field} = {value}: {error:?}");
            let rule = "a finite number; check the computation that produced it";
            assert_eq!(error.to_string(), format!("`{field}` is {value}, but must be {rule}"), "{place}");
        }
        for &value in *bad {
            let error = build(value).unwrap_err();
            assert_eq!(error, ScheduleError::OutOfRange { field, value, rule }, "{place}");
            // The number in full, but never three hundred digits.
            let text = error.to_string();
            let said = text.strip_prefix(&format!("`{field}` is ")).and_then(|text| text.split_once(", but must be "));
            let Some((number, said)) = said else { panic!("{place}: {text}") };
            assert_eq!((number.parse(), said), (Ok(value), *rule), "{place}");
            assert!(number.len() < 25, "{place}: {text}");
        }
    }
}

#[test]
fn a_rate_in_a_list_is_named_with_its_position() {
    let lists: [(&str, fn(f64) -> Built); 4] = [
        ("milestones", |x| Schedule::piecewise_constant(0.1, &[(1, 0.1), (2, x)])),
        ("knots", |x| Schedule::piecewise(&[(1, 0.1), (2, x)], Shape::Linear)),
        ("values", |x| OneCycle::new(0.1, 10).through(&[0.1, x, 0.1])),
        ("values", |x| OneCycle::new(0.1, 10).three_phase(true).through(&[0.1, x, 0.1, 0.1])),
    ];
    for (field, build) in lists {
        for (value, rule) in [(-1.0, RATE), (f64::INFINITY, "a finite number"), (f64::NEG_INFINITY, "a finite number")]
        {
            let error = build(value).unwrap_err();
            assert_eq!(error, ScheduleError::Element { field, index: 1, value, rule });
            assert_eq!(error.to_string(), format!("`{field}[1]` is {value}, but must be {rule}"));
        }
        assert!(matches!(build(f64::NAN), Err(ScheduleError::Element { value, .. }) if value.is_nan()));
    }
    let error = Schedule::piecewise(&[(1, 0.1), (2, 0.0)], Shape::Geometric).unwrap_err();
    assert_eq!(error, ScheduleError::OutOfRange { field: "knots", value: 0.0, rule: GEOMETRIC });
    // The end of this warmup is no parameter, but the first value of what follows it.
    let error = Schedule::constant(0.0).unwrap().warmup_with(0.1, 5, Shape::Geometric).unwrap_err();
    assert_eq!(error, ScheduleError::OutOfRange { field: "at(0)", value: 0.0, rule: GEOMETRIC });
}

#[test]
fn a_cycle_takes_a_value_for_each_end_of_its_phases() {
    for (three_phase, expected) in [(false, 3), (true, 4)] {
        let cycle = OneCycle::new(0.1, 10).three_phase(three_phase);
        for length in [0, 2, 3, 4, 5] {
            let error = ScheduleError::WrongLength { field: "values", length, expected };
            let built = cycle.through(&vec![0.1; length]);
            assert_eq!(built.err(), (length != expected).then_some(error));
        }
    }
}

#[test]
fn a_quotient_that_breaks_a_rule_is_named_as_one() {
    let error = Schedule::inverse_time(0.1, 1e-20, 1.0).unwrap_err();
    let ScheduleError::OutOfRange { field: "decay_steps / decay_rate", rule: SPAN, .. } = error else {
        panic!("{error:?}");
    };
    let error = OneCycle::new(1e300, 100).div_factor(1e-300).lr().unwrap_err();
    assert_eq!(error, ScheduleError::NotFinite { field: "max_lr / div_factor", value: f64::INFINITY });
    let error = OneCycle::new(1.0, 100).div_factor(1e-300).final_div_factor(1e-300).lr().unwrap_err();
    let field = "max_lr / div_factor / final_div_factor";
    assert_eq!(error, ScheduleError::NotFinite { field, value: f64::INFINITY });
    let error = Schedule::tri_stage(1e300, 1, 1, 1, 1e300, 0.1).unwrap_err();
    assert_eq!(error, ScheduleError::NotFinite { field: "max_lr * init_lr_scale", value: f64::INFINITY });
    let error = Schedule::tri_stage(1e-300, 1, 1, 1, 0.1, 1e-300).unwrap_err();
    assert_eq!(error, ScheduleError::OutOfRange { field: "max_lr * final_lr_scale", value: 0.0, rule: ABOVE });
}

/// Every count that must be 1 or more.
#[rustfmt::skip]
const COUNTS: &[(&str, &str, fn(u64) -> Built)] = &[
    ("step", "step_size", |n| Schedule::step(0.1, n, 0.1)),
    ("cosine_warm_restarts", "t_0", |n| Schedule::cosine_warm_restarts(0.1, 0.0, n, 1.0)),
    ("repeat", "period", |n| cosine().repeat(n)),
    ("Repeat", "period", |n| Repeat::new(cosine(), n).build()),
    ("Repeat", "limit", |n| Repeat::new(cosine(), 10).limit(n).build()),
    ("every", "n", |n| cosine().every(n)),
    ("per_epoch", "steps_per_epoch", |n| cosine().per_epoch(n)),
    ("noam", "model_size", |n| Schedule::noam(1.0, n, 100)),
    ("noam", "warmup_steps", |n| Schedule::noam(1.0, 512, n)),
    ("OneCycle", "total_steps", |n| OneCycle::new(0.1, n).lr()),
    ("OneCycle", "total_steps", |n| OneCycle::new(0.1, n).momentum(0.8, 0.9)),
    ("OneCycle", "total_steps", |n| OneCycle::new(0.1, n).through(&[0.1, 0.2, 0.3])),
    ("Cyclic", "step_size_up + step_size_down", |n| Cyclic::new(0.1, 0.2, n).lr()),
    ("Cyclic", "step_size_up + step_size_down", |n| Cyclic::new(0.1, 0.2, n).momentum(0.8, 0.9)),
];

#[test]
fn a_count_of_zero_is_named_with_the_rule() {
    for (place, field, build) in COUNTS {
        let error = build(0).unwrap_err();
        assert_eq!(error, ScheduleError::StepsOutOfRange { field, value: 0, rule: "at least 1" }, "{place}");
        assert_eq!(error.to_string(), format!("`{field}` is 0, but must be at least 1"), "{place}");
        for n in [1, 2, u64::MAX] {
            assert!(build(n).is_ok(), "{place}: {field} = {n}");
        }
    }
}

/// Every count that a constructor or a builder takes.
#[rustfmt::skip]
const SIGNED: &[(&str, &str, fn(i64) -> Built)] = &[
    ("linear", "total_steps", |n| Schedule::linear(0.1, 0.2, n)),
    ("polynomial", "total_steps", |n| Schedule::polynomial(0.1, 0.0, n, 2.0)),
    ("step", "step_size", |n| Schedule::step(0.1, n, 0.5)),
    ("multi_step", "milestones", |n| Schedule::multi_step(0.1, &[n, 5], 0.5)),
    ("cosine_annealing", "t_max", |n| Schedule::cosine_annealing(0.1, 0.0, n)),
    ("rex", "total_steps", |n| Schedule::rex(0.1, 0.0, n)),
    ("tanh", "total_steps", |n| Schedule::tanh(0.1, 0.0, n, -7.0, 3.0)),
    ("piecewise_constant", "milestones", |n| Schedule::piecewise_constant(0.1, &[(n, 0.2)])),
    ("piecewise", "knots", |n| Schedule::piecewise(&[(n, 0.2)], Shape::Linear)),
    ("cosine_warm_restarts", "t_0", |n| Schedule::cosine_warm_restarts(0.1, 0.0, n, 2.0)),
    ("repeat", "period", |n| cosine().repeat(n)),
    ("warmup", "warmup_steps", |n| cosine().warmup(0.0, n)),
    ("warmup_with", "warmup_steps", |n| cosine().warmup_with(0.0, n, Shape::Cosine)),
    ("noam", "model_size", |n| Schedule::noam(1.0, n, 4)),
    ("noam", "warmup_steps", |n| Schedule::noam(1.0, 4, n)),
    ("tri_stage", "warmup_steps", |n| Schedule::tri_stage(0.1, n, 1, 1, 0.1, 0.1)),
    ("tri_stage", "hold_steps", |n| Schedule::tri_stage(0.1, 1, n, 1, 0.1, 0.1)),
    ("tri_stage", "decay_steps", |n| Schedule::tri_stage(0.1, 1, 1, n, 0.1, 0.1)),
    ("then_at", "start", |n| cosine().then_at(n, cosine())),
    ("every", "n", |n| cosine().every(n)),
    ("per_epoch", "steps_per_epoch", |n| cosine().per_epoch(n)),
    ("delay", "steps", |n| cosine().delay(n)),
    ("frozen_until", "step", |n| cosine().frozen_until(n)),
    ("OneCycle", "total_steps", |n| OneCycle::new(0.1, n).lr()),
    ("Cyclic", "step_size_up", |n| Cyclic::new(0.1, 0.2, n).lr()),
    ("Cyclic", "step_size_down", |n| Cyclic::new(0.1, 0.2, 5).step_size_down(n).momentum(0.8, 0.9)),
    ("Wsd", "stable_steps", |n| Wsd::new(0.1, n, 10).build()),
    ("Wsd", "decay_steps", |n| Wsd::new(0.1, 10, n).build()),
    ("Wsd", "warmup_steps", |n| Wsd::new(0.1, 10, 10).warmup(0.0, n).build()),
];

#[test]
fn a_negative_count_is_named_with_its_value() {
    for (place, field, build) in SIGNED {
        for value in [-1, i64::MIN] {
            let error = build(value).unwrap_err();
            assert_eq!(error, ScheduleError::Negative { field, value }, "{place}");
            assert_eq!(error.to_string(), format!("`{field}` is {value}, but must be 0 or more"), "{place}");
        }
        assert!(build(5).is_ok(), "{place}: {field}");
    }
    // These keep a count in the form that a file has it: as a length, or as a `u64` that may not be 0.
    let error = Ramp::new(0.1, 0.2, -3).build().unwrap_err();
    assert_eq!(error, ScheduleError::OutOfRange { field: "steps", value: -3.0, rule: LENGTH });
    let at_least = |field, rule| Err(ScheduleError::StepsOutOfRange { field, value: 0, rule });
    assert_eq!(Repeat::new(cosine(), -3).build(), at_least("period", "at least 1"));
    assert_eq!(Repeat::new(cosine(), 10).limit(-3).build(), at_least("limit", "at least 1"));
    assert_eq!(RangeTest::new(0.1, 1.0, -3).schedule(), at_least("steps", "at least 2"));
    assert_eq!(Plan::new().epochs(-3).check(), Err(PlanError::Zero { field: "epochs" }));
}

#[test]
fn a_count_may_be_of_any_integer_type() {
    let expected = Schedule::step(0.1, 7, 0.5).unwrap();
    macro_rules! types {
        ($($integer:ty)*) => {$(assert_eq!(Schedule::step(0.1, 7 as $integer, 0.5).unwrap(), expected);)*};
    }
    types!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);
    assert_eq!(Schedule::step(0.1, 7, 0.5).unwrap(), expected);

    let longest = Schedule::linear(0.0, 1.0, u64::MAX).unwrap();
    assert_eq!(longest, Ramp { steps: u64::MAX as f64, ..Ramp::new(0.0, 1.0, 0) }.build().unwrap());
    let milestones: Vec<usize> = vec![3, 9];
    assert_eq!(Schedule::multi_step(0.1, &milestones, 0.5), Schedule::multi_step(0.1, &[3, 9], 0.5));
}

fn sequence(starts: &[u64]) -> Built {
    Node::Sequence(starts.iter().map(|&start| Phase { start, schedule: cosine() }).collect()).try_into()
}

fn milestones(steps: &[u64]) -> Built {
    let milestones = steps.iter().map(|&step| Milestone { step, value: 0.1 }).collect();
    Node::Steps(Steps { initial: 0.1, milestones }).try_into()
}

#[test]
fn lists_are_neither_empty_nor_out_of_order() {
    let knots = |steps: &[u64]| -> Vec<(u64, f64)> { steps.iter().map(|&step| (step, 0.1)).collect() };
    let phases = |starts: &[u64]| starts.iter().map(|&start| Phase { start, schedule: cosine() }).collect();
    let lists: [(&str, &dyn Fn(&[u64]) -> Built); 6] = [
        ("milestones", &milestones),
        ("milestones", &|steps| Schedule::multi_step(0.1, steps, 0.1)),
        ("milestones", &|steps| Schedule::piecewise_constant(0.1, &knots(steps))),
        ("knots", &|steps| Schedule::piecewise(&knots(steps), Shape::Linear)),
        ("sequence", &sequence),
        ("phases", &|starts| Schedule::sequence(phases(starts))),
    ];
    for (field, build) in lists {
        let error = build(&[]).unwrap_err();
        assert_eq!(error, ScheduleError::Empty { field });
        assert_eq!(error.to_string(), format!("`{field}` is empty, but must have at least one element"));
        let error = build(&[0, 5, 5, 4, 9]).unwrap_err();
        assert_eq!(error, ScheduleError::Unordered { field, index: 3, previous: 5, value: 4 });
        assert!(error.to_string().starts_with(&format!("`{field}[3]` is 4, but must be at least 5")), "{error}");
    }
    let nodes: [(&str, fn(Vec<Schedule>) -> Node); 5] = [
        ("product", Node::Product),
        ("sum", Node::Sum),
        ("average", Node::Average),
        ("min", Node::Min),
        ("max", Node::Max),
    ];
    for (field, node) in nodes {
        assert_eq!(Schedule::try_from(node(vec![])), Err(ScheduleError::Empty { field }));
    }
}

#[test]
fn a_sequence_begins_at_0_and_follows_what_ends() {
    let error = sequence(&[3, 5]).unwrap_err();
    assert_eq!(error, ScheduleError::LateStart { field: "sequence", start: 3 });
    assert!(error.to_string().starts_with("`sequence[0].start` is 3, but must be 0"), "{error}");
    let error = Schedule::sequence(vec![Phase { start: 3, schedule: cosine() }]).unwrap_err();
    assert_eq!(error, ScheduleError::LateStart { field: "phases", start: 3 });

    let endless = Schedule::exponential(0.1, 0.9).unwrap();
    let error = endless.clone().then(cosine()).unwrap_err();
    assert_eq!(error, ScheduleError::NeverEnds { schedule: endless.to_string() });
    assert!(error.to_string().contains("never ends"), "{error}");

    let late = cosine().then(cosine()).unwrap();
    let error = late.then_at(99, cosine()).unwrap_err();
    assert_eq!(error, ScheduleError::EarlyStart { field: "start", start: 99, earliest: 100 });
    assert!(error.to_string().starts_with("`start` is 99, but must be at least 100"), "{error}");
}

#[test]
fn nesting_has_an_end() {
    let nest = |depth: usize| (1..depth).try_fold(cosine(), |of, _| of.delay(1));
    assert!(nest(MAX_DEPTH).is_ok());
    let error = nest(MAX_DEPTH + 1).unwrap_err();
    assert_eq!(error, ScheduleError::TooDeep { depth: MAX_DEPTH + 1, limit: MAX_DEPTH });
    assert!(error.to_string().contains(&format!("nested {} levels deep, but must be at most 32", MAX_DEPTH + 1)));

    // In a file as well.
    let mut text = serde_json::to_string(&nest(MAX_DEPTH).unwrap()).unwrap();
    assert!(serde_json::from_str::<Schedule>(&text).is_ok());
    text = format!(r#"{{"delay":{{"steps":1,"of":{text}}}}}"#);
    let error = serde_json::from_str::<Schedule>(&text).unwrap_err().to_string();
    assert!(error.contains("33 levels deep"), "{error}");
}

const CHILD: &str = r#"{"constant": 0.1}"#;

/// Every number of every node in a file: `#` is where it goes, `@` where a child is; the field, values that break a rule,
/// and the rule.
const FILES: &[(&str, &str, &[&str], &str)] = &[
    (r##"{"constant": #}"##, "constant", &["-1", "-0.5"], RATE),
    (r##"{"ramp": {"from": #, "to": 1, "steps": 4}}"##, "from", &["-1", "-1e-300"], RATE),
    (r##"{"ramp": {"from": 1, "to": #, "steps": 4}}"##, "to", &["-1"], RATE),
    (r##"{"ramp": {"from": 1, "to": 1, "steps": #}}"##, "steps", &["-1", "40000000000000000000"], LENGTH),
    (r##"{"ramp": {"from": 1, "to": 1, "steps": 4, "shape": {"polynomial": #}}}"##, "polynomial", &["-1"], RATE),
    (r##"{"ramp": {"from": 1, "to": 1, "steps": 4, "shape": {"cosine_power": #}}}"##, "cosine_power", &["-1"], RATE),
    (
        r##"{"ramp": {"from": 1, "to": 1, "steps": 4, "shape": {"one_minus_power": #}}}"##,
        "one_minus_power",
        &["0"],
        ABOVE,
    ),
    (
        r##"{"ramp": {"from": 1, "to": 1, "steps": 4, "shape": {"tanh": {"lb": #, "ub": 3}}}}"##,
        "lb",
        &["-1001"],
        "at least -1000",
    ),
    (
        r##"{"ramp": {"from": 1, "to": 1, "steps": 4, "shape": {"tanh": {"lb": 2, "ub": #}}}}"##,
        "ub",
        &["2", "1001"],
        "above `lb`",
    ),
    (
        r##"{"ramp": {"from": #, "to": 1, "steps": 4, "shape": "geometric"}}"##,
        "from",
        &["0"],
        "above 0 in a geometric ramp",
    ),
    (r##"{"exponential": {"initial": #, "gamma": 0.9, "decay_steps": 1}}"##, "initial", &["-1"], RATE),
    (r##"{"exponential": {"initial": 1, "gamma": #, "decay_steps": 1}}"##, "gamma", &["-1"], RATE),
    (r##"{"exponential": {"initial": 1, "gamma": 0.9, "decay_steps": #}}"##, "decay_steps", &["-1", "0"], SPAN),
    (r##"{"power_law": {"scale": #, "offset": 1, "time_scale": 1, "power": 1}}"##, "scale", &["-1"], RATE),
    (r##"{"power_law": {"scale": 1, "offset": #, "time_scale": 1, "power": 1}}"##, "offset", &["-1"], SHIFT),
    (r##"{"power_law": {"scale": 1, "offset": 1, "time_scale": #, "power": 1}}"##, "time_scale", &["0"], SPAN),
    (r##"{"power_law": {"scale": 1, "offset": 1, "time_scale": 1, "power": #}}"##, "power", &[], ""),
    (r##"{"steps": {"initial": #, "milestones": [{"step": 1, "value": 1}]}}"##, "initial", &["-1"], RATE),
    (r##"{"steps": {"initial": 1, "milestones": [{"step": 1, "value": #}]}}"##, "value", &["-1"], RATE),
    (r##"{"steps": {"initial": 1, "milestones": [{"step": #, "value": 1}]}}"##, "step", &["-1", "0.5"], "0 or more"),
    (
        r##"{"sequence": [{"start": 0, "schedule": @}, {"start": #, "schedule": @}]}"##,
        "start",
        &["-1", "1.5"],
        "0 or more",
    ),
    (r##"{"repeat": {"of": @, "period": #}}"##, "period", &["0"], "at least 1"),
    (r##"{"repeat": {"of": @, "period": #}}"##, "period", &["-5", "2.5"], "a whole number, 0 or more"),
    (r##"{"repeat": {"of": @, "period": 5, "growth": #}}"##, "growth", &["0", "-1", "1e10"], "above 0 and at most 1e9"),
    (r##"{"repeat": {"of": @, "period": 5, "growth": #}}"##, "growth", &["0.5"], "1 or more when there is no `limit`"),
    (r##"{"repeat": {"of": @, "period": 5, "cycle_scale": #}}"##, "cycle_scale", &["-1"], RATE),
    (r##"{"repeat": {"of": @, "period": 5, "floor": #}}"##, "floor", &["-1"], RATE),
    (r##"{"repeat": {"of": @, "period": 5, "limit": #}}"##, "limit", &["0"], "at least 1"),
    (r##"{"repeat": {"of": @, "period": 5, "limit": #}}"##, "limit", &["-1", "1.5"], "a whole number, 0 or more"),
    (r##"{"clamp": {"min": #, "max": 1, "of": @}}"##, "min", &["-1"], RATE),
    (r##"{"clamp": {"min": 0.5, "max": #, "of": @}}"##, "max", &["0.4", "-1"], "`min` or more"),
    (r##"{"complement": {"whole": #, "of": @}}"##, "whole", &["-1"], RATE),
    (r##"{"every": {"n": #, "of": @}}"##, "n", &["0"], "at least 1"),
    (r##"{"every": {"n": #, "of": @}}"##, "n", &["-1", "0.5"], "a whole number, 0 or more"),
    (r##"{"stretch": {"k": #, "of": @}}"##, "k", &["0", "-1", "1e-10"], SPAN),
    (r##"{"delay": {"steps": #, "of": @}}"##, "steps", &["-1", "0.5"], "a whole number, 0 or more"),
    (r##"{"advance": {"by": #, "of": @}}"##, "by", &["-1"], SHIFT),
    (r##"{"warp": {"steps": #, "power": 2, "of": @}}"##, "steps", &["0", "-1"], SPAN),
    (r##"{"warp": {"steps": 10, "power": #, "of": @}}"##, "power", &["0", "-1"], ABOVE),
    (r##"{"product": [{"constant": #}, @]}"##, "constant", &["-1"], RATE),
    (r##"{"sum": [@, {"delay": {"steps": 1, "of": {"constant": #}}}]}"##, "constant", &["-1"], RATE),
];

/// The same for a plateau.
const PLATEAU_FILES: &[(&str, &[&str], &str)] = &[
    ("factor", &["-0.5", "1", "2"], "0 or more and below 1"),
    ("threshold", &["-1"], RATE),
    ("min_lr", &["-1"], RATE),
    ("eps", &["-1"], RATE),
    ("patience", &["-1", "0.5"], "a whole number, 0 or more"),
    ("cooldown", &["-1", "0.5"], "a whole number, 0 or more"),
    ("start_step", &["-1", "0.5"], "a whole number, 0 or more"),
];

#[test]
fn a_plateau_in_a_file_is_refused_with_the_same_words() {
    for (field, bad, rule) in PLATEAU_FILES {
        let read = |value: &str| {
            let rule = format!(r#""{field}": {value}"#);
            let rule = if *field == "threshold" { format!(r#""better": {{{rule}}}"#) } else { rule };
            serde_json::from_str::<Plateau>(&format!(r#"{{"rules": {{{rule}}}}}"#))
        };
        assert!(read("0").is_ok(), "{field}");
        for value in *bad {
            let error = read(value).unwrap_err().to_string();
            assert!(error.contains(&format!("`{field}`")) && error.contains(rule), "{field} = {value}: {error}");
            assert!(error.contains(value), "{field} = {value}: {error}");
        }
        let error = read("null").unwrap_err().to_string();
        assert!(error.contains(&format!("`{field}`")), "{field}: {error}");
    }
}

fn refusal(text: &str) -> String {
    match serde_json::from_str::<Schedule>(text) {
        Ok(schedule) => panic!("{text} was read as {schedule}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_file_is_refused_with_the_same_words() {
    for (template, field, bad, rule) in FILES {
        let template = template.replace('@', CHILD);
        let good = if *field == "ub" { "3" } else { "1" };
        let valid = serde_json::from_str::<Schedule>(&template.replace('#', good));
        assert!(valid.is_ok(), "{template}: {valid:?}");
        for value in *bad {
            let error = refusal(&template.replace('#', value));
            assert!(error.contains(&format!("`{field}`")), "{template} with {value}: {error}");
            assert!(error.contains(rule), "{template} with {value}: {error}");
            let number: f64 = value.parse().unwrap();
            let said = error.strip_prefix(&format!("`{field}` is ")).and_then(|rest| rest.split(',').next());
            let named = said.is_some_and(|said| said.parse() == Ok(number)) || error.contains(&format!("`{value}`"));
            assert!(named, "{template} with {value}: {error}");
        }
        // What other writers make of NaN, and what hands make of numbers.
        for value in ["null", r#""NaN""#, r#""1e-3""#, "true", "[1]"] {
            if *field == "limit" && value == "null" {
                continue; // no limit
            }
            let error = refusal(&template.replace('#', value));
            assert!(error.contains(&format!("`{field}`")), "{template} with {value}: {error}");
        }
        assert!(refusal(&template.replace('#', "1e999")).contains("out of range"), "{template}");
    }
    for (text, words) in [
        (r#"{"sequence": []}"#, "`sequence` is empty"),
        (r#"{"product": []}"#, "`product` is empty"),
        (r#"{"steps": {"initial": 1, "milestones": []}}"#, "`milestones` is empty"),
        (r#"{"sequence": [{"start": 3, "schedule": {"constant": 1}}]}"#, "`sequence[0].start` is 3, but must be 0"),
        (
            r#"{"steps": {"initial": 1, "milestones": [{"step": 5, "value": 1}, {"step": 4, "value": 1}]}}"#,
            "`milestones[1]` is 4, but must be at least 5",
        ),
        (
            r#"{"ramp": {"from": 1, "to": 0, "step": 4}}"#,
            "unknown field `step` (did you mean `steps`?), expected one of `from`",
        ),
        (r#"{"ramp": {"from": 1, "to": 0}}"#, "missing field `steps`"),
        (r#"{"cosine": {"from": 1, "to": 0}}"#, "unknown name `cosine`, expected one of `constant`"),
        (
            r#"{"ramp": {"from": 1, "to": 0, "steps": 4, "shape": "cos"}}"#,
            "unknown name `cos` (did you mean `cosine`?), expected one of `linear`",
        ),
    ] {
        let error = refusal(text);
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn a_binary_file_cannot_bring_in_nan_or_infinity() {
    // A number that occurs nowhere else stands for each field; MessagePack writes its eight bytes.
    let marker = 0.718_281_828_f64;
    let mut tried = 0;
    for (template, field, ..) in FILES {
        let text = template.replace('@', CHILD).replace('#', &marker.to_string());
        let text = if *field == "ub" { text.replace("\"lb\": 2", "\"lb\": 0.5") } else { text };
        let text = if *field == "growth" { text.replace("\"growth\"", "\"limit\": 3, \"growth\"") } else { text };
        let Ok(schedule) = serde_json::from_str::<Schedule>(&text) else {
            continue; // a count
        };
        let bytes = rmp_serde::to_vec_named(&schedule).unwrap();
        let at = bytes.windows(8).position(|window| window == marker.to_be_bytes()).unwrap();
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut bytes = bytes.clone();
            bytes[at..at + 8].copy_from_slice(&value.to_be_bytes());
            let error = rmp_serde::from_slice::<Schedule>(&bytes).unwrap_err().to_string();
            assert!(error.contains(&format!("`{field}` is {value}, but must be a finite number")), "{text}: {error}");
        }
        tried += 1;
    }
    assert!(tried >= 25, "only {tried} numbers were tried");
}

#[test]
fn lengths_of_zero_and_one_are_defined() {
    let rates = |schedule: Schedule| [0, 1, 2, u64::MAX].map(|t| schedule.at(t));
    assert_eq!(rates(Schedule::linear(0.1, 0.2, 0).unwrap()), [0.2; 4]);
    assert_eq!(rates(Schedule::cosine_annealing(0.1, 0.0, 0).unwrap()), [0.0; 4]);
    assert_eq!(rates(Schedule::cosine_annealing(0.1, 0.0, 1).unwrap()), [0.1, 0.0, 0.0, 0.0]);
    let back = Ramp::new(0.1, 0.0, 1).shape(Shape::Cosine).beyond(sched_core::Beyond::Mirror).build().unwrap();
    assert_eq!([0, 1, 2, 3].map(|t| back.at(t)), [0.1, 0.0, 0.1, 0.0]);
    assert_eq!(rates(Schedule::multi_step(0.1, &[0], 0.5).unwrap()), [0.05; 4]);
    assert_eq!(
        rates(Schedule::piecewise_constant(0.1, &[(0, 0.3), (1, 0.2), (1, 0.4)]).unwrap()),
        [0.3, 0.4, 0.4, 0.4]
    );
    assert_eq!(rates(Schedule::constant(0.3).unwrap().warmup(0.1, 0).unwrap()), [0.3; 4]);
    assert_eq!(rates(Wsd::new(0.1, 0, 0).build().unwrap()), [0.0; 4]);
    assert_eq!(rates(OneCycle::new(0.1, 1).lr().unwrap())[1..], [rates(OneCycle::new(0.1, 1).lr().unwrap())[1]; 3]);
    assert_eq!(rates(Cyclic::new(0.1, 0.2, 0).step_size_down(1).lr().unwrap()), [0.2; 4]);
    let skipped = sequence(&[0, 0, 0]).unwrap();
    assert_eq!(rates(skipped), rates(cosine()));
}

#[test]
fn steps_beyond_2_to_the_53_are_told_apart() {
    const LAST: u64 = 1 << 53;
    let steps = Schedule::piecewise_constant(0.1, &[(LAST + 1, 0.2), (u64::MAX, 0.3)]).unwrap();
    let rates = [LAST, LAST + 1, u64::MAX - 1, u64::MAX].map(|t| steps.at(t));
    assert_eq!(rates, [0.1, 0.2, 0.2, 0.3]);

    let ramp = Schedule::linear(0.0, 1.0, 1_u64 << 60).unwrap().delay(LAST).unwrap();
    let tiny = 1.0 / (1_u64 << 60) as f64;
    assert_eq!([LAST, LAST + 1, LAST + 3].map(|t| ramp.at(t)), [0.0, tiny, 3.0 * tiny]);

    // A period that no `f64` holds.
    let long = Schedule::linear(0.0, 1.0, 2).unwrap().repeat(LAST + 1).unwrap();
    assert_eq!([LAST, LAST + 1, LAST + 2, LAST + 3].map(|t| long.at(t)), [1.0, 0.0, 0.5, 1.0]);

    let saw = Schedule::linear(1.0, 0.0, 5).unwrap().repeat(5).unwrap();
    assert_eq!(u64::MAX % 5, 0);
    assert_eq!([u64::MAX - 1, u64::MAX].map(|t| saw.at(t)), [0.2, 1.0]);
}

#[test]
fn the_smallest_and_largest_rates_stay_what_they_are() {
    let up = Schedule::linear(1e-300, 1e300, 4).unwrap();
    assert_eq!([0, 2, 4].map(|t| up.at(t)), [1e-300, 0.5e300, 1e300]);
    let down = Ramp::new(1e300, 1e-300, 2).shape(Shape::Geometric).build().unwrap();
    assert_eq!([0, 1, 2].map(|t| down.at(t)), [1e300, 1.0, 1e-300]);
    let growth = Schedule::exponential(1e300, 10.0).unwrap();
    assert!((growth.at(8) / 1e308 - 1.0).abs() < 1e-15);
    assert_eq!([9, 400, u64::MAX].map(|t| growth.at(t)), [f64::MAX; 3]);
    let largest = Schedule::linear(f64::MAX, f64::MAX, 3).unwrap();
    assert_eq!([0, 1, 2, 3].map(|t| largest.at(t)), [f64::MAX; 4]);
    let smallest = Schedule::linear(5e-324, 0.0, 3).unwrap();
    assert_eq!([0, 1, 2, 3].map(|t| smallest.at(t)), [5e-324, 5e-324, 0.0, 0.0]);
}
