//! What pictures as SVG and PNG have in common.

use plotters::style::{FontStyle, RGBColor};

use crate::error::PlotError;

/// The width and height of a picture, in pixels.
pub const IMAGE_SIZE: (u32, u32) = (1_000, 500);

/// Up to here an axis can be drawn, and down to 1 over it a logarithmic one: plotters does not come to an end beyond.
pub const FARTHEST: f64 = 1e100;

/// The colours of Okabe and Ito, which most colour-blind people can tell apart.
pub const IMAGE_COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
];

/// Makes `sans-serif` the font that comes along, so that the picture is the same on every machine.
///
/// # Errors
///
/// The font cannot be read.
pub fn register_font() -> Result<(), PlotError> {
    plotters::style::register_font("sans-serif", FontStyle::Normal, dejavu::sans::regular())
        .map_err(|_| PlotError::Font)
}
