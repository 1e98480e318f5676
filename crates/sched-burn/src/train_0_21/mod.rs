//! What takes part in a training of burn 0.21's Learner.

mod factor;
mod loader;
mod logger;
mod training;

pub use training::supervised_training;
