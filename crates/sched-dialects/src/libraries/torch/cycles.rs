//! Schedulers that replace the optimizer's rate by their own, and move the momentum against it.

use sched_core::{Cyclic, CyclicMode, OneCycle, Schedule, ScheduleError, Value};

use super::epochs::Epochs;
use super::rule::{Group, Resume, Rule, Swing};
use crate::declare::{ABOVE_0, AT_LEAST_0, Context, Ignored, Params, PerGroup, Refusal, params, words};
use crate::shared::{OneCycleShape, Optimizer};

params! {
    /// Triangles between `base_lr` and `max_lr`.
    pub(super) struct CyclicLR {
        base_lr: PerGroup<f64> where AT_LEAST_0,
        max_lr: PerGroup<f64> where AT_LEAST_0,
        step_size_up: Epochs where ABOVE_0 = 2000,
        step_size_down: Option<Epochs>,
        mode: Mode = "triangular",
        gamma: f64 = 1.0,
        scale_fn: Option<Value>,
        _scale_mode: Ignored = "cycle",
        cycle_momentum: bool = true,
        base_momentum: PerGroup<f64> = 0.8,
        max_momentum: PerGroup<f64> = 0.9,
        .._resume: Resume,
    }
}

pub(super) enum Mode {
    Triangular,
    Triangular2,
    ExpRange,
}

words! {
    Mode { "triangular" => Self::Triangular, "triangular2" => Self::Triangular2, "exp_range" => Self::ExpRange }
}

const MOST_PARTS: u32 = 1000;

const SCALE: &str = "`Scheduler::new(|step: u64| base_lr + (max_lr - base_lr) * triangle(step) * scale(step))`";

impl CyclicLR {
    /// The lengths of both sides in parts of a step, of which they have whole numbers; `None` if a step would have more than
    /// [`MOST_PARTS`].
    fn sizes(&self) -> Option<(u64, u64, u32)> {
        let down = self.step_size_down.unwrap_or(self.step_size_up);
        if let (Some(up), Some(down)) = (self.step_size_up.whole(), down.whole()) {
            return Some((up, down, 1));
        }
        let is_whole = |size: f64| size.fract() == 0.0;
        let sides = |parts: u32| [self.step_size_up, down].map(|side| side.value() * f64::from(parts));
        let parts = (1..=MOST_PARTS).find(|parts| sides(*parts).into_iter().all(is_whole))?;
        let [up, down] = sides(parts).map(|side| side as u64);
        Some((up, down, parts))
    }

    /// Triangles from one value to another, which may be the lower one.
    fn triangles(&self, from: f64, to: f64) -> Result<Schedule, ScheduleError> {
        let (up, down, parts) = self.sizes().unwrap_or((0, 0, 1));
        let mode = match self.mode {
            Mode::Triangular => CyclicMode::Triangular,
            Mode::Triangular2 => CyclicMode::Triangular2,
            Mode::ExpRange if parts == 1 => CyclicMode::ExpRange { gamma: self.gamma },
            Mode::ExpRange => CyclicMode::ExpRange { gamma: libm::pow(self.gamma, 1.0 / f64::from(parts)) },
        };
        let cycle = |base, max| Cyclic::new(base, max, up).step_size_down(down).mode(mode);
        let cycles =
            if from > to { cycle(*self.base_lr, *self.max_lr).momentum(to, from) } else { cycle(from, to).lr() };
        if parts == 1 { cycles } else { cycles?.stretch(1.0 / f64::from(parts)) }
    }

    fn swing(&self) -> Option<Swing> {
        self.cycle_momentum.then(|| Swing { base: *self.base_momentum, max: *self.max_momentum })
    }
}

impl Rule for CyclicLR {
    fn check(&self, cx: &Context<'_>) -> Result<(), Refusal> {
        if self.scale_fn.is_some() {
            return Err(Self::scale_fn.code(SCALE));
        }
        Self::step_size_up
            .must(self.sizes().is_some(), "be a multiple of a step's 1000th part, and so must `step_size_down`")?;
        has_momentum(cx, self.cycle_momentum)
    }

    fn curve(&self, _: f64) -> Result<Schedule, ScheduleError> {
        self.triangles(*self.base_lr, *self.max_lr)
    }

    fn has_own_rates(&self) -> bool {
        true
    }

