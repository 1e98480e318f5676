//! What is special about pytorch_optimizer's cases.

use super::Exceptions;

pub(super) const EXCEPTIONS: Exceptions = Exceptions {
    // Update k has the rate of the library's step k - 1.
    held: &[
        ("pytorch_optimizer-p-LinearScheduler-01", 27, "the line goes on below 0 past `t_max`"),
        ("pytorch_optimizer-p-PolyScheduler-01", 27, "the rate grows without bound past `t_max`"),
    ],
    closures: &[],
};
