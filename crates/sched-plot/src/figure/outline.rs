//! The points of a curve as lines to draw: with vertical steps, cut at the edges, and no more points than can be seen.

use super::model::{Curve, Style};
use super::scale::Scale;

/// A unit of the axis narrower than this many pixels shows no stair of its own.
const STAIR: f64 = 2.0;

/// Points closer than this to a line are on it.
const TOLERANCE: f64 = 0.12;

type Point = (f64, f64);

/// The pieces of a curve in a panel of this many pixels, from its upper left corner.
pub(crate) fn outline(curve: &Curve, x: &Scale, y: &Scale, (width, height): (f64, f64)) -> Vec<Vec<Point>> {
    let pixel = |(at, value): Point| (x.place(at) * width, (1.0 - y.place(value)) * height);
    let pixels: Vec<Point> = match curve.style {
        Style::Steps => stairs(&curve.points, pixel),
        Style::Line | Style::Faint | Style::Dots => curve.points.iter().copied().map(pixel).collect(),
    };
    if curve.style == Style::Dots {
        let is_inside = |&(x, y): &Point| (0.0..=width).contains(&x) && (0.0..=height).contains(&y);
        return pixels.into_iter().filter(is_inside).map(|point| vec![point]).collect();
    }
    let tolerance = if curve.style == Style::Faint { 4.0 * TOLERANCE } else { TOLERANCE };
    cut(&pixels, height).into_iter().map(|piece| simplify(&thin(&piece), tolerance)).collect()
}

/// Holds each value until the next, where that is a unit later and can be seen.
fn stairs(points: &[Point], pixel: impl Fn(Point) -> Point) -> Vec<Point> {
    let height = |i: usize| pixel(points[i]).1;
    // How far the curve moves in a unit, from a point on.
    let pace = |i: usize| {
        let ((from, _), (to, _)) = (points.get(i)?, points.get(i + 1)?);
        Some((height(i + 1) - height(i)).abs() / (to - from).max(1.0))
    };
    let mut drawn = Vec::with_capacity(points.len() * 2);
    for (i, &(at, value)) in points.iter().enumerate() {
        let start = pixel((at, value));
        drawn.push(start);
        let end = pixel((at + 1.0, value));
        let Some(next) = points.get(i + 1) else {
            drawn.push(end);
            break;
        };
        let is_neighbour = next.0 - at <= 1.0;
        let before = i.checked_sub(1).and_then(pace).unwrap_or(0.0);
        let (now, after) = (pace(i).unwrap_or(0.0), pace(i + 1).unwrap_or(0.0));
        let is_jump = now > 1.0 && now > 3.0 * before.max(after);
        if is_neighbour && (end.0 - start.0 >= STAIR || is_jump) {
            drawn.push(end);
        }
    }
    drawn
}

