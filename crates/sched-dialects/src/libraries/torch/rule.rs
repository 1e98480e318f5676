//! What each of PyTorch's schedulers does: as a curve, and as the step from one rate to the next that PyTorch takes.

use crate::declare::DialectError;
use crate::declare::legacy::Params;
use sched_core::{
    Anneal, Beyond, Cyclic, CyclicMode, Milestone, Node, OneCycle, Ramp, Repeat, Schedule, ScheduleError, Shape, Steps,
    Value,
};

/// A scheduler that is not made of others.
#[derive(Clone)]
pub(super) enum Rule {
    Step { size: u64, gamma: f64 },
    MultiStep { milestones: Vec<u64>, gamma: f64 },
    Constant { factor: f64, total: u64 },
    Linear { start: f64, end: f64, total: u64 },
    Exponential { gamma: f64 },
    Polynomial { total: u64, power: f64 },
    Cosine { t_max: u64, eta_min: f64 },
    Restarts { t_0: u64, t_mult: u64, eta_min: f64 },
    Cyclic { cycle: Cyclic, momentum: Option<Swing> },
    OneCycle { cycle: OneCycle, total: u64, momentum: Option<Swing> },
    Swa { swa_lr: f64, epochs: u64, shape: Shape },
}

/// The momentums that a cycle goes between, in no order.
#[derive(Clone, Copy)]
pub(super) struct Swing {
    pub(super) base: f64,
    pub(super) max: f64,
}

impl Rule {
    pub(super) fn read(p: &Params<'_>) -> Result<Self, DialectError> {
        match p.kind() {
            "StepLR" => step_lr(p),
            "MultiStepLR" => multi_step_lr(p),
            "ConstantLR" => constant_lr(p),
            "LinearLR" => linear_lr(p),
            "ExponentialLR" => exponential_lr(p),
            "PolynomialLR" => polynomial_lr(p),
            "CosineAnnealingLR" => cosine_annealing_lr(p),
            "CosineAnnealingWarmRestarts" => cosine_annealing_warm_restarts(p),
            "CyclicLR" => cyclic_lr(p),
            "OneCycleLR" => one_cycle_lr(p),
            "SWALR" => swalr(p),
            "LambdaLR" => Err(p.code("lr_lambda", LAMBDA)),
            "MultiplicativeLR" => Err(p.code("lr_lambda", MULTIPLICATIVE)),
            _ => Err(p.refused("kind", "be a scheduler that can be a member of others")),
        }
    }

