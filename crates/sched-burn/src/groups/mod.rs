//! Parts of a model that have rates of their own.

mod error;
mod layer_decay;
pub(crate) mod parameter_groups;
pub(crate) mod path;

pub use error::GroupError;
pub use layer_decay::LayerDecay;
