//! What the schedules cost; everything is in `benches/`, and `benches/report` turns it into `docs/performance.md`.
