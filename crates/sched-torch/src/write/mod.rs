//! State dicts that PyTorch loads: recognised from schedules, or copied from a file.

mod archive;
mod cycles;
mod dict;
mod error;
mod guess;
mod pickle;
mod plateau;
mod python;
mod recognise;
mod state_dict;

pub use error::WriteError;
pub use state_dict::StateDict;
