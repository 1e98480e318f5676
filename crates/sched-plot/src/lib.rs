//! Pictures of learning-rate curves: in the terminal, as SVG, PNG and HTML.
//!
//! [`SchedulePlot`] draws schedules over the steps of a run, [`RangePlot`] the result of a learning-rate range test,
//! [`RunPlot`] what was measured in a training, with the plan ahead. All are made into a [`Figure`], which anything else can be
//! too, and which is drawn the same everywhere.
//!
//! ```
//! use sched_core::Schedule;
//! use sched_plot::SchedulePlot;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cosine = Schedule::cosine_annealing(0.1, 0.0, 900)?.warmup(0.0, 100)?;
//! let plot = SchedulePlot::new(1_000).line("cosine", cosine);
//! assert!(plot.svg().starts_with("<svg"));
//! println!("{}", plot.terminal());
//! # Ok(())
//! # }
//! ```

mod error;
mod figure;
mod image;
mod number;
mod page;
mod range;
mod run;
mod schedule;
mod terminal;

pub use error::PlotError;
pub use figure::{Column, Curve, Figure, Key, Mark, Panel, Scale, Span, Style, Tick};
pub use number::Short;
pub use range::RangePlot;
pub use run::RunPlot;
pub use schedule::{SchedulePlot, sample};
pub use terminal::Screen;
