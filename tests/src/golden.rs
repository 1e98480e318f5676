//! Rates that other libraries computed themselves, in `tests/fixtures/golden`.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A scheduler of another library, run there.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// `torch-p-StepLR-01`.
    pub id: String,
    /// The class or function.
    pub kind: String,
    /// All its parameters, and those of the optimizer.
    pub params: Map<String, Value>,
    /// Step indices: the rate at `k` is in effect for update `k`.
    pub steps: Vec<u64>,
    /// The rates of the first parameter group.
    #[serde(deserialize_with = "numbers")]
    pub lr: Vec<f64>,
    /// The rates of every parameter group, if there are several.
    #[serde(default, deserialize_with = "lists")]
    pub lr_groups: Vec<Vec<f64>>,
    /// The momentum of the first parameter group, where it is driven.
    #[serde(default, deserialize_with = "numbers")]
    pub momentum: Vec<f64>,
    /// The momentum of every parameter group, if there are several.
    #[serde(default, deserialize_with = "lists")]
    pub momentum_groups: Vec<Vec<f64>>,
    /// The weight decay of the first parameter group, where it is driven.
    #[serde(default, deserialize_with = "numbers")]
    pub weight_decay: Vec<f64>,
    /// The weight decay of every parameter group, if there are several.
    #[serde(default, deserialize_with = "lists")]
    pub weight_decay_groups: Vec<Vec<f64>>,
    /// `metrics[i]` is observed after step `i`; `None`: nothing observed.
    #[serde(default, deserialize_with = "metrics")]
    pub metrics: Vec<Option<f64>>,
    /// Explicit arguments of the library's `step()`.
    #[serde(default)]
    pub step_args: Vec<Option<f64>>,
    /// What the library raised, and when.
    pub raises: Option<Raises>,
    /// Relative tolerance.
    pub rtol: f64,
    /// Absolute tolerance.
    pub atol: f64,
    /// Steps on a restart, where the last bit of a logarithm decides; either side will do.
    #[serde(default)]
    pub fragile_steps: Vec<u64>,
    /// fairseq: updates per epoch.
    pub epoch_len: Option<u64>,
    /// pytorch_optimizer's ProportionScheduler: the mapped quantity.
    #[serde(default, deserialize_with = "numbers")]
    pub value: Vec<f64>,
}

/// An exception of the library.
#[derive(Clone, Debug, Deserialize)]
pub struct Raises {
    /// `"init"`, or the number of the call.
    pub at: Value,
    /// What it said.
    pub message: String,
}

impl Case {
    /// The rates of each parameter group.
    pub fn groups(&self) -> Vec<&[f64]> {
        groups(&self.lr, &self.lr_groups)
    }

    /// The momentums of each parameter group; empty if the scheduler does not drive them.
    pub fn momentums(&self) -> Vec<&[f64]> {
        driven(&self.momentum, &self.momentum_groups)
    }

    /// The weight decays of each parameter group; empty if the scheduler does not drive them.
    pub fn weight_decays(&self) -> Vec<&[f64]> {
        driven(&self.weight_decay, &self.weight_decay_groups)
    }

    /// A parameter of a parameter group, `None` if it is absent or null. A list has one entry for each group.
    ///
    /// # Panics
    ///
    /// It is of another type.
    pub fn param<T: DeserializeOwned>(&self, name: &str, group: usize) -> Option<T> {
        let value = match self.params.get(name)? {
            Value::Array(groups) => groups.get(group)?,
            value => value,
        };
        let parsed = serde_json::from_value::<Option<T>>(value.clone());
        parsed.unwrap_or_else(|error| panic!("{}: `{name}` is {value}: {error}", self.id))
    }

    /// Whether a value is as the case demands.
    pub fn accepts(&self, value: f64, expected: f64) -> bool {
        (value - expected).abs() <= self.atol + self.rtol * expected.abs()
    }

    /// Whether the constructor raised.
    pub fn raises_at_construction(&self) -> bool {
        self.raises.as_ref().is_some_and(|raises| raises.at == "init")
    }
}

fn groups<'a>(first: &'a [f64], all: &'a [Vec<f64>]) -> Vec<&'a [f64]> {
    if all.is_empty() { vec![first] } else { all.iter().map(Vec::as_slice).collect() }
}

fn driven<'a>(first: &'a [f64], all: &'a [Vec<f64>]) -> Vec<&'a [f64]> {
    if first.is_empty() { Vec::new() } else { groups(first, all) }
}

/// All cases of a library.
///
/// # Panics
///
/// The fixture cannot be read.
pub fn cases(library: &str) -> Vec<Case> {
    read(&format!("golden/{library}.json"))
}

/// More cases of the same form, with parameters at the edges of what the library takes.
///
/// # Panics
///
/// The fixture cannot be read.
pub fn edge_cases(library: &str) -> Vec<Case> {
    read(&format!("edges/{library}.json"))
}

/// The names of the libraries with [`edge_cases`].
///
/// # Panics
///
/// The folder cannot be read, or it is empty.
pub fn with_edge_cases() -> Vec<String> {
    let path = fixtures().join("edges");
    let files = std::fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let names: Vec<String> =
        files.filter_map(|file| file.ok()?.file_name().to_str()?.strip_suffix(".json").map(str::to_owned)).collect();
    assert!(!names.is_empty(), "{} has no file", path.display());
    names
}

/// A JSON file under `tests/fixtures`.
///
/// # Panics
///
/// It cannot be read.
pub fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = fixtures().join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// A number, which is a text if it is not finite.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Finite(f64),
    Text(String),
}

impl From<Number> for f64 {
    fn from(number: Number) -> f64 {
        match number {
            Number::Finite(value) => value,
            Number::Text(text) => text.parse().expect("a number, `NaN` or `Infinity`"),
        }
    }
}

/// Numbers, of which those that are not finite are texts.
pub fn numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    Ok(Vec::<Number>::deserialize(deserializer)?.into_iter().map(f64::from).collect())
}

fn lists<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<f64>>, D::Error> {
    let lists = Vec::<Vec<Number>>::deserialize(deserializer)?;
    Ok(lists.into_iter().map(|list| list.into_iter().map(f64::from).collect()).collect())
}

fn metrics<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Option<f64>>, D::Error> {
    let metrics = Vec::<Option<Number>>::deserialize(deserializer)?;
    Ok(metrics.into_iter().map(|metric| metric.map(f64::from)).collect())
}
