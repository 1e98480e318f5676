//! The bytes of a pickle, counted as they are taken.

use super::error::{PickleProblem, Step, Stop};
use super::limits::Limits;
use std::io::{self, BufRead, Read};

pub(crate) struct Counted<'a> {
    pub(crate) input: &'a mut dyn BufRead,
    pub(crate) limits: &'a Limits,
    /// Bytes taken so far.
    pub(crate) position: u64,
    /// Bytes from here to the end of the input.
    pub(crate) left: u64,
}

impl Counted<'_> {
    fn fill(&mut self, buffer: &mut [u8]) -> Step<()> {
        self.input.read_exact(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Stop::Problem(PickleProblem::Truncated),
            _ => Stop::Io(error),
        })?;
        self.advance(buffer.len() as u64)
    }

    fn advance(&mut self, bytes: u64) -> Step<()> {
        self.position += bytes;
        self.left = self.left.saturating_sub(bytes);
        Ok(self.limits.pickle_bytes(self.position)?)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Step<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn byte(&mut self) -> Step<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u64(&mut self) -> Step<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// A length that takes 1, 4 or 8 bytes. A negative one, which Python refuses, exceeds the limit here.
    pub(crate) fn length(&mut self, width: usize) -> Step<u64> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes[..width])?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// So many bytes, allocated as they arrive and not as they are promised.
    pub(crate) fn take(&mut self, length: u64) -> Step<Vec<u8>> {
        self.limits.string_bytes(length)?;
        if length > self.left {
            return Err(PickleProblem::Truncated.into());
        }
        let mut bytes = Vec::new();
        let read = (&mut self.input).take(length).read_to_end(&mut bytes).map_err(Stop::Io)?;
        if (read as u64) < length {
            return Err(PickleProblem::Truncated.into());
        }
        self.advance(length)?;
        Ok(bytes)
    }

    /// Text up to the next newline.
    pub(crate) fn line(&mut self) -> Step<String> {
        let most = self.limits.string_bytes;
        let mut bytes = Vec::new();
        (&mut self.input).take(most.saturating_add(1)).read_until(b'\n', &mut bytes).map_err(Stop::Io)?;
        self.limits.string_bytes(bytes.len() as u64)?;
        self.advance(bytes.len() as u64)?;
        if bytes.pop() != Some(b'\n') {
            return Err(PickleProblem::Truncated.into());
        }
        Ok(String::from_utf8(bytes).map_err(|_| PickleProblem::NotUtf8)?)
    }
}
