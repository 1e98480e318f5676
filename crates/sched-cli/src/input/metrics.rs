//! Metrics: what was observed after each step.

use std::path::Path;

use anyhow::Context;
use sched_files::Limit;
use serde::{Deserialize, Deserializer};

use super::document::read_text;

/// Reads a JSON array whose i-th element was observed after step i; `None` if nothing was.
pub(crate) fn read_metrics(path: &Path, limit: Limit) -> anyhow::Result<Vec<Option<f64>>> {
    let text = read_text(path, limit)?;
    let mut json = serde_json::Deserializer::from_str(&text);
    let metrics: Vec<Option<Metric>> =
        serde_path_to_error::deserialize(&mut json).context("not a JSON array of metrics")?;
    json.end().context("not a JSON array of metrics")?;
    Ok(metrics.into_iter().map(|metric| metric.map(|Metric(metric)| metric)).collect())
}

/// Metrics as the option has them: `0.5,0.4`, or a file of them.
pub(crate) fn metrics(text: &str, limit: Limit) -> anyhow::Result<Vec<Option<f64>>> {
    let listed: Result<Vec<f64>, _> = text.split(',').map(|metric| metric.trim().parse()).collect();
    match listed {
        Ok(metrics) => Ok(metrics.into_iter().map(Some).collect()),
        Err(_) => read_metrics(Path::new(text), limit).with_context(|| text.to_owned()),
    }
}

/// A metric as JSON can express it.
struct Metric(f64);

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a number, \"NaN\", \"Infinity\", \"-Infinity\" or null")]
        enum Written {
            Number(f64),
            Name(NotFinite),
        }
        #[derive(Deserialize)]
        enum NotFinite {
            NaN,
            Infinity,
            #[serde(rename = "-Infinity")]
            MinusInfinity,
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Number(metric) => metric,
            Written::Name(NotFinite::NaN) => f64::NAN,
            Written::Name(NotFinite::Infinity) => f64::INFINITY,
            Written::Name(NotFinite::MinusInfinity) => f64::NEG_INFINITY,
        }))
    }
}
