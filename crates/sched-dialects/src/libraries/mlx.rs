//! MLX 0.32: `mlx.optimizers.schedulers`.

use sched_core::{Phase, Schedule};

use crate::declare::{ABOVE_0, AT_LEAST_0, Context, Member, Refusal, Scheduler, Translation, library, params};

library! {
    "mlx":
    exponential_decay,
    step_decay,
    cosine_decay,
    linear_schedule,
    join_schedules,
}

params! {
    /// `init * decay_rate^t`.
    struct exponential_decay {
        init: f64 where AT_LEAST_0,
        decay_rate: f64 where AT_LEAST_0,
    }
}

impl Scheduler for exponential_decay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(Schedule::exponential(self.init, self.decay_rate)?.into())
    }
}

params! {
    /// `init * decay_rate^floor(t / step_size)`.
    struct step_decay {
        init: f64 where AT_LEAST_0,
        decay_rate: f64 where AT_LEAST_0,
        step_size: u64 where ABOVE_0,
    }
}

impl Scheduler for step_decay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(Schedule::step(self.init, self.step_size, self.decay_rate)?.into())
    }
}

params! {
    /// A cosine from `init` to `end`, and `end` after `decay_steps`.
    struct cosine_decay {
        init: f64 where AT_LEAST_0,
        decay_steps: u64 where ABOVE_0,
        end: f64 where AT_LEAST_0 = 0.0,
    }
}

impl Scheduler for cosine_decay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(Schedule::cosine_annealing(self.init, self.end, self.decay_steps)?.into())
    }
}

params! {
    /// A line from `init` to `end`, and `end` after `steps`.
    struct linear_schedule {
        init: f64 where AT_LEAST_0,
        end: f64 where AT_LEAST_0,
        steps: u64 where ABOVE_0,
    }
}

impl Scheduler for linear_schedule {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(Schedule::linear(self.init, self.end, self.steps)?.into())
    }
}

params! {
    /// One after the other; each counts from its boundary.
    struct join_schedules {
        schedules: Vec<Member>,
        boundaries: Vec<u64>,
    }
}

impl Scheduler for join_schedules {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let fits = !self.schedules.is_empty() && self.boundaries.len() + 1 == self.schedules.len();
        Self::boundaries.must(fits, "have one element less than `schedules`")?;
        let rises =
            self.boundaries.is_sorted_by(|a, b| a < b) && self.boundaries.first().is_none_or(|first| *first > 0);
        Self::boundaries.must(rises, "be above 0 and in rising order")?;
        let starts = core::iter::once(0).chain(self.boundaries.iter().copied());
        let phases = starts.zip(&self.schedules).map(|(start, member)| {
            let schedule = cx.member(member)?.translate()?.lr;
            Ok(Phase { start, schedule })
        });
        Ok(Schedule::sequence(phases.collect::<Result<_, Refusal>>()?)?.into())
    }
}
