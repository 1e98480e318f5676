//! `EarlyStopping` stops where Keras's and Lightning's do, with the options that its documentation names.
//!
//! `tests/reference/early_stopping.py` runs their code.

use std::fs;

use sched_core::{EarlyStopping, NonFinite, Plateau, PlateauBuilder, PlateauMode, ThresholdMode};
use sched_tests::golden;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    #[serde(flatten)]
    library: Library,
    #[serde(deserialize_with = "golden::numbers")]
    metrics: Vec<f64>,
    stopped_epoch: Option<u64>,
    /// `None` if it is not finite.
    best: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "library", content = "options", rename_all = "lowercase")]
enum Library {
    Keras { patience: u64, min_delta: f64, mode: PlateauMode, start_from_epoch: u64 },
    Lightning { patience: u64, min_delta: f64, mode: PlateauMode, check_finite: bool },
}

impl Library {
    /// The options here.
    fn ours(&self) -> PlateauBuilder {
        let same = |patience: u64, min_delta, mode| {
            let plateau = Plateau::new().patience(patience.saturating_sub(1)).mode(mode);
            plateau.threshold(min_delta, ThresholdMode::AbsoluteFromMetric)
        };
        match *self {
            Self::Keras { patience, min_delta, mode, start_from_epoch } => {
                same(patience, min_delta, mode).start_step(start_from_epoch).non_finite(NonFinite::CompareFirst)
            }
            Self::Lightning { patience, min_delta, mode, check_finite } => same(patience, min_delta, mode)
                .non_finite(if check_finite { NonFinite::Error } else { NonFinite::Compare }),
        }
    }
}

#[test]
fn it_stops_where_keras_and_lightning_do() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/early_stopping.json");
    let cases: Vec<Case> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(cases.len(), 60);
    for Case { library, metrics, stopped_epoch, best } in cases {
        let mut stopping = EarlyStopping::new(library.ours()).unwrap();
        // An error is Lightning's reason to stop.
        let stopped = (0..).zip(metrics).find(|(epoch, metric)| stopping.observe(*epoch, *metric).unwrap_or(true));
        assert_eq!(stopped.map(|(epoch, _)| epoch), stopped_epoch, "{library:?}");
        assert_eq!(stopping.best().filter(|best| best.is_finite()), best, "{library:?}");
    }
}
