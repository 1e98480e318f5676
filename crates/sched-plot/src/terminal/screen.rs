//! The terminal: its size, colours and characters.

use std::env;
use std::io::{self, IsTerminal};

/// The size where stdout is not a terminal.
const WIDTH: u16 = 80;
const HEIGHT: u16 = 20;

/// What a picture in the terminal may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Characters in a line.
    pub width: u16,
    /// Lines of a picture, its axis included.
    pub height: u16,
    /// Whether there are colours.
    pub colours: bool,
    /// Whether there is nothing but ASCII.
    pub ascii: bool,
}

impl Screen {
    /// A screen of this size without colours, in Unicode.
    #[must_use]
    pub fn new(width: u16, height: u16) -> Self {
        Self { width, height, colours: false, ascii: false }
    }

    /// The terminal on stdout. Where there is none, `COLUMNS` gives the width. There are colours on a terminal, unless
    /// `NO_COLOR` is set; and only ASCII if the locale is not of UTF-8.
    #[must_use]
    pub fn detect() -> Self {
        let (width, height) = match terminal_size::terminal_size() {
            // Leaves rows for the list below and the prompt.
            Some((width, height)) => (width.0.clamp(40, 200), (height.0 * 2 / 3).clamp(10, 40)),
            None => {
                let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
                (columns.unwrap_or(WIDTH).clamp(40, 200), HEIGHT)
            }
        };
        let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        Self {
            width,
            height,
            colours: io::stdout().is_terminal() && set("NO_COLOR").is_none(),
            ascii: locale.is_some_and(|locale| !locale.to_lowercase().replace('-', "").contains("utf8")),
        }
    }

    /// A text in the colour of a curve.
    pub(crate) fn paint(&self, text: &str, hue: usize) -> String {
        if self.colours { format!("{}{text}{RESET}", escape(Some(hue))) } else { text.to_owned() }
    }
}

pub(super) const RESET: &str = "\x1b[0m";

/// What turns the colour of a curve on; grey for what belongs in the background.
pub(super) fn escape(hue: Option<usize>) -> &'static str {
    const HUES: [&str; 6] = ["\x1b[36m", "\x1b[33m", "\x1b[32m", "\x1b[35m", "\x1b[31m", "\x1b[34m"];
    hue.map_or("\x1b[90m", |hue| HUES[hue % HUES.len()])
}
