//! The schedules that are measured.

mod by_hand;

pub use by_hand::{Fill, by_hand};
use sched_core::{Cyclic, CyclicMode, Node, PowerLaw, Ramp, Repeat, Schedule, ScheduleError, Shape, Wsd};

/// How many rates are computed at once.
pub const COUNT: u64 = 1_000_000;

/// What people train with, for a run of `steps` updates.
///
/// # Errors
///
/// None: the parameters are valid.
pub fn kinds(steps: u64) -> Result<Vec<(&'static str, Schedule)>, ScheduleError> {
    let cosine = Schedule::cosine_annealing(0.1, 0.0, steps)?;
    let cyclic = Cyclic::new(1e-4, 0.1, steps / 500);
    Ok(vec![
        ("constant", Schedule::constant(0.1)?),
        ("linear", Schedule::linear(0.1, 0.0, steps)?),
        ("cosine", cosine.clone()),
        ("warmup, cosine", cosine.warmup(0.0, 10_000)?),
        ("polynomial 0.5", Schedule::polynomial(0.1, 1e-3, steps, 0.5)?),
        ("polynomial 0.9", Schedule::polynomial(0.1, 1e-3, steps, 0.9)?),
        ("polynomial 2", Schedule::polynomial(0.1, 1e-3, steps, 2.0)?),
        ("polynomial 3.5", Schedule::polynomial(0.1, 1e-3, steps, 3.5)?),
        ("exponential", Schedule::exponential(0.1, (-1.0 / steps as f64).exp())?),
        ("exponential over time", Schedule::exponential_over(0.1, 0.99, steps as f64 / 500.0)?),
        ("step", Schedule::step(0.1, steps / 1000, 0.99)?),
        ("warm restarts", Schedule::cosine_warm_restarts(0.1, 0.0, 1000, 1.0)?),
        ("warm restarts x 2", Schedule::cosine_warm_restarts(0.1, 0.0, 1000, 2.0)?),
        ("triangular", cyclic.lr()?),
        ("triangular2", cyclic.mode(CyclicMode::Triangular2).lr()?),
        ("exp_range", cyclic.mode(CyclicMode::ExpRange { gamma: (-1.0 / steps as f64).exp() }).lr()?),
        ("inverse sqrt", Schedule::inverse_sqrt(0.1, 4000.0)?),
        ("noam", Schedule::noam(1.0, 512, 4000)?),
        ("rex", Schedule::rex(0.1, 0.0, steps)?),
        (
            "wsd",
            Wsd::new(0.1, steps / 10 * 8, steps / 10)
                .warmup(0.0, steps / 10)
                .decay_shape(Shape::OneMinusSqrt)
                .build()?,
        ),
    ])
}

/// Every other curve and every combination: what nobody should have to avoid.
///
/// # Errors
///
/// None: the parameters are valid.
pub fn others() -> Result<Vec<(&'static str, Schedule)>, ScheduleError> {
    let ramp = |shape| Ramp::new(0.1, 1e-3, COUNT).shape(shape).build();
    let cosine = || ramp(Shape::Cosine);
    let of = |node: Node| Schedule::try_from(node);
    let decaying = Repeat::new(Schedule::cosine_annealing(0.1, 0.0, 1000)?, 1000).growth(1.5).cycle_scale(0.9);
    Ok(vec![
        ("cosine power 0.7", ramp(Shape::CosinePower(0.7))?),
        ("geometric", ramp(Shape::Geometric)?),
        ("1-square", ramp(Shape::OneMinusSquare)?),
        ("1-power 3", ramp(Shape::OneMinusPower(3.0))?),
        ("1-power 0.3", ramp(Shape::OneMinusPower(0.3))?),
        ("exp-half", ramp(Shape::ExpHalf)?),
        ("exp-ratio", ramp(Shape::ExpRatio(0.1))?),
        ("tanh", ramp(Shape::Tanh { lb: -7.0, ub: 3.0 })?),
        ("power law 0.3", of(Node::PowerLaw(PowerLaw { scale: 0.1, offset: 1.0, time_scale: 10.0, power: -0.3 }))?),
        ("eden", Schedule::eden(0.1, 5000.0, 0.25)?),
        ("repeat, lower", decaying.build()?),
        ("product", cosine()?.times(Schedule::linear(1.0, 0.5, COUNT)?)?),
        ("sum", cosine()?.plus(Schedule::linear(1.0, 0.5, COUNT)?)?),
        ("average", of(Node::Average(vec![cosine()?, Schedule::linear(1.0, 0.5, COUNT)?]))?),
        ("min", cosine()?.min(Schedule::linear(0.09, 0.05, COUNT)?)?),
        ("clamp", cosine()?.clamp(0.01, 0.09)?),
        ("complement", of(Node::Complement { whole: 0.2, of: cosine()? })?),
        ("every 10", cosine()?.every(10)?),
        ("stretch", cosine()?.stretch(1.3)?),
        ("advance", cosine()?.advance(0.5)?),
        ("warp", cosine()?.warp(COUNT as f64, 1.5)?),
    ])
}
