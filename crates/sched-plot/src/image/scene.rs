//! What an image is made of.

use super::ink::Ink;

pub(super) type Point = (f64, f64);

/// Width and height.
pub(super) const SIZE: (f64, f64) = (1_200.0, 630.0);

/// Shapes, the first ones below the others.
#[derive(Debug)]
pub(super) struct Scene {
    /// What the picture shows, for those who do not see it.
    pub(super) title: String,
    pub(super) shapes: Vec<Shape>,
}

#[derive(Debug)]
pub(super) enum Shape {
    Line { points: Vec<Point>, ink: Ink, width: f32, dashes: &'static [f32] },
    Box { at: Point, size: Point, ink: Ink },
    Dot { at: Point, radius: f64, ink: Ink },
    Text { at: Point, anchor: Anchor, size: f64, bold: bool, ink: Ink, text: String },
}

/// Which part of a text is at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}
