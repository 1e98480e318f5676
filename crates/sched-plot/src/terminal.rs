//! What pictures in the terminal have in common.

use std::env;
use std::io::{self, IsTerminal};

use ratatui::buffer::Buffer;
use ratatui::style::Color;

/// Without a terminal to ask.
const WIDTH: u16 = 80;
const HEIGHT: u16 = 20;

/// What ratatui calls a colour, and what switches it on.
pub const TERMINAL_COLOURS: [(Color, &str); 6] = [
    (Color::Cyan, "\x1b[36m"),
    (Color::Yellow, "\x1b[33m"),
    (Color::Green, "\x1b[32m"),
    (Color::Magenta, "\x1b[35m"),
    (Color::Red, "\x1b[31m"),
    (Color::Blue, "\x1b[34m"),
];

/// What stays in the background.
pub(crate) const FAINT: (Color, &str) = (Color::DarkGray, "\x1b[90m");

/// What switches a colour off.
pub const TERMINAL_RESET: &str = "\x1b[0m";

/// Whether to use colours: stdout is a terminal, and NO_COLOR is not set.
pub fn terminal_colours() -> bool {
    io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The width and height of a picture in cells: as wide as the terminal, or `COLUMNS` where there is none.
pub fn terminal_size() -> (u16, u16) {
    match terminal_size::terminal_size() {
        // Some rows are left for the prompt and the list.
        Some((width, height)) => (width.0.max(40), (height.0 * 2 / 3).clamp(10, 40)),
        None => {
            let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
            (columns.unwrap_or(WIDTH).clamp(40, 400), HEIGHT)
        }
    }
}

/// Appends the cells to a text, with their colours.
pub fn write_cells(buffer: &Buffer, text: &mut String) {
    for row in buffer.content.chunks(usize::from(buffer.area.width).max(1)) {
        let end = row.iter().rposition(|cell| cell.symbol() != " ").map_or(0, |last| last + 1);
        let mut current = Color::Reset;
        for cell in &row[..end] {
            if cell.fg != current {
                let mut known = TERMINAL_COLOURS.iter().chain([&FAINT]);
                let on = known.find(|(colour, _)| *colour == cell.fg).map_or(TERMINAL_RESET, |(_, on)| on);
                text.push_str(on);
                current = cell.fg;
            }
            text.push_str(cell.symbol());
        }
        if current != Color::Reset {
            text.push_str(TERMINAL_RESET);
        }
        text.push('\n');
    }
}
