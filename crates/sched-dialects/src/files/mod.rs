//! Files as people have them: configurations of trainers, read for the rates that the trainer uses.
//!
//! A kind of file says how it is recognised and what it means; `KINDS` lists them, the more particular first. What the file
//! does not say and the run knows comes from the [`Plan`](sched_core::Plan).

mod error;
mod fields;
mod found;
mod kinds;
mod places;
mod read;
mod run;
mod syntax;
mod to_yaml;
mod yaml;

pub use error::FileError;
pub use found::Found;
pub use kinds::KINDS;
pub use places::{Place, places};
pub use read::{read, read_value};
pub use syntax::{Syntax, parse};
pub use to_yaml::to_yaml;
