//! What mends a finding, found by trying: a fix is only proposed if the next check is the quieter for it.

use std::cell::OnceCell;

use sched_core::{Unit, Value};

use super::leaf::{Leaf, as_value, edited, join, maps};
use crate::change::Change;
use crate::edit::Edit;
use crate::file::File;
use crate::finding::{Finding, Severity};
use crate::fix::{Fix, Instead};
use crate::kind::Kind;

/// How many changes of a file are tried for one finding.
const TRIES: usize = 300;

/// Names of numbers that are no lengths, though they may be whole.
const NO_LENGTHS: &[&str] =
    &["mult", "mul", "cycles", "power", "limit", "patience", "exponent", "scale", "lr", "last_epoch"];

/// Finds fixes for the findings in a file. `check` is what finds them, quickly, in a variant of the file.
pub(crate) struct Mender<'a, F> {
    file: &'a File,
    check: F,
    leaves: OnceCell<Vec<Leaf>>,
}

impl<'a, F: Fn(&File) -> Vec<Finding>> Mender<'a, F> {
    pub(crate) fn new(file: &'a File, check: F) -> Self {
        Self { file, check, leaves: OnceCell::new() }
    }

    /// The numbers on which a schedule depends.
    fn leaves(&self) -> &[Leaf] {
        self.leaves.get_or_init(|| {
            let mut leaves = Leaf::all(&self.file.value);
            leaves.retain_mut(|leaf| {
                let other = if leaf.is_whole() { leaf.number + 1.0 } else { leaf.number * 0.9 };
                let Ok(changed) = self.file.with(edited(&self.file.value, &[leaf.to(other)])) else { return true };
                let extents = |file: &File| file.found.groups.iter().map(|group| group.lr.extent()).collect::<Vec<_>>();
                leaf.moves = extents(&changed) != extents(self.file);
                changed.found.groups != self.file.found.groups
            });
            leaves
        })
    }

    /// How many findings are left if this mends the finding and causes no others.
    fn left(&self, variant: File, finding: &Finding, all: &[Finding]) -> Option<usize> {
        let left = (self.check)(&variant);
        let count = |findings: &[Finding]| findings.iter().filter(|other| other.is_like(finding)).count();
        let is_new = |new: &&Finding| new.severity == Severity::Problem && !all.iter().any(|old| old.is_like(new));
        (!left.iter().any(|left| is_new(&left)) && count(&left) < count(all)).then_some(left.len())
    }

    /// The fix for one of all the findings.
    pub(crate) fn fix(&self, finding: &Finding, all: &[Finding]) -> Fix {
        let edits = self.edits(finding, all);
        let instead = finding.changes.iter().find_map(|change| match change {
            Change::Run(steps) => {
                // A one-cycle over 5000 steps ends at step 4999.
                let is_given = |steps: u64| self.leaves().iter().any(|leaf| leaf.number == steps as f64);
                let next = steps.saturating_add(1);
                let steps = if is_given(next) && !is_given(*steps) { next } else { *steps };
                self.left(self.file.with_steps(steps).ok()?, finding, all).map(|_| Instead::Run(steps))
            }
            Change::Peak(peak) => {
                // Rounded up, so that the rate itself is not above it.
                let above = (1..17).map(|digits| significant(*peak, digits)).find(|above| above >= peak);
                Some(Instead::Peak(above.unwrap_or(*peak)))
            }
            _ => None,
        });
        Fix { edits, instead }
    }

    /// The edits that leave the fewest findings, none if there are none.
    fn edits(&self, finding: &Finding, all: &[Finding]) -> Vec<Edit> {
        let mut best: Option<(usize, Vec<Edit>)> = None;
        let exactly = finding.changes.iter().flat_map(|change| self.candidates(change, true));
        // A jump is where two numbers of the file do not fit; others only hide it.
        let others = finding.changes.iter().filter(|_| finding.kind != Kind::Jump);
        let candidates = exactly.chain(others.flat_map(|change| self.candidates(change, false)));
        for edits in candidates.take(TRIES) {
            let Ok(variant) = self.file.with(edited(&self.file.value, &edits)) else { continue };
            let Some(left) = self.left(variant, finding, all) else { continue };
            if best.as_ref().is_none_or(|(fewest, _)| left < *fewest) {
                best = Some((left, edits));
            }
            if left == 0 {
                break;
            }
        }
        best.map_or_else(Vec::new, |(_, edits)| edits)
    }