    fn momentum(&self) -> Result<Option<Schedule>, ScheduleError> {
        self.swing().map(|swing| self.triangles(swing.max, swing.base)).transpose()
    }

    fn sets(&self, _: u64) -> bool {
        true
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        epoch.checked_add(1)
    }

    fn announce(&self, group: &mut Group) {
        group.initial_lr.get_or_insert(*self.base_lr);
        group.swing = self.swing().or(group.swing);
    }

    /// The base class still writes its own rates.
    fn settle(&self, group: &mut Group) {
        group.lr = group.initial_lr.unwrap_or(group.lr);
    }
}

params! {
    /// Up to `max_lr` and down again; phases end at steps `pct_start N - 1`, (`2 pct_start N - 2`,) `N - 1`. `N` steps exist,
    /// and from the last one on the rate holds: PyTorch takes one call more, which rises or goes negative, then raises.
    pub(super) struct OneCycleLR {
        max_lr: PerGroup<f64> where AT_LEAST_0,
        total_steps: Option<u64> where ABOVE_0,
        epochs: Option<u64>,
        steps_per_epoch: Option<u64>,
        cycle_momentum: bool = true,
        base_momentum: PerGroup<f64> = 0.85,
        max_momentum: PerGroup<f64> = 0.95,
        ..cycle: OneCycleShape,
        .._resume: Resume,
    }
}

impl OneCycleLR {
    fn total(&self) -> u64 {
        let product = || self.epochs.unwrap_or(0).saturating_mul(self.steps_per_epoch.unwrap_or(0));
        self.total_steps.unwrap_or_else(product)
    }

    fn cycle(&self) -> OneCycle {
        self.cycle.cycle(*self.max_lr, self.total())
    }

    fn swing(&self) -> Option<Swing> {
        self.cycle_momentum.then(|| Swing { base: *self.base_momentum, max: *self.max_momentum })
    }
}

impl Rule for OneCycleLR {
    fn check(&self, cx: &Context<'_>) -> Result<(), Refusal> {
        if self.total_steps.is_none() {
            let rule = "be given, and 1 or more, if `total_steps` is not given";
            Self::epochs.must(self.epochs.is_some_and(|count| count > 0), rule)?;
            Self::steps_per_epoch.must(self.steps_per_epoch.is_some_and(|count| count > 0), rule)?;
        }
        let divides_by_zero = self.cycle.divides_by_zero(self.total());
        OneCycleShape::pct_start.must(!divides_by_zero, "not be 1 / `total_steps`, where PyTorch divides by zero")?;
        has_momentum(cx, self.cycle_momentum)
    }

    fn curve(&self, _: f64) -> Result<Schedule, ScheduleError> {
        self.cycle().lr()
    }

    fn has_own_rates(&self) -> bool {
        true
    }

    fn momentum(&self) -> Result<Option<Schedule>, ScheduleError> {
        self.swing().map(|swing| self.cycle().momentum(swing.base, swing.max)).transpose()
    }

    fn sets(&self, _: u64) -> bool {
        true
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        epoch.checked_add(1)
    }

    fn next_error(&self, _: u64) -> Option<u64> {
        Some(self.total().saturating_add(1))
    }

    fn announce(&self, group: &mut Group) {
        group.initial_lr = Some(*self.max_lr / self.cycle.div_factor);
        group.one_cycle = Some(self.cycle());
        group.swing = self.swing().or(group.swing);
    }

    fn adopt(&mut self, group: &Group) {
        if let Some(last) = group.one_cycle {
            *self.max_lr = last.max_lr;
            (self.cycle.div_factor, self.cycle.final_div_factor) = (last.div_factor, last.final_div_factor);
        }
        if let Some(last) = group.swing {
            (*self.base_momentum, *self.max_momentum) = (last.base, last.max);
        }
    }
}

/// `Ok` if the optimizer has a momentum or betas, or the scheduler does not cycle them.
fn has_momentum(cx: &Context<'_>, cycles_momentum: bool) -> Result<(), Refusal> {
    const WITHOUT: [&str; 6] = ["Adadelta", "Adafactor", "Adagrad", "ASGD", "LBFGS", "Rprop"];
    let has_none = cycles_momentum
        && Optimizer::read(cx)?.optimizer.is_some_and(|optimizer| WITHOUT.contains(&optimizer.as_str()));
    Optimizer::optimizer.must(!has_none, "have a momentum or betas, or `cycle_momentum` be false")
}
