//! Digits drawn with random variation, so that no download is needed.

use std::f32::consts::PI;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::samples::{CLASSES, Data, Image, SIDE, Samples};

/// A part of a digit in the unit square, with `y` downwards.
enum Stroke {
    /// Straight lines from point to point.
    Line(&'static [Point]),
    /// An arc of an ellipse: centre, radii, and the angles of both ends in degrees, clockwise from the right.
    Arc(Point, Point, [f32; 2]),
}

type Point = [f32; 2];

use Stroke::{Arc, Line};

/// The ways of writing each digit.
const GLYPHS: [&[&[Stroke]]; CLASSES] = [
    &[&[Arc([0.5, 0.5], [0.32, 0.43], [0.0, 360.0])], &[Arc([0.5, 0.5], [0.24, 0.43], [0.0, 360.0])]],
    &[
        &[Line(&[[0.5, 0.07], [0.5, 0.93]])],
        &[Line(&[[0.3, 0.28], [0.54, 0.07], [0.54, 0.93]])],
        &[Line(&[[0.32, 0.26], [0.52, 0.07], [0.52, 0.93]]), Line(&[[0.3, 0.93], [0.74, 0.93]])],
    ],
    &[
        &[Arc([0.5, 0.31], [0.29, 0.24], [190.0, 390.0]), Line(&[[0.75, 0.43], [0.22, 0.92], [0.82, 0.92]])],
        &[Arc([0.47, 0.3], [0.3, 0.23], [200.0, 420.0]), Line(&[[0.62, 0.5], [0.2, 0.85], [0.4, 0.82], [0.82, 0.93]])],
    ],
    &[
        &[Arc([0.45, 0.28], [0.28, 0.22], [200.0, 450.0]), Arc([0.45, 0.72], [0.32, 0.22], [270.0, 520.0])],
        &[Line(&[[0.2, 0.09], [0.76, 0.09], [0.45, 0.42]]), Arc([0.45, 0.68], [0.32, 0.26], [270.0, 515.0])],
    ],
    &[
        &[Line(&[[0.64, 0.93], [0.64, 0.07], [0.15, 0.65], [0.88, 0.65]])],
        &[Line(&[[0.26, 0.08], [0.2, 0.52], [0.8, 0.52]]), Line(&[[0.7, 0.1], [0.66, 0.93]])],
    ],
    &[
        &[Line(&[[0.78, 0.08], [0.28, 0.08], [0.25, 0.46]]), Arc([0.46, 0.66], [0.32, 0.27], [228.0, 510.0])],
        &[Line(&[[0.8, 0.08], [0.34, 0.08], [0.27, 0.42]]), Arc([0.45, 0.67], [0.3, 0.25], [240.0, 490.0])],
    ],
    &[
        &[Line(&[[0.68, 0.07], [0.43, 0.25], [0.27, 0.48], [0.22, 0.7]]), Arc([0.5, 0.69], [0.28, 0.24], [0.0, 360.0])],
        &[Line(&[[0.46, 0.06], [0.28, 0.4], [0.25, 0.7]]), Arc([0.48, 0.72], [0.23, 0.21], [0.0, 360.0])],
    ],
    &[
        &[Line(&[[0.18, 0.1], [0.82, 0.1], [0.42, 0.93]])],
        &[Line(&[[0.18, 0.1], [0.8, 0.1], [0.44, 0.93]]), Line(&[[0.36, 0.5], [0.76, 0.5]])],
        &[Line(&[[0.2, 0.24], [0.2, 0.09], [0.8, 0.09], [0.5, 0.93]])],
    ],
    &[
        &[Arc([0.5, 0.28], [0.24, 0.21], [0.0, 360.0]), Arc([0.5, 0.71], [0.29, 0.23], [0.0, 360.0])],
        &[Arc([0.52, 0.27], [0.2, 0.2], [0.0, 360.0]), Arc([0.48, 0.7], [0.24, 0.23], [0.0, 360.0])],
    ],
    &[
        &[Arc([0.5, 0.32], [0.28, 0.24], [0.0, 360.0]), Line(&[[0.78, 0.32], [0.74, 0.65], [0.6, 0.93]])],
        &[Arc([0.5, 0.3], [0.24, 0.22], [0.0, 360.0]), Line(&[[0.74, 0.3], [0.74, 0.93]])],
        &[Arc([0.5, 0.31], [0.26, 0.23], [0.0, 360.0]), Arc([0.42, 0.55], [0.34, 0.38], [-40.0, 130.0])],
    ],
];

/// Draws training and validation digits. The first `n` of each do not depend on how many are drawn.
pub(crate) fn draw(seed: u64, train_items: usize, valid_items: usize) -> Data {
    // Far apart, so that no digit is in both sets.
    let samples = |first: u64, items: usize| samples(seed, first..first + items as u64).into();
    Data { train: samples(0, train_items), valid: samples(1 << 40, valid_items) }
}

fn samples(seed: u64, streams: std::ops::Range<u64>) -> Samples {
    let mut samples = Samples::default();
    for stream in streams {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        let label = rng.random_range(0..CLASSES);
        samples.images.push(digit(label, &mut rng));
        samples.labels.push(label as u8);
    }
    samples
}

fn digit(label: usize, rng: &mut impl Rng) -> Image {
    let ways = GLYPHS[label];
    let strokes = ways[rng.random_range(0..ways.len())];
    let hand = Hand::new(rng);
    let mut ink = [0.0; SIDE * SIDE];
    for stroke in strokes {
        let points: Vec<Point> = stroke.points(rng).map(|point| hand.place(point)).collect();
        for ends in points.windows(2) {
            hand.draw(ends[0], ends[1], &mut ink);
        }
    }
    // A random stroke, as noise.
    if rng.random_bool(0.25) {
        let from = [(); 2].map(|()| rng.random_range(0.0..SIDE as f32));
        let to = from.map(|at| at + rng.random_range(-6.0..6.0));
        hand.draw(from, to, &mut ink);
    }
    ink.map(|ink| {
        let grain = rng.random_range(-1.0..1.0_f32) * rng.random_range(0.0..1.0_f32) * 0.35;
        ((ink * hand.pressure + grain).clamp(0.0, 1.0) * 255.0).round() as u8
    })
}

impl Stroke {
    /// Points along the stroke, slightly displaced.
    fn points(&self, rng: &mut impl Rng) -> impl Iterator<Item = Point> {
        let mut near = |at: Point| at.map(|at| at + rng.random_range(-0.035..0.035_f32));
        let points: Vec<Point> = match self {
            Line(points) => points.iter().map(|&point| near(point)).collect(),
            Arc(centre, radii, [from, to]) => {
                let ([cx, cy], [rx, ry], [from, to]) =
                    (near(*centre), near(*radii), [*from, *to].map(|at| at / 180.0 * PI));
                let parts = 16;
                let angles = (0..=parts).map(|part| from + (to - from) * part as f32 / parts as f32);
                angles.map(|angle| [cx + rx * angle.cos(), cy + ry * angle.sin()]).collect()
            }
        };
        points.into_iter()
    }
}

/// The handwriting of one digit.
struct Hand {
    /// Maps the unit square around the origin to pixels.
    matrix: [[f32; 2]; 2],
    centre: Point,
    /// Half the width of a stroke in pixels.
    radius: f32,
    pressure: f32,
}

impl Hand {
    fn new(rng: &mut impl Rng) -> Self {
        let size = 21.0;
        let [width, height] = [rng.random_range(0.6..1.0) * size, rng.random_range(0.7..1.0) * size];
        let slant = rng.random_range(-0.35..0.35_f32);
        let (sin, cos) = rng.random_range(-0.2..0.2_f32).sin_cos();
        Self {
            // Scale, then slant, then rotate.
            matrix: [
                [cos * width, -cos * slant * height - sin * height],
                [sin * width, -sin * slant * height + cos * height],
            ],
            centre: [(); 2].map(|()| SIDE as f32 / 2.0 + rng.random_range(-3.0..3.0)),
            radius: rng.random_range(0.5..1.6),
            pressure: rng.random_range(0.6..1.0),
        }
    }