    /// Edits that may be what a change is in this file, the likeliest first: of numbers that are what is to change, or else of those
    /// from which it may follow.
    fn candidates(&self, change: &Change, exactly: bool) -> Vec<Vec<Edit>> {
        let leaves = self.leaves();
        let each = |to: &dyn Fn(&Leaf) -> Option<f64>| -> Vec<Vec<Edit>> {
            leaves.iter().filter_map(|leaf| Some(vec![leaf.to(to(leaf)?)])).collect()
        };
        match *change {
            Change::Length(from, to) if exactly => self.this_length(from, to),
            Change::Length(from, to) => self.length_behind(from, to),
            Change::Rate(from, to) if exactly => {
                let is_it = |leaf: &&Leaf| (leaf.number - from).abs() <= 1e-9 * from.abs() && leaf.unit.is_none();
                let equal: Vec<_> = leaves.iter().filter(is_it).map(|leaf| leaf.to(significant(to, 6))).collect();
                equal.iter().map(|edit| vec![edit.clone()]).chain([equal.clone()]).collect()
            }
            Change::Rate(from, to) => each(&|leaf| {
                (from > 0.0 && leaf.number > 0.0 && !leaf.moves).then(|| significant(leaf.number * to / from, 2))
            }),
            _ if !exactly => Vec::new(),
            Change::Lengths(factor) => {
                // A one-cycle over 100 steps ends at step 99; ten times as long, it is over 1000.
                let run = self.file.run_steps().map_or(0.0, |steps| steps as f64);
                let whole = |number: f64| if (number - run).abs() <= factor { run } else { number.round().max(1.0) };
                let mut edits = self.all_lengths(|leaf| {
                    let number = leaf.number * factor;
                    leaf.to(if leaf.unit.is_some() { significant(number, 3) } else { whole(number) })
                });
                if factor < 1.0 && !edits.is_empty() {
                    edits.rotate_left(1); // the rest may fit already
                }
                edits
            }
            Change::Epochs => {
                let mut edits = if self.file.found.is_own { self.all_lengths(Leaf::in_epochs) } else { Vec::new() };
                if let Some(n) = self.file.found.plan.steps_per_epoch {
                    edits.extend(self.all_lengths(|leaf| leaf.to(leaf.number * n as f64)));
                }
                edits
            }
            Change::Inverse => {
                each(&|leaf| (leaf.number > 1.0 && !leaf.moves).then(|| significant(1.0 / leaf.number, 3)))
            }
            Change::Root(n) => {
                let is_factor = |number: f64| number > 0.0 && number < 1.0;
                each(&|leaf| (is_factor(leaf.number) && n > 0.0).then(|| significant(leaf.number.powf(1.0 / n), 6)))
            }
            Change::Named(name, number) => {
                let is_it = |leaf: &&Leaf| leaf.name().contains(name);
                let there = leaves.iter().filter(is_it).map(|leaf| vec![leaf.to(number)]);
                let new = maps(&self.file.value, "")
                    .into_iter()
                    .map(|map| vec![Edit { path: join(&map, name), from: Value::Null, value: as_value(number) }]);
                there.chain(new).collect()
            }
            Change::Run(_) | Change::Peak(_) => Vec::new(),
        }
    }

    /// The numbers that are this length: all together, each alone, all while another takes what they lose, or such that what begins
    /// later ends as early.
    fn this_length(&self, from: f64, to: f64) -> Vec<Vec<Edit>> {
        let leaves = || self.leaves().iter().filter(|leaf| leaf.is_steps());
        // A one-cycle over 5000 steps ends at step 4999.
        let equal = leaves().filter(|leaf| (leaf.number - from).abs() <= 1.0);
        let equal: Vec<Edit> = equal.map(|leaf| leaf.to(to.ceil())).collect();
        let mut edits: Vec<_> =
            std::iter::once(equal.clone()).chain(equal.iter().map(|edit| vec![edit.clone()])).collect();
        if !equal.is_empty() {
            let others = leaves().filter(|leaf| leaf.number > 1.0 && (leaf.number - from).abs() > 1.0);
            let instead = others.filter(|leaf| leaf.number + from - to >= 1.0);
            edits.extend(instead.map(|leaf| {
                let other = leaf.to((leaf.number + from - to).floor());
                equal.iter().cloned().chain([other]).collect()
            }));
        }
        let mut longer: Vec<&Leaf> =
            leaves().filter(|leaf| leaf.number > 1.0 && leaf.number + to - from >= 1.0).collect();
        longer.sort_by(|a, b| (a.number - from).abs().total_cmp(&(b.number - from).abs()));
        edits.extend(longer.into_iter().map(|leaf| vec![leaf.to((leaf.number + to - from).ceil())]));
        edits
    }

    /// A number of which the length is a multiple, or the other way round.
    fn length_behind(&self, from: f64, to: f64) -> Vec<Vec<Edit>> {
        let scaled = |ratio: f64| {
            let leaves = self.leaves().iter().filter(|leaf| leaf.number > 0.0);
            leaves.flat_map(move |leaf| {
                let number = leaf.number * ratio;
                let rounded = if leaf.is_steps() {
                    [number.ceil(), number.floor()]
                } else {
                    [2, 3].map(|digits| significant(number, digits))
                };
                rounded.into_iter().filter(|number| *number > 0.0).map(|number| vec![leaf.to(number)])
            })
        };
        scaled(to / from).chain(scaled(from / to)).collect()
    }

    /// All lengths together, and all of those with this name or that name.
    fn all_lengths(&self, edit: impl Fn(&Leaf) -> Edit) -> Vec<Vec<Edit>> {
        let is_length = |leaf: &&Leaf| {
            let counts = leaf.unit.map_or(leaf.is_whole() && leaf.number >= 1.0, |unit| unit != Unit::Percent);
            counts && !NO_LENGTHS.iter().any(|name| leaf.name().contains(name))
        };
        let lengths: Vec<&Leaf> = self.leaves().iter().filter(is_length).collect();
        let mut names: Vec<&str> = lengths.iter().map(|leaf| leaf.name()).collect();
        names.sort_unstable();
        names.dedup();
        let all = lengths.iter().map(|leaf| edit(leaf)).collect();
        let some = names
            .iter()
            .map(|name| lengths.iter().filter(|leaf| leaf.name() == *name).map(|leaf| edit(leaf)).collect());
        std::iter::once(all).chain(some).filter(|edits: &Vec<Edit>| !edits.is_empty()).collect()
    }
}

/// Rounded to so many significant digits.
fn significant(number: f64, digits: usize) -> f64 {
    format!("{number:.*e}", digits - 1).parse().unwrap_or(number)
}
