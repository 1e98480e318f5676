//! A schedule in the course of a run, as the rules look at it.

mod course;
mod piece;

pub(crate) use course::{Course, NOTABLE};
pub(crate) use piece::Piece;
