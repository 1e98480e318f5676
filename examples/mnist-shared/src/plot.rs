//! `lr.svg`: the loss and the rate of every step, one above the other.

use std::error::Error;
use std::path::Path;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

use crate::history::Row;

const SIZE: (u32, u32) = (960, 640);
const PALE_BLUE: RGBColor = RGBColor(165, 195, 225);
const BLUE: RGBColor = RGBColor(20, 80, 150);
const ORANGE: RGBColor = RGBColor(205, 85, 20);
const GRID: RGBColor = RGBColor(225, 225, 225);

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Draws the rows; nothing but axes if there are none.
///
/// # Errors
///
/// The file cannot be written.
pub(crate) fn draw(path: &Path, rows: &[Row]) -> std::result::Result<(), String> {
    try_draw(path, rows).map_err(|error| error.to_string())
}

fn try_draw(path: &Path, rows: &[Row]) -> Result<()> {
    register_font("sans-serif", FontStyle::Normal, dejavu::sans::regular())
        .map_err(|_| "the font that comes along cannot be read")?;
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let (upper, lower) = area.split_vertically(SIZE.1 / 2);
    let steps = rows.last().map_or(1, |row| row.step + 1);

    let losses: Vec<_> = rows.iter().map(|row| (row.step as f64, row.loss)).collect();
    let window = (rows.len() / 40).max(1);
    let mut chart = panel(&upper, steps, &losses, "training loss", &|loss| format!("{loss:.1}"))?;
    line(&mut chart, losses.clone(), PALE_BLUE.stroke_width(1), "each step")?;
    line(&mut chart, means(&losses, window), BLUE.stroke_width(2), &format!("mean of {window} steps"))?;
    legend(&mut chart)?;

    let rates: Vec<_> = rows.iter().map(|row| (row.step as f64, row.lr)).collect();
    let mut chart = panel(&lower, steps, &rates, "learning rate", &rate_label)?;
    line(&mut chart, rates, ORANGE.stroke_width(2), "each step")?;
    legend(&mut chart)?;
    area.present()?;
    Ok(())
}

/// Axes, from 0 to a little above the highest value.
fn panel<'a, 'b>(
    area: &'a Area<'b>,
    steps: u64,
    points: &[(f64, f64)],
    title: &str,
    label: &dyn Fn(&f64) -> String,
) -> Result<Chart<'a, 'b>> {
    let highest = points.iter().map(|point| point.1).filter(|value| value.is_finite()).fold(0.0, f64::max);
    let top = if highest > 0.0 { 1.08 * highest } else { 1.0 };
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
    Ok(chart)
}

fn line(chart: &mut Chart, points: Vec<(f64, f64)>, style: ShapeStyle, label: &str) -> Result<()> {
    chart
        .draw_series(LineSeries::new(points, style))?
        .label(label)
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 22, y)], style));
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

/// The mean of every `window` points that follow each other, in the middle of them.
fn means(points: &[(f64, f64)], window: usize) -> Vec<(f64, f64)> {
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

    fn svg(rows: &[Row]) -> String {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lr.svg");
        draw(&path, rows).unwrap();
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn both_curves_are_drawn() {
        let rows: Vec<Row> = (0..100).map(|step| Row { step, lr: 1e-3 / (step + 1) as f64, loss: 2.0 }).collect();
        let svg = svg(&rows);
        let curves = svg.lines().filter(|line| line.starts_with("<polyline") && line.matches(',').count() > 90);
        assert_eq!(curves.count(), 3, "losses, their means, and rates");
        for text in ["training loss", "learning rate", "step", "mean of 2 steps"] {
            assert!(svg.contains(text), "{text}");
        }
    }

    #[test]
    fn a_run_that_diverged_is_drawn() {
        let rows = [1.0, f64::NAN, f64::INFINITY].map(|loss| Row { step: 0, lr: 0.0, loss });
        assert!(svg(&rows).ends_with("</svg>\n"));
    }

    #[test]
    fn the_mean_is_in_the_middle_of_its_window() {
        let points = [(0.0, 1.0), (1.0, 3.0), (2.0, 8.0)];
        assert_eq!(means(&points, 3), [(1.0, 4.0)]);
        assert_eq!(means(&points, 4), []);
        assert_eq!(means(&points, 1), points);
    }
}