    /// The whole course from `base`, the optimizer's rate.
    pub(super) fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        match *self {
            Self::Step { size: 0, .. } => Schedule::constant(base),
            Self::Step { size, gamma } => Schedule::step(base, size, gamma),
            Self::MultiStep { ref milestones, .. } if milestones.is_empty() => Schedule::constant(base),
            Self::MultiStep { ref milestones, gamma } => Schedule::multi_step(base, milestones, gamma),
            Self::Constant { factor, total } if factor == 0.0 || total == 0 => Schedule::constant(base * factor),
            Self::Constant { factor, total } => Schedule::piecewise_constant(base * factor, &[(total, base)]),
            Self::Linear { start, total: 0, .. } => Schedule::constant(base * start),
            Self::Linear { start, end, total } => Schedule::linear(base * start, base * end, total),
            Self::Exponential { gamma } => Schedule::exponential(base, gamma),
            Self::Polynomial { total, power } if total == 0 || power == 0.0 => Schedule::constant(base),
            Self::Polynomial { total, power } => Schedule::polynomial(base, 0.0, total, power),
            Self::Cosine { t_max: 0, .. } => Schedule::constant(base),
            Self::Cosine { t_max, eta_min } => {
                Ramp::new(base, eta_min, t_max).shape(Shape::Cosine).beyond(Beyond::Mirror).build()
            }
            Self::Restarts { t_0, t_mult, eta_min } => {
                Schedule::cosine_warm_restarts(base, eta_min, t_0, t_mult as f64)
            }
            Self::Cyclic { cycle, .. } => triangles(cycle, cycle.base_lr, cycle.max_lr),
            Self::OneCycle { cycle, .. } => cycle.lr(),
            Self::Swa { swa_lr, epochs, shape } => Ramp::new(base, swa_lr, epochs).shape(shape).build(),
        }
    }

    /// Whether the optimizer's rate does not matter to it.
    pub(super) fn has_own_rates(&self) -> bool {
        matches!(self, Self::Cyclic { .. } | Self::OneCycle { .. })
    }

    /// The momentum, where it is driven.
    pub(super) fn momentum(&self) -> Result<Option<Schedule>, ScheduleError> {
        match *self {
            Self::Cyclic { cycle, momentum: Some(swing), .. } => triangles(cycle, swing.max, swing.base).map(Some),
            Self::OneCycle { cycle, momentum: Some(swing), .. } => cycle.momentum(swing.base, swing.max).map(Some),
            _ => Ok(None),
        }
    }

    /// The rate that it draws the optimizer's to; 0 for one that multiplies.
    pub(super) fn target(&self) -> f64 {
        match *self {
            Self::Cosine { eta_min, .. } => eta_min,
            Self::Swa { swa_lr, .. } => swa_lr,
            _ => 0.0,
        }
    }

    /// What is left of the distance from `target`, from 1 at the start.
    pub(super) fn weight(&self) -> Result<Schedule, ScheduleError> {
        match *self {
            Self::Cosine { t_max, .. } => Self::Cosine { t_max, eta_min: 0.0 }.curve(1.0),
            Self::Swa { epochs, shape, .. } => Self::Swa { swa_lr: 0.0, epochs, shape }.curve(1.0),
            _ => self.curve(1.0),
        }
    }

    /// Whether it sets the rate, whatever it was.
    pub(super) fn is_absolute(&self) -> bool {
        matches!(self, Self::Restarts { .. } | Self::Cyclic { .. } | Self::OneCycle { .. })
    }

    /// What the rate is multiplied by at an epoch after the first.
    pub(super) fn ratio(&self, epoch: u64) -> f64 {
        match *self {
            Self::Step { size, gamma } if epoch.is_multiple_of(size) => gamma,
            Self::MultiStep { ref milestones, gamma } => {
                let count = milestones.iter().filter(|milestone| **milestone == epoch).count();
                libm::pow(gamma, count as f64)
            }
            Self::Constant { factor, total } if epoch == total && factor > 0.0 => 1.0 / factor,
            Self::Linear { start, end, total } if epoch <= total => {
                let weighted = |done: u64| start * (total - done) as f64 + end * done as f64;
                weighted(epoch) / weighted(epoch - 1)
            }
            Self::Exponential { gamma } => gamma,
            Self::Polynomial { total, power } if epoch <= total => {
                let left = (total - epoch) as f64;
                libm::pow(left / (left + 1.0), power)
            }
            _ => 1.0,
        }
    }

    /// The next epoch at which it does something to the rate.
    pub(super) fn next_change(&self, epoch: u64) -> Option<u64> {
        let next = epoch.checked_add(1)?;
        match *self {
            Self::Step { size, gamma } => (gamma != 1.0).then(|| next.checked_next_multiple_of(size))?,
            Self::MultiStep { ref milestones, gamma } => {
                milestones.iter().copied().find(|milestone| gamma != 1.0 && *milestone > epoch)
            }
            Self::Constant { factor, total } => (factor != 1.0 && epoch < total).then_some(total),
            Self::Linear { start, end, total } => (start != end && epoch < total).then_some(next),
            Self::Exponential { gamma } => (gamma != 1.0).then_some(next),
            Self::Polynomial { total, power } => (power != 0.0 && epoch < total).then_some(next),
            Self::Cosine { t_max, .. } => (t_max > 0).then_some(next),
            Self::Swa { epochs, .. } => (epoch < epochs).then_some(next),
            Self::Restarts { .. } | Self::Cyclic { .. } | Self::OneCycle { .. } => Some(next),
        }
    }

    /// The next epoch at which PyTorch raises an error.
    pub(super) fn next_error(&self, epoch: u64) -> Option<u64> {
        match *self {
            Self::Step { size: 0, .. } | Self::Cosine { t_max: 0, .. } => Some(epoch.saturating_add(1)),
            Self::Constant { factor, total } => (factor == 0.0 && epoch < total).then_some(total),
            Self::OneCycle { total, .. } => Some(total.saturating_add(1)),
            _ => None,
        }
    }

    /// After how many epochs it does the same again; `None` if it does not, or comes to an end.
    pub(super) fn period(&self) -> Option<u64> {
        match *self {
            Self::Step { size, .. } => Some(size),
            Self::Exponential { .. } => Some(1),
            Self::Cosine { t_max, .. } => t_max.checked_mul(2),
            Self::Restarts { t_0, t_mult: 1, .. } => Some(t_0),
            _ => None,
        }
    }

    /// [`ratio`](Self::ratio) as a schedule, as long as it has no more than `limit` changes.
    pub(super) fn ratios(&self, limit: usize) -> Result<Option<Schedule>, ScheduleError> {
        let mut milestones = Vec::new();
        match *self {
            Self::Exponential { gamma } => return Schedule::constant(gamma).map(Some),
            Self::Step { size, gamma } => {
                let once = Steps { initial: gamma, milestones: [Milestone { step: 1, value: 1.0 }].into() };
                return Repeat::new(Node::Steps(once).try_into()?, size).build().map(Some);
            }
            _ => {}
        }
        let mut epoch = 0;
        while let Some(next) = self.next_change(epoch) {
            milestones.push(Milestone { step: next, value: self.ratio(next) });
            let after = next.saturating_add(1);
            if self.next_change(next) != Some(after) {
                milestones.push(Milestone { step: after, value: 1.0 });
            }
            if milestones.len() > limit {
                return Ok(None);
            }
            epoch = next;
        }
        if milestones.is_empty() {
            return Schedule::constant(1.0).map(Some);
        }
        Node::Steps(Steps { initial: 1.0, milestones }).try_into().map(Some)
    }
}