/// Cuts a line where it leaves the panel at the top or at the bottom, and where it is broken.
fn cut(points: &[Point], height: f64) -> Vec<Vec<Point>> {
    let mut pieces = Vec::new();
    let mut piece: Vec<Point> = Vec::new();
    for pair in points.windows(2) {
        let visible = inside(pair[0], pair[1], height);
        if visible.is_none_or(|(from, _)| piece.last().is_some_and(|last| *last != from)) && !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
        }
        if let Some((from, to)) = visible {
            if piece.is_empty() {
                piece.push(from);
            }
            piece.push(to);
        }
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

/// The part of a line within the panel.
fn inside(from: Point, to: Point, height: f64) -> Option<(Point, Point)> {
    if [from.0, from.1, to.0, to.1].iter().any(|number| !number.is_finite()) {
        return None;
    }
    // A hair of room for what is rounded.
    let (top, bottom) = (-1e-6, height + 1e-6);
    let (low, high) = (from.1.min(to.1), from.1.max(to.1));
    if high < top || low > bottom {
        return None;
    }
    let at = |y: f64| {
        let y = y.clamp(top, bottom);
        let part = if to.1 == from.1 { 0.0 } else { (y - from.1) / (to.1 - from.1) };
        (from.0 + (to.0 - from.0) * part, y)
    };
    let whole = |point: Point| if (top..=bottom).contains(&point.1) { point } else { at(point.1) };
    Some((whole(from), whole(to)))
}

/// Of the points in each column of pixels, the first, the last, the lowest, the highest, and both ends of the largest jump, so
/// that what is upright stays so.
fn thin(points: &[Point]) -> Vec<Point> {
    let mut kept = Vec::new();
    for column in points.chunk_by(|a, b| a.0.floor() == b.0.floor()) {
        let (mut low, mut high, mut jump) = (0, 0, 0);
        let size = |i: usize| column.get(i + 1).map_or(0.0, |next| (next.1 - column[i].1).abs());
        for (i, point) in column.iter().enumerate() {
            if point.1 > column[low].1 {
                low = i;
            }
            if point.1 < column[high].1 {
                high = i;
            }
            if size(i) > size(jump) {
                jump = i;
            }
        }
        let last = column.len() - 1;
        let mut ends = vec![0, low, high, jump, (jump + 1).min(last), last];
        ends.sort_unstable();
        ends.dedup();
        kept.extend(ends.into_iter().map(|i| column[i]));
    }
    kept
}

/// Leaves out points that are on the line between others (Ramer, Douglas and Peucker).
fn simplify(points: &[Point], tolerance: f64) -> Vec<Point> {
    let mut kept = vec![false; points.len()];
    let mut parts = vec![(0, points.len().saturating_sub(1))];
    while let Some((from, to)) = parts.pop() {
        kept[from] = true;
        kept[to] = true;
        let far = |i: &usize| distance(points[*i], points[from], points[to]);
        let farthest = (from + 1..to).map(|i| (i, far(&i))).max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((middle, _)) = farthest.filter(|(_, far)| *far > tolerance) {
            parts.extend([(from, middle), (middle, to)]);
        }
    }
    points.iter().zip(kept).filter(|(_, kept)| *kept).map(|(point, _)| *point).collect()
}

/// From a point to the line between two others.
fn distance(point: Point, from: Point, to: Point) -> f64 {
    let (along, up) = (to.0 - from.0, to.1 - from.1);
    let (x, y) = (point.0 - from.0, point.1 - from.1);
    let length = along.hypot(up);
    let part = if length > 0.0 { ((x * along + y * up) / (length * length)).clamp(0.0, 1.0) } else { 0.0 };
    (x - part * along).hypot(y - part * up)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(points: &[Point], end: f64) -> Vec<Vec<Point>> {
        let curve = Curve::new("", Style::Steps, 0, points.to_vec());
        outline(&curve, &Scale::linear(0.0, end), &Scale::linear(0.0, 1.0), (100.0, 100.0))
    }

    #[test]
    fn a_value_holds_within_its_step() {
        let drawn = steps(&[(0.0, 1.0), (1.0, 1.0), (2.0, 0.5), (3.0, 0.5)], 4.0);
        assert_eq!(drawn, [vec![(0.0, 0.0), (50.0, 0.0), (50.0, 50.0), (100.0, 50.0)]]);
    }

    #[test]
    fn a_drop_is_vertical_where_steps_are_narrow_too() {
        let drawn = steps(&[(0.0, 1.0), (499.0, 1.0), (500.0, 0.5), (999.0, 0.5)], 1_000.0);
        assert_eq!(drawn, [vec![(0.0, 0.0), (50.0, 0.0), (50.0, 50.0), (100.0, 50.0)]]);
    }

    #[test]
    fn a_drop_is_vertical_between_slopes_of_narrow_steps() {
        let rate = |i: u32| f64::from(2_000 - i) / 2_000.0 * if i < 1_002 { 1.0 } else { 0.5 };
        let points: Vec<Point> = (0..2_000).map(|i| (f64::from(i), rate(i))).collect();
        let drawn = steps(&points, 2_000.0).concat();
        let is_drop =
            |pair: &[Point]| pair.iter().all(|point| (point.0 - 50.1).abs() < 1e-9) && pair[1].1 - pair[0].1 > 20.0;
        assert!(drawn.windows(2).any(is_drop), "{drawn:?}");
    }

    #[test]
    fn a_straight_line_has_two_points() {
        let line: Vec<Point> = (0..1_000).map(|i| (f64::from(i), f64::from(i) / 1_000.0)).collect();
        let curve = Curve::new("", Style::Line, 0, line);
        let drawn = outline(&curve, &Scale::linear(0.0, 1_000.0), &Scale::linear(0.0, 1.0), (100.0, 100.0));
        assert_eq!(drawn.concat().len(), 2);
    }

    #[test]
    fn a_dense_wave_keeps_its_height() {
        let wave: Vec<Point> = (0..100_000).map(|i| (f64::from(i), f64::from(u8::from(i % 50 == 7)))).collect();
        let curve = Curve::new("", Style::Line, 0, wave);
        let drawn = outline(&curve, &Scale::linear(0.0, 1e5), &Scale::linear(0.0, 1.0), (100.0, 100.0)).concat();
        assert!(drawn.len() <= 600, "{}", drawn.len());
        // Up and down again within every two pixels.
        for left in (0..99).map(f64::from) {
            let near = || drawn.iter().filter(|point| (left..left + 2.0).contains(&point.0));
            assert!(near().any(|point| point.1 == 0.0) && near().any(|point| point.1 == 100.0), "{left}");
        }
    }

    #[test]
    fn lines_end_at_the_edge_instead_of_following_it() {
        let curve =
            Curve::new("", Style::Line, 0, vec![(0.0, 0.5), (1.0, 1.5), (2.0, 0.5), (3.0, f64::NAN), (4.0, 0.5)]);
        let drawn = outline(&curve, &Scale::linear(0.0, 4.0), &Scale::linear(0.0, 1.0), (400.0, 100.0));
        let rounded: Vec<Vec<_>> =
            drawn.iter().map(|piece| piece.iter().map(|(x, y)| (x.round(), y.round().abs())).collect()).collect();
        assert_eq!(rounded, [vec![(0.0, 50.0), (50.0, 0.0)], vec![(150.0, 0.0), (200.0, 50.0)]]);
    }
}
