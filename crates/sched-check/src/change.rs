//! What may mend a finding: changes of numbers that the file may hold, or of the run.

/// A change to try. Steps and rates are those of the schedule; which number of the file stands for them is found by trying.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// A length or a point in time becomes another.
    Length(f64, f64),
    /// Every length is multiplied.
    Lengths(f64),
    /// Every length is in epochs.
    Epochs,
    /// A rate or a factor becomes another.
    Rate(f64, f64),
    /// A factor above 1 becomes one below 1.
    Inverse,
    /// A factor per step becomes one per this many steps.
    Root(f64),
    /// A number of this name, or one that ends in it, gets a value.
    Named(&'static str, f64),
    /// The run has this many steps.
    Run(u64),
    /// The rate is meant to be this high.
    Peak(f64),
}