/// Triangles from one value to another, which may be the lower one.
fn triangles(mut cycle: Cyclic, from: f64, to: f64) -> Result<Schedule, ScheduleError> {
    if from > to {
        return cycle.momentum(to, from);
    }
    (cycle.base_lr, cycle.max_lr) = (from, to);
    cycle.lr()
}

const LAMBDA: &str =
    "`Scheduler::new(|step: u64| 0.1 * 0.95_f64.powi(step as i32))` for a rate of 0.1 and `0.95 ** epoch`";

const MULTIPLICATIVE: &str = "`Scheduler::new(|step: u64| (1..=step).fold(0.1, |lr, epoch| lr * factor(epoch)))` for a \
                              rate of 0.1, or `Schedule::exponential(0.1, 0.95)` for a factor that is always 0.95";

const SCALE: &str = "`Scheduler::new(|step: u64| base_lr + (max_lr - base_lr) * triangle(step) * scale(step))`";

/// `lr * gamma^floor(t / step_size)`.
fn step_lr(p: &Params<'_>) -> Result<Rule, DialectError> {
    Ok(Rule::Step { size: p.count("step_size")?, gamma: p.number("gamma")? })
}

/// `lr * gamma^(number of milestones <= t)`, in any order, each as often as it is given.
fn multi_step_lr(p: &Params<'_>) -> Result<Rule, DialectError> {
    let mut milestones = p.counts("milestones")?;
    milestones.sort_unstable();
    Ok(Rule::MultiStep { milestones, gamma: p.number("gamma")? })
}

/// `lr * factor` before `total_iters`, `lr` from there on; for ever `lr * factor` if `total_iters` or `factor` is 0.
fn constant_lr(p: &Params<'_>) -> Result<Rule, DialectError> {
    let factor = p.number("factor")?;
    p.check((0.0..=1.0).contains(&factor), "factor", "be between 0 and 1")?;
    Ok(Rule::Constant { factor, total: p.count("total_iters")? })
}

/// From `lr * start_factor` to `lr * end_factor` at `total_iters`; for ever the first if `total_iters` is 0.
fn linear_lr(p: &Params<'_>) -> Result<Rule, DialectError> {
    let (start, end) = (p.number("start_factor")?, p.number("end_factor")?);
    p.check(start > 0.0 && start <= 1.0, "start_factor", "be above 0 and at most 1")?;
    p.check((0.0..=1.0).contains(&end), "end_factor", "be between 0 and 1")?;
    Ok(Rule::Linear { start, end, total: p.count("total_iters")? })
}

/// `lr * gamma^t`.
fn exponential_lr(p: &Params<'_>) -> Result<Rule, DialectError> {
    Ok(Rule::Exponential { gamma: p.number("gamma")? })
}

/// `lr * (1 - t / total_iters)^power`, then 0; for ever `lr` if `total_iters` or `power` is 0.
fn polynomial_lr(p: &Params<'_>) -> Result<Rule, DialectError> {
    Ok(Rule::Polynomial { total: p.count("total_iters")?, power: p.number("power")? })
}

/// `eta_min + (lr - eta_min) (1 + cos(pi t / T_max)) / 2`, up again past `T_max`; for ever `lr` if that is 0.
fn cosine_annealing_lr(p: &Params<'_>) -> Result<Rule, DialectError> {
    Ok(Rule::Cosine { t_max: p.count("T_max")?, eta_min: p.number("eta_min")? })
}

/// Half a cosine wave over `T_0`, `T_0 * T_mult`, ... epochs; the first epoch of each has `lr`.
fn cosine_annealing_warm_restarts(p: &Params<'_>) -> Result<Rule, DialectError> {
    for name in ["T_0", "T_mult"] {
        p.check(matches!(p.value(name)?, Value::Int(1..)), name, "be a whole number, 1 or more")?;
    }
    Ok(Rule::Restarts { t_0: p.count("T_0")?, t_mult: p.count("T_mult")?, eta_min: p.number("eta_min")? })
}

