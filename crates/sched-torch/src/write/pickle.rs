//! Pickle protocol 2, which `torch.save` writes.

use super::python::Python;

/// The pickle of a value.
pub(super) fn pickle(value: &Python) -> Vec<u8> {
    let mut out = vec![0x80, 2]; // PROTO
    push(value, &mut out);
    out.push(b'.'); // STOP
    out
}

fn push(value: &Python, out: &mut Vec<u8>) {
    match value {
        Python::None => out.push(b'N'),
        Python::Bool(value) => out.push(if *value { 0x88 } else { 0x89 }), // NEWTRUE, NEWFALSE
        Python::Int(value) => match i32::try_from(*value) {
            Ok(small) => {
                out.push(b'J'); // BININT
                out.extend(small.to_le_bytes());
            }
            Err(_) => {
                out.extend([0x8a, 16]); // LONG1
                out.extend(value.to_le_bytes());
            }
        },
        Python::Float(value) => {
            out.push(b'G'); // BINFLOAT
            out.extend(value.to_be_bytes());
        }
        Python::Str(text) => {
            out.push(b'X'); // BINUNICODE; no name or word here is longer than its 4 GiB
            out.extend((text.len() as u32).to_le_bytes());
            out.extend(text.as_bytes());
        }
        Python::List(items) => {
            out.extend(b"](");
            items.iter().for_each(|item| push(item, out));
            out.push(b'e'); // APPENDS
        }
        Python::Tuple(items) => {
            out.push(b'(');
            items.iter().for_each(|item| push(item, out));
            out.push(b't');
        }
        Python::Dict(entries) => push_dict(entries, out),
        Python::Counter(entries) => {
            out.extend(b"ccollections\nCounter\n"); // GLOBAL
            push_dict(entries, out);
            out.extend(b"\x85R"); // TUPLE1, REDUCE
        }
    }
}

fn push_dict(entries: &[(Python, Python)], out: &mut Vec<u8>) {
    out.extend(b"}(");
    for (key, value) in entries {
        push(key, out);
        push(value, out);
    }
    out.push(b'u'); // SETITEMS
}
