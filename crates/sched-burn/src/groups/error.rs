//! Why parts of a model cannot have their own rates.

use sched_core::ScheduleError;

/// Why parts of a model cannot have their own rates.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GroupError {
    /// A number is out of its range, there is no layer, or a schedule is nested too deeply to be multiplied.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// This is not the path of a part of a model.
    #[error(
        "`{path}` is not a path, which is names or numbers separated by dots, such as `blocks.1`; write it in full from the \
         model down, without wildcards"
    )]
    NotAPath {
        /// The text given.
        path: String,
    },
    /// A layer was added without a path.
    #[error(
        "layer {layer}, counted from 0 at the input, has no path, but needs at least one; name a part of the model"
    )]
    NamelessLayer {
        /// The layer, counted from 0.
        layer: usize,
    },
    /// Two layers, counted from 0, have the same path.
    #[error("`{path}` is in layer {first} and in layer {second}, but may be in one only; remove it from the other")]
    TwoLayers {
        /// The path.
        path: String,
        /// The first layer.
        first: usize,
        /// The second layer.
        second: usize,
    },
    /// burn does not accept a layer's paths as a parameter group.
    #[error("burn does not accept the group `{pattern}`: {reason}; name fewer, larger parts of the model in one layer")]
    Pattern {
        /// The pattern of the paths.
        pattern: String,
        /// The error of burn.
        reason: String,
    },
    /// A group has no parameter of the model: none matches it, or later groups take all that do.
    #[error(
        "no parameter of the model is left for {}; its parameters are {}; name parts of these, and a smaller part after a \
         larger one that contains it, because the last match counts",
        quoted(groups),
        quoted(parameters)
    )]
    Unmatched {
        /// The groups.
        groups: Vec<String>,
        /// The paths of the model's parameters.
        parameters: Vec<String>,
    },
}

/// The first few; a large model has thousands.
fn quoted(names: &[String]) -> String {
    const SHOWN: usize = 40;
    let mut quoted: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        quoted.push(format!("and {} more", names.len() - SHOWN));
    }
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}
