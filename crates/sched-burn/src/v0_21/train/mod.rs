//! What takes part in a training with burn's `Learner`, for the feature `burn-0_21`.

mod checkpoint;
mod epoch_lines;
mod factor;
mod find_lr;
mod learning_rates;
mod loader;
mod logger;
mod scalar_logger;
mod tensors;
mod training;

pub use checkpoint::{SelfChecked, newest_checkpoint, write_scheduler};
pub use epoch_lines::EpochLines;
pub use find_lr::{find_lr, find_lr_with};
pub use scalar_logger::ScalarLogger;
pub use training::supervised_training;
