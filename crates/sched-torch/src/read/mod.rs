//! A file of `torch.save` as values: containers, the pickle machine, and views of what it built. Nothing is executed.

mod call;
mod container;
mod counted;
mod dtype;
mod error;
mod file;
mod find;
mod heap;
mod limits;
mod opcode;
mod pickle;
mod print;
mod tensor;
mod value;

pub use dtype::DType;
pub use error::{PickleError, PickleProblem, ReadError};
pub use file::TorchFile;
pub use find::{FindError, Found};
pub use heap::DictKind;
pub use limits::{LimitExceeded, Limits};
pub use print::Printed;
pub use tensor::Tensor;
pub use value::{Dict, Global, Kind, Object, Value};
