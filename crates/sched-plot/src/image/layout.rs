//! Where everything of a figure goes in an image.

use super::font::{fit, width, wrap};
use super::ink::{FAINT, GRID, Ink, PAPER, QUIET, SHADE, TEXT, dashes, hue};
use super::scene::{Anchor, Point, SIZE, Scene, Shape};
use crate::figure::{Curve, Figure, Panel, Scale, Style, outline};

const MARGIN: f64 = 28.0;
/// Sizes of text.
const TITLE: f64 = 21.0;
const LABEL: f64 = 16.0;
/// From a line of text to the next.
const LINE: f64 = 22.0;
/// The length of the sample of a curve beside its name.
const SAMPLE: f64 = 26.0;
/// More lines of text than these would leave too little for the panels.
const KEYS: usize = 6;
const LANES: usize = 3;

/// A part of the image.
#[derive(Clone, Copy)]
struct Area {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Area {
    fn right(self) -> f64 {
        self.left + self.width
    }

    fn bottom(self) -> f64 {
        self.top + self.height
    }
}

pub(super) fn scene(figure: &Figure) -> Scene {
    let mut shapes = Vec::new();
    let top = head(&mut shapes, figure);

    let marks = |panel: &Panel| panel.curves.iter().flat_map(ends).map(|text| text.1).fold(0.0, f64::max);
    let right_margin = figure.panels.iter().map(marks).fold(60.0, f64::max) + 12.0;
    let ticks =
        |panel: &Panel| panel.y.ticks(6).iter().map(|tick| width(&tick.label, LABEL, false)).fold(0.0, f64::max);
    let left = MARGIN + figure.panels.iter().map(ticks).fold(30.0, f64::max) + 8.0;
    let bottom = SIZE.1 - MARGIN - if figure.steps_per_epoch.is_some() { 2.0 * LINE + 6.0 } else { LINE };
    let plot = Area { left, top, width: SIZE.0 - left - right_margin - MARGIN / 2.0, height: bottom - top };

    let lanes = lanes(figure, plot);
    let height = plot.height - LINE * lanes.count as f64;
    let names = LINE * 1.2 * figure.panels.len() as f64;
    let shares: f64 = figure.panels.iter().map(|panel| panel.share).sum();
    let mut at = top;
    for (i, panel) in figure.panels.iter().enumerate() {
        let strip = if i == 0 { LINE * lanes.count as f64 } else { 0.0 };
        let name = (plot.left, at + LABEL);
        at += LINE * 1.2 + strip;
        let height = (height - names) * panel.share / shares.max(f64::MIN_POSITIVE);
        let area = Area { top: at, height: height - if i + 1 < figure.panels.len() { 10.0 } else { 0.0 }, ..plot };
        background(&mut shapes, figure, panel, area);
        if i == 0 {
            lanes.draw(&mut shapes, area);
        }
        shapes.push(text(name, Anchor::Start, QUIET, &panel.name));
        curves(&mut shapes, figure, panel, area);
        at += height;
    }
    x_axis(&mut shapes, figure, Area { top: bottom, height: 0.0, ..plot });
    Scene { title: figure.title.clone(), shapes }
}

/// The title and the lines below it; returns where they end.
fn head(shapes: &mut Vec<Shape>, figure: &Figure) -> f64 {
    let room = SIZE.0 - 2.0 * MARGIN;
    let mut y = MARGIN - 6.0;
    for line in wrap(&figure.title, TITLE, true, room, 2) {
        y += TITLE * 1.25;
        shapes.push(Shape::Text {
            at: (MARGIN, y),
            anchor: Anchor::Start,
            size: TITLE,
            bold: true,
            ink: TEXT,
            text: line,
        });
    }
    for key in figure.keys.iter().take(KEYS) {
        y += LINE + 1.0;
        let mut left = MARGIN;
        if let Some(curve) = key.hue {
            shapes.push(sample((left, y - 5.0), curve));
            left += SAMPLE + 8.0;
        }
        shapes.push(text((left, y), Anchor::Start, QUIET, &fit(&key.text, LABEL, false, SIZE.0 - MARGIN - left)));
    }
    y + 14.0
}

/// Shades, columns and the grid with its labels.
fn background(shapes: &mut Vec<Shape>, figure: &Figure, panel: &Panel, area: Area) {
    let x = |value: f64| area.left + figure.x.place(value) * area.width;
    for span in figure.spans.iter().step_by(2) {
        let (from, to) = (x(span.from), x(span.to));
        shapes.push(Shape::Box { at: (from, area.top), size: (to - from, area.height), ink: SHADE });
    }
    for tick in figure.x.ticks(10) {
        shapes.push(line([(x(tick.value), area.top), (x(tick.value), area.bottom())], GRID, 1.0));
    }
    for tick in panel.y.ticks((area.height / 55.0) as usize) {
        let y = area.bottom() - panel.y.place(tick.value) * area.height;
        shapes.push(line([(area.left, y), (area.right(), y)], GRID, 1.0));
        shapes.push(text((area.left - 8.0, y + 5.5), Anchor::End, QUIET, &tick.label));
    }
    for column in &figure.columns {
        let ink = column.hue.map_or(FAINT, hue);
        let points = vec![(x(column.x), area.top), (x(column.x), area.bottom())];
        shapes.push(Shape::Line { points, ink, width: 1.2, dashes: &[4.0, 4.0] });
    }
    shapes.push(line([(area.left, area.bottom()), (area.right(), area.bottom())], FAINT, 1.0));
}

fn curves(shapes: &mut Vec<Shape>, figure: &Figure, panel: &Panel, area: Area) {
    let at = |(x, y): Point| (area.left + x, area.top + y);
    let mut labels = Vec::new();
    for curve in &panel.curves {
        let pieces = outline(curve, &figure.x, &panel.y, (area.width, area.height));
        let last = pieces.last().and_then(|piece| piece.last()).copied();
        for piece in pieces {
            let points: Vec<Point> = piece.into_iter().map(at).collect();
            match (curve.style, points.as_slice()) {
                (Style::Dots, &[at]) => shapes.push(Shape::Dot { at, radius: 4.5, ink: hue(curve.hue) }),
                (Style::Faint, _) => {
                    shapes.push(Shape::Line { points, ink: FAINT, width: 1.2, dashes: &[] });
                }
                _ => shapes.push(Shape::Line { points, ink: hue(curve.hue), width: 2.5, dashes: dashes(curve.hue) }),
            }
        }
        if let Some(last) = last {
            labels.extend(ends(curve).map(|(text, _)| (at(last).1, at(last), curve, text)));
        }
    }
    for curve in &panel.curves {
        for mark in &curve.marks {
            let place = (
                area.left + figure.x.place(mark.x) * area.width,
                area.bottom() - panel.y.place(mark.y).clamp(0.0, 1.0) * area.height,
            );
            shapes.push(Shape::Dot { at: place, radius: 7.0, ink: PAPER });
            shapes.push(Shape::Dot { at: place, radius: 5.0, ink: hue(curve.hue) });
            let half = width(&mark.text, LABEL, false) / 2.0;
            let (anchor, left) = if place.0 - half < area.left {
                (Anchor::Start, place.0.max(area.left + 4.0))
            } else if place.0 + half > area.right() {
                (Anchor::End, place.0)
            } else {
                (Anchor::Middle, place.0)
            };
            shapes.push(text((left, place.1 - 13.0), anchor, TEXT, &mark.text));
        }
    }
    direct_labels(shapes, labels, area);
}

/// The name of each curve beside its end, moved apart where they would overlap.
fn direct_labels(shapes: &mut Vec<Shape>, mut labels: Vec<(f64, Point, &Curve, String)>, area: Area) {
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    // As many as there is room for.
    let gap = (area.height / labels.len().max(1) as f64).clamp(15.0, LINE - 2.0);
    labels.truncate((area.height / gap) as usize + 1);
    let mut least = area.top;
    for label in &mut labels {
        label.0 = label.0.max(least);
        least = label.0 + gap;
    }
    let mut most = area.bottom();
    for label in labels.iter_mut().rev() {
        label.0 = label.0.min(most);
        most = label.0 - gap;
    }
    let is_alone = labels.len() == 1;
    for (y, end, curve, name) in labels {
        let left = area.right() + 8.0;
        if is_alone {
            shapes.push(text((left, y + 5.5), Anchor::Start, TEXT, &name));
            continue;
        }
        // Far from the edge, a line would look like a part of the curve.
        if end.0 > area.right() - 40.0 {
            shapes.push(line([end, (left, y)], FAINT, 1.0));
        }
        shapes.push(match curve.style {
            Style::Faint => line([(left, y), (left + SAMPLE, y)], FAINT, 1.2),
            Style::Dots => Shape::Dot { at: (left + SAMPLE / 2.0, y), radius: 4.5, ink: hue(curve.hue) },
            Style::Steps | Style::Line => sample((left, y), curve.hue),
        });
        shapes.push(text((left + SAMPLE + 6.0, y + 5.5), Anchor::Start, TEXT, &name));
    }
}

/// The label of a curve, if it has one, and the room that it takes.
fn ends(curve: &Curve) -> Option<(String, f64)> {
    let name = fit(&curve.name, LABEL, false, 260.0);
    let room = width(&name, LABEL, false) + SAMPLE + 14.0;
    (!name.is_empty()).then_some((name, room))
}

/// Labels above the panels, in as many rows as it takes for them not to overlap.
struct Lanes {
    count: usize,
    labels: Vec<Label>,
}

struct Label {
    lane: usize,
    left: f64,
    /// The hue of a dot before it.
    hue: Option<usize>,
    ink: Ink,
    text: String,
}

/// The width of a dot before a label.
const DOT: f64 = 14.0;

fn lanes(figure: &Figure, area: Area) -> Lanes {
    let x = |value: f64| area.left + figure.x.place(value) * area.width;
    let spans = figure.spans.iter().map(|span| ((x(span.from) + x(span.to)) / 2.0, &span.name, None, QUIET));
    let columns = figure.columns.iter().filter(|column| !column.label.is_empty());
    let columns = columns.map(|column| (x(column.x), &column.label, column.hue, TEXT));
    let mut wanted: Vec<_> = spans.chain(columns).collect();
    wanted.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Where each lane is free from.
    let mut free: Vec<f64> = Vec::new();
    let mut labels = Vec::new();
    for (middle, text, hue, ink) in wanted {
        let wide = width(text, LABEL, false) + if hue.is_some() { DOT } else { 0.0 };
        let left = (middle - wide / 2.0).min(SIZE.0 - 8.0 - wide).max(area.left);
        let lane = match free.iter().position(|free| *free <= left) {
            Some(lane) => lane,
            None if free.len() < LANES => {
                free.push(0.0);
                free.len() - 1
            }
            // There is no room; the line itself stays.
            None => continue,
        };
        free[lane] = left + wide + 12.0;
        labels.push(Label { lane, left, hue, ink, text: text.clone() });
    }
    Lanes { count: free.len(), labels }
}

impl Lanes {
    fn draw(&self, shapes: &mut Vec<Shape>, area: Area) {
        for label in &self.labels {
            let (mut left, y) = (label.left, area.top - 7.0 - LINE * label.lane as f64);
            if let Some(curve) = label.hue {
                shapes.push(Shape::Dot { at: (left + 4.5, y - 5.5), radius: 4.5, ink: hue(curve) });
                left += DOT;
            }
            shapes.push(text((left, y), Anchor::Start, label.ink, &label.text));
        }
    }
}

fn x_axis(shapes: &mut Vec<Shape>, figure: &Figure, area: Area) {
    let row = |shapes: &mut Vec<Shape>, y: f64, name: &str, scale: &Scale| {
        let wide = width(name, LABEL, false);
        let ticks = scale.ticks(10);
        let last = ticks.last().map_or(0.0, |tick| {
            area.left + scale.place(tick.value) * area.width + width(&tick.label, LABEL, false) / 2.0 + 10.0
        });
        for tick in ticks {
            let x = area.left + scale.place(tick.value) * area.width;
            shapes.push(text((x, y), Anchor::Middle, QUIET, &tick.label));
        }
        let left = (area.right() + 12.0).max(last).min(SIZE.0 - 4.0 - wide);
        shapes.push(text((left, y), Anchor::Start, QUIET, name));
    };
    row(shapes, area.top + LINE, &figure.x_name, &figure.x);
    if let Some(per_epoch) = figure.steps_per_epoch {
        let scale = Scale::linear(0.0, figure.x.high() / per_epoch);
        for tick in scale.ticks(10) {
            let x = area.left + scale.place(tick.value) * area.width;
            shapes.push(line([(x, area.top + LINE + 8.0), (x, area.top + LINE + 14.0)], FAINT, 1.0));
        }
        shapes.push(line([(area.left, area.top + LINE + 8.0), (area.right(), area.top + LINE + 8.0)], FAINT, 1.0));
        row(shapes, area.top + 2.0 * LINE + 8.0, "epoch", &scale);
    }
}

fn text(at: Point, anchor: Anchor, ink: Ink, text: &str) -> Shape {
    Shape::Text { at, anchor, size: LABEL, bold: false, ink, text: text.to_owned() }
}

fn line(points: [Point; 2], ink: Ink, width: f32) -> Shape {
    Shape::Line { points: points.to_vec(), ink, width, dashes: &[] }
}

fn sample((x, y): Point, curve: usize) -> Shape {
    Shape::Line { points: vec![(x, y), (x + SAMPLE, y)], ink: hue(curve), width: 2.5, dashes: dashes(curve) }
}