    fn place(&self, [x, y]: Point) -> Point {
        let [x, y] = [x - 0.5, y - 0.5];
        let [row_x, row_y] = self.matrix;
        [self.centre[0] + row_x[0] * x + row_x[1] * y, self.centre[1] + row_y[0] * x + row_y[1] * y]
    }

    /// Draws a straight line with round ends and an edge that is soft over one pixel.
    fn draw(&self, from: Point, to: Point, ink: &mut [f32; SIDE * SIDE]) {
        let reach = self.radius + 0.5;
        let pixels = |axis: usize| {
            let (low, high) = (from[axis].min(to[axis]) - reach, from[axis].max(to[axis]) + reach);
            low.clamp(0.0, SIDE as f32) as usize..high.ceil().clamp(0.0, SIDE as f32) as usize
        };
        for row in pixels(1) {
            for column in pixels(0) {
                let distance = distance([column as f32 + 0.5, row as f32 + 0.5], from, to);
                let pixel = &mut ink[row * SIDE + column];
                *pixel = pixel.max((reach - distance).clamp(0.0, 1.0));
            }
        }
    }
}

/// The distance of a point from a line segment.
fn distance(point: Point, from: Point, to: Point) -> f32 {
    let line = [to[0] - from[0], to[1] - from[1]];
    let length_squared = (line[0] * line[0] + line[1] * line[1]).max(f32::MIN_POSITIVE);
    let along = ((point[0] - from[0]) * line[0] + (point[1] - from[1]) * line[1]) / length_squared;
    let along = along.clamp(0.0, 1.0);
    (point[0] - from[0] - along * line[0]).hypot(point[1] - from[1] - along * line[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_digits() {
        let (data, again) = (draw(1, 30, 10), draw(1, 20, 10));
        assert_eq!(data.train.images[..20], again.train.images);
        assert_eq!(data.valid, again.valid);
        assert_ne!(data.train.images[..10], data.valid.images, "no training image is used for validation");
        assert_ne!(draw(2, 30, 10).train.images, data.train.images);
    }

    #[test]
    fn every_digit_has_ink_and_room() {
        let data = draw(3, 500, 0);
        for image in &data.train.images {
            let ink = image.iter().filter(|&&pixel| pixel > 64).count();
            assert!((10..400).contains(&ink), "{ink} pixels");
        }
    }

    /// A classifier by the nearest mean image is far better than chance, but leaves much for a network to learn.
    #[test]
    fn the_ten_classes_can_be_told_apart_but_not_trivially() {
        let data = draw(4, 2000, 500);
        let mut means = [[0.0_f32; SIDE * SIDE]; CLASSES];
        for (image, &label) in data.train.images.iter().zip(&data.train.labels) {
            let count = data.train.labels.iter().filter(|&&other| other == label).count() as f32;
            for (mean, &pixel) in means[label as usize].iter_mut().zip(image) {
                *mean += f32::from(pixel) / count;
            }
        }
        let nearest = |image: &Image| {
            let distance = |mean: &[f32; SIDE * SIDE]| -> f32 {
                mean.iter().zip(image).map(|(mean, &pixel)| (mean - f32::from(pixel)).powi(2)).sum()
            };
            (0..CLASSES).min_by(|&a, &b| distance(&means[a]).total_cmp(&distance(&means[b])))
        };
        let right = data.valid.images.iter().zip(&data.valid.labels);
        let right = right.filter(|(image, label)| nearest(image) == Some(usize::from(**label))).count();
        assert!((150..400).contains(&right), "{right} of 500");
    }
}
