//! fvcore 0.1.5: `fvcore.common.param_scheduler`, called with `where = t / total_steps`.

mod curve;

pub(super) use curve::{AtEnd, Curve, Part};

use crate::declare::{
    ABOVE_0, AT_LEAST_0, Context, Member, Params, Refusal, Scheduler, Translation, library, params, words,
};

/// Declares the library, and that the rates of each kind are those of its curve.
macro_rules! kinds {
    ($($kind:ident,)+) => {
        library! {
            "fvcore" with Run:
            #[allow(clippy::enum_variant_names, reason = "the library's own names")]
            enum Any { $($kind,)+ }
        }

        $(
            impl Scheduler for $kind {
                fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
                    let total_steps = Run::read(cx)?.total_steps.ok_or(Run::total_steps.missing())?;
                    Ok(self.curve(cx)?.rates(total_steps)?.into())
                }
            }
        )+

        /// The curve of the scheduler whose context this is.
        fn curve(cx: &Context<'_>) -> Result<Curve, Refusal> {
            match Any::read(cx)? {
                $(Any::$kind(it) => it.curve(cx),)+
            }
        }
    };
}

kinds! {
    ConstantParamScheduler,
    CosineParamScheduler,
    ExponentialParamScheduler,
    LinearParamScheduler,
    MultiStepParamScheduler,
    StepParamScheduler,
    StepWithFixedGammaParamScheduler,
    PolynomialDecayParamScheduler,
    CompositeParamScheduler,
}

params! {
    /// The run, which members of a composite need not repeat.
    struct Run {
        total_steps: Option<u64> where ABOVE_0,
    }
}

