//! The opcodes of pickle protocols 2 to 5, as Python's `pickletools` names them.

macro_rules! opcodes {
    ($($name:ident = $byte:expr;)*) => {
        $(pub(crate) const $name: u8 = $byte;)*

        /// The name of an opcode that is read, and of those that are known and refused.
        pub(crate) fn name(byte: u8) -> Option<&'static str> {
            match byte {
                $($name => Some(stringify!($name)),)*
                _ => REFUSED.iter().find(|(refused, _)| *refused == byte).map(|(_, name)| *name),
            }
        }
    };
}

opcodes! {
    PROTO = 0x80; FRAME = 0x95; STOP = b'.';
    MARK = b'('; POP = b'0'; POP_MARK = b'1';
    NONE = b'N'; NEWTRUE = 0x88; NEWFALSE = 0x89;
    BININT = b'J'; BININT1 = b'K'; BININT2 = b'M'; LONG1 = 0x8a; LONG4 = 0x8b; BINFLOAT = b'G';
    BINUNICODE = b'X'; SHORT_BINUNICODE = 0x8c; BINUNICODE8 = 0x8d;
    BINSTRING = b'T'; SHORT_BINSTRING = b'U';
    BINBYTES = b'B'; SHORT_BINBYTES = b'C'; BINBYTES8 = 0x8e; BYTEARRAY8 = 0x96;
    EMPTY_TUPLE = b')'; TUPLE = b't'; TUPLE1 = 0x85; TUPLE2 = 0x86; TUPLE3 = 0x87;
    EMPTY_LIST = b']'; APPEND = b'a'; APPENDS = b'e';
    EMPTY_DICT = b'}'; SETITEM = b's'; SETITEMS = b'u';
    EMPTY_SET = 0x8f; ADDITEMS = 0x90; FROZENSET = 0x91;
    GLOBAL = b'c'; STACK_GLOBAL = 0x93; REDUCE = b'R'; NEWOBJ = 0x81; NEWOBJ_EX = 0x92; BUILD = b'b';
    BINPERSID = b'Q';
    BINGET = b'h'; LONG_BINGET = b'j'; BINPUT = b'q'; LONG_BINPUT = b'r'; MEMOIZE = 0x94;
}

/// Opcodes that pickle has and torch.save does not write: the text of protocols 0 and 1, numbers that stand for
/// registered classes, and buffers outside the pickle.
const REFUSED: [(u8, &str); 18] = [
    (b'I', "INT"),
    (b'L', "LONG"),
    (b'F', "FLOAT"),
    (b'S', "STRING"),
    (b'V', "UNICODE"),
    (b'g', "GET"),
    (b'p', "PUT"),
    (b'P', "PERSID"),
    (b'i', "INST"),
    (b'o', "OBJ"),
    (b'l', "LIST"),
    (b'd', "DICT"),
    (b'2', "DUP"),
    (0x82, "EXT1"),
    (0x83, "EXT2"),
    (0x84, "EXT4"),
    (0x97, "NEXT_BUFFER"),
    (0x98, "READONLY_BUFFER"),
];
