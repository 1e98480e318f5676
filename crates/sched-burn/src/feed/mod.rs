//! How a metric gets from burn's training loop to the schedulers that follow it, whatever the version of burn.

mod ending;
mod error;
mod follower;
mod handle;
mod loader;
mod pace;
mod place;
mod state;
mod steps;
mod watch;

pub(crate) use ending::Ending;
pub use error::FeedError;
pub(crate) use follower::Follower;
pub use handle::Feed;
pub(crate) use handle::{FACTOR_DESCRIPTION, FACTOR_NAME};
pub(crate) use loader::{EpochWatch, LoaderWatch};
pub(crate) use state::Mean;
pub(crate) use steps::Steps;
pub(crate) use watch::Split;
pub use watch::Watch;
