//! The picture as a page of its own, which needs nothing else.

use sched_plot::IMAGE_COLOURS;
use serde::Serialize;

use super::Picture;

/// So many steps are all there; of more, as many buckets.
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

impl Picture {
    pub(super) fn html(&self) -> anyhow::Result<String> {
        let points: Vec<_> = self.lines.iter().map(|line| self.points(line, BUCKETS)).collect();
        let (lowest, highest) = self.range(&points);
        let lines =
            self.lines.iter().zip(points).zip(IMAGE_COLOURS.iter().cycle()).map(|((line, points), colour)| LineData {
                name: &line.name,
                words: line.lr.to_string(),
                colour: format!("rgb({}, {}, {})", colour.0, colour.1, colour.2),
                points,
            });
        let data = Data { log: self.log, end: self.end, lowest, highest, lines: lines.collect() };
        // A name must not be able to end the script.
        let data = serde_json::to_string(&data)?.replace('<', "\\u003c");
        Ok(PAGE.replace("/*DATA*/", &data))
    }
}
