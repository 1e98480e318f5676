//! The end of a training: burn announces none, but drops what it was given.

use super::handle::Feed;

/// Tells the feed, when dropped, that its training is over. Kept by what lives on burn's threads, so a panic there
/// counts, too.
pub(crate) struct Ending {
    feed: Feed,
    run: u64,
}

impl Ending {
    /// Of the training that the feed is in now.
    pub(crate) fn of(feed: &Feed) -> Self {
        Self { feed: feed.clone(), run: feed.run() }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.feed.end(self.run);
    }
}
