//! What was measured, with the planned curve dotted ahead, in the terminal.

use sched_core::Schedule;

use crate::figure::{Curve, Figure, Panel, Scale, Style};
use crate::number::Short;
use crate::terminal::{Screen, letter};

/// A picture of values measured in a training, over its steps; for a learning rate, with the planned curve dotted ahead.
///
/// ```
/// use sched_core::Schedule;
/// use sched_plot::{RunPlot, Screen};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let lr = Schedule::cosine_annealing(0.1, 0.0, 90)?;
/// let measured = (0..30).map(|step| (step, lr.at(step)));
/// let plot = RunPlot::new("learning rate", 90).line("lr/model", measured).planned(lr.clone());
/// println!("{}", plot.text(&Screen::new(80, 20)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RunPlot {
    title: String,
    /// One more than the last step in the picture; at least 2.
    end: u64,
    lines: Vec<Line>,
    planned: Vec<Schedule>,
}

#[derive(Clone, Debug)]
struct Line {
    name: String,
    points: Vec<(f64, f64)>,
}

impl RunPlot {
    /// An empty picture of the steps from 0 up to but not including `steps`; longer if a line is.
    pub fn new(title: impl Into<String>, steps: u64) -> Self {
        Self { title: title.into(), end: steps.max(2), lines: Vec::new(), planned: Vec::new() }
    }

    /// Adds what was measured, in the order of the steps. Values that are not finite are left out.
    pub fn line(mut self, name: impl Into<String>, points: impl IntoIterator<Item = (u64, f64)>) -> Self {
        let points = points.into_iter().filter(|(_, value)| value.is_finite());
        let points: Vec<_> = points.map(|(step, value)| (step as f64, value)).collect();
        if let Some((last, _)) = points.last() {
            self.end = self.end.max((*last as u64).saturating_add(1));
        }
        self.lines.push(Line { name: name.into(), points });
        self
    }

    /// Adds a planned curve, which is dotted from the last measured step on.
    pub fn planned(mut self, lr: Schedule) -> Self {
        self.planned.push(lr);
        self
    }

    /// The picture for the terminal on stdout, half as high as others.
    #[must_use]
    pub fn terminal(&self) -> String {
        let screen = Screen::detect();
        self.text(&Screen { height: screen.height / 2, ..screen })
    }

    /// The picture as text, below the title and each line's last value.
    #[must_use]
    pub fn text(&self, screen: &Screen) -> String {
        let mut text = format!("{} by step\n", self.title);
        for (hue, line) in self.lines.iter().enumerate() {
            let name = if self.lines.len() == 1 { line.name.clone() } else { format!("{} {}", letter(hue), line.name) };
            if let Some((step, value)) = line.points.last() {
                let name = screen.paint(&name, hue);
                text += &format!("  {name}: {} at step {step}\n", Short(*value));
            }
        }
        text + &self.figure(screen.width).text(screen)
    }

    fn figure(&self, width: u16) -> Figure {
        let ahead = self.ahead(width);
        let values = self.lines.iter().flat_map(|line| &line.points).chain(&ahead).map(|point| point.1);
        let panel = Panel::new("", scale(values)).curve(Curve::new("planned", Style::Faint, 0, ahead));
        let measured = self.lines.iter().enumerate();
        let panel = measured.fold(panel, |panel, (hue, line)| {
            panel.curve(Curve::new(&line.name, Style::Line, hue, line.points.clone()))
        });
        Figure::new(&self.title, "step", Scale::steps(self.end)).panel(panel)
    }

    /// The planned curves after the last measured step, at every other column.
    fn ahead(&self, width: u16) -> Vec<(f64, f64)> {
        let ends = self.lines.iter().filter_map(|line| line.points.last());
        let from = ends.map(|(step, _)| *step as u64 + 1).max().unwrap_or(0);
        let last = self.end - 1;
        let dots = u64::from(width / 2).max(1);
        let step = |dot: u64| (u128::from(last) * u128::from(dot) / u128::from(dots)) as u64;
        let steps = || (0..=dots).map(step).filter(|step| *step >= from);
        self.planned.iter().flat_map(|lr| steps().map(|step| (step as f64, lr.at(step)))).collect()
    }
}

/// An axis with a little room above and below.
fn scale(values: impl Iterator<Item = f64>) -> Scale {
    let (lowest, highest) = values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    match highest - lowest {
        _ if lowest > highest => Scale::linear(0.0, 1.0),
        extent if extent > 0.0 => Scale::linear(lowest - 0.05 * extent, highest + 0.05 * extent),
        _ if lowest > 0.0 => Scale::linear(0.0, 1.1 * highest),
        _ => Scale::linear(lowest - 1.0, lowest + 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_is_dotted_from_where_the_run_is() {
        let lr = Schedule::linear(1.0, 0.0, 100).unwrap();
        let plot = RunPlot::new("learning rate", 101).line("lr", (0..=50).map(|step| (step, lr.at(step)))).planned(lr);
        let ahead = plot.ahead(20);
        assert_eq!(ahead, [60.0, 70.0, 80.0, 90.0, 100.0].map(|step| (step, (100.0 - step) / 100.0)));
        let text = plot.text(&Screen::new(60, 12));
        assert!(text.starts_with("learning rate by step\n  lr: 0.5 at step 50\n"), "{text}");
        // From the top left to the bottom right; the dots are in the right half.
        let rows: Vec<&str> = text.lines().skip(2).collect();
        let dots = |row: &str| row.chars().enumerate().filter(|(_, c)| *c == '•').map(|(i, _)| i).collect::<Vec<_>>();
        assert!(rows.iter().all(|row| dots(row).iter().all(|column| *column > 30)), "{text}");
        assert!(rows.iter().map(|row| dots(row).len()).sum::<usize>() > 10, "{text}");
        assert!(!text.contains('\x1b'), "{text}");
    }

    #[test]
    fn what_is_not_finite_is_left_out_and_any_range_is_drawn() {
        for values in [vec![], vec![0.0], vec![-2.0], vec![3.0, 3.0], vec![f64::MIN, f64::MAX], vec![f64::NAN, 1.0]] {
            let points = values.iter().enumerate().map(|(step, value)| (step as u64, *value));
            let text =
                RunPlot::new("loss", 0).line("Loss", points).text(&Screen { colours: true, ..Screen::new(60, 12) });
            assert!(!text.contains("NaN") && !text.contains("inf"), "{values:?}: {text}");
        }
    }
}
