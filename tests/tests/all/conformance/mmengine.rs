//! What is special about mmengine's cases.

use super::Exceptions;

pub(super) const EXCEPTIONS: Exceptions = Exceptions {
    held: &[(
        "mmengine-p-OneCycleLR-01",
        40,
        "one call more than `total_steps` extrapolates past the last phase, and the next one raises",
    )],
    closures: &[],
};
