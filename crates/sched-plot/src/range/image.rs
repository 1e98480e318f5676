//! The picture of a range test as SVG and PNG.

use plotters::coord::Shift;
use plotters::coord::combinators::IntoLogRange;
use plotters::prelude::*;

use super::RangePlot;
use crate::error::PlotError;
use crate::image::{IMAGE_COLOURS, register_font};
use crate::number::{Short, three_digits};

const FAINT: RGBColor = RGBColor(170, 170, 170);
const FONT: (&str, i32) = ("sans-serif", 14);

impl RangePlot<'_> {
    pub(super) fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Result<(), PlotError>
    where
        DB::ErrorType: Send + Sync + 'static,
    {
        register_font()?;
        area.fill(&WHITE).map_err(PlotError::draw)?;
        let ((first, last), (least, most)) = (self.rates(), self.loss);
        let mut chart = ChartBuilder::on(area)
            .margin(15)
            .x_label_area_size(40)
            .y_label_area_size(80)
            .build_cartesian_2d((first..last).log_scale(), least..most)
            .map_err(PlotError::draw)?;
        chart
            .configure_mesh()
            .x_desc("learning rate")
            .y_desc("loss")
            .x_label_formatter(&|lr| Short(*lr).to_string())
            .y_label_formatter(&|loss| Short(*loss).to_string())
            .light_line_style(WHITE)
            .bold_line_style(RGBColor(225, 225, 225))
            .label_style(FONT)
            .draw()
            .map_err(PlotError::draw)?;
        let lines = [
            ("loss", FAINT, 1, self.line(|point| point.loss)),
            ("smoothed loss", IMAGE_COLOURS[0], 3, self.line(|point| point.smoothed)),
        ];
        for (name, colour, width, points) in lines {
            chart
                .draw_series(LineSeries::new(points, colour.stroke_width(width)))
                .map_err(PlotError::draw)?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(width)));
        }
        for ((name, lr, loss), colour) in self.marks().zip(&IMAGE_COLOURS[1..]) {
            let line = PathElement::new([(lr, least), (lr, most)], colour.stroke_width(1));
            chart
                .draw_series([line])
                .map_err(PlotError::draw)?
                .label(format!("{name}: {}", Short(three_digits(lr))))
                .legend(move |(x, y)| Circle::new((x + 10, y), 5, colour.filled()));
            chart.draw_series([Circle::new((lr, loss), 5, colour.filled())]).map_err(PlotError::draw)?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerLeft)
            .background_style(WHITE.mix(0.8))
            .border_style(RGBColor(180, 180, 180))
            .label_font(FONT)
            .draw()
            .map_err(PlotError::draw)?;
        area.present().map_err(PlotError::draw)
    }
}
