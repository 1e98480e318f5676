//! What ignite refuses beyond its golden cases.

use serde_json::json;

use super::nasty;

/// `get_lr` has `(1 - 0 / total_iters) / (1 + 1 / total_iters)` when it is asked again at epoch 0.
#[test]
fn a_polynomial_over_no_steps_cannot_be_wrapped() {
    let polynomial = json!({"kind": "torch.PolynomialLR", "params": {"total_iters": 0}});
    let params = json!({"lr_scheduler": polynomial, "optimizer_lr": 0.1});
    nasty::assert_refused("ignite", "LRScheduler", params, "divides by zero");
}
