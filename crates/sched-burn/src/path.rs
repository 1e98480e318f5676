//! Parts of a model by the path of their parameters.

use crate::group_error::GroupError;

/// The path of a part of a model, which is itself and everything below it: whole names, from the model on.
///
/// `blocks.1` is the part that `blocks.1.weight` is in, and not the one of `blocks.10.weight`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PartPath(String);

impl PartPath {
    pub(crate) fn new(path: &str) -> Result<Self, GroupError> {
        // What Rust calls a field (`r#type`, too), or a number; so a regular expression takes all but the dot literally.
        let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_#".contains(c));
        if path.split('.').all(is_name) {
            Ok(Self(path.to_owned()))
        } else {
            Err(GroupError::NotAPath { path: path.to_owned() })
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the parameter is in this part.
    pub(crate) fn holds(&self, parameter: &str) -> bool {
        parameter.strip_prefix(&self.0).is_some_and(|below| below.is_empty() || below.starts_with('.'))
    }

    /// What matches the parameters of any of these parts.
    #[cfg(feature = "burn-0_22")]
    pub(crate) fn pattern(parts: &[Self]) -> String {
        let parts: Vec<String> = parts.iter().map(|part| part.0.replace('.', r"\.")).collect();
        format!(r"^(?:{})(?:\.|$)", parts.join("|"))
    }
}

/// The path of a parameter while a module is visited.
#[derive(Default)]
pub(crate) struct Walk {
    names: Vec<String>,
}

impl Walk {
    pub(crate) fn enter(&mut self, name: &str) {
        self.names.push(name.to_owned());
    }

    pub(crate) fn exit(&mut self) {
        self.names.pop();
    }

    pub(crate) fn path(&self) -> String {
        self.names.join(".")
    }
}

/// Checks that each group gets a parameter when the last group that matches one takes it.
///
/// `group_of` is the index of the group that takes a parameter, `name_of` what a group is called in the error.
pub(crate) fn check_all_taken(
    groups: usize,
    paths: Vec<String>,
    group_of: impl Fn(&str) -> Option<usize>,
    name_of: impl Fn(usize) -> String,
) -> Result<(), GroupError> {
    let mut taken = vec![false; groups];
    for group in paths.iter().filter_map(|path| group_of(path)) {
        taken[group] = true;
    }
    let unmatched: Vec<String> = (0..groups).filter(|&group| !taken[group]).map(name_of).collect();
    if unmatched.is_empty() { Ok(()) } else { Err(GroupError::Unmatched { groups: unmatched, parameters: paths }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_whole_names_from_the_model_on() {
        let part = PartPath::new("blocks.1").unwrap();
        for (parameter, holds) in [
            ("blocks.1", true),
            ("blocks.1.weight", true),
            ("blocks.1.attention.query.bias", true),
            ("blocks.10.weight", false),
            ("blocks.11", false),
            ("blocks", false),
            ("blocks_1.weight", false),
            ("encoder.blocks.1.weight", false),
        ] {
            assert_eq!(part.holds(parameter), holds, "{parameter}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in ["", ".", "blocks.", ".blocks", "blocks..1", "blocks.*", "blocks[1]", "a b", "a/b", "(a)"] {
            let error = PartPath::new(path).unwrap_err();
            assert_eq!(error, GroupError::NotAPath { path: path.to_owned() });
        }
    }
}
