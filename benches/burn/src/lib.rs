//! The benchmarks beside burn are in `benches/`; this crate only holds their dependencies.
