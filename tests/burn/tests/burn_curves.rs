//! Our schedules match burn's own curves step by step, on burn 0.21 and 0.22; a table lists where they differ past the end.

use burn_0_21::lr_scheduler as burn_0_21;
use burn_0_22::lr_scheduler as burn_0_22;
use sched_burn::prelude::*;

/// One rounding of an `f64`, relative.
const ROUNDING: f64 = f64::EPSILON / 2.0;

const STEPS: u64 = 3000;

/// Returns the next rate of one of burn's schedulers.
type Burn = Box<dyn FnMut() -> f64>;

fn old(mut scheduler: impl burn_0_21::LrScheduler + 'static) -> Burn {
    Box::new(move || scheduler.step())
}

fn new(scheduler: impl Into<burn_0_22::module_lr_scheduler::ModuleLrScheduler>) -> Burn {
    let mut scheduler = scheduler.into();
    Box::new(move || scheduler.step().base())
}

/// Steps burn's schedulers and ours side by side; `bound` is the largest allowed difference, given the step and our rate.
fn assert_follows(schedule: &Schedule, burns: [Burn; 2], steps: u64, bound: impl Fn(u64, f64) -> f64) {
    for (version, mut burn) in ["0.21", "0.22"].into_iter().zip(burns) {
        let mut ours = Scheduler::new(schedule.clone());
        for step in 0..steps {
            let (ours, burn) = (ours.step(), burn());
            let (distance, bound) = ((ours - burn).abs(), bound(step, ours));
            assert!(distance <= bound, "burn {version}, {schedule}, step {step}: {burn:e}, ours {ours:e}");
        }
    }
}

#[test]
fn constant() {
    for lr in [1e-3, 0.1, 1.0] {
        let burns = [old(burn_0_21::constant::ConstantLr::from(lr)), new(burn_0_22::constant::ConstantLr::from(lr))];
        assert_follows(&Schedule::constant(lr).unwrap(), burns, STEPS, |_, _| 0.0);
        assert_follows(&Schedule::constant(lr).unwrap(), [old(lr), new(lr)], STEPS, |_, _| 0.0);
    }
}

/// burn counts back from the end in whole slopes, so its error is relative to the larger rate: its 0 is not quite 0.
#[test]
fn linear() {
    for (initial, end, steps) in [(0.1, 0.0, 1000), (0.9, 0.3, 7), (1e-6, 1e-3, 500), (0.3, 0.1, 1)] {
        let burns = [
            old(burn_0_21::linear::LinearLrSchedulerConfig::new(initial, end, steps).init().unwrap()),
            new(burn_0_22::linear::LinearLrSchedulerConfig::new(initial, end, steps).init().unwrap()),
        ];
        let schedule = Schedule::linear(initial, end, steps as u64).unwrap();
        assert_follows(&schedule, burns, STEPS, |_, _| 1e-15 * initial.max(end));
    }
}

/// `1 + cos` cancels towards the end, so burn's error is relative to the initial rate there; ours remains relative to
/// the rate.
#[test]
fn cosine() {
    for (initial, min, steps) in [(0.1, 0.0, 1000), (1e-3, 1e-5, 2500), (0.3, 0.1, 1)] {
        let burns = [
            old(burn_0_21::cosine::CosineAnnealingLrSchedulerConfig::new(initial, steps)
                .with_min_lr(min)
                .init()
                .unwrap()),
            new(burn_0_22::cosine::CosineAnnealingLrSchedulerConfig::new(initial, steps)
                .with_min_lr(min)
                .init()
                .unwrap()),
        ];
        let schedule = Schedule::cosine_annealing(initial, min, steps as u64).unwrap();
        let relative_until = steps as u64 / 2;
        assert_follows(&schedule, burns, steps as u64 + 1, |step, ours| {
            1e-15 * if step <= relative_until { ours } else { initial }
        });
    }
}

/// burn multiplies the last rate again at each step, so it drifts by up to one rounding per step, after two at the start.
#[test]
fn exponential() {
    for (initial, gamma) in [(0.1, 0.999), (1.0, 0.9), (0.7, 1.0)] {
        let burns = [
            old(burn_0_21::exponential::ExponentialLrSchedulerConfig::new(initial, gamma).init().unwrap()),
            new(burn_0_22::exponential::ExponentialLrSchedulerConfig::new(initial, gamma).init().unwrap()),
        ];
        let schedule = Schedule::exponential(initial, gamma).unwrap();
        assert_follows(&schedule, burns, STEPS, |step, ours| ours * (1e-15 + (step + 2) as f64 * ROUNDING));
    }
}

