//! Files that PyTorch reads and writes.

mod common;
mod find;
mod golden;
mod hostile;
mod resume;
mod tensors;
mod torch_made;
mod write;
