//! What is special about PyTorch's cases.

use std::f64::consts::PI;

use super::Exceptions;

pub(super) const EXCEPTIONS: Exceptions = Exceptions {
    held: &[
        ("torch-p-OneCycleLR-07", 40, "one call more than `total_steps`: the rate turns up"),
        ("torch-p-SequentialLR-07", 24, "one call more than the `total_steps` of its OneCycleLR: the rate turns up"),
    ],
    closures: &[
        ("torch-p-CyclicLR-07", |_, step| {
            let (cycle, local) = (step / 14 + 1, (step % 14) as f64);
            let triangle = if local <= 7.0 { local / 7.0 } else { (14.0 - local) / 7.0 };
            0.01 + (0.1 - 0.01) * triangle * (0.5 * (1.0 + (cycle as f64 * PI / 2.0).sin()))
        }),
        ("torch-p-SWA_switch-01", |_, step| {
            let rate = |step: u64| 0.3 * 0.9_f64.powi(step as i32);
            if step <= 20 { rate(step) } else { rate(20) + (0.05 - rate(20)) * ((step - 20) as f64 / 8.0).min(1.0) }
        }),
        ("torch-p-LambdaLR-01", |group, step| match group {
            0 => 0.1 * (step / 30) as f64,
            _ => 0.01 * 0.95_f64.powi(step as i32),
        }),
        ("torch-p-LambdaLR-02", |_, step| 0.1 / ((step + 1) as f64).sqrt()),
        ("torch-p-MultiplicativeLR-01", |_, step| 0.1 * 0.95_f64.powi(step as i32)),
        ("torch-p-MultiplicativeLR-02", |group, step| match group {
            0 => (1..=step).fold(0.1, |lr, epoch| lr * if epoch < 10 { 0.9 } else { 0.99 }),
            _ => (1..=step).fold(1.0, |lr, epoch| lr * (1.0 - 1.0 / (epoch + 1) as f64)),
        }),
    ],
};
