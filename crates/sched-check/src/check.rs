//! From a file to its findings, each with a fix.

use sched_core::{Plan, Value};
use sched_dialects::FileError;

use crate::file::File;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::mend::Mender;
use crate::rules;

/// What to report.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The highest rate that is not reported; by default what is usual for the optimizer that the file names, or else 1.
    pub peak: Option<f64>,
    /// What not to report, because it is intended.
    pub allow: Vec<Kind>,
}

/// Runs up to this length are looked at step by step.
const ALL_STEPS: u64 = 1_000_000;
/// In longer ones and while fixes are tried, fewer steps are enough.
const FEW_STEPS: u64 = 4_096;

/// What looks wrong with a schedule file, any that [`sched_dialects::read`] reads, in a run.
///
/// If neither the plan nor the file tells how long the run is, it is taken to be as long as the schedule, and nothing is reported
/// that only the length of the run can tell.
///
/// ```
/// use sched_check::{Kind, Options, check};
/// use sched_core::Plan;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let file = sched_dialects::parse("constant: 3.0", None)?;
/// assert_eq!(check(&file, &Plan::new(), &Options::default())?[0].kind, Kind::HighPeak);
/// assert!(check(&file, &Plan::new(), &Options { peak: Some(3.0), ..Options::default() })?.is_empty());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The file cannot be read, as [`sched_dialects::read`] says.
pub fn check(file: &Value, plan: &Plan, options: &Options) -> Result<Vec<Finding>, FileError> {
    let file = File::read(file.clone(), *plan)?;
    let told = file.run_steps();
    let end = told.unwrap_or_else(|| {
        // A decay over T_max steps is for a run of as many.
        file.found.groups.iter().map(|group| group.lr.extent()).max().unwrap_or(0).max(1)
    });
    let find = |file: &File, end: u64, looks: u64| {
        let mut findings = rules::findings(file, end, options.peak, looks);
        findings
            .retain(|finding| !options.allow.contains(&finding.kind) && (told.is_some() || !finding.kind.is_of_run()));
        findings
    };
    let mut findings = find(&file, end, if end > ALL_STEPS { FEW_STEPS } else { ALL_STEPS });
    // A fix changes the file, not how long the run is.
    let mender = Mender::new(&file, |variant: &File| {
        find(variant, told.and_then(|_| variant.run_steps()).unwrap_or(end), FEW_STEPS)
    });
    let fixes: Vec<_> = findings.iter().map(|finding| mender.fix(finding, &findings)).collect();
    findings.iter_mut().zip(fixes).for_each(|(finding, fix)| finding.fix = fix);
    // A jump that no number of the file mends is a library's own.
    findings.retain(|finding| finding.kind != Kind::Jump || !file.is_of_library() || !finding.fix.edits.is_empty());
    Ok(findings)
}
