//! Reads the files of `torch.save` without Python, resumes the learning-rate scheduler in them, and writes one for PyTorch.
//!
//! [`TorchFile::resume`] gives schedulers that go on where PyTorch has stopped, and [`StateDict`] is the way back. Below them,
//! a file is plain values:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use sched_torch::TorchFile;
//!
//! let file = TorchFile::open("tests/fixtures/resume/sgd-multistep-epochs.pt")?;
//! let scheduler = file.find_scheduler(None)?;
//! assert_eq!(scheduler.path, "scheduler_state_dict");
//! let milestones = scheduler.value.get("milestones").ok_or("no milestones")?;
//! assert_eq!(milestones.to_string(), "Counter({5: 1, 12: 2})");
//!
//! let lr = file.at("optimizer_state_dict.param_groups.0.lr")?;
//! assert_eq!(lr.as_f64(), Some(0.03));
//! # Ok(())
//! # }
//! ```
//!
//! # What is read
//!
//! - The zip archive of PyTorch 1.6 and later, and the stream of pickles before it
//!   (`_use_new_zipfile_serialization=False`), in pickle protocols 2 to 5.
//! - Every value of Python's own: numbers, strings, bytes, lists, tuples, sets, and dicts with keys of any type, in their
//!   order; `OrderedDict`, `Counter`, `defaultdict`, `torch.Size`. What is shared stays shared, and a list that is filled
//!   after it was shared is full everywhere.
//! - Tensors and parameters, strided and shared ones included, in either byte order. Their elements stay in the file
//!   until they are asked for.
//!
//! # What is not
//!
//! - Nothing is executed. A class or function other than those above becomes an inert [`Object`] or [`Global`] that can
//!   be printed, and [`TorchFile::unknown_globals`] names it. NumPy's scalars, sparse and quantized tensors and whole
//!   pickled modules are among these.
//! - The tar archives of PyTorch before 0.1.10, pickles that `torch.save` did not write, and the text of pickle
//!   protocols 0 and 1 are refused.
//! - Equal tuples are different keys of a dict. Python never writes two of them in one.
//!
//! A file is not trusted: [`Limits`] bound what it can cost, its values are printed with control characters escaped, and
//! neither reading nor printing them recurses.
//!
//! # Why its own pickle machine
//!
//! Of the parsers on crates.io (November 2026), `serde-pickle` and `pickled` know no persistent ids, and so no tensors;
//! `pytorch-reader` (of burn) and `pt-loader` copy an object out of the memo as it is at that moment, so that a list that
//! is shared before it is filled reads as empty, and they know no `Counter`.

mod meaning;
mod read;
mod write;

pub use meaning::{Problem, ResumeError, ResumeOptions, Resumed, ResumedGroup};
pub use read::{
    DType, Dict, DictKind, FindError, Found, Global, Kind, LimitExceeded, Limits, Object, PickleError, PickleProblem,
    Printed, ReadError, Tensor, TorchFile, Value,
};
pub use write::{StateDict, WriteError};
