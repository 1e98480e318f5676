//! Pictures of curves: in the terminal, as SVG and as PNG.
//!
//! [`RangePlot`] draws what a learning-rate range test has found. What any picture needs is here as well: the colours, the
//! font, the size of the terminal, cells as text.
//!
//! ```
//! use sched_core::RangeTest;
//! use sched_plot::RangePlot;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut recorder = RangeTest::new(1e-4, 1.0, 40).beta(0.5).start()?;
//! while let Some(lr) = recorder.next_lr() {
//!     let _ = recorder.record((1.0 - 3.0 * lr).powi(2) + 0.1);
//! }
//! let curve = recorder.finish();
//! let plot = RangePlot::new(&curve)?;
//! assert!(plot.svg()?.starts_with("<svg"));
//! assert!(plot.text(80, 20, false).contains("valley"));
//! # Ok(())
//! # }
//! ```

mod error;
mod image;
mod number;
mod range;
mod terminal;

pub use error::PlotError;
pub use image::{FARTHEST, IMAGE_COLOURS, IMAGE_SIZE, register_font};
pub use number::Short;
pub use range::RangePlot;
pub use terminal::{TERMINAL_COLOURS, TERMINAL_RESET, terminal_colours, terminal_size, write_cells};
