//! Text from a file, safe to show in a message.

use alloc::string::{String, ToString};
use core::fmt::{self, Display, Write};

use serde::de::Error;

use super::words::plain;

/// At most 80 characters of a value, on one line. Control characters, terminal escapes and whatever changes the direction of
/// text are escaped; a value that is cut ends in `…`.
///
/// ```
/// use sched_core::show;
///
/// assert_eq!(show::line("\u{1b}[2Jwarmup\n").to_string(), r"\u{1b}[2Jwarmup\n");
/// assert_eq!(show::line("0".repeat(1000)).to_string(), format!("{}…", "0".repeat(80)));
/// ```
pub fn line<T: Display>(value: T) -> Line<T> {
    Line { value, width: 80 }
}

/// As [`line()`], with up to 600 characters: a schedule in words, a place in a file, a whole message.
pub fn passage<T: Display>(value: T) -> Line<T> {
    Line { value, width: 600 }
}

/// The error of a derived reader, in plain words and safe to show: at most a [`passage`] of what it quotes from the file.
///
/// ```
/// use sched_core::show;
/// use serde::de::{Error, value::Error as ValueError};
///
/// let error: ValueError = show::error(ValueError::unknown_field("\u{1b}[2J", &["kind"]));
/// assert_eq!(error.to_string(), r"unknown field `\u{1b}[2J`, expected `kind`");
///
/// let error: ValueError = show::error(ValueError::unknown_field("knid", &["kind"]));
/// assert_eq!(error.to_string(), "unknown field `knid` (did you mean `kind`?), expected `kind`");
/// ```
pub fn error<E: Error>(error: E) -> E {
    let message = error.to_string();
    let safe = safe_message(&message);
    if safe == message { error } else { E::custom(safe) }
}

/// The message of a derived reader, in plain words and safe to show.
pub(crate) fn safe_message(message: &str) -> String {
    passage(plain(message)).to_string()
}

/// A value that is safe to show; see [`line()`] and [`passage`].
#[derive(Clone, Copy, Debug)]
pub struct Line<T> {
    value: T,
    width: usize,
}

impl<T: Display> Display for Line<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = Rest { f, left: self.width, full: false };
        match write!(rest, "{}", self.value) {
            Err(fmt::Error) if rest.full => rest.f.write_char('…'),
            written => written,
        }
    }
}

/// Writes until there is no space left, and then fails, so that the rest of a long value is not even printed.
struct Rest<'a, 'f> {
    f: &'a mut fmt::Formatter<'f>,
    left: usize,
    full: bool,
}

impl Write for Rest<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            let plain = matches!(character, '\'' | '"' | '\\');
            let length = if plain { 1 } else { character.escape_debug().count() };
            if length > self.left {
                self.full = true;
                return Err(fmt::Error);
            }
            self.left -= length;
            if plain { self.f.write_char(character)? } else { write!(self.f, "{}", character.escape_debug())? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::ToString;

    use super::*;

    #[test]
    fn a_value_is_cut_only_if_it_is_longer_than_a_line() {
        let whole = "é".repeat(80);
        assert_eq!(line(&whole).to_string(), whole);
        assert_eq!(line(format!("{whole}é")).to_string(), format!("{whole}…"));
        assert_eq!(passage("x".repeat(1 << 20)).to_string(), format!("{}…", "x".repeat(600)));
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_no_escape_is_cut_in_two() {
        assert_eq!(line("it's \"C:\\x\"\u{1b}[2J\u{202e}\r\n").to_string(), r#"it's "C:\x"\u{1b}[2J\u{202e}\r\n"#);
        for before in 70..80 {
            let text = line(format!("{}\u{1b}", "x".repeat(before))).to_string();
            assert!(text.ends_with(r"x\u{1b}") || text.ends_with("x…"), "{text}");
        }
    }
}
