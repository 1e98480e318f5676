//! How much of a file is read.

use sched_files::Limit;

use super::number::count;

/// The limit on the size of files.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub(crate) struct LimitArgs {
    /// Refuse larger files, in bytes [default: 16 MiB].
    #[arg(long, value_name = "N", help_heading = "Limits", value_parser = count, allow_negative_numbers = true)]
    max_bytes: Option<u64>,
}

impl LimitArgs {
    /// The limit that was given, for files of which only a part is read.
    pub(crate) fn given(self) -> Option<u64> {
        self.max_bytes
    }

    pub(crate) fn limit(self) -> Limit {
        self.max_bytes.map_or_else(Limit::default, Limit::new).raised_by("--max-bytes")
    }
}
