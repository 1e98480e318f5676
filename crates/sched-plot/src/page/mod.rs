//! A figure as a self-contained HTML page.

use serde::Serialize;

use crate::figure::Figure;
use crate::image::{DASHES, HUES};

const PAGE: &str = include_str!("page.html");

#[derive(Serialize)]
struct Data<'a> {
    figure: &'a Figure,
    /// Each in light and in dark.
    hues: Vec<[String; 2]>,
    dashes: [&'a [f32]; 4],
}

/// A page that loads nothing.
pub(crate) fn html(figure: &Figure) -> String {
    let colour = |[red, green, blue]: [u8; 3]| format!("#{red:02x}{green:02x}{blue:02x}");
    let hues = HUES.iter().map(|ink| [colour(ink.light), colour(ink.dark)]).collect();
    // Plain data with names for keys always is JSON.
    let data = serde_json::to_string(&Data { figure, hues, dashes: DASHES }).unwrap_or_default();
    // A name such as `</script>` must not end the script.
    PAGE.replace("/*DATA*/", &data.replace('<', "\\u003c"))
}