/// Triangles between `base_lr` and `max_lr`; the optimizer's rate is not used. The momentum mirrors the rate.
fn cyclic_lr(p: &Params<'_>) -> Result<Rule, DialectError> {
    if p.value("scale_fn")? != Value::Null {
        return Err(p.code("scale_fn", SCALE));
    }
    let mode = match p.text("mode")?.as_str() {
        "triangular" => CyclicMode::Triangular,
        "triangular2" => CyclicMode::Triangular2,
        "exp_range" => CyclicMode::ExpRange { gamma: p.number("gamma")? },
        _ => return Err(p.refused("mode", "be `triangular`, `triangular2` or `exp_range`")),
    };
    let up = p.count("step_size_up")?;
    p.check(up > 0, "step_size_up", "be 1 or more")?;
    let down = p.count_or_null("step_size_down")?.unwrap_or(up);
    let cycle = Cyclic::new(p.number("base_lr")?, p.number("max_lr")?, up).step_size_down(down).mode(mode);
    Ok(Rule::Cyclic { cycle, momentum: momentum(p)? })
}

/// Up to `max_lr` and down again; phases end at steps `pct_start N - 1`, (`2 pct_start N - 2`,) `N - 1`. `N` steps exist,
/// and from the last one on the rate holds: PyTorch takes one call more, which rises or goes negative, then raises.
fn one_cycle_lr(p: &Params<'_>) -> Result<Rule, DialectError> {
    let total = match p.count_or_null("total_steps")? {
        Some(total) => total,
        None => {
            for name in ["epochs", "steps_per_epoch"] {
                let rule = "be given, and 1 or more, if `total_steps` is not given";
                p.check(p.count_or_null(name)?.is_some_and(|count| count > 0), name, rule)?;
            }
            p.count("epochs")?.saturating_mul(p.count("steps_per_epoch")?)
        }
    };
    p.check(total > 0, "total_steps", "be 1 or more")?;
    let pct_start = p.number("pct_start")?;
    let is_float = matches!(p.value("pct_start")?, Value::Number(_));
    p.check(is_float && (0.0..=1.0).contains(&pct_start), "pct_start", "be a float between 0.0 and 1.0")?;
    p.check(pct_start * total as f64 != 1.0, "pct_start", "not be 1 / `total_steps`, where PyTorch divides by zero")?;
    let anneal = match p.text("anneal_strategy")?.as_str() {
        "cos" => Anneal::Cos,
        "linear" => Anneal::Linear,
        _ => return Err(p.refused("anneal_strategy", "be `cos` or `linear`")),
    };
    let (div_factor, final_div_factor) = (p.number("div_factor")?, p.number("final_div_factor")?);
    p.check(div_factor > 0.0, "div_factor", "be above 0")?;
    p.check(final_div_factor > 0.0, "final_div_factor", "be above 0")?;
    let cycle = OneCycle::new(p.number("max_lr")?, total)
        .pct_start(pct_start)
        .anneal(anneal)
        .div_factor(div_factor)
        .final_div_factor(final_div_factor)
        .three_phase(p.flag("three_phase")?);
    Ok(Rule::OneCycle { cycle, total, momentum: momentum(p)? })
}

/// From `lr` to `swa_lr` over `anneal_epochs`, which may be 0.
fn swalr(p: &Params<'_>) -> Result<Rule, DialectError> {
    let shape = match p.text("anneal_strategy")?.as_str() {
        "cos" => Shape::Cosine,
        "linear" => Shape::Linear,
        _ => return Err(p.refused("anneal_strategy", "be `cos` or `linear`")),
    };
    Ok(Rule::Swa { swa_lr: p.number("swa_lr")?, epochs: p.count("anneal_epochs")?, shape })
}

/// Between `base_momentum` and `max_momentum`, if `cycle_momentum` is on and the optimizer has a momentum or betas.
fn momentum(p: &Params<'_>) -> Result<Option<Swing>, DialectError> {
    const WITHOUT: [&str; 6] = ["Adadelta", "Adafactor", "Adagrad", "ASGD", "LBFGS", "Rprop"];
    if !p.flag("cycle_momentum")? {
        return Ok(None);
    }
    let optimizer = p.value("optimizer")?;
    let has_none = matches!(&optimizer, Value::Text(name) if WITHOUT.contains(&name.as_str()));
    p.check(!has_none, "optimizer", "have a momentum or betas, or `cycle_momentum` be false")?;
    Ok(Some(Swing { base: p.number("base_momentum")?, max: p.number("max_momentum")? }))
}
