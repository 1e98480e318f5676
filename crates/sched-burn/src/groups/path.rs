//! Parts of a model, by the paths of their parameters.

use super::error::GroupError;

/// The path of a part of a model, in whole names from the model down. The part is everything at or below the path.
///
/// `blocks.1` contains `blocks.1.weight`, but not `blocks.10.weight`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PartPath(String);

impl PartPath {
    pub(crate) fn new(path: &str) -> Result<Self, GroupError> {
        // A name of a Rust field (`r#type`, too) or a number, so that all but the dot is literal in a regular expression.
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

    /// A regular expression that matches the parameters of any of these parts.
    pub(crate) fn pattern(parts: &[Self]) -> String {
        let parts: Vec<String> = parts.iter().map(|part| part.0.replace('.', r"\.")).collect();
        format!(r"^(?:{})(?:\.|$)", parts.join("|"))
    }
}

/// Checks that each group has a parameter, where `taken` has the index of the group that each parameter belongs to.
///
/// `name` gives a group's name in the error, and `parameters` are the paths of all parameters.
pub(crate) fn check_all_taken(
    groups: usize,
    taken: impl IntoIterator<Item = Option<usize>>,
    name: impl Fn(usize) -> String,
    parameters: Vec<String>,
) -> Result<(), GroupError> {
    let mut empty = vec![true; groups];
    for group in taken.into_iter().flatten() {
        empty[group] = false;
    }
    let groups: Vec<String> = (0..groups).filter(|&group| empty[group]).map(name).collect();
    if groups.is_empty() { Ok(()) } else { Err(GroupError::Unmatched { groups, parameters }) }
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
    fn other_text_is_refused() {
        for path in ["", ".", "blocks.", ".blocks", "blocks..1", "blocks.*", "blocks[1]", "a b", "a/b", "(a)"] {
            let error = PartPath::new(path).unwrap_err();
            assert_eq!(error, GroupError::NotAPath { path: path.to_owned() });
        }
    }
}
