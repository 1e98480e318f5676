//! Fixes, found by trying changes of the file.

mod leaf;
mod mender;

pub(crate) use mender::Mender;
