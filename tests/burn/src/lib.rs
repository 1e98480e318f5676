//! Training runs of the adapters; everything is in `tests/`.
