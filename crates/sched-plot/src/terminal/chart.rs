//! The panels of a figure as text.

use super::canvas::{Canvas, DOTS, Layer};
use super::screen::Screen;
use crate::figure::{Curve, Figure, Panel, Scale, Style, Tick, outline};

/// Names a curve, and draws it where there are no colours.
pub(crate) fn letter(curve: usize) -> char {
    char::from(b'a' + (curve % 26) as u8)
}

pub(crate) fn initial(name: &str) -> char {
    name.chars().next().unwrap_or('|')
}

/// Lines that axes and names take.
const AXIS: usize = 2;

impl Figure {
    /// The panels in the characters of a terminal. A vertical line is drawn with the first letter of its label.
    #[must_use]
    pub fn text(&self, screen: &Screen) -> String {
        let mut text = String::new();
        let shares: f64 = self.panels.iter().map(|panel| panel.share).sum();
        let labels = |panel: &Panel| panel.y.ticks(5).iter().map(|tick| tick.label.len()).max().unwrap_or(0);
        let left = self.panels.iter().map(labels).max().unwrap_or(0);
        for (i, panel) in self.panels.iter().enumerate() {
            let is_last = i + 1 == self.panels.len();
            let height = f64::from(screen.height) * panel.share / shares.max(f64::MIN_POSITIVE);
            if !panel.name.is_empty() {
                text += &format!("{}\n", panel.name);
            }
            if i == 0 && !self.spans.is_empty() {
                text += &spans(self, usize::from(screen.width), left);
            }
            text += &chart(self, panel, screen, (left, (height.round() as usize).max(AXIS + 2)), is_last);
        }
        text
    }
}

/// The names of the spans, each above its beginning where there is room for it.
fn spans(figure: &Figure, width: usize, left: usize) -> String {
    let inner = width.saturating_sub(left + 1);
    let mut canvas = Canvas::new(width, 1);
    let mut free = 0;
    for span in &figure.spans {
        let at = left + 1 + (figure.x.place(span.from) * inner as f64).round() as usize;
        let at = at.max(free);
        if at + span.name.len() <= width {
            canvas.write(at, 0, &span.name, Some(None));
            free = at + span.name.len() + 1;
        }
    }
    canvas.text(&Screen::new(width as u16, 1))
}

fn chart(figure: &Figure, panel: &Panel, screen: &Screen, (left, height): (usize, usize), is_last: bool) -> String {
    let width = usize::from(screen.width);
    let (inner, rows) = (width.saturating_sub(left + 1), height - AXIS);
    let has_epochs = is_last && figure.steps_per_epoch.is_some();
    let lines = if is_last { rows + AXIS + usize::from(has_epochs) } else { rows + 1 };
    let mut canvas = Canvas::new(width, lines);
    let [upright, level, corner, tick_left, tick_below] =
        if screen.ascii { ['|', '-', '+', '+', '+'] } else { ['│', '─', '└', '┤', '┬'] };

    for row in 0..rows {
        canvas.write(left, row, &upright.to_string(), None);
    }
    let mut last_row = usize::MAX;
    for tick in panel.y.ticks((rows / 3).clamp(2, 8)) {
        let row = ((1.0 - panel.y.place(tick.value)) * (rows * DOTS.1 - 1) as f64).round() as usize / DOTS.1;
        if row < rows && row != last_row {
            canvas.write(left.saturating_sub(tick.label.len()), row, &tick.label, None);
            canvas.write(left, row, &tick_left.to_string(), None);
            last_row = row;
        }
    }
    canvas.write(left, rows, &corner.to_string(), None);
    for column in 0..inner {
        canvas.write(left + 1 + column, rows, &level.to_string(), None);
    }
    let place = |scale: &Scale, value: f64| {
        left + 1 + (scale.place(value) * (inner * DOTS.0).saturating_sub(1) as f64).round() as usize / DOTS.0
    };
    if is_last {
        for tick in axis(&mut canvas, rows + 1, &figure.x_name, &figure.x, width, left, &place) {
            canvas.write(place(&figure.x, tick.value), rows, &tick_below.to_string(), None);
        }
    }
    if let Some(per_epoch) = figure.steps_per_epoch.filter(|_| has_epochs) {
        let scale = Scale::linear(0.0, figure.x.high() / per_epoch);
        axis(&mut canvas, rows + 2, "epoch", &scale, width, left, &place);
    }

    for column in &figure.columns {
        let hue = column.hue;
        for row in 0..rows {
            let char =
                if column.label.is_empty() { if screen.ascii { ':' } else { '┊' } } else { initial(&column.label) };
            canvas.write(place(&figure.x, column.x), row, &char.to_string(), Some(hue));
        }
    }
    let dots = ((inner * DOTS.0).saturating_sub(1) as f64, (rows * DOTS.1 - 1) as f64);
    let lines = panel.curves.iter().filter(|curve| curve.style != Style::Faint).count();
    let layers = panel.curves.iter().map(|curve| {
        let mut layer = Layer::new((inner, rows));
        let is_faint = curve.style == Style::Faint;
        // A line in the background would hide the others.
        let dotted = is_faint.then(|| Curve { style: Style::Dots, ..curve.clone() });
        for piece in outline(dotted.as_ref().unwrap_or(curve), &figure.x, &panel.y, dots) {
            match piece.as_slice() {
                &[(x, y)] => layer.dot(x, y),
                piece => piece.windows(2).for_each(|pair| layer.line(pair[0], pair[1])),
            }
        }
        let char = match (screen.ascii, is_faint) {
            (true, true) => Some('.'),
            (false, true) => Some('•'),
            (true, false) if lines == 1 => Some('*'),
            // Without colours, several lines of dots would look the same.
            (_, false) => (lines > 1 && (screen.ascii || !screen.colours)).then(|| letter(curve.hue)),
        };
        ((!is_faint).then_some(curve.hue), char, layer)
    });
    canvas.draw((left + 1, 0), &layers.collect::<Vec<_>>());
    canvas.text(screen)
}

/// Writes the ticks of the horizontal axis, as many as fit, and its name; returns the ones written.
fn axis(
    canvas: &mut Canvas,
    row: usize,
    name: &str,
    scale: &Scale,
    width: usize,
    left: usize,
    place: &impl Fn(&Scale, f64) -> usize,
) -> Vec<Tick> {
    let room = width.saturating_sub(name.len() + 1);
    let longest = |ticks: &[Tick]| ticks.iter().map(|tick| tick.label.len()).max().unwrap_or(1);
    let inner = width.saturating_sub(left + 1);
    let fits = |most: &usize| {
        let ticks = scale.ticks(*most);
        ticks.len() * (longest(&ticks) + 3) <= inner
    };
    let most = (2..=10).rev().find(fits).unwrap_or(2);
    let mut ticks = scale.ticks(most);
    ticks.retain(|tick| {
        let at = place(scale, tick.value).saturating_sub(tick.label.len() / 2);
        let fits = at + tick.label.len() <= room;
        if fits {
            canvas.write(at, row, &tick.label, None);
        }
        fits
    });
    canvas.write(width.saturating_sub(name.len()), row, name, None);
    ticks
}
