//! The types of tensor elements.

use std::fmt;

macro_rules! dtypes {
    ($($variant:ident, $name:literal, [$($alias:literal),*], [$($storage:literal)?], $bytes:literal;)*) => {
        /// The type of a tensor's elements, by PyTorch's name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum DType {
            $(#[doc = concat!("`torch.", $name, "`")] $variant,)*
        }

        impl DType {
            /// PyTorch's name, without `torch.`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Bytes of one element.
            #[must_use]
            pub fn size(self) -> u64 {
                match self { $(Self::$variant => $bytes,)* }
            }

            /// The type that `torch.<name>` stands for.
            pub(crate) fn from_name(name: &str) -> Option<Self> {
                match name { $($name $(| $alias)* => Some(Self::$variant),)* _ => None }
            }

            /// The type of the elements of `torch.<class>`.
            pub(crate) fn from_storage(class: &str) -> Option<Self> {
                match class { $($($storage => Some(Self::$variant),)?)* _ => None }
            }
        }
    };
}

// The unsigned integers came after the typed storages: a tensor of them lies in an `UntypedStorage`.
dtypes! {
    Float32, "float32", ["float"], ["FloatStorage"], 4;
    Float64, "float64", ["double"], ["DoubleStorage"], 8;
    Float16, "float16", ["half"], ["HalfStorage"], 2;
    BFloat16, "bfloat16", [], ["BFloat16Storage"], 2;
    Int8, "int8", [], ["CharStorage"], 1;
    Int16, "int16", ["short"], ["ShortStorage"], 2;
    Int32, "int32", ["int"], ["IntStorage"], 4;
    Int64, "int64", ["long"], ["LongStorage"], 8;
    UInt8, "uint8", [], ["ByteStorage"], 1;
    UInt16, "uint16", [], [], 2;
    UInt32, "uint32", [], [], 4;
    UInt64, "uint64", [], [], 8;
    Bool, "bool", [], ["BoolStorage"], 1;
    Complex64, "complex64", ["cfloat"], ["ComplexFloatStorage"], 8;
    Complex128, "complex128", ["cdouble"], ["ComplexDoubleStorage"], 16;
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
