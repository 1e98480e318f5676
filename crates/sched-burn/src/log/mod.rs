//! What a training shows and writes down as it runs, whatever the version of burn.

mod journal;
mod learning_rates;
mod lines;
mod scalars;
mod tap;
mod tensorboard;
mod text;

pub(crate) use journal::Journal;
pub use learning_rates::LearningRates;
pub(crate) use learning_rates::{LEARNING_RATES_DESCRIPTION, LEARNING_RATES_NAME};
pub(crate) use lines::{Lines, is_off_a_terminal};
pub use scalars::{ScalarWriter, Scalars};
pub(crate) use tap::Tap;
pub use tensorboard::TensorBoard;
pub use text::{Csv, JsonLines};
