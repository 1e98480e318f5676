//! The rates that are usual for an optimizer, by the name that a file gives it.

use sched_core::Value;

/// Rates that need no second look.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Usual {
    /// The name in the file.
    pub(super) optimizer: Option<String>,
    pub(super) lowest: f64,
    pub(super) highest: f64,
    /// A common choice.
    pub(super) typical: f64,
}

/// Part of the name, the lowest and the highest rate that need no second look, a common choice. The first that fits counts, so
/// the more particular comes first.
const OPTIMIZERS: &[(&str, f64, f64, f64)] = &[
    ("prodigy", 0.05, 10.0, 1.0),
    ("dadapt", 0.05, 10.0, 1.0),
    ("adafactor", 1e-6, 0.1, 1e-3),
    ("adadelta", 1e-3, 10.0, 1.0),
    ("adagrad", 1e-5, 1.0, 1e-2),
    ("lamb", 1e-6, 0.05, 2e-3),
    ("lars", 1e-3, 100.0, 1.0),
    ("lion", 1e-8, 0.01, 1e-4),
    ("sophia", 1e-8, 0.01, 1e-4),
    ("muon", 1e-5, 0.3, 2e-2),
    ("adam", 1e-8, 0.05, 1e-3),
    ("rmsprop", 1e-7, 0.5, 1e-3),
    ("sgd", 1e-6, 5.0, 0.1),
    ("momentum", 1e-6, 5.0, 0.1),
    ("nesterov", 1e-6, 5.0, 0.1),
];

/// Where files name their optimizer, and where in a map of its own its class stands.
const OPTIMIZER: &[&str] = &["optimizer", "optim", "opt", "optimizer_name", "optimizer_type"];
const CLASS: &[&str] = &["type", "name", "class_path", "class_name", "_target_", "optimizer"];

impl Usual {
    /// For the optimizer that the file names; `highest` replaces the limit.
    pub(super) fn of(file: &Value, highest: Option<f64>) -> Self {
        let found = named(file).and_then(|name| {
            let lower = name.to_ascii_lowercase();
            OPTIMIZERS.iter().find(|(part, ..)| lower.contains(part)).map(|found| (name, *found))
        });
        let usual = match found {
            Some((name, (_, lowest, highest, typical))) => {
                let name = name.rsplit('.').next().unwrap_or(name).to_owned();
                Self { optimizer: Some(name), lowest, highest, typical }
            }
            None => Self { optimizer: None, lowest: 0.0, highest: 1.0, typical: 0.1 },
        };
        Self { highest: highest.unwrap_or(usual.highest), ..usual }
    }
}

/// The name of the optimizer in a file; a Keras optimizer is a file of its own.
fn named(file: &Value) -> Option<&str> {
    let class = entry(file, "class_name")
        .filter(|_| entry(file, "config").is_some_and(|config| entry(config, "learning_rate").is_some()));
    let class = class.and_then(text);
    class.or_else(|| search(file))
}

fn search(value: &Value) -> Option<&str> {
    match value {
        Value::Map(entries) => {
            let own = entries.iter().filter(|(name, _)| OPTIMIZER.contains(&name.as_str()));
            let own = own.filter_map(|(_, value)| match value {
                Value::Text(text) => Some(text.as_str()),
                Value::Map(_) => CLASS.iter().find_map(|class| entry(value, class).and_then(text)),
                _ => None,
            });
            own.into_iter().next().or_else(|| entries.iter().find_map(|(_, value)| search(value)))
        }
        Value::List(values) => values.iter().find_map(search),
        _ => None,
    }
}

fn entry<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let Value::Map(entries) = value else { return None };
    entries.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

fn text(value: &Value) -> Option<&str> {
    if let Value::Text(text) = value { Some(text) } else { None }
}
