//! Schedules as a self-contained HTML page, which shows step and rate under the pointer.

use serde::Serialize;

use super::plot::SchedulePlot;
use crate::error::PlotError;
use crate::image::COLOURS;

/// Up to this many steps the page holds every one.
const BUCKETS: u64 = 5_000;

const PAGE: &str = include_str!("page.html");

#[derive(Serialize)]
struct Data<'a> {
    log: bool,
    end: u64,
    lowest: f64,
    highest: f64,
    lines: Vec<LineData<'a>>,
}

#[derive(Serialize)]
struct LineData<'a> {
    name: &'a str,
    words: String,
    colour: String,
    /// Step and rate.
    points: Vec<(u64, f64)>,
}

impl SchedulePlot {
    /// The picture as an HTML page that loads nothing and shows step and rate under the pointer.
    ///
    /// # Errors
    ///
    /// [`PlotError::Draw`] if the points cannot be written as JSON.
    pub fn html(&self) -> Result<String, PlotError> {
        let points = self.points(BUCKETS);
        let (lowest, highest) = self.range(&points);
        let lines =
            self.lines.iter().zip(points).zip(COLOURS.iter().cycle()).map(|((line, points), colour)| LineData {
                name: &line.name,
                words: line.lr.to_string(),
                colour: format!("rgb({}, {}, {})", colour.0, colour.1, colour.2),
                points,
            });
        let data = Data { log: self.log, end: self.end, lowest, highest, lines: lines.collect() };
        // A name such as `</script>` must not end the script.
        let data = serde_json::to_string(&data).map_err(PlotError::draw)?.replace('<', "\\u003c");
        Ok(PAGE.replace("/*DATA*/", &data))
    }
}