/// A scheduler of fvcore.
trait Curved {
    fn curve(&self, cx: &Context<'_>) -> Result<Curve, Refusal>;
}

params! {
    /// `value`. It raises at the end.
    struct ConstantParamScheduler {
        value: f64 where AT_LEAST_0,
    }
}

impl Curved for ConstantParamScheduler {
    fn curve(&self, _: &Context<'_>) -> Result<Curve, Refusal> {
        Ok(Curve::Constant(self.value))
    }
}

params! {
    /// Half a cosine wave, which goes on past the end.
    struct CosineParamScheduler {
        start_value: f64 where AT_LEAST_0,
        end_value: f64 where AT_LEAST_0,
    }
}

impl Curved for CosineParamScheduler {
    fn curve(&self, _: &Context<'_>) -> Result<Curve, Refusal> {
        Ok(Curve::Cosine { start: self.start_value, end: self.end_value })
    }
}

params! {
    /// `start_value decay^where`.
    struct ExponentialParamScheduler {
        start_value: f64 where AT_LEAST_0,
        decay: f64 where AT_LEAST_0,
    }
}

impl Curved for ExponentialParamScheduler {
    fn curve(&self, _: &Context<'_>) -> Result<Curve, Refusal> {
        Ok(Curve::Exponential { start: self.start_value, decay: self.decay })
    }
}

params! {
    /// A line, which goes on past the end as long as it is not negative.
    struct LinearParamScheduler {
        start_value: f64 where AT_LEAST_0,
        end_value: f64 where AT_LEAST_0,
    }
}

impl Curved for LinearParamScheduler {
    fn curve(&self, _: &Context<'_>) -> Result<Curve, Refusal> {
        Ok(Curve::Linear { start: self.start_value, end: self.end_value })
    }
}

params! {
    /// The next value from each of the `milestones` on, which are in units of `num_updates`; it splits the run evenly without
    /// them, and is the last of them if it is not given.
    struct MultiStepParamScheduler {
        values: Vec<f64> where AT_LEAST_0,
        num_updates: Option<u64>,
        milestones: Option<Vec<u64>>,
    }
}

impl Curved for MultiStepParamScheduler {
    fn curve(&self, _: &Context<'_>) -> Result<Curve, Refusal> {
        Self::values.must(!self.values.is_empty(), "have at least one element")?;
        let values = self.values.clone();
        let count = values.len() as u64;
        let (updates, milestones) = match (self.num_updates, self.milestones.clone()) {
            (None, None) => return Err(Self::num_updates.refused("be given, or else `milestones`")),
            (Some(updates), None) => {
                let width = updates.div_ceil(count);
                let milestones = (1..count).map(|index| width.saturating_mul(index)).collect();
                Self::num_updates.must(width.saturating_mul(count - 1) < updates, "be enough for all `values`")?;
                (updates, milestones)
            }
            (Some(updates), Some(milestones)) => {
                Self::milestones.must(milestones.len() + 1 == values.len(), "be one less than `values`")?;
                (updates, milestones)
            }
            (None, Some(mut milestones)) => {
                Self::milestones
                    .must(milestones.len() == values.len(), "be as many as `values` if `num_updates` is not given")?;
                (milestones.pop().unwrap_or(0), milestones)
            }
        };
        let last = if self.num_updates.is_some() { Self::num_updates } else { Self::milestones };
        last.must(updates >= count, "end at the number of `values` or later")?;
        let ascending = milestones.iter().try_fold(0, |last, &next| (next > last).then_some(next));
        Self::milestones.must(ascending.is_some_and(|last| last < updates), "ascend from above 0 to below the end")?;
        Ok(Curve::Stairs { values, milestones, updates: updates as f64, at_end: AtEnd::Included })
    }
}

params! {
    /// The values in parts of the same length, whatever `num_updates` is. It raises at the end.
    struct StepParamScheduler {
        _num_updates: f64 where ABOVE_0,
        values: Vec<f64> where AT_LEAST_0,
    }
}

impl Curved for StepParamScheduler {
    fn curve(&self, _: &Context<'_>) -> Result<Curve, Refusal> {
        Self::values.must(!self.values.is_empty(), "have at least one element")?;
        Ok(even_steps(self.values.clone()))
    }
}

/// The values in parts of the same length.
fn even_steps(values: Vec<f64>) -> Curve {
    let count = values.len();
    Curve::Stairs { values, milestones: (1..count as u64).collect(), updates: count as f64, at_end: AtEnd::Excluded }
}

params! {
    /// `base_value gamma^n` after `n` of the decays, which divide the run evenly. It raises at the end.
    struct StepWithFixedGammaParamScheduler {
        base_value: f64 where ABOVE_0,
        num_decays: u64 where ABOVE_0,
        gamma: f64 where ABOVE_0,
        _num_updates: u64 where ABOVE_0,
    }
}

impl Curved for StepWithFixedGammaParamScheduler {
    fn curve(&self, _: &Context<'_>) -> Result<Curve, Refusal> {
        fixed_gamma(self.base_value, self.num_decays, self.gamma)
            .ok_or_else(|| Self::num_decays.refused("be at most 10000"))
    }
}

/// `base gamma^n` in parts of the same length; `None` if they are too many.
pub(super) fn fixed_gamma(base: f64, decays: u64, gamma: f64) -> Option<Curve> {
    const MOST: u64 = 10_000;
    let rates = core::iter::successors(Some(base), |value| Some(value * gamma));
    (decays <= MOST).then(|| even_steps(rates.take(decays as usize + 1).collect()))
}

params! {
    /// `base_value (1 - where)^power`. Past the end a `power` that is no even number gives none, or a negative one.
    struct PolynomialDecayParamScheduler {
        base_value: f64 where AT_LEAST_0,
        power: f64 where AT_LEAST_0,
    }
}

impl Curved for PolynomialDecayParamScheduler {
    fn curve(&self, _: &Context<'_>) -> Result<Curve, Refusal> {
        Ok(Curve::Polynomial { base: self.base_value, power: self.power })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scaling {
    Rescaled,
    Fixed,
}

words! { Scaling { "rescaled" => Self::Rescaled, "fixed" => Self::Fixed } }

params! {
    /// One scheduler after the other, each for its share of the run: all of it rescaled to that share, or fixed, as if it
    /// had run from the start.
    struct CompositeParamScheduler {
        schedulers: Vec<Member>,
        lengths: Vec<f64> where AT_LEAST_0,
        interval_scaling: Vec<Scaling>,
    }
}

impl Curved for CompositeParamScheduler {
    fn curve(&self, cx: &Context<'_>) -> Result<Curve, Refusal> {
        let count = self.schedulers.len();
        Self::schedulers.must(count > 0, "have at least one element")?;
        Self::lengths.must(self.lengths.len() == count, "be as many as `schedulers`")?;
        Self::interval_scaling.must(self.interval_scaling.len() >= count, "be as many as `schedulers`")?;
        let sum = |lengths: &[f64]| lengths.iter().fold(0.0, |sum, length| sum + length);
        Self::lengths.must((sum(&self.lengths) - 1.0).abs() < 1e-3, "have the sum 1")?;
        let mut lengths = self.lengths.clone();
        if sum(&lengths) != 1.0 {
            lengths[count - 1] = 1.0 - sum(&lengths[..count - 1]);
        }
        let parts =
            self.schedulers.iter().zip(lengths).zip(&self.interval_scaling).map(|((member, length), scaling)| {
                let curve = cx.member(member)?.attempt(curve)?;
                Ok(Part { curve, length, rescaled: *scaling == Scaling::Rescaled })
            });
        Ok(Curve::Composite(parts.collect::<Result<_, Refusal>>()?))
    }
}
