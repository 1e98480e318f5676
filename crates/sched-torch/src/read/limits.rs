//! How much of a file is believed before it is refused.

/// Limits that keep a hostile file from costing more than its size.
///
/// The defaults admit checkpoints of very large models. Each error names the limit it met:
///
/// ```
/// use sched_torch::Limits;
///
/// let mut limits = Limits::default();
/// limits.depth = 1000;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Size of the file, in bytes. Only what is asked for is read, so this can exceed the memory. Default: 1 TiB.
    pub file_bytes: u64,
    /// Size of one pickle, unpacked, in bytes. Default: 256 MiB.
    pub pickle_bytes: u64,
    /// Unpacked size of a compressed storage, in bytes. `torch.save` does not compress. Default: 1 GiB.
    pub unpacked_bytes: u64,
    /// Bytes read to find the members of a zip archive. Default: 16 MiB, some 200 000 members.
    pub directory_bytes: u64,
    /// Values: objects, the items of containers, and what is on the stack. A value costs some 150 bytes at
    /// most. Default: 2 097 152.
    pub values: u64,
    /// Entries of the memo, by which a pickle refers to an earlier object. Default: 2 097 152.
    pub memo: u64,
    /// Levels of nesting: a list of numbers is 1. Default: 256.
    pub depth: u64,
    /// Length of one string, one byte string or one integer, in bytes. Default: 64 MiB.
    pub string_bytes: u64,
    /// Elements of a view that has more of them than its storage, because it has a stride of 0. Checked when they are
    /// asked for. Default: 16 777 216.
    pub expanded_elements: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 1 << 40,
            pickle_bytes: 256 << 20,
            unpacked_bytes: 1 << 30,
            directory_bytes: 16 << 20,
            values: 1 << 21,
            memo: 1 << 21,
            depth: 256,
            string_bytes: 64 << 20,
            expanded_elements: 1 << 24,
        }
    }
}

/// What was exceeded, and which field of [`Limits`] raises it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} exceeds the limit of {limit}; raise `Limits::{field}` if you trust the file")]
pub struct LimitExceeded {
    /// What was counted, with its unit.
    pub what: &'static str,
    /// The limit in force.
    pub limit: u64,
    /// The field of [`Limits`].
    pub field: &'static str,
}

macro_rules! checks {
    ($($name:ident: $what:literal),* $(,)?) => {
        /// One check per limit, so that its name and its words stand in one place.
        impl Limits {
            $(pub(crate) fn $name(&self, found: u64) -> Result<(), LimitExceeded> {
                if found > self.$name {
                    return Err(LimitExceeded { what: $what, limit: self.$name, field: stringify!($name) });
                }
                Ok(())
            })*
        }
    };
}

checks! {
    file_bytes: "the size of the file in bytes",
    pickle_bytes: "the size of a pickle in bytes",
    unpacked_bytes: "the unpacked size of a compressed storage in bytes",
    directory_bytes: "the directory of the zip archive in bytes",
    values: "the number of values",
    memo: "the number of memo entries",
    depth: "the depth of nesting",
    string_bytes: "the length of a string in bytes",
    expanded_elements: "the number of elements of an expanded view",
}
