//! Reals to 106 bits and their elementary functions: the ground that evaluation stands on.

mod elementary;
mod parted;
mod real;

pub(crate) use elementary::{Precision, nearest};
pub(crate) use parted::Parted;
pub(crate) use real::{EXACT, Real};
