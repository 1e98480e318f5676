//! Untrusted text, made safe to show in a message.

use std::fmt::{self, Display, Write};
use std::path::Path;

const WIDTH: usize = 80;

/// Quotes at most 80 characters of a value, on one line. Control characters, terminal escapes and whatever changes the
/// direction of text are escaped; a value that is cut is followed by its full length.
///
/// ```
/// use sched_files::quote;
///
/// assert_eq!(quote("peak"), "`peak`");
/// assert_eq!(quote("\u{1b}[2J\n"), r"`\u{1b}[2J\n`");
/// assert_eq!(quote("0".repeat(1000)), format!("`{}…` (1000 bytes)", "0".repeat(79)));
/// ```
pub fn quote(value: impl Display) -> String {
    shown(value, WIDTH)
}

/// Quotes and escapes a path as [`quote`] does, but never cuts it.
pub fn quote_path(path: &Path) -> String {
    shown(path.display(), usize::MAX)
}

fn shown(value: impl Display, width: usize) -> String {
    let mut line = Line { text: String::new(), cut: 0, chars: 0, bytes: 0, width };
    // If the value's `Display` fails, what it has written so far is shown.
    let _ = write!(line, "{value}");
    if line.chars <= width {
        return format!("`{}`", line.text);
    }
    format!("`{}…` ({} bytes)", &line.text[..line.cut], line.bytes)
}

/// Counts a value of any length, but keeps only a line of it.
struct Line {
    text: String,
    /// Where to cut `text` if it is too long, with room left for the ellipsis.
    cut: usize,
    /// How many characters `text` has; once that is more than `width`, nothing is added.
    chars: usize,
    bytes: usize,
    width: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes += text.len();
        for c in text.chars() {
            if self.chars > self.width {
                break;
            }
            let before = self.text.len();
            match c {
                '\'' | '"' | '\\' => self.text.push(c),
                _ => self.text.extend(c.escape_debug()),
            }
            self.chars += self.text[before..].chars().count();
            if self.chars < self.width {
                self.cut = self.text.len();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_the_whole_width_is_not_cut() {
        let text = "é".repeat(WIDTH);
        assert_eq!(quote(&text), format!("`{text}`"));
        assert_eq!(quote(format!("{text}é")), format!("`{}…` (162 bytes)", "é".repeat(WIDTH - 1)));
    }

    #[test]
    fn an_escape_is_not_cut_in_two() {
        for before in 70..=85 {
            let quoted = quote(format!("{}\u{1b}{}", "x".repeat(before), "y".repeat(100)));
            assert!(quoted.contains(r"\u{1b}") || quoted.contains("x…`"), "{quoted}");
            let line = quoted.split('`').nth(1).unwrap();
            assert!(line.chars().count() <= WIDTH, "{quoted}");
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        // C0, DEL, C1, bidirectional overrides and isolates, line separators, a byte-order mark, zero width.
        let hostile =
            ('\0'..' ').chain('\u{7f}'..'\u{a0}').chain('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}');
        for c in hostile.chain(['\u{200b}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{feff}']) {
            assert!(!quote(c).contains(c), "{c:?}");
            assert!(!quote_path(Path::new(&c.to_string())).contains(c), "{c:?}");
        }
    }

    #[test]
    fn a_value_is_counted_as_it_comes_and_not_kept() {
        struct Endless;
        impl Display for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (0..1_000_000).try_for_each(|_| f.write_str("0123456789"))
            }
        }
        let quoted = quote(Endless);
        assert!(quoted.ends_with("…` (10000000 bytes)"), "{quoted}");
        assert!(quoted.len() < 120, "{quoted}");
    }

    #[test]
    fn quotes_and_separators_of_paths_stay_readable() {
        assert_eq!(quote(r#"{"kind": "C:\runs"}"#), r#"`{"kind": "C:\runs"}`"#);
        let long = "x".repeat(300);
        assert_eq!(quote_path(Path::new(&long)), format!("`{long}`"));
    }
}
