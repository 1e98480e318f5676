//! The picture as SVG and PNG.

use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;
use sched_plot::{IMAGE_COLOURS, IMAGE_SIZE, Short, register_font};

use super::Picture;

const BUCKETS: u64 = 2_000;

impl Picture {
    pub(super) fn svg(&self) -> anyhow::Result<String> {
        let mut svg = String::new();
        self.draw(&SVGBackend::with_string(&mut svg, IMAGE_SIZE).into_drawing_area())?;
        Ok(svg)
    }

    pub(super) fn save_png(&self, path: &Path) -> anyhow::Result<()> {
        self.draw(&BitMapBackend::new(path, IMAGE_SIZE).into_drawing_area())
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> anyhow::Result<()>
    where
        DB::ErrorType: Send + Sync + 'static,
    {
        register_font()?;
        let points: Vec<_> = self.lines.iter().map(|line| self.points(line, BUCKETS)).collect();
        let (lowest, highest) = self.range(&points);
        area.fill(&WHITE)?;
        if self.log {
            self.draw_on(area, &points, (lowest / 1.2..highest * 1.2).log_scale())?;
        } else {
            self.draw_on(area, &points, lowest..highest * 1.05)?;
        }
        area.present()?;
        Ok(())
    }

    fn draw_on<DB, Y>(&self, area: &DrawingArea<DB, Shift>, points: &[Vec<(u64, f64)>], y: Y) -> anyhow::Result<()>
    where
        DB: DrawingBackend,
        DB::ErrorType: Send + Sync + 'static,
        Y: AsRangedCoord<Value = f64>,
        Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        let mut chart = ChartBuilder::on(area)
            .margin(15)
            .x_label_area_size(40)
            .y_label_area_size(80)
            .build_cartesian_2d(0.0..(self.end - 1) as f64, y)?;
        chart
            .configure_mesh()
            .x_desc("step")
            .y_desc("learning rate")
            .x_label_formatter(&|step| Short(*step).to_string())
            .y_label_formatter(&|lr| Short(*lr).to_string())
            .light_line_style(WHITE)
            .bold_line_style(RGBColor(225, 225, 225))
            .label_style(("sans-serif", 14))
            .draw()?;
        for ((line, points), colour) in self.lines.iter().zip(points).zip(IMAGE_COLOURS.iter().cycle()) {
            let points = points.iter().map(|(step, lr)| (*step as f64, *lr));
            chart
                .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
                .label(line.name.clone())
                .legend(|(x, y)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(2)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE.mix(0.8))
            .border_style(RGBColor(180, 180, 180))
            .label_font(("sans-serif", 14))
            .draw()?;
        Ok(())
    }
}
