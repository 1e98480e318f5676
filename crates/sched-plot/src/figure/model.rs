//! A figure: panels above one another over a common axis.

use serde::Serialize;

use super::scale::Scale;

/// A picture as data: panels above one another that share the horizontal axis.
///
/// ```
/// use sched_plot::{Curve, Figure, Panel, Scale, Style};
///
/// let points = (0..100).map(|step| (f64::from(step), 1.0 / f64::from(step + 1))).collect();
/// let panel = Panel::new("loss", Scale::linear(0.0, 1.0)).curve(Curve::new("training", Style::Line, 0, points));
/// let figure = Figure::new("a run", "step", Scale::linear(0.0, 100.0)).panel(panel);
/// assert!(figure.svg().contains("<title>a run</title>"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[must_use]
pub struct Figure {
    /// The sentence above the picture.
    pub title: String,
    /// What is said below the title.
    pub keys: Vec<Key>,
    /// The name of the horizontal axis.
    pub x_name: String,
    /// The horizontal axis.
    pub x: Scale,
    /// Steps per epoch, for a second row of labels on the horizontal axis.
    pub steps_per_epoch: Option<f64>,
    /// Shaded parts of the horizontal axis.
    pub spans: Vec<Span>,
    /// Vertical lines through all panels.
    pub columns: Vec<Column>,
    /// From top to bottom.
    pub panels: Vec<Panel>,
}

impl Figure {
    /// A figure without panels.
    pub fn new(title: impl Into<String>, x_name: impl Into<String>, x: Scale) -> Self {
        Self {
            title: title.into(),
            keys: Vec::new(),
            x_name: x_name.into(),
            x,
            steps_per_epoch: None,
            spans: Vec::new(),
            columns: Vec::new(),
            panels: Vec::new(),
        }
    }

    /// Adds a panel below the others.
    pub fn panel(mut self, panel: Panel) -> Self {
        self.panels.push(panel);
        self
    }

    /// Adds a vertical line.
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    /// Adds a line of text below the title.
    pub fn key(mut self, hue: Option<usize>, text: impl Into<String>) -> Self {
        self.keys.push(Key { hue, text: text.into() });
        self
    }
}

/// A line of text below the title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    /// The hue of the curve that it is about.
    pub hue: Option<usize>,
    /// The text.
    pub text: String,
}

/// A shaded part of the horizontal axis, from `from` up to but not including `to`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Span {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Its name.
    pub name: String,
}

/// A vertical line with a label at its top.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// Where it is.
    pub x: f64,
    /// What it says; empty for none.
    pub label: String,
    /// Its hue; grey if there is none.
    pub hue: Option<usize>,
}

/// Curves that share a vertical axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[must_use]
pub struct Panel {
    /// What the vertical axis shows.
    pub name: String,
    /// The vertical axis.
    pub y: Scale,
    /// Its height relative to the others.
    pub share: f64,
    /// The curves, the first ones below the others.
    pub curves: Vec<Curve>,
}

impl Panel {
    /// A panel without curves.
    pub fn new(name: impl Into<String>, y: Scale) -> Self {
        Self { name: name.into(), y, share: 1.0, curves: Vec::new() }
    }

    /// Adds a curve above the others.
    pub fn curve(mut self, curve: Curve) -> Self {
        self.curves.push(curve);
        self
    }
}

/// A curve with a name at its end.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[must_use]
pub struct Curve {
    /// What it shows; empty for no label.
    pub name: String,
    /// How it is drawn.
    pub style: Style,
    /// Which colour and which dashes it has; each number has others.
    pub hue: usize,
    /// From left to right. Where a number is not finite, the curve is broken.
    pub points: Vec<(f64, f64)>,
    /// Points to point out.
    pub marks: Vec<Mark>,
}

impl Curve {
    /// A curve through these points.
    pub fn new(name: impl Into<String>, style: Style, hue: usize, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), style, hue, points, marks: Vec::new() }
    }

    /// Points out a point.
    pub fn mark(mut self, x: f64, y: f64, text: impl Into<String>) -> Self {
        self.marks.push(Mark { x, y, text: text.into() });
        self
    }
}

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// A value that holds for a unit of the horizontal axis: changes are vertical where a unit is wide enough to see.
    Steps,
    /// A line.
    Line,
    /// A thin grey line in the background.
    Faint,
    /// Dots.
    Dots,
}

/// A dot on a curve, with a text beside it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mark {
    /// Where it is on the horizontal axis.
    pub x: f64,
    /// Where it is on the vertical axis.
    pub y: f64,
    /// What it says.
    pub text: String,
}
