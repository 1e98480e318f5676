//! Why parts of a model cannot have rates of their own.

use sched_core::ScheduleError;

/// Why parts of a model cannot have rates of their own.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GroupError {
    /// A number is out of its range, there is no layer, or a schedule is nested too deeply to be multiplied.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// What should be the path of a part of the model is none.
    #[error(
        "`{path}` is no path of a part of a model, which is names or numbers with dots between them, such as `blocks.1`; give \
         it whole and from the model on, without wildcards"
    )]
    NotAPath {
        /// What was given.
        path: String,
    },
    /// A layer was added without a path.
    #[error("layer {layer}, counted from the input, has no path, but must have at least one; name a part of the model")]
    NamelessLayer {
        /// The layer, counted from 0.
        layer: usize,
    },
    /// Two layers, counted from 0, have the same path.
    #[error("`{path}` is in layer {first} and in layer {second}, but must be in one; take it out of the other")]
    TwoLayers {
        /// The path.
        path: String,
        /// The one.
        first: usize,
        /// The other.
        second: usize,
    },
    /// burn makes no group of a layer's paths.
    #[error("burn makes no group of `{pattern}`: {reason}; name fewer and wider parts of the model in one layer")]
    Pattern {
        /// The pattern of the paths.
        pattern: String,
        /// What burn said.
        reason: String,
    },
    /// A group has no parameter of the model: none matches it, or a later group takes all of them.
    #[error(
        "no parameter of the model is left for {}; its parameters are {}: name parts of these, and the narrower part after \
         the wider one, because the last that matches counts",
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

/// The first of them; a large model has thousands.
fn quoted(names: &[String]) -> String {
    const SHOWN: usize = 40;
    let mut quoted: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        quoted.push(format!("and {} more", names.len() - SHOWN));
    }
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}
