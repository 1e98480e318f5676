//! What a scheduler's state dict means: its class, and for each parameter group a schedule, a position and a rule.

mod class;
mod error;
mod fields;
mod number;
mod optimizer;
mod params;
mod plateau;
mod resume;
mod state;

pub use error::{Problem, ResumeError};
pub use resume::{ResumeOptions, Resumed, ResumedGroup};
