//! Rates that rise and fall.

use sched_core::{Anneal, Beyond, Cyclic, CyclicMode, OneCycle, Ramp, Shape, Value, check};

use super::resume::Resume;
use crate::declare::{
    ABOVE_0, AT_LEAST_0, BETWEEN_0_AND_1, Context, Refusal, Scheduler, Translation, one_of, params, words,
};
use crate::shared::{WarmRestarts, between};

params! {
    /// A cosine from `learning_rate` to `eta_min` at `T_max`, then back up, and so on.
    pub(super) struct CosineAnnealingDecay {
        learning_rate: f64 where AT_LEAST_0,
        T_max: u64 where ABOVE_0,
        eta_min: f64 where AT_LEAST_0 = 0.0,
        .._resume: Resume,
    }
}

impl Scheduler for CosineAnnealingDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let wave = Ramp::new(self.learning_rate, self.eta_min, self.T_max);
        Ok(wave.shape(Shape::Cosine).beyond(Beyond::Mirror).build()?.into())
    }
}

params! {
    /// As PyTorch's, with phases that end at `phase_pct N - 1`, (`2 phase_pct N - 2`,) `N - 1`, but the last rate is
    /// absolute. At step `N`, where paddle overshoots, and later, where it raises, the last rate holds.
    pub(super) struct OneCycleLR {
        max_learning_rate: f64 where AT_LEAST_0,
        total_steps: u64 where ABOVE_0,
        divide_factor: f64 where ABOVE_0 = 25.0,
        end_learning_rate: f64 where AT_LEAST_0 = 1e-4,
        phase_pct: f64 where BETWEEN_0_AND_1 = 0.3,
        anneal_strategy: Anneal = "cos",
        three_phase: bool = false,
        .._resume: Resume,
    }
}

impl Scheduler for OneCycleLR {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let (max, last, pct) = (self.max_learning_rate, self.end_learning_rate, self.phase_pct);
        Self::phase_pct.must(!self.three_phase || pct < 0.5, "be below 0.5 with three phases")?;
        let rule = "not be 1 / `total_steps`, which leaves the first phase without a length";
        Self::phase_pct.must(pct * self.total_steps as f64 != 1.0, rule)?;
        let initial = max / self.divide_factor;
        check::finite("max_learning_rate / divide_factor", initial)?;
        let rates: &[f64] = if self.three_phase { &[initial, max, initial, last] } else { &[initial, max, last] };
        let cycle = OneCycle::new(max, self.total_steps).pct_start(pct);
        Ok(cycle.anneal(self.anneal_strategy).three_phase(self.three_phase).through(rates)?.into())
    }
}

params! {
    /// Triangles from `base_learning_rate` to `max_learning_rate`, which may be the lower one; their height is
    /// `exp_gamma^t` in mode `exp_range`.
    pub(super) struct CyclicLR {
        base_learning_rate: f64 where AT_LEAST_0,
        max_learning_rate: f64 where AT_LEAST_0,
        step_size_up: u64 where ABOVE_0,
        step_size_down: Option<u64> where ABOVE_0,
        mode: String = "triangular",
        exp_gamma: f64 = 1.0,
        scale_fn: Option<Value>,
        _scale_mode: ScaleMode = "cycle",
        .._resume: Resume,
    }
}

/// What `scale_fn` is a function of.
pub(super) struct ScaleMode;

words! { ScaleMode { "cycle" => Self, "iterations" => Self } }

const SCALE: &str = "`Scheduler::new(move |step: u64| 0.1 + 0.9 * triangle.at(step) * 0.5_f64.powi((step / 16) as i32))` \
                     with `triangle = Cyclic::new(0.0, 1.0, 8).lr()?`";

impl CyclicLR {
    /// With a `scale_fn`, which is refused before, any word would do.
    fn cyclic_mode(&self) -> Result<CyclicMode, Refusal> {
        match self.mode.as_str() {
            "triangular" => Ok(CyclicMode::Triangular),
            "triangular2" => Ok(CyclicMode::Triangular2),
            "exp_range" => Ok(CyclicMode::ExpRange { gamma: self.exp_gamma }),
            _ => Err(Self::mode.wrong_type(one_of(&["triangular", "triangular2", "exp_range"]))),
        }
    }
}

impl Scheduler for CyclicLR {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        if self.scale_fn.is_some() {
            return Err(Self::scale_fn.code(SCALE));
        }
        let down = self.step_size_down.unwrap_or(self.step_size_up);
        let triangles = Cyclic::new(0.0, 1.0, self.step_size_up).step_size_down(down).mode(self.cyclic_mode()?).lr();
        let triangles = triangles.map_err(|error| error.renamed(&[("gamma", "exp_gamma")]))?;
        Ok(between(self.max_learning_rate, self.base_learning_rate, triangles)?.into())
    }
}

params! {
    /// Cosines down from `learning_rate`, see [`WarmRestarts`].
    pub(super) struct CosineAnnealingWarmRestarts {
        learning_rate: f64 where AT_LEAST_0,
        ..cycles: WarmRestarts,
        .._resume: Resume,
    }
}

impl Scheduler for CosineAnnealingWarmRestarts {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(self.cycles.from(self.learning_rate)?.into())
    }
}
