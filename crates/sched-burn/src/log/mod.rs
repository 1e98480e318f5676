//! What a training shows and writes down as it runs, whatever the version of burn.

mod learning_rates;
mod tap;

pub use learning_rates::LearningRates;
pub(crate) use learning_rates::{LEARNING_RATES_DESCRIPTION, LEARNING_RATES_NAME};
pub(crate) use tap::Tap;
