//! Which schedule a run follows.

use sched_burn::{Schedule, ScheduleError};

use crate::args::Args;
use crate::error::Error;
use crate::settings::{Run, Settings, read_json};

/// The schedule of the file on the command line; else, without `--peak-lr`, that of the run to resume, unless it was the
/// default for another number of epochs; else the default.
pub(crate) fn choose(
    args: &Args,
    saved: Option<&Run>,
    settings: &Settings,
    steps: impl Fn(usize) -> u64,
) -> Result<Schedule, Error> {
    if let Some(path) = &args.schedule {
        return read_json(path, "a schedule");
    }
    if let Some(Run { settings: before, schedule }) = saved.filter(|_| args.peak_lr.is_none())
        && (before.epochs == settings.epochs || *schedule != default(before, steps(before.epochs))?)
    {
        return Ok(schedule.clone());
    }
    Ok(default(settings, steps(settings.epochs))?)
}

/// A warmup over the first 5 % of the steps, then a cosine to 1 % of the peak, or the constant peak if a plateau rule reduces
/// it.
///
/// # Errors
///
/// The peak is negative or not finite.
pub(crate) fn default(settings: &Settings, total_steps: u64) -> Result<Schedule, ScheduleError> {
    let peak = settings.peak_lr;
    let warmup_steps = (total_steps / 20).max(1);
    let after = if settings.plateau.is_some() {
        Schedule::constant(peak)?
    } else {
        let decay_steps = total_steps.saturating_sub(warmup_steps + 1).max(1);
        Schedule::cosine_annealing(peak, peak / 100.0, decay_steps)?
    };
    after.warmup(peak / warmup_steps as f64, warmup_steps)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn settings(line: &str) -> Settings {
        Settings::new(&Args::try_parse_from(std::iter::once("mnist").chain(line.split_whitespace())).unwrap())
    }

    #[test]
    fn the_default_spans_the_whole_run() {
        let settings = settings("");
        let schedule = default(&settings, 750).unwrap();
        assert_eq!(schedule.at(37), 2e-3);
        assert_eq!(schedule.at(749), 2e-5);
        assert!(schedule.at(748) > 2e-5);
        for total_steps in 0..50 {
            assert!(default(&settings, total_steps).unwrap().at(0) > 0.0, "the first step trains");
        }
    }

    #[test]
    fn under_a_plateau_the_default_stays_at_its_peak() {
        let schedule = default(&settings("--plateau --peak-lr 0.5"), 750).unwrap();
        assert!(schedule.at(36) < 0.5);
        assert_eq!([37, 749, 10_000].map(|step| schedule.at(step)), [0.5; 3]);
    }
}
