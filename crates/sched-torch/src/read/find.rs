//! Where in a file the scheduler is.

use super::file::TorchFile;
use super::value::Value;
use sched_files::quote;

/// Where schedulers are kept: the keys of Lightning, accelerate, transformers and of PyTorch's own tutorials.
const NAMES: [&str; 6] =
    ["scheduler_state_dict", "lr_scheduler_state_dict", "scheduler", "lr_scheduler", "schedulers", "lr_schedulers"];

/// A scheduler's state dict, and where it was found.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// `lr_schedulers.0`; empty if the file holds nothing else.
    pub path: String,
    /// The state dict.
    pub value: Value<'a>,
}

/// Why no scheduler was found, or which one is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// Nothing in the file is or is named like a scheduler.
    #[error("no scheduler found in {held}; name its place with a path such as `trainer.scheduler`")]
    NotFound {
        /// What the file holds, shortened.
        held: String,
    },
    /// More than one.
    #[error("{} schedulers: {}; name one of these paths", paths.len(), listed(paths))]
    Several {
        /// Their paths.
        paths: Vec<String>,
    },
    /// The path leads nowhere.
    #[error("{} is not in the file: {at} is {held}", quote(path))]
    NoSuchPath {
        /// The path as given.
        path: String,
        /// How far it leads.
        at: String,
        /// What is there, shortened.
        held: String,
    },
    /// The path leads to something that is not a state dict.
    #[error("{} is not a state dict but {held}", quote(path))]
    NotAStateDict {
        /// The path as given.
        path: String,
        /// What is there, shortened.
        held: String,
    },
}

impl TorchFile {
    /// The state dict of the file's scheduler: at `path`, or else at the root, under a key that is usual for it
    /// (`scheduler_state_dict`, `scheduler`, `lr_scheduler`, Lightning's list `lr_schedulers`), or under any key whose
    /// value looks like one.
    ///
    /// # Errors
    /// If there is none or more than one.
    pub fn find_scheduler(&self, path: Option<&str>) -> Result<Found<'_>, FindError> {
        if let Some(path) = path {
            let value = self.at(path)?;
            return match value.as_dict() {
                Some(_) => Ok(Found { path: path.to_owned(), value }),
                None => Err(FindError::NotAStateDict { path: path.to_owned(), held: shortened(value) }),
            };
        }
        let mut found = self.schedulers();
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(FindError::NotFound { held: shortened(self.root()) }),
            _ => Err(FindError::Several { paths: found.into_iter().map(|found| found.path).collect() }),
        }
    }

    /// Every scheduler that [`find_scheduler`](Self::find_scheduler) would consider.
    #[must_use]
    pub fn schedulers(&self) -> Vec<Found<'_>> {
        let root = self.root();
        if looks_like_a_scheduler(root) {
            return vec![Found { path: String::new(), value: root }];
        }
        let mut found = Vec::new();
        for (key, value) in root.as_dict().into_iter().flat_map(super::value::Dict::entries) {
            let Some(key) = key.as_str() else { continue };
            let named = NAMES.contains(&key);
            let is_one = |value: Value<'_>| looks_like_a_scheduler(value) || (named && holds_no_more_dicts(value));
            if is_one(value) {
                found.push(Found { path: key.to_owned(), value });
                continue;
            }
            let inner: Vec<(String, Value<'_>)> = match value.as_dict() {
                Some(dict) if named => dict.entries().filter_map(|(key, value)| Some((segment(key)?, value))).collect(),
                Some(_) => Vec::new(),
                None => value.as_items().into_iter().flatten().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
            };
            let inner = inner.into_iter().filter(|(_, value)| is_one(*value));
            found.extend(inner.map(|(place, value)| Found { path: format!("{key}.{place}"), value }));
        }
        // A dict that only has the name, a configuration as a rule, gives way.
        if found.iter().any(|found| looks_like_a_scheduler(found.value)) {
            found.retain(|found| looks_like_a_scheduler(found.value));
        }
        found
    }

    /// The value at a path of keys and positions, `optimizer_state_dict.param_groups.0.lr`. The empty path is the root;
    /// a key with dots in it is found too.
    ///
    /// # Errors
    /// If the path leads nowhere, with the place where it ends.
    pub fn at(&self, path: &str) -> Result<Value<'_>, FindError> {
        let mut value = self.root();
        let mut rest = (!path.is_empty()).then_some(path);
        while let Some(keys) = rest {
            let Some((next, after)) = step(value, keys) else {
                let walked = path[..path.len() - keys.len()].trim_end_matches('.');
                let at = if walked.is_empty() { "the root".to_owned() } else { quote(walked) };
                return Err(FindError::NoSuchPath { path: path.to_owned(), at, held: shortened(value) });
            };
            (value, rest) = (next, after);
        }
        Ok(value)
    }
}

/// Follows one key, the longest that fits, and gives what is left of the path.
fn step<'v, 'p>(value: Value<'v>, path: &'p str) -> Option<(Value<'v>, Option<&'p str>)> {
    let shorter = path.rmatch_indices('.').map(|(dot, _)| (&path[..dot], Some(&path[dot + 1..])));
    std::iter::once((path, None)).chain(shorter).find_map(|(key, rest)| {
        let next = match value.as_dict() {
            Some(dict) => dict.get(key).or_else(|| dict.get_index(key.parse().ok()?)),
            None => value.as_items()?.nth(key.parse().ok()?),
        };
        Some((next?, rest))
    })
}

fn segment(key: Value<'_>) -> Option<String> {
    key.as_str().map(str::to_owned).or_else(|| key.as_i64().map(|number| number.to_string()))
}

/// Every scheduler of PyTorch keeps `last_epoch`, except `ChainedScheduler`, which keeps `_schedulers` only.
fn looks_like_a_scheduler(value: Value<'_>) -> bool {
    value.get("last_epoch").is_some_and(|epoch| epoch.as_i64().is_some()) || value.get("_schedulers").is_some()
}

/// A state dict under a scheduler's name is a candidate whatever its keys, unless it only leads on to others.
fn holds_no_more_dicts(value: Value<'_>) -> bool {
    value.as_dict().is_some_and(|dict| !dict.is_empty() && dict.entries().all(|(_, value)| value.as_dict().is_none()))
}

/// The first few; a file may have any number, with any names.
fn listed(paths: &[String]) -> String {
    const SHOWN: usize = 20;
    let quoted: Vec<String> = paths.iter().take(SHOWN).map(quote).collect();
    let more = if paths.len() > SHOWN { ", ..." } else { "" };
    format!("{}{more}", quoted.join(", "))
}

fn shortened(value: Value<'_>) -> String {
    match value.as_dict() {
        Some(dict) => {
            let keys: Vec<String> = dict.keys().take(20).map(|key| format!("{key:.60}")).collect();
            let more = if dict.len() > 20 { ", ..." } else { "" };
            format!("a dict with the keys {}{more}", keys.join(", "))
        }
        None => format!("{value:.80}"),
    }
}
