//! What is special about fairseq's cases.

use super::Exceptions;

pub(super) const EXCEPTIONS: Exceptions = Exceptions { left_out: &[], held: &[], closures: &[] };

#[test]
fn edges() {
    super::check_edges("fairseq");
}
