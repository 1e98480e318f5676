//! Tensors: their layout at once, their elements when asked for.

use super::container::Contents;
use super::dtype::DType;
use super::error::ReadError;
use super::heap::{Object, Storage, TensorRecord};

/// A tensor whose elements are still in the file.
#[derive(Clone, Copy)]
pub struct Tensor<'a> {
    contents: &'a Contents,
    record: &'a TensorRecord,
}

impl<'a> Tensor<'a> {
    pub(crate) fn new(contents: &'a Contents, record: &'a TensorRecord) -> Self {
        Self { contents, record }
    }

    /// The type of the elements.
    #[must_use]
    pub fn dtype(self) -> DType {
        self.record.dtype
    }

    /// The size of each dimension; empty for a scalar.
    #[must_use]
    pub fn shape(self) -> &'a [u64] {
        &self.record.shape
    }

    /// Elements from one index of a dimension to the next, in the storage.
    #[must_use]
    pub fn strides(self) -> &'a [u64] {
        &self.record.strides
    }

    /// Elements before the first one, in the storage.
    #[must_use]
    pub fn storage_offset(self) -> u64 {
        self.record.offset
    }

    /// The number of elements, the product of the shape.
    #[must_use]
    pub fn elements(self) -> u64 {
        self.record.elements
    }

    /// Whether both are views of one storage, so that PyTorch changes them together.
    #[must_use]
    pub fn shares_storage_with(self, other: Tensor<'_>) -> bool {
        std::ptr::eq(self.contents, other.contents)
            && match (self.storage(), other.storage()) {
                (Some(one), Some(two)) => one.key == two.key,
                _ => false,
            }
    }

    /// The elements in row-major order, each little-endian, whatever the layout in the file.
    ///
    /// # Errors
    /// If the file cannot be read any more, a checksum does not match, or a limit is met: `expanded_elements`, or
    /// `unpacked_bytes` for a compressed storage.
    pub fn to_le_bytes(self) -> Result<Vec<u8>, ReadError> {
        let TensorRecord { shape, strides, elements, dtype, .. } = self.record;
        let (Some(storage), 1..) = (self.storage(), *elements) else { return Ok(Vec::new()) };
        let size = dtype.size();
        // The record was checked when it was made: every element lies in the storage.
        let span: u64 = shape.iter().zip(strides).map(|(size, stride)| (size - 1) * stride).sum();
        if *elements > span + 1 {
            self.contents.limits.expanded_elements(*elements)?;
        }
        let mut bytes = self.contents.storage(storage, self.record.offset * size, (span + 1) * size)?;
        if self.contents.big_endian() {
            // A complex number is two floats.
            let part = if matches!(dtype, DType::Complex64 | DType::Complex128) { size / 2 } else { size };
            bytes.chunks_exact_mut(part as usize).for_each(<[u8]>::reverse);
        }
        if self.is_contiguous() {
            return Ok(bytes);
        }
        let size = size as usize;
        let mut gathered = Vec::with_capacity(*elements as usize * size);
        let mut index = vec![0_u64; shape.len()];
        for _ in 0..*elements {
            let place: u64 = index.iter().zip(strides).map(|(index, stride)| index * stride).sum();
            gathered.extend_from_slice(&bytes[place as usize * size..][..size]);
            for (index, size) in index.iter_mut().zip(shape).rev() {
                *index += 1;
                if *index < *size {
                    break;
                }
                *index = 0;
            }
        }
        Ok(gathered)
    }

    /// The elements in row-major order. Integers beyond 2^53 are rounded; booleans are 0 and 1.
    ///
    /// # Errors
    /// As [`to_le_bytes`](Self::to_le_bytes), and for complex elements.
    pub fn to_f64_vec(self) -> Result<Vec<f64>, ReadError> {
        macro_rules! each {
            ($number:ty, $convert:expr) => {{
                let bytes = self.to_le_bytes()?;
                let (numbers, _) = bytes.as_chunks();
                Ok(numbers.iter().map(|bytes| $convert(<$number>::from_le_bytes(*bytes))).collect())
            }};
        }
        match self.dtype() {
            DType::Float32 => each!(f32, f64::from),
            DType::Float64 => each!(f64, f64::from),
            DType::Float16 => each!(u16, half),
            DType::BFloat16 => each!(u16, |bits| f64::from(f32::from_bits(u32::from(bits) << 16))),
            DType::Int8 => each!(i8, f64::from),
            DType::Int16 => each!(i16, f64::from),
            DType::Int32 => each!(i32, f64::from),
            DType::Int64 => each!(i64, |number| number as f64),
            DType::UInt8 => each!(u8, f64::from),
            DType::UInt16 => each!(u16, f64::from),
            DType::UInt32 => each!(u32, f64::from),
            DType::UInt64 => each!(u64, |number| number as f64),
            DType::Bool => each!(u8, |byte| f64::from(u8::from(byte != 0))),
            found @ (DType::Complex64 | DType::Complex128) => {
                Err(ReadError::ElementType { found, wanted: "real numbers" })
            }
        }
    }

    fn is_contiguous(self) -> bool {
        let mut expected = 1;
        self.shape().iter().zip(self.strides()).rev().all(|(size, stride)| {
            let fits = *size == 1 || *stride == expected;
            expected *= size;
            fits
        })
    }

    fn storage(self) -> Option<&'a Storage> {
        match self.contents.heap.get(self.record.storage) {
            Object::Storage(storage) => Some(storage),
            _ => None,
        }
    }
}

/// The value of a half-precision float.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let fraction = f64::from(bits & 0x3ff);
    match i32::from(bits >> 10 & 0x1f) {
        0 => sign * fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        exponent => sign * (1024.0 + fraction) * 2_f64.powi(exponent - 25),
    }
}
