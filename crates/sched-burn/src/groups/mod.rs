//! Parts of a model that have rates of their own.

mod error;
mod layer_decay;
mod path;

pub use error::GroupError;
pub use layer_decay::LayerDecay;
pub(crate) use layer_decay::check;
#[cfg(feature = "burn-0_21")]
pub(crate) use path::check_all_taken;
pub(crate) use path::{PartPath, Walk};
