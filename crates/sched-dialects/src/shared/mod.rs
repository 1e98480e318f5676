//! What several libraries have in common.

mod cycles;
mod forms;
mod one_cycle;
mod optimizer;
mod plateau;
mod warm_restarts;

pub(crate) use cycles::{Cycles, one_by_one};
pub(crate) use forms::{
    advanced, between, first_step, followed, from_boundary, held_from, inverse, logistic, polynomial_cycles, power_law,
    staircase, stairs,
};
pub(crate) use warm_restarts::WarmRestarts;
pub(crate) use {
    one_cycle::{Fraction, OneCycleShape},
    optimizer::Optimizer,
    plateau::TorchPlateau,
};
