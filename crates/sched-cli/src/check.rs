//! `sched check`: what is likely wrong with a schedule for a run of so many steps.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use sched_core::{Beyond, Feedback, HorizonMismatch, Node, Phase, Plan, Schedule};
use serde::Serialize;

use crate::plan_args::PlanArgs;
use crate::sample;
use crate::source::Source;
use sched_plot::Short;

/// Say what is likely wrong with a schedule for a run of so many steps.
///
/// Each finding names the step, the rates and the fix. The exit code is 1 if there is any.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The schedule file, `-` for stdin.
    file: PathBuf,
    /// How many optimizer updates the run has; by default what the plan says.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    steps: Option<u64>,
    /// The highest rate that is not suspicious.
    #[arg(long, value_name = "LR", default_value_t = 1.0)]
    peak: f64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    plan: PlanArgs,
}

/// Something that is likely wrong.
#[derive(Debug, PartialEq, Serialize)]
struct Finding {
    kind: Kind,
    /// The parameter group.
    group: usize,
    /// Where.
    step: u64,
    /// What, with the rates.
    message: String,
    /// What to do.
    fix: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    ScheduleTooShort,
    ScheduleTooLong,
    WarmupTooLong,
    Jump,
    NearlyZero,
    NeverChanges,
    RisesAgain,
    HighPeak,
    PatienceTooLong,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::ScheduleTooShort => "schedule too short",
            Self::ScheduleTooLong => "schedule too long",
            Self::WarmupTooLong => "warmup too long",
            Self::Jump => "jump",
            Self::NearlyZero => "nearly zero",
            Self::NeverChanges => "never changes",
            Self::RisesAgain => "rises again",
            Self::HighPeak => "high peak",
            Self::PatienceTooLong => "patience too long",
        }
    }
}

/// A change of the rate that is worth a word, as a part of the rate.
const NOTABLE: f64 = 0.05;
/// A rate that moves nothing, as a part of the peak, and for which part of the run that is a waste.
const NOTHING: f64 = 1e-6;
const WASTE: f64 = 0.1;
/// Of many alike, so many are shown.
const MOST_JUMPS: usize = 5;
/// Up to so many steps all are looked at.
const ALL_STEPS: u64 = 1_000_000;

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let source = Source::read(&args.file, &args.plan)?;
    let end = match args.steps {
        Some(steps) => steps,
        None => source.plan.run_steps().map_err(|_| {
            anyhow!("{}: say how long the run is, with `--steps` or a plan that has `total_steps`", source.name)
        })?,
    };
    let mut findings = Vec::new();
    for (group, what) in source.groups.iter().enumerate() {
        let run = Run::new(&what.lr, end, source.plan, args.peak);
        let feedback = what.feedback.as_ref().and_then(|feedback| run.patience_too_long(feedback));
        let found = run.findings().into_iter().chain(feedback).map(|finding| Finding { group, ..finding });

        findings.extend(found);
    }
    if args.json {
        crate::print(&serde_json::to_string_pretty(&findings)?)?;
    } else {
        let several = source.groups.len() > 1;
        for Finding { kind, group, step, message, fix } in &findings {
            let group = if several { format!("group {group}: ") } else { String::new() };
            crate::print(&format!("{}: {group}{} at step {step}: {message}\n  fix: {fix}", source.name, kind.name()))?;
        }
    }
    Ok(match findings.len() {
        0 => {
            eprintln!("sched: {}: nothing found for a run of {end} steps", source.name);
            ExitCode::SUCCESS
        }
        _ => ExitCode::from(1),
    })
}

/// A schedule in a run.
struct Run<'a> {
    lr: &'a Schedule,
    /// The run is over before this step.
    end: u64,
    plan: Plan,
    highest_expected: f64,
    points: Vec<(u64, f64)>,
    /// The first step with the highest rate, and that rate.
    peak: (u64, f64),
    /// How the lengths of the two differ.
    mismatch: Option<HorizonMismatch>,
}

impl<'a> Run<'a> {
    fn new(lr: &'a Schedule, end: u64, plan: Plan, highest_expected: f64) -> Self {
        let points = sample::points(lr, end, ALL_STEPS);
        let peak = points.iter().fold((0, lr.at(0)), |peak, point| if point.1 > peak.1 { *point } else { peak });
        Self { lr, end, plan, highest_expected, points, peak, mismatch: lr.compare_horizon(end) }
    }

    fn last(&self) -> f64 {
        self.lr.at(self.end - 1)
    }

    fn findings(&self) -> Vec<Finding> {
        let too_short = self.too_short();
        let too_long = self.too_long();
        let over_early = too_short.is_some();
        let mut findings: Vec<_> = [self.warmup_too_long(), too_short].into_iter().flatten().collect();
        // What never changes in the run, because its changes come later, is said by that.
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
        let message =
            format!("the schedule is over, but the run has {} steps: the rate stays {rate} from here on", self.end);
        let epochs = self.plan.steps_per_epoch.filter(|n| close(horizon as f64 * *n as f64, self.end as f64));
        let fix = match epochs {
            Some(n) => format!(
                "its times look like epochs taken for steps: put it into `every` with `n` = {n}, or give them as \"... epochs\""
            ),
            None if self.end / horizon >= 10 => format!(
                "if its {horizon} are epochs, put it into `every` with `n` the steps per epoch, or give its times as \"... epochs\"; else make it {} steps long",
                self.end
            ),
            None => format!("make it {} steps long, or its last times \"... %\" of the run", self.end),
        };
        Some(Finding::new(Kind::ScheduleTooShort, horizon, message, fix))
    }