#[test]
fn noam() {
    for (factor, warmup_steps, model_size) in [(1.0, 1000, 512), (0.1, 1, 1), (2.0, 4000, 64)] {
        let burns = [
            old(burn_0_21::noam::NoamLrSchedulerConfig::new(factor)
                .with_warmup_steps(warmup_steps)
                .with_model_size(model_size)
                .init()
                .unwrap()),
            new(burn_0_22::noam::NoamLrSchedulerConfig::new(factor)
                .with_warmup_steps(warmup_steps)
                .with_model_size(model_size)
                .init()
                .unwrap()),
        ];
        let schedule = Schedule::noam(factor, model_size as u64, warmup_steps as u64).unwrap();
        assert_follows(&schedule, burns, STEPS, |_, ours| 1e-15 * ours);
    }
}

/// burn computes powers by repeated multiplication, so it drifts by up to one rounding per stair.
#[test]
fn step() {
    for (initial, step_size, gamma) in [(0.1, 30, 0.5), (0.1, 100, 0.1), (1.0, 1, 0.99), (0.01, 500, 1.5)] {
        let burns = [
            old(burn_0_21::step::StepLrSchedulerConfig::new(initial, step_size).with_gamma(gamma).init().unwrap()),
            new(burn_0_22::step::StepLrSchedulerConfig::new(initial, step_size).with_gamma(gamma).init().unwrap()),
        ];
        let step_size = step_size as u64;
        let schedule = Schedule::step(initial, step_size, gamma).unwrap();
        // Below the smallest normal number, a rounding error is no longer relative.
        assert_follows(&schedule, burns, STEPS, |step, ours| {
            ours * (1e-15 + (step / step_size) as f64 * ROUNDING) + 5e-324
        });
    }
}

/// What each version of burn does after the last step of a finite curve, and how to get the same here.
struct PastTheEnd {
    curve: &'static str,
    burn: Burn,
    /// What ours does by default.
    ours: Schedule,
    /// What makes ours do the same as burn.
    same: Schedule,
    differs: bool,
}

#[test]
fn past_the_end() {
    const END: u64 = 10;
    let steps = END as usize;
    let line = || Schedule::linear(0.1, 0.02, END).unwrap();
    let cosine = || Ramp::new(0.1, 0.02, END).shape(Shape::Cosine);
    let old_cosine = burn_0_21::cosine::CosineAnnealingLrSchedulerConfig::new(0.1, steps).with_min_lr(0.02);
    let new_cosine = burn_0_22::cosine::CosineAnnealingLrSchedulerConfig::new(0.1, steps).with_min_lr(0.02);
    let table = [
        PastTheEnd {
            curve: "linear of 0.21 holds its end",
            burn: old(burn_0_21::linear::LinearLrSchedulerConfig::new(0.1, 0.02, steps).init().unwrap()),
            ours: line(),
            same: line(),
            differs: false,
        },
        PastTheEnd {
            curve: "linear of 0.22 holds its end",
            burn: new(burn_0_22::linear::LinearLrSchedulerConfig::new(0.1, 0.02, steps).init().unwrap()),
            ours: line(),
            same: line(),
            differs: false,
        },
        PastTheEnd {
            curve: "cosine of 0.21 starts again, one step after its end",
            burn: old(old_cosine.init().unwrap()),
            ours: cosine().build().unwrap(),
            same: Repeat::new(cosine().build().unwrap(), END + 1).build().unwrap(),
            differs: true,
        },
        PastTheEnd {
            curve: "cosine of 0.22 goes back the way it came",
            burn: new(new_cosine.init().unwrap()),
            ours: cosine().build().unwrap(),
            same: cosine().beyond(Beyond::Mirror).build().unwrap(),
            differs: true,
        },
    ];
    for PastTheEnd { curve, mut burn, ours, same, differs } in table {
        let burn: Vec<f64> = (0..10 * END).map(|_| burn()).collect();
        // The angle of burn's cosine gets less exact as it grows.
        let close = |schedule: &Schedule, step: u64| (schedule.at(step) - burn[step as usize]).abs() <= 1e-15;
        assert!((0..10 * END).all(|step| close(&same, step)), "{curve}");
        assert!((0..=END).all(|step| close(&ours, step)), "{curve}, up to the end");
        assert_eq!(!close(&ours, END + 1), differs, "{curve}, one step past the end");
        assert_eq!(ours.at(10 * END), ours.at(END), "{curve}: ours holds");
    }
}
