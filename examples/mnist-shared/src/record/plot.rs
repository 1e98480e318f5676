//! `lr.svg`: the loss of every step, and the learning rate below it.

use std::error::Error;
use std::path::Path;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use sched_burn::sched_plot::{Short, register_font};
use sched_files::replace_with;

use super::history::{Epoch, Rows, Step};

const SIZE: (u32, u32) = (960, 640);
const PALE_BLUE: RGBColor = RGBColor(165, 195, 225);
const BLUE: RGBColor = RGBColor(20, 80, 150);
const ORANGE: RGBColor = RGBColor(205, 85, 20);
const PALE_ORANGE: RGBColor = RGBColor(240, 200, 165);
const GREEN: RGBColor = RGBColor(25, 120, 70);
const GREY: RGBColor = RGBColor(120, 120, 120);
const GRID: RGBColor = RGBColor(225, 225, 225);
/// The colours of the layers, from the output to the input.
const LAYERS: [RGBColor; 5] = [ORANGE, RGBColor(0, 135, 140), RGBColor(110, 60, 150), BLUE, GREEN];

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Points = Vec<(f64, f64)>;
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Draws the rows, or only axes if there are none. `layers` have rates of their own, the last one that of the column `lr`.
///
/// # Errors
///
/// The file cannot be written.
pub(crate) fn draw(path: &Path, rows: &Rows, layers: &[&str], plateau: bool) -> Result<()> {
    let mut svg = String::new();
    draw_on(SVGBackend::with_string(&mut svg, SIZE), rows, layers, plateau)?;
    Ok(replace_with(path, svg.as_bytes())?)
}

fn draw_on(backend: SVGBackend, rows: &Rows, layers: &[&str], plateau: bool) -> Result<()> {
    register_font()?;
    let area = backend.into_drawing_area();
    area.fill(&WHITE)?;
    let (upper, lower) = area.split_vertically(SIZE.1 / 2);
    let steps = rows.steps.last().map_or(1, |row| row.step + 1);
    let reductions = reductions(&rows.epochs);

    let losses: Points = rows.steps.iter().map(|row| (row.step as f64, row.loss)).collect();
    let window = (losses.len() / 40).max(1);
    let (mut chart, top) = panel(&upper, steps, &losses, 0, "loss", &|loss| format!("{loss:.1}"))?;
    line(&mut chart, losses.clone(), PALE_BLUE.stroke_width(1), "training, each step")?;
    line(&mut chart, means(&losses, window), BLUE.stroke_width(2), &format!("training, mean of {window} steps"))?;
    mark(&mut chart, &reductions, top)?;
    validation(&mut chart, &rows.epochs)?;
    for (index, reduction) in reductions.iter().enumerate() {
        // Below the legend, staggered so that neighbours do not overlap.
        let height = top * (0.6 - 0.09 * (index % 3) as f64);
        let text = format!("validation {:.4}: rate x {}", reduction.valid_loss, Short(reduction.by));
        let on_the_left = reduction.step > 0.75 * steps as f64;
        let (side, distance) = if on_the_left { (HPos::Right, -6) } else { (HPos::Left, 6) };
        let style = ("sans-serif", 13).into_font().color(&ORANGE).pos(Pos::new(side, VPos::Center));
        let at = EmptyElement::at((reduction.step, height));
        chart.draw_series([at + Text::new(text, (distance, 0), style)])?;
    }
    legend(&mut chart)?;

    let rates: Points = rows.steps.iter().map(|row| (row.step as f64, row.lr)).collect();
    let alone = if plateau { schedule_alone(rows) } else { Vec::new() };
    let highest = if alone.is_empty() { &rates } else { &alone };
    // Under a plateau, the legend would often cover the highest rate.
    let above = if plateau { 1 + layers.len().max(1) } else { 0 };
    let (mut chart, top) = panel(&lower, steps, highest, above, "learning rate", &rate_label)?;
    mark(&mut chart, &reductions, top)?;
    if plateau {
        line(&mut chart, alone, PALE_ORANGE.stroke_width(2), "the schedule alone")?;
    }
    match layers.split_last() {
        None => {
            line(&mut chart, rates, ORANGE.stroke_width(2), if plateau { "with the plateau" } else { "each step" })?
        }
        Some((last, others)) => {
            for (index, layer) in others.iter().enumerate() {
                let rate = |row: &Step| Some((row.step as f64, *row.layers.get(index)?));
                line(&mut chart, rows.steps.iter().filter_map(rate).collect(), colour(index, layers), layer)?;
            }
            line(&mut chart, rates, colour(others.len(), layers), last)?;
        }
    }
    legend(&mut chart)?;
    area.present()?;
    Ok(())
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

/// Draws axes from 0 to a little above the highest value, or far enough for a legend of `above` lines. Also returns the top.
fn panel<'a, 'b>(
    area: &'a Area<'b>,
    steps: u64,
    points: &[(f64, f64)],
    above: usize,
    title: &str,
    label: &dyn Fn(&f64) -> String,
) -> Result<(Chart<'a, 'b>, f64)> {
    let highest = points.iter().map(|point| point.1).filter(|value| value.is_finite()).fold(0.0, f64::max);
    // Pixels of a line, of the legend's margins, and of the panel.
    let room = (18.0 * above as f64 + 24.0) / 252.0;
    let room = if above == 0 { 0.08 } else { room.min(0.5) };
    let top = if highest > 0.0 { highest / (1.0 - room) } else { 1.0 };
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_right(28)
        .x_label_area_size(44)
        .y_label_area_size(76)
        .build_cartesian_2d(0.0..steps as f64, 0.0..top)?;
    chart
        .configure_mesh()
        .x_desc("step")
        .y_desc(title)
        .x_labels(10)
        .y_labels(6)
        .x_label_formatter(&|step| format!("{step}"))
        .y_label_formatter(label)
        .axis_desc_style(("sans-serif", 16))
        .label_style(("sans-serif", 14))
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .draw()?;
    Ok((chart, top))
}

fn line(chart: &mut Chart, points: Points, style: ShapeStyle, label: &str) -> Result<()> {
    chart
        .draw_series(LineSeries::new(points, style))?
        .label(label)
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 22, y)], style));
    Ok(())
}

