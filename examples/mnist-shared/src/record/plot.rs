//! `lr.svg`: the loss of every step, and the learning rate below it.

use std::path::Path;

use sched_burn::sched_plot::{Column, Curve, Figure, Panel, Scale, Short, Style};
use sched_files::{WriteError, replace_with};

use super::history::{Epoch, Rows, Step};

type Points = Vec<(f64, f64)>;

/// Draws the rows, or only axes if there are none. `layers` have rates of their own, the last one that of the column `lr`.
///
/// # Errors
///
/// The file cannot be written.
pub(crate) fn draw(path: &Path, rows: &Rows, layers: &[&str], plateau: bool) -> Result<(), WriteError> {
    replace_with(path, figure(rows, layers, plateau).svg().as_bytes())
}

fn figure(rows: &Rows, layers: &[&str], plateau: bool) -> Figure {
    let steps = rows.steps.last().map_or(1, |row| row.step + 1);
    let title = match (rows.steps.last(), rows.epochs.last()) {
        (Some(_), Some(epoch)) => format!(
            "{steps} steps, {} epochs: validation loss {:.4}, accuracy {:.2} %",
            epoch.epoch, epoch.valid_loss, epoch.valid_accuracy
        ),
        _ => format!("{steps} steps"),
    };
    let reductions = reductions(&rows.epochs).into_iter().map(|reduction| Column {
        x: reduction.step,
        label: format!("x {} at {:.4}", Short(reduction.by), reduction.valid_loss),
        hue: None,
    });
    let mut figure = reductions.fold(Figure::new(title, "step", Scale::steps(steps)), Figure::column);
    if !figure.columns.is_empty() {
        figure =
            figure.key(None, "above: where the plateau multiplied the rate, and the validation loss that led to it");
    }
    // Epochs of one length have an axis.
    figure.steps_per_epoch = rows
        .epochs
        .first()
        .map(|first| first.steps as f64)
        .filter(|&length| rows.epochs.iter().all(|epoch| epoch.steps as f64 == length * epoch.epoch as f64));
    figure.panel(losses(rows)).panel(rates(rows, layers, plateau))
}

fn losses(rows: &Rows) -> Panel {
    let losses: Points = rows.steps.iter().map(|row| (row.step as f64, row.loss)).collect();
    let window = (losses.len() / 40).max(1);
    let means = means(&losses, window);
    let validation: Points = rows.epochs.iter().map(|epoch| (epoch.steps as f64, epoch.valid_loss)).collect();
    Panel::new("loss", scale([&losses, &validation]))
        .curve(Curve::new("training, each step", Style::Faint, 0, losses))
        .curve(Curve::new(format!("training, mean of {window}"), Style::Line, 0, means))
        .curve(Curve::new("validation", Style::Dots, 2, validation))
}

fn rates(rows: &Rows, layers: &[&str], plateau: bool) -> Panel {
    let rates: Points = rows.steps.iter().map(|row| (row.step as f64, row.lr)).collect();
    let alone = if plateau { schedule_alone(rows) } else { Vec::new() };
    let mut panel = Panel::new("learning rate", scale([&rates, &alone]));
    if plateau {
        panel = panel.curve(Curve::new("the schedule alone", Style::Faint, 0, alone));
    }
    let Some((last, others)) = layers.split_last() else {
        return panel.curve(Curve::new(if plateau { "with the plateau" } else { "each step" }, Style::Steps, 0, rates));
    };
    for (index, layer) in others.iter().enumerate() {
        let rate = |row: &Step| Some((row.step as f64, *row.layers.get(index)?));
        let rates = rows.steps.iter().filter_map(rate).collect();
        panel = panel.curve(Curve::new(*layer, Style::Steps, hue(index, layers), rates));
    }
    panel.curve(Curve::new(*last, Style::Steps, hue(others.len(), layers), rates))
}

/// From 0 to a little above the highest value.
fn scale(curves: [&Points; 2]) -> Scale {
    let values = curves.into_iter().flatten().map(|point| point.1).filter(|value| value.is_finite());
    Scale::linear(0.0, values.fold(0.0, f64::max) * 1.08)
}

/// The last layer, whose rate is the schedule's, has the hue of the line without layers.
fn hue(index: usize, layers: &[&str]) -> usize {
    layers.len() - 1 - index
}

/// A reduction by the plateau.
#[derive(Debug, PartialEq)]
struct Reduction {
    /// The first step with the new factor.
    step: f64,
    /// The multiplier of the rate.
    by: f64,
    /// The validation loss that led to it.
    valid_loss: f64,
}

fn reductions(epochs: &[Epoch]) -> Vec<Reduction> {
    let neighbours = epochs.windows(2).filter(|pair| pair[1].factor < pair[0].factor);
    neighbours
        .map(|pair| Reduction {
            step: pair[0].steps as f64,
            by: pair[1].factor / pair[0].factor,
            valid_loss: pair[0].valid_loss,
        })
        .collect()
}

