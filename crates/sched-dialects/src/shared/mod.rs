//! What several libraries have in common.

mod cycles;
mod forms;
#[allow(dead_code, reason = "until torch is ported")]
mod one_cycle;
#[allow(dead_code, reason = "until torch is ported")]
mod optimizer;
#[allow(dead_code, reason = "until torch is ported")]
mod plateau;
mod warm_restarts;

pub(crate) use cycles::{Cycles, one_by_one};
pub(crate) use forms::{between, followed, from_boundary, held_from, polynomial_cycles, staircase, stairs};
pub(crate) use warm_restarts::WarmRestarts;
#[allow(unused_imports, reason = "until torch is ported")]
pub(crate) use {one_cycle::OneCycleShape, optimizer::Optimizer, plateau::TorchPlateau};
