//! A scene as PNG.

use ab_glyph::OutlineCurve;
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, StrokeDash, Transform,
};

use super::font;
use super::ink::{Ink, PAPER};
use super::scene::{Anchor, Point, SIZE, Scene, Shape};
use crate::error::PlotError;

/// Pixels per unit of the scene.
const SCALE: f32 = 2.0;

pub(super) fn write(scene: &Scene) -> Result<Vec<u8>, PlotError> {
    let size = |units: f64| (units * f64::from(SCALE)) as u32;
    let mut pixels = Pixmap::new(size(SIZE.0), size(SIZE.1)).ok_or(PlotError::Image)?;
    let [red, green, blue] = PAPER.light;
    pixels.fill(Color::from_rgba8(red, green, blue, 255));
    for shape in &scene.shapes {
        draw(&mut pixels, shape);
    }
    pixels.encode_png().map_err(|_| PlotError::Image)
}

fn draw(pixels: &mut Pixmap, shape: &Shape) {
    let scale = Transform::from_scale(SCALE, SCALE);
    match shape {
        Shape::Line { points, ink, width, dashes } => {
            let dash = if dashes.is_empty() { None } else { StrokeDash::new(dashes.to_vec(), 0.0) };
            let stroke = Stroke {
                width: *width,
                line_cap: LineCap::Butt,
                line_join: LineJoin::Round,
                dash,
                ..Stroke::default()
            };
            if let Some(path) = polyline(points) {
                pixels.stroke_path(&path, &paint(*ink), &stroke, scale, None);
            }
        }
        Shape::Box { at, size, ink } => {
            if let Some(rect) = Rect::from_xywh(at.0 as f32, at.1 as f32, size.0 as f32, size.1 as f32) {
                pixels.fill_rect(rect, &paint(*ink), scale, None);
            }
        }
        Shape::Dot { at, radius, ink } => {
            if let Some(path) = PathBuilder::from_circle(at.0 as f32, at.1 as f32, *radius as f32) {
                pixels.fill_path(&path, &paint(*ink), FillRule::Winding, scale, None);
            }
        }
        Shape::Text { at, anchor, size, bold, ink, text } => {
            let width = font::letters(text, *bold, |_, _, _| {}) * size;
            let left = at.0
                - match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => width / 2.0,
                    Anchor::End => width,
                };
            if let Some(path) = letters(text, *bold, (left, at.1), *size) {
                pixels.fill_path(&path, &paint(*ink), FillRule::Winding, scale, None);
            }
        }
    }
}

fn paint(ink: Ink) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    let [red, green, blue] = ink.light;
    paint.set_color_rgba8(red, green, blue, 255);
    paint
}

fn polyline(points: &[Point]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (i, &(x, y)) in points.iter().enumerate() {
        if i == 0 {
            path.move_to(x as f32, y as f32);
        } else {
            path.line_to(x as f32, y as f32);
        }
    }
    path.finish()
}

fn letters(text: &str, bold: bool, at: Point, size: f64) -> Option<Path> {
    let mut path = PathBuilder::new();
    font::letters(text, bold, |left, curves, unit| {
        let place = |point: &ab_glyph::Point| {
            let x = at.0 + (left + f64::from(point.x) * unit) * size;
            let y = at.1 - f64::from(point.y) * unit * size;
            (x as f32, y as f32)
        };
        let mut last = None;
        for curve in curves {
            let (from, to) = font::ends(curve);
            if last != Some(from) {
                let (x, y) = place(&from);
                path.move_to(x, y);
            }
            last = Some(to);
            let (x, y) = place(&to);
            match curve {
                OutlineCurve::Line(..) => path.line_to(x, y),
                OutlineCurve::Quad(_, bend, _) => {
                    let bend = place(bend);
                    path.quad_to(bend.0, bend.1, x, y);
                }
                OutlineCurve::Cubic(_, first, second, _) => {
                    let (first, second) = (place(first), place(second));
                    path.cubic_to(first.0, first.1, second.0, second.1, x, y);
                }
            }
        }
    });
    path.finish()
}