    fn too_long(&self) -> Option<Finding> {
        let Some(HorizonMismatch::TooLong { horizon, last, goal, .. }) = self.mismatch else { return None };
        Some(Finding::new(
            Kind::ScheduleTooLong,
            self.end - 1,
            format!(
                "the run is over at a rate of {}; the schedule would go on to {} at step {horizon}",
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
                    "the run is over at a rate of {}, still in the warmup to {} at step {goes_on}",
                    Short(self.last()),
                    Short(top)
                ),
                format!("warm up for fewer than {} steps; a few percent of the run are usual", self.end),
            )
        })
    }

    fn never_changes(&self) -> Option<Finding> {
        let constant = self.points.iter().all(|point| point.1 == self.points[0].1);
        let meant = matches!(self.lr.node(), Node::Constant(_)) || self.end == 1;
        (constant && !meant).then(|| {
            let change = self.lr.next_seam(self.end - 1).filter(|&step| self.lr.at(step) != self.last());
            let later = change.map_or(String::new(), |step| format!("; the first change would come at step {step}"));
            Finding::new(
                Kind::NeverChanges,
                0,
                format!("the rate is {} at every step of the run{later}", Short(self.last())),
                format!("shorten its times to fit into {} steps, or write a constant", self.end),
            )
        })
    }

    fn jumps(&self) -> Vec<Finding> {
        let mut jumps = Vec::new();
        walk(self.lr, 0, self.end, &mut |node, offset, end| {
            let Node::Sequence(phases) = node else { return };
            for pair in phases.windows(2) {
                let seam = offset.saturating_add(pair[1].start);
                // A phase of one step is heading nowhere.
                if seam < end && pair[1].start - pair[0].start > 1 && jumps.len() < MOST_JUMPS {
                    jumps.extend(self.jump(&pair[0], &pair[1], seam));
                }
            }
        });
        jumps
    }

    /// Whether the rate jumps between two phases, and that is not what they are for.
    fn jump(&self, before: &Phase, after: &Phase, seam: u64) -> Option<Finding> {
        let (old, new) = (self.lr.at(seam - 1), self.lr.at(seam));
        // Where the phase before was heading: the last step of a short warmup is no jump.
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
            format!("the rate jumps from {} to {} where one phase ends and the next begins", Short(old), Short(new)),
            format!("let the next phase begin at {}, or the one before end at {}", Short(from), Short(to)),
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
                "the rate has come down to {} and rises again, to {} at step {}",
                Short(self.lr.at(turn)),
                Short(self.lr.at(end - 1)),
                end - 1
            ),
            format!("make the decay {} steps longer (PyTorch's `T_max`), or let it hold its end", end - turn),
        ))
    }

    /// The longest stretch in which the rate is next to nothing.
    fn nearly_zero(&self, over_early: bool) -> Option<Finding> {
        let limit = self.peak.1 * NOTHING;
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
        // The tail of a schedule that is over early has been reported.
        let reported =
            over_early && self.lr.horizon().is_some_and(|horizon| from + length == self.end && from + 1 >= horizon);
        if reported || (length as f64) < WASTE * self.end as f64 || length < 2 {
            return None;
        }
        let (rate, part) = (Short(self.lr.at(from)), length as f64 / self.end as f64);
        Some(Finding::new(
            Kind::NearlyZero,
            from,
            format!("the rate is {rate} or less for {length} steps, {:.0} % of the run, against a peak of {}", part * 100.0, Short(self.peak.1)),
            "these steps train nothing: shorten the run, lengthen the decay (are its times epochs?), or let it end above 0".to_owned(),
        ))
    }

    fn high_peak(&self) -> Option<Finding> {
        let (step, peak) = self.peak;
        (peak > self.highest_expected).then(|| {
            Finding::new(
                Kind::HighPeak,
                step,
                format!("the rate is {}, above {}", Short(peak), Short(self.highest_expected)),
                format!("check that this is a rate and not a factor; if it is meant, say `--peak {}`", Short(peak)),
            )
        })
    }

    fn patience_too_long(&self, feedback: &Feedback) -> Option<Finding> {
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
                    "the rate of {} cannot be reduced within the run: that takes {needed} observations, and there are \
                     {observations} ({each})",
                    Short(self.last())
                ),
                format!("make the patience several times shorter than {observations}, or the run longer"),
            )
        })
    }
}

impl Finding {
    fn new(kind: Kind, step: u64, message: String, fix: String) -> Self {
        Self { kind, group: 0, step, message, fix }
    }
}

/// The same but for a part that is not worth a word.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= NOTABLE * a.abs().max(b.abs())
}

/// Visits what runs on the run's own clock, with the step at which it starts and the one before which it ends.
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
