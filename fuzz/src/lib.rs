//! What must hold of every schedule and of every state, however they were made.

mod schedule;
mod state;
mod tree;

pub use schedule::check_schedule;
pub use state::check_state;
pub use tree::tree;
