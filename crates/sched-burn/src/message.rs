//! What decoders say about a damaged file, made clear and safe to show.

use std::fmt::Display;

/// The first `longest` characters of a message, which may quote the file, on one line without control characters.
#[cfg(any(feature = "burn-0_21", feature = "train", test))]
pub(crate) fn one_line(message: impl Display, longest: usize) -> String {
    let message = message.to_string();
    let words = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let more = if words.chars().nth(longest).is_some() { "..." } else { "" };
    let start: String = words.chars().take(longest).collect();
    format!("{}{more}", sched_core::show::passage(start))
}

/// What finds another checkpoint, for messages that say to take one.
pub(crate) const FINDER: &str = "`newest_checkpoint` (feature `train`) finds the newest whole one";

/// What to say when burn's `load_record` panics because it cannot return this error.
pub(crate) fn refusal(error: impl Display) -> String {
    let error = error.to_string();
    let finder = if error.contains("take another checkpoint") { format!("; {FINDER}") } else { String::new() };
    format!("cannot resume the learning-rate scheduler: {error}{finder}")
}

/// Names the cause where a decoder only says that it wanted more bytes.
pub(crate) fn with_cause(message: String) -> String {
    const WANTED_MORE: [&str; 4] =
        ["failed to fill whole buffer", "unexpected end of file", "EOF while parsing", "UnexpectedEnd"];
    if WANTED_MORE.iter().any(|words| message.contains(words)) {
        return format!("it ends early, as after a full disk or a crash ({message})");
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_any_length_is_a_line() {
        assert_eq!(one_line("Unable to load.\nError:\tcut", 100), "Unable to load. Error: cut");
        let line = one_line(format!("\u{1b}[2J\n{}", "y".repeat(1 << 20)), 8);
        assert_eq!(line, r"\u{1b}[2J yyy...");
    }

    #[test]
    fn a_decoder_that_wants_more_bytes_has_found_a_cut_file() {
        let cut = rmp_serde::from_slice::<(u64, u64)>(&[0x92, 0xcf, 0]).unwrap_err().to_string();
        let message = with_cause(cut);
        assert!(message.starts_with("it ends early, as after a full disk or a crash ("), "{message}");
        assert_eq!(with_cause("wrong msgpack marker".to_owned()), "wrong msgpack marker");
    }
}
