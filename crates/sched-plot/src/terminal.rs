//! The terminal: its size and colours, and a chart as lines of text.

use std::env;
use std::io::{self, IsTerminal};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::widgets::{Axis, Chart, Dataset, Widget};

/// The size where stdout is not a terminal.
const WIDTH: u16 = 80;
const HEIGHT: u16 = 20;

/// A colour, as ratatui and as the terminal know it.
#[derive(Clone, Copy)]
pub(crate) struct Ink {
    colour: Color,
    escape: &'static str,
}

pub(crate) const COLOURS: [Ink; 6] = [
    Ink { colour: Color::Cyan, escape: "\x1b[36m" },
    Ink { colour: Color::Yellow, escape: "\x1b[33m" },
    Ink { colour: Color::Green, escape: "\x1b[32m" },
    Ink { colour: Color::Magenta, escape: "\x1b[35m" },
    Ink { colour: Color::Red, escape: "\x1b[31m" },
    Ink { colour: Color::Blue, escape: "\x1b[34m" },
];

/// For what belongs in the background.
pub(crate) const FAINT: Ink = Ink { colour: Color::DarkGray, escape: "\x1b[90m" };

const RESET: &str = "\x1b[0m";

impl Ink {
    /// The style of a dataset.
    pub(crate) fn style(self, colours: bool) -> Style {
        if colours { Style::new().fg(self.colour) } else { Style::new() }
    }

    /// A text in this colour.
    pub(crate) fn paint(self, text: &str, colours: bool) -> String {
        if colours { format!("{}{text}{RESET}", self.escape) } else { text.to_owned() }
    }
}

/// Whether to use colours: stdout is a terminal and `NO_COLOR` is unset or empty.
pub(crate) fn use_colours() -> bool {
    io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Width and height of a picture in cells: as wide as the terminal, or as `COLUMNS` says where there is none.
pub(crate) fn size() -> (u16, u16) {
    match terminal_size::terminal_size() {
        // Leaves rows for the list below and the prompt.
        Some((width, height)) => (width.0.max(40), (height.0 * 2 / 3).clamp(10, 40)),
        None => {
            let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
            (columns.unwrap_or(WIDTH).clamp(40, 400), HEIGHT)
        }
    }
}

/// An axis with a label at both ends and at even distances between.
pub(crate) fn axis<'a>((from, to): (f64, f64), intervals: u32, label: impl Fn(f64) -> String) -> Axis<'a> {
    let at = |i: u32| from + (to - from) * (f64::from(i) / f64::from(intervals));
    Axis::default().bounds([from, to]).labels((0..=intervals).map(|i| label(at(i))))
}

/// A chart as text, a line per row of cells.
pub(crate) fn chart((width, height): (u16, u16), x: Axis, y: Axis, datasets: Vec<Dataset>) -> String {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    Chart::new(datasets).x_axis(x).y_axis(y).render(area, &mut buffer);
    cells(&buffer)
}

fn cells(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in buffer.content.chunks(usize::from(buffer.area.width).max(1)) {
        let end = row.iter().rposition(|cell| cell.symbol() != " ").map_or(0, |last| last + 1);
        let mut current = Color::Reset;
        for cell in &row[..end] {
            if cell.fg != current {
                let ink = COLOURS.iter().chain([&FAINT]).find(|ink| ink.colour == cell.fg);
                text.push_str(ink.map_or(RESET, |ink| ink.escape));
                current = cell.fg;
            }
            text.push_str(cell.symbol());
        }
        if current != Color::Reset {
            text.push_str(RESET);
        }
        text.push('\n');
    }
    text
}