/// Draws a vertical line at each reduction.
fn mark(chart: &mut Chart, reductions: &[Reduction], top: f64) -> Result<()> {
    let ends = |reduction: &Reduction| [(reduction.step, 0.0), (reduction.step, top)];
    chart.draw_series(reductions.iter().map(|reduction| PathElement::new(ends(reduction), GREY.stroke_width(1))))?;
    Ok(())
}

/// Draws the validation loss at the end of each epoch.
fn validation(chart: &mut Chart, epochs: &[Epoch]) -> Result<()> {
    let points: Points = epochs.iter().map(|epoch| (epoch.steps as f64, epoch.valid_loss)).collect();
    chart
        .draw_series(points.into_iter().map(|point| Circle::new(point, 4, GREEN.filled())))?
        .label("validation, each epoch")
        .legend(|(x, y)| Circle::new((x + 11, y), 4, GREEN.filled()));
    Ok(())
}

fn legend<'a, 'b: 'a>(chart: &mut Chart<'a, 'b>) -> Result<()> {
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .legend_area_size(28)
        .margin(10)
        .label_font(("sans-serif", 14))
        .background_style(WHITE.mix(0.85))
        .border_style(GRID)
        .draw()?;
    Ok(())
}

/// The last layer, whose rate is the schedule's, has the colour of the line without layers.
fn colour(index: usize, layers: &[&str]) -> ShapeStyle {
    LAYERS[(layers.len() - 1 - index) % LAYERS.len()].stroke_width(2)
}

/// The moving mean over `window` points, each in the middle of its window.
fn means(points: &[(f64, f64)], window: usize) -> Points {
    let mean = |part: &[(f64, f64)]| part.iter().map(|point| point.1).sum::<f64>() / part.len() as f64;
    points.windows(window).map(|part| (part[window / 2].0, mean(part))).collect()
}

fn rate_label(rate: &f64) -> String {
    if *rate == 0.0 { "0".to_owned() } else { format!("{rate:.1e}") }
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

    /// The number of lines with a point for almost every step.
    fn curves(svg: &str) -> usize {
        svg.lines().filter(|line| line.starts_with("<polyline") && line.matches(',').count() > 90).count()
    }

    #[test]
    fn both_curves_are_drawn() {
        let svg = svg(&rows(), &[], false);
        assert_eq!(curves(&svg), 3, "losses, their means, and rates");
        assert_eq!(svg.matches("<circle").count(), 4 + 1, "the validation losses, and the legend");
        for text in ["loss", "learning rate", "step", "mean of 2 steps", "each step"] {
            assert!(svg.contains(text), "{text}");
        }
    }

    #[test]
    fn a_reduction_is_marked_with_the_loss_that_led_to_it() {
        let rows = rows();
        assert_eq!(reductions(&rows.epochs), [Reduction { step: 50.0, by: 0.5, valid_loss: 0.8765 }]);
        assert_eq!(schedule_alone(&rows), (0..100).map(|step| (f64::from(step), 1e-3)).collect::<Vec<_>>());
        let svg = svg(&rows, &[], true);
        assert!(svg.contains("validation 0.8765: rate x 0.5"), "{svg}");
        assert!(svg.contains("the schedule alone"));
        assert_eq!(curves(&svg), 4);
    }

    #[test]
    fn an_incomplete_epoch_has_no_factor_yet() {
        let rows = Rows { epochs: vec![epoch(1, 0.5, 1.0)], ..rows() };
        assert_eq!(schedule_alone(&rows), (0..25).map(|step| (f64::from(step), 2e-3)).collect::<Vec<_>>());
    }

    #[test]
    fn every_layer_is_a_line_with_its_name() {
        let svg = svg(&rows(), &["conv1", "conv2", "linear"], false);
        assert_eq!(curves(&svg), 5);
        for layer in ["conv1", "conv2", "linear"] {
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
