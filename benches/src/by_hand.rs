//! The plain formulas of some schedules, as one writes them in `f64`: how fast a machine is at them.

use std::f64::consts::PI;

/// Fills the rates of the steps from 0 on.
pub type Fill = Box<dyn Fn(&mut [f64])>;

fn each(rate: impl Fn(f64) -> f64 + 'static) -> Fill {
    Box::new(move |rates| rates.iter_mut().enumerate().for_each(|(t, to)| *to = rate(t as f64)))
}

/// By the names of [`kinds`](crate::kinds) and [`others`](crate::others), for a run of `steps` updates.
#[must_use]
pub fn by_hand(steps: u64) -> Vec<(&'static str, Fill)> {
    let n = steps as f64;
    let ramp = move |s: fn(f64) -> f64| each(move |t| 1e-3 + (0.1 - 1e-3) * s(t / n));
    let gamma = (-1.0 / n).exp();
    let triangle = move |t: f64| {
        let half = n / 500.0;
        let cycle = (1.0 + t / (2.0 * half)).floor();
        (cycle, (1.0 - (t / half - 2.0 * cycle + 1.0).abs()).max(0.0))
    };
    let swing = 0.1 - 1e-4;
    vec![
        ("linear", each(move |t| 0.1 * (1.0 - t / n))),
        ("cosine", each(move |t| 0.05 * (1.0 + (PI * t / n).cos()))),
        ("polynomial 0.5", ramp(|p| (1.0 - p).powf(0.5))),
        ("polynomial 0.9", ramp(|p| (1.0 - p).powf(0.9))),
        ("polynomial 2", ramp(|p| (1.0 - p).powf(2.0))),
        ("polynomial 3.5", ramp(|p| (1.0 - p).powf(3.5))),
        ("exponential", each(move |t| 0.1 * gamma.powf(t))),
        ("exponential over time", each(move |t| 0.1 * 0.99_f64.powf(t / (n / 500.0)))),
        ("step", each(move |t| 0.1 * 0.99_f64.powf((t / (n / 1000.0)).floor()))),
        ("warm restarts", each(|t| 0.05 * (1.0 + (PI * (t % 1000.0) / 1000.0).cos()))),
        ("triangular", each(move |t| 1e-4 + swing * triangle(t).1)),
        (
            "triangular2",
            each(move |t| {
                let (cycle, height) = triangle(t);
                1e-4 + swing * height / 2_f64.powf(cycle - 1.0)
            }),
        ),
        ("exp_range", each(move |t| 1e-4 + swing * triangle(t).1 * gamma.powf(t))),
        ("inverse sqrt", each(|t| 0.1 / (1.0 + t / 4000.0).sqrt())),
        ("noam", each(|t| 512_f64.powf(-0.5) * (t + 1.0).powf(-0.5).min((t + 1.0) * 4000_f64.powf(-1.5)))),
        ("rex", each(move |t| 0.1 * (1.0 - t / n) / (1.0 - 0.5 * (t / n)))),
        ("cosine power 0.7", ramp(|p| (0.5 * (1.0 + (PI * p).cos())).powf(0.7))),
        ("geometric", each(move |t| 0.1 * 0.01_f64.powf(t / n))),
        ("1-square", ramp(|p| 1.0 - p * p)),
        ("1-power 3", ramp(|p| 1.0 - p.powf(3.0))),
        ("1-power 0.3", ramp(|p| 1.0 - p.powf(0.3))),
        ("exp-half", ramp(|p| 2.0 * 0.5_f64.powf(p) - 1.0)),
        ("exp-ratio", ramp(|p| (0.1_f64.powf(p) - 0.1) / 0.9)),
        ("tanh", ramp(|p| 0.5 * (1.0 - (-7.0 * (1.0 - p) + 3.0 * p).tanh()))),
        ("power law 0.3", each(|t| 0.1 * ((t + 1.0) / 10.0).powf(-0.3))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{COUNT, kinds, others};

    #[test]
    fn the_formulas_are_those_of_the_schedules() {
        let schedules: Vec<_> = kinds(COUNT).unwrap().into_iter().chain(others().unwrap()).collect();
        let (mut ours, mut plain) = (vec![0.0; COUNT as usize], vec![0.0; COUNT as usize]);
        for (name, formula) in by_hand(COUNT) {
            let (_, schedule) = schedules.iter().find(|(kind, _)| *kind == name).unwrap();
            schedule.sample(0, &mut ours);
            formula(&mut plain);
            for (step, (ours, plain)) in ours.iter().zip(&plain).enumerate() {
                assert!((ours - plain).abs() < 1e-10 * plain + 1e-15, "{name}, step {step}: {ours}, by hand {plain}");
            }
        }
    }
}
