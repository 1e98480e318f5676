//! What every scheduler has but the one that follows a metric.

use crate::declare::{FRESH, Ignored, params};

params! {
    /// Where a run resumes.
    pub(super) struct Resume {
        _last_epoch: i64 where FRESH = -1,
        _verbose: Ignored = false,
    }
}