/// The rates without the plateau's factor, up to the last complete epoch.
fn schedule_alone(rows: &Rows) -> Points {
    let factor = |step: u64| {
        let epoch = rows.epochs.partition_point(|epoch| epoch.steps <= step);
        rows.epochs.get(epoch).map(|epoch| epoch.factor).filter(|factor| *factor > 0.0)
    };
    rows.steps.iter().filter_map(|row| Some((row.step as f64, row.lr / factor(row.step)?))).collect()
}

/// The moving mean over `window` points, each in the middle of its window.
fn means(points: &[(f64, f64)], window: usize) -> Points {
    let mean = |part: &[(f64, f64)]| part.iter().map(|point| point.1).sum::<f64>() / part.len() as f64;
    points.windows(window).map(|part| (part[window / 2].0, mean(part))).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn svg(rows: &Rows, layers: &[&str], plateau: bool) -> String {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lr.svg");
        draw(&path, rows, layers, plateau).unwrap();
        fs::read_to_string(path).unwrap()
    }

    fn step(step: u64, lr: f64, loss: f64) -> Step {
        Step { step, lr, loss, layers: vec![0.25 * lr, 0.5 * lr] }
    }

    fn epoch(epoch: usize, factor: f64, valid_loss: f64) -> Epoch {
        Epoch { epoch, steps: 25 * epoch as u64, factor, valid_loss, valid_accuracy: 50.0 }
    }

    /// Four epochs of 25 steps; the rate halves after the second.
    fn rows() -> Rows {
        let steps = (0..100).map(|index| step(index, if index < 50 { 1e-3 } else { 5e-4 }, 2.0)).collect();
        Rows { steps, epochs: vec![epoch(1, 1.0, 0.9), epoch(2, 1.0, 0.8765), epoch(3, 0.5, 0.8), epoch(4, 0.5, 0.7)] }
    }

    fn curves(rows: &Rows, layers: &[&str], plateau: bool) -> Vec<String> {
        let panels = figure(rows, layers, plateau).panels;
        panels.into_iter().flat_map(|panel| panel.curves).map(|curve| curve.name).collect()
    }

    #[test]
    fn both_curves_are_drawn() {
        let svg = svg(&rows(), &[], false);
        assert_eq!(
            curves(&rows(), &[], false),
            ["training, each step", "training, mean of 2", "validation", "each step"]
        );
        assert_eq!(svg.matches("<circle").count(), 4 + 1, "the validation losses, and the one in the label");
        for text in ["loss", "learning rate", "step", "epoch", "mean of 2", "each step", "validation loss 0.7000"] {
            assert!(svg.contains(text), "{text}");
        }
    }

    #[test]
    fn a_reduction_is_marked_with_the_loss_that_led_to_it() {
        let rows = rows();
        assert_eq!(reductions(&rows.epochs), [Reduction { step: 50.0, by: 0.5, valid_loss: 0.8765 }]);
        assert_eq!(schedule_alone(&rows), (0..100).map(|step| (f64::from(step), 1e-3)).collect::<Vec<_>>());
        let svg = svg(&rows, &[], true);
        assert!(svg.contains("x 0.5 at 0.8765"), "{svg}");
        assert!(svg.contains("the schedule alone"));
    }

    #[test]
    fn an_incomplete_epoch_has_no_factor_yet() {
        let rows = Rows { epochs: vec![epoch(1, 0.5, 1.0)], ..rows() };
        assert_eq!(schedule_alone(&rows), (0..25).map(|step| (f64::from(step), 2e-3)).collect::<Vec<_>>());
    }

    #[test]
    fn every_layer_is_a_line_with_its_name() {
        let layers = ["conv1", "conv2", "linear"];
        assert_eq!(curves(&rows(), &layers, false)[3..], layers);
        let svg = svg(&rows(), &layers, false);
        for layer in layers {
            assert!(svg.contains(layer), "{layer}");
        }
    }

    #[test]
    fn a_run_that_diverged_is_drawn() {
        let steps = [1.0, f64::NAN, f64::INFINITY].map(|loss| step(0, 0.0, loss)).into();
        let rows = Rows { steps, epochs: vec![epoch(1, 0.0, f64::NAN)] };
        assert!(svg(&rows, &[], true).ends_with("</svg>\n"));
        assert!(svg(&Rows::default(), &[], true).ends_with("</svg>\n"));
    }

    #[test]
    fn the_mean_is_in_the_middle_of_its_window() {
        let points = [(0.0, 1.0), (1.0, 3.0), (2.0, 8.0)];
        assert_eq!(means(&points, 3), [(1.0, 4.0)]);
        assert_eq!(means(&points, 4), []);
        assert_eq!(means(&points, 1), points);
    }
}
