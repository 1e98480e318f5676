//! What a picture shows, whatever it is drawn on: axes, ticks, curves and labels.

mod model;
mod outline;
mod scale;

pub use model::{Column, Curve, Figure, Key, Mark, Panel, Span, Style};
pub(crate) use outline::outline;
pub use scale::{Scale, Tick};
