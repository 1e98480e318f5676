//! SVG and PNG: size, colours and font, and the axes, lines and legend that every picture has.

use std::fs;
use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;
use sched_files::replace_in_folder;

use crate::error::PlotError;
use crate::number::Short;

/// Width and height in pixels.
const SIZE: (u32, u32) = (1_000, 500);
const TEXT: (&str, i32) = ("sans-serif", 14);
const GRID: RGBColor = RGBColor(225, 225, 225);
const BORDER: RGBColor = RGBColor(180, 180, 180);

/// The largest magnitude on an axis; its reciprocal is the smallest on a logarithmic one. Beyond it plotters hangs.
pub(crate) const AXIS_LIMIT: f64 = 1e100;

/// The Okabe-Ito palette, which most colour-blind readers can tell apart.
pub(crate) const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
];

/// For what belongs in the background.
pub(crate) const FAINT: RGBColor = RGBColor(170, 170, 170);

/// Makes plotters use the bundled font for `sans-serif`, so that pictures look the same on every machine.
///
/// # Errors
///
/// [`PlotError::Font`] if the font cannot be read.
pub fn register_font() -> Result<(), PlotError> {
    plotters::style::register_font("sans-serif", FontStyle::Normal, dejavu::sans::regular())
        .map_err(|_| PlotError::Font)
}

/// What plotters returns while drawing.
pub(crate) type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// A picture that any backend can draw.
pub(crate) trait Draw {
    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB>;
}

pub(crate) fn svg(picture: &impl Draw) -> Result<String, PlotError> {
    let mut svg = String::new();
    draw(picture, SVGBackend::with_string(&mut svg, SIZE))?;
    Ok(svg)
}

pub(crate) fn save_png(picture: &impl Draw, path: &Path) -> Result<(), PlotError> {
    // The last chunk of a PNG file.
    const END: &[u8] = b"IEND\xae\x42\x60\x82";
    Ok(replace_in_folder(path, |folder| {
        let file = folder.join("picture.png");
        draw(picture, BitMapBackend::new(&file, SIZE))?;
        // plotters misses a failed last write.
        if fs::read(&file)?.ends_with(END) { Ok(file) } else { Err("the picture was not written to its end".into()) }
    })?)
}

fn draw<DB: DrawingBackend>(picture: &impl Draw, backend: DB) -> Result<(), PlotError>
where
    DB::ErrorType: 'static,
{
    register_font()?;
    let area = backend.into_drawing_area();
    area.fill(&WHITE).and_then(|()| picture.draw(&area)).and_then(|()| area.present()).map_err(PlotError::draw)
}

/// Draws axes, then `series`, then a legend of what `series` has labelled.
pub(crate) fn chart<'a, DB, X, Y>(
    area: &'a DrawingArea<DB, Shift>,
    (x_name, x): (&str, X),
    (y_name, y): (&str, Y),
    legend: SeriesLabelPosition,
    series: impl FnOnce(&mut ChartContext<'a, DB, Cartesian2d<X::CoordDescType, Y::CoordDescType>>) -> Drawn<DB>,
) -> Drawn<DB>
where
    DB: DrawingBackend + 'a,
    X: AsRangedCoord<Value = f64>,
    X::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y: AsRangedCoord<Value = f64>,
    Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let mut chart =
        ChartBuilder::on(area).margin(15).x_label_area_size(40).y_label_area_size(80).build_cartesian_2d(x, y)?;
    chart
        .configure_mesh()
        .x_desc(x_name)
        .y_desc(y_name)
        .x_label_formatter(&|x| Short(*x).to_string())
        .y_label_formatter(&|y| Short(*y).to_string())
        .light_line_style(WHITE)
        .bold_line_style(GRID)
        .label_style(TEXT)
        .draw()?;
    series(&mut chart)?;
    chart
        .configure_series_labels()
        .position(legend)
        .background_style(WHITE.mix(0.8))
        .border_style(BORDER)
        .label_font(TEXT)
        .draw()
}

/// Draws a line and labels it.
pub(crate) fn line<'a, DB, X, Y>(
    chart: &mut ChartContext<'a, DB, Cartesian2d<X, Y>>,
    name: &str,
    colour: RGBColor,
    width: u32,
    points: impl IntoIterator<Item = (f64, f64)>,
) -> Drawn<DB>
where
    DB: DrawingBackend + 'a,
    X: Ranged<ValueType = f64>,
    Y: Ranged<ValueType = f64>,
{
    chart
        .draw_series(LineSeries::new(points, colour.stroke_width(width)))?
        .label(name)
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(width)));
    Ok(())
}
