//! The checks: what looks wrong with a schedule in a run of a given length.

use sched_core::{Beyond, Feedback, HorizonMismatch, Node, Phase, Plan, Schedule};
use sched_plot::{Short, sample};

use super::finding::{Finding, Kind};

/// The smallest relative change of a rate that is worth reporting.
const NOTABLE: f64 = 0.05;
/// A rate of at most this fraction of the peak trains nothing.
const NEGLIGIBLE: f64 = 1e-6;
/// The smallest fraction of the run that is worth reporting as wasted.
const WASTE: f64 = 0.1;
/// The limit on jumps, which tend to be alike.
const MAX_JUMPS: usize = 5;
/// Runs up to this length are looked at step by step.
const ALL_STEPS: u64 = 1_000_000;

/// A schedule and the run it is for.
pub(super) struct Diagnosis<'a> {
    lr: &'a Schedule,
    /// The length of the run.
    end: u64,
    plan: Plan,
    highest_expected: f64,
    /// Steps and rates: every one in a run of up to `ALL_STEPS`, otherwise a sample.
    points: Vec<(u64, f64)>,
    /// The step and the rate of the first maximum.
    peak: (u64, f64),
    /// How the length of the schedule differs from that of the run.
    mismatch: Option<HorizonMismatch>,
}

impl<'a> Diagnosis<'a> {
    pub(super) fn new(lr: &'a Schedule, end: u64, plan: Plan, highest_expected: f64) -> Self {
        let points = sample(lr, end, ALL_STEPS);
        let peak = points.iter().fold((0, lr.at(0)), |peak, point| if point.1 > peak.1 { *point } else { peak });
        Self { lr, end, plan, highest_expected, points, peak, mismatch: lr.compare_horizon(end) }
    }

    fn last(&self) -> f64 {
        self.lr.at(self.end - 1)
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let too_short = self.too_short();
        let too_long = self.too_long();
        let over_early = too_short.is_some();
        let mut findings: Vec<_> = [self.warmup_too_long(), too_short].into_iter().flatten().collect();
        // A schedule that is too long often never changes within the run; one finding is enough.
        findings.extend(too_long.or_else(|| self.never_changes()));
        findings.extend(self.jumps());
        findings.extend(self.rises_again());
        findings.extend(self.nearly_zero(over_early));
        findings.extend(self.high_peak());
        findings
    }

    fn too_short(&self) -> Option<Finding> {
        let Some(HorizonMismatch::TooShort { horizon, rate, .. }) = self.mismatch else { return None };
        let rate = Short(rate);
        let message = format!("the schedule ends here, but the run has {} steps; the rate stays at {rate}", self.end);
        let epochs = self.plan.steps_per_epoch.filter(|n| close(horizon as f64 * *n as f64, self.end as f64));
        let fix = match epochs {
            Some(n) => format!(
                "its durations look like epochs taken for steps: wrap it in `every` with `n` = {n}, or write them as \"... epochs\""
            ),
            None if self.end / horizon >= 10 => format!(
                "if its {horizon} steps are really epochs, wrap it in `every` with the steps per epoch as `n`, or write its durations as \"... epochs\"; otherwise make it {} steps long",
                self.end
            ),
            None => format!("make it {} steps long, or write its last durations as \"... %\" of the run", self.end),
        };
        Some(Finding::new(Kind::ScheduleTooShort, horizon, message, fix))
    }

    fn too_long(&self) -> Option<Finding> {
        let Some(HorizonMismatch::TooLong { horizon, last, goal, .. }) = self.mismatch else { return None };
        Some(Finding::new(
            Kind::ScheduleTooLong,
            self.end - 1,
            format!(
                "the run ends at a rate of {}; the schedule continues to {} at step {horizon}",
                Short(last),
                Short(goal)
            ),
            format!("make the schedule {} steps long, or the run {horizon}", self.end),
        ))
    }

    fn warmup_too_long(&self) -> Option<Finding> {
        let rises = self.points.windows(2).all(|pair| pair[0].1 <= pair[1].1);
        let goes_on = self.lr.next_seam(self.end - 1)?;
        let top = self.lr.at(goes_on);
        let still = self.last() > self.lr.at(0) && top > self.last() && self.peak.0 == self.end - 1;
        (rises && still && goes_on > self.end).then(|| {
            Finding::new(
                Kind::WarmupTooLong,
                self.end - 1,
                format!(
                    "the run ends at a rate of {}, still warming up to {} at step {goes_on}",
                    Short(self.last()),
                    Short(top)
                ),
                format!("warm up for fewer than {} steps; a few percent of the run is usual", self.end),
            )
        })
    }

    fn never_changes(&self) -> Option<Finding> {
        let constant = self.points.iter().all(|point| point.1 == self.points[0].1);
        let meant = matches!(self.lr.node(), Node::Constant(_)) || self.end == 1;
        (constant && !meant).then(|| {
            let change = self.lr.next_seam(self.end - 1).filter(|&step| self.lr.at(step) != self.last());
            let later = change.map_or(String::new(), |step| format!("; the first change comes at step {step}"));
            Finding::new(
                Kind::NeverChanges,
                0,
                format!("the rate is {} at every step of the run{later}", Short(self.last())),
                format!("shorten its durations to fit into {} steps, or use a constant", self.end),
            )
        })
    }

    fn jumps(&self) -> Vec<Finding> {
        let mut jumps = Vec::new();
        walk(self.lr, 0, self.end, &mut |node, offset, end| {
            let Node::Sequence(phases) = node else { return };
            for pair in phases.windows(2) {
                let seam = offset.saturating_add(pair[1].start);
                // A phase of one step has no direction to compare with.
                if seam < end && pair[1].start - pair[0].start > 1 && jumps.len() < MAX_JUMPS {
                    jumps.extend(self.jump(&pair[0], &pair[1], seam));
                }
            }
        });
        jumps
    }

    /// A jump between two phases, unless it is the point of them: levels, or a restart.
    fn jump(&self, before: &Phase, after: &Phase, seam: u64) -> Option<Finding> {
        let (old, new) = (self.lr.at(seam - 1), self.lr.at(seam));
        // The value that the phase was heading for: a short warmup takes its last step to it, which is no jump.
        let from = before.schedule.at(after.start - before.start);
        let to = after.schedule.at(0);
        let levels = |phase: &Phase| matches!(phase.schedule.node(), Node::Constant(_) | Node::Steps(_));
        let restart = new > old && to <= before.schedule.at(0) * (1.0 + NOTABLE);
        if (levels(before) && levels(after)) || restart || close(from, to) || close(old, new) {
            return None;
        }
        Some(Finding::new(
            Kind::Jump,
            seam,
            format!("the rate jumps from {} to {} between two phases", Short(old), Short(new)),
            format!("start the next phase at {}, or end the previous one at {}", Short(from), Short(to)),
        ))
    }

    fn rises_again(&self) -> Option<Finding> {
        let mut found = None;
        walk(self.lr, 0, self.end, &mut |node, offset, end| {
            let Node::Ramp(ramp) = node else { return };
            let turn = offset.saturating_add(ramp.steps.ceil() as u64);
            if ramp.beyond == Beyond::Mirror
                && ramp.from > ramp.to
                && turn < end
                && self.lr.at(end - 1) > self.lr.at(turn)
            {
                found = Some((turn, end));
            }
        });
        let (turn, end) = found?;
        Some(Finding::new(
            Kind::RisesAgain,
            turn,
            format!(
                "the rate falls to {}, then rises again to {} at step {}",
                Short(self.lr.at(turn)),
                Short(self.lr.at(end - 1)),
                end - 1
            ),
            format!("make the decay {} steps longer (PyTorch's `T_max`), or let it hold its final value", end - turn),
        ))
    }

    /// The longest stretch of negligible rates.
    fn nearly_zero(&self, over_early: bool) -> Option<Finding> {
        let limit = self.peak.1 * NEGLIGIBLE;
        let (mut longest, mut start) = ((0, 0), None);
        for (i, &(step, lr)) in self.points.iter().enumerate() {
            if lr > limit {
                start = None;
                continue;
            }
            let from = *start.get_or_insert(step);
            let to = self.points.get(i + 1).map_or(self.end, |next| next.0);
            longest = longest.max((to - from, from));
        }
        let (length, from) = longest;
        // The tail of a schedule that ends early has been reported already.
        let reported =
            over_early && self.lr.horizon().is_some_and(|horizon| from + length == self.end && from + 1 >= horizon);
        if reported || (length as f64) < WASTE * self.end as f64 || length < 2 {
            return None;
        }
        let (rate, part) = (Short(self.lr.at(from)), length as f64 / self.end as f64);
        Some(Finding::new(
            Kind::NearlyZero,
            from,
            format!("the rate is at most {rate} for {length} steps, {:.0} % of the run; the peak is {}", part * 100.0, Short(self.peak.1)),
            "these steps train nothing: shorten the run, lengthen the decay (are its durations in epochs?), or end it above 0".to_owned(),
        ))
    }

    fn high_peak(&self) -> Option<Finding> {
        let (step, peak) = self.peak;
        (peak > self.highest_expected).then(|| {
            Finding::new(
                Kind::HighPeak,
                step,
                format!("the rate is {}, above {}", Short(peak), Short(self.highest_expected)),
                format!("check that this is a rate and not a factor; if it is intended, pass `--peak {}`", Short(peak)),
            )
        })
    }

    pub(super) fn patience_too_long(&self, feedback: &Feedback) -> Option<Finding> {
        let (observations, each) = match self.plan.steps_per_epoch {
            Some(n) => (self.end / n, "one per epoch"),
            None => (self.end, "one per step"),
        };
        let needed = feedback.observations_to_reduce()?;
        (needed > observations).then(|| {
            Finding::new(
                Kind::PatienceTooLong,
                self.end - 1,
                format!(
                    "the rate cannot be reduced from {} within the run: that takes {needed} observations, but there are \
                     only {observations} ({each})",
                    Short(self.last())
                ),
                format!("set a patience well below {observations}, or make the run longer"),
            )
        })
    }
}

/// Whether two rates differ by less than is worth reporting.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= NOTABLE * a.abs().max(b.abs())
}

/// Visits each node whose steps are steps of the run, with the step at which it starts and the one before which it ends.
fn walk(schedule: &Schedule, offset: u64, end: u64, visit: &mut impl FnMut(&Node, u64, u64)) {
    let node = schedule.node();
    visit(node, offset, end);
    match node {
        Node::Sequence(phases) => {
            for (i, phase) in phases.iter().enumerate() {
                let stop = phases.get(i + 1).map_or(end, |next| end.min(offset.saturating_add(next.start)));
                let start = offset.saturating_add(phase.start);
                if start < stop {
                    walk(&phase.schedule, start, stop, visit);
                }
            }
        }
        Node::Product(of) | Node::Sum(of) | Node::Average(of) | Node::Min(of) | Node::Max(of) => {
            of.iter().for_each(|child| walk(child, offset, end, visit));
        }
        Node::Clamp { of, .. } => walk(of, offset, end, visit),
        Node::Delay { steps, of } => walk(of, offset.saturating_add(*steps), end, visit),
        _ => {}
    }
}
