//! Tensors of every type and layout.

use crate::common::{archive, pickle, stream, unicode};
use sched_torch::{DType, Limits, TorchFile};

/// `('storage', class, key, 'cpu', size)` as a persistent id.
fn storage(class: &str, key: &str, size: u8) -> Vec<u8> {
    let class = format!("ctorch\n{class}\n");
    [b"(", &unicode("storage")[..], class.as_bytes(), &unicode(key), &unicode("cpu"), &[b'K', size], b"tQ"].concat()
}

fn tuple(numbers: &[u8]) -> Vec<u8> {
    let items: Vec<u8> = numbers.iter().flat_map(|number| [b'K', *number]).collect();
    [b"(", &items[..], b"t"].concat()
}

/// A call of `_rebuild_tensor_v2`.
fn tensor(storage: &[u8], offset: u8, shape: &[u8], strides: &[u8]) -> Vec<u8> {
    let (shape, strides) = (tuple(shape), tuple(strides));
    let hooks = b"\x89ccollections\nOrderedDict\n)RtR";
    [b"ctorch._utils\n_rebuild_tensor_v2\n(", storage, &[b'K', offset], &shape, &strides, hooks].concat()
}

fn open(parts: &[&[u8]], members: &[(&str, &[u8])]) -> TorchFile {
    TorchFile::from_bytes(archive(&pickle(parts), members), Limits::default()).unwrap()
}

fn numbers(file: &TorchFile) -> Vec<f64> {
    file.root().as_tensor().unwrap().to_f64_vec().unwrap()
}

/// Storage class, type, the bytes of three elements (Python's `struct` and `torch.float16`'s definition), their values.
fn samples() -> Vec<(&'static str, DType, Vec<u8>, [f64; 3])> {
    let words = |words: [u16; 3]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    vec![
        ("FloatStorage", DType::Float32, b"\0\0\xc0\x3f\0\0\0\xc0\0\0\x80\x7f".to_vec(), [1.5, -2.0, f64::INFINITY]),
        (
            "DoubleStorage",
            DType::Float64,
            b"\x9a\x99\x99\x99\x99\x99\xb9\x3f\0\0\0\0\0\0\xf0\x3f\x01\0\0\0\0\0\0\0".to_vec(),
            [0.1, 1.0, 5e-324],
        ),
        // The largest, the smallest and a negative half.
        ("HalfStorage", DType::Float16, words([0x7bff, 0x0001, 0xc000]), [65504.0, 5.960464477539063e-8, -2.0]),
        ("BFloat16Storage", DType::BFloat16, words([0x3f80, 0xc049, 0x0000]), [1.0, -3.140625, 0.0]),
        ("CharStorage", DType::Int8, vec![0x80, 0xff, 0x7f], [-128.0, -1.0, 127.0]),
        ("ShortStorage", DType::Int16, words([0x8000, 0xffff, 0x7fff]), [-32768.0, -1.0, 32767.0]),
        ("IntStorage", DType::Int32, b"\xff\xff\xff\xff\0\0\0\x80\x01\0\0\0".to_vec(), [-1.0, -2147483648.0, 1.0]),
        (
            "LongStorage",
            DType::Int64,
            [(-1_i64).to_le_bytes(), (1_i64 << 53).to_le_bytes(), 7_i64.to_le_bytes()].concat(),
            [-1.0, 9007199254740992.0, 7.0],
        ),
        ("ByteStorage", DType::UInt8, vec![0, 128, 255], [0.0, 128.0, 255.0]),
        ("BoolStorage", DType::Bool, vec![0, 1, 1], [0.0, 1.0, 1.0]),
    ]
}

#[test]
fn every_type_is_read_from_zip_and_stream_in_either_byte_order() {
    for (class, dtype, bytes, wanted) in samples() {
        let rebuilt = tensor(&storage(class, "7", 3), 0, &[3], &[1]);
        let zip = open(&[&rebuilt], &[("data/7", &bytes), ("byteorder", b"little")]);
        assert_eq!(numbers(&zip), wanted, "{dtype}");
        let found = zip.root().as_tensor().unwrap();
        assert_eq!((found.dtype(), found.shape(), found.elements()), (dtype, &[3][..], 3));
        assert_eq!(found.to_le_bytes().unwrap(), bytes);

        let size = dtype.size() as usize;
        let swapped: Vec<u8> = bytes.chunks(size).flat_map(|element| element.iter().rev().copied()).collect();
        let big = open(&[&rebuilt], &[("data/7", &swapped), ("byteorder", b"big")]);
        assert_eq!(numbers(&big), wanted, "{dtype}");
        assert_eq!(big.root().as_tensor().unwrap().to_le_bytes().unwrap(), bytes);

        let counted = [&3_u64.to_le_bytes()[..], &bytes].concat();
        let stream = stream(&pickle(&[&rebuilt]), &[("7", &counted)]);
        assert_eq!(numbers(&TorchFile::from_bytes(stream, Limits::default()).unwrap()), wanted, "{dtype}");
    }
}

#[test]
fn views_are_gathered_in_row_major_order() {
    let bytes: Vec<u8> = (0..12).collect();
    let all = storage("ByteStorage", "0", 12);
    let view = |offset, shape: &[u8], strides: &[u8]| {
        numbers(&open(&[&tensor(&all, offset, shape, strides)], &[("data/0", &bytes)]))
    };
    assert_eq!(view(2, &[2, 3], &[3, 1]), [2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    // arange(12).view(3, 4).t()[1:3]
    assert_eq!(view(1, &[2, 3], &[1, 4]), [1.0, 5.0, 9.0, 2.0, 6.0, 10.0]);
    // arange(12)[::5]
    assert_eq!(view(0, &[3], &[5]), [0.0, 5.0, 10.0]);
    // arange(12)[3].expand(2, 2)
    assert_eq!(view(3, &[2, 2], &[0, 0]), [3.0; 4]);
    // A size of 1 may have any stride.
    assert_eq!(view(4, &[1, 2], &[99, 1]), [4.0, 5.0]);
    assert_eq!(view(11, &[], &[]), [11.0]);
    assert_eq!(view(200, &[0, 3], &[3, 1]), [0.0; 0]);
}

#[test]
fn storages_are_shared_and_parameters_are_their_data() {
    let all = storage("FloatStorage", "0", 2);
    let one = tensor(&all, 0, &[1], &[1]);
    let two = tensor(&all, 1, &[1], &[1]);
    let other = tensor(&storage("FloatStorage", "1", 1), 0, &[1], &[1]);
    let parameter =
        [b"ctorch._utils\n_rebuild_parameter\n(", &two[..], b"\x88ccollections\nOrderedDict\n)RtR"].concat();
    let file = open(&[b"(", &one, &parameter, &other, b"t"], &[("data/0", &[0; 8]), ("data/1", &[0; 4])]);
    let tensors: Vec<_> = file.root().as_items().unwrap().map(|value| value.as_tensor().unwrap()).collect();
    assert!(tensors[0].shares_storage_with(tensors[1]));
    assert!(!tensors[0].shares_storage_with(tensors[2]));
    assert_eq!(file.root().to_string(), "(tensor(float32, [1]), tensor(float32, [1]), tensor(float32, [1]))");
    assert_eq!(file.unknown_globals(), Vec::<String>::new());
}

#[test]
fn an_untyped_storage_takes_its_type_from_the_tensor() {
    let untyped = storage("UntypedStorage", "0", 4);
    let hooks = b"\x89ccollections\nOrderedDict\n)R";
    let call = [
        b"ctorch._utils\n_rebuild_tensor_v3\n(",
        &untyped[..],
        b"K\x00",
        &tuple(&[2]),
        &tuple(&[1]),
        hooks,
        b"ctorch\nuint16\ntR",
    ];
    let file = open(&[&call.concat()], &[("data/0", b"\x01\x00\xff\xff")]);
    assert_eq!(file.root().as_tensor().unwrap().dtype(), DType::UInt16);
    assert_eq!(numbers(&file), [1.0, 65535.0]);
}

#[test]
fn what_would_be_misread_stays_inert() {
    // Quantized elements, and metadata that says that the elements count negated.
    let quantized = open(&[&tensor(&storage("QInt8Storage", "0", 3), 0, &[3], &[1])], &[("data/0", &[0; 3])]);
    assert!(quantized.root().as_object().is_some());
    assert_eq!(quantized.unknown_globals(), ["torch.QInt8Storage"]);
    let mut negated = tensor(&storage("FloatStorage", "0", 1), 0, &[1], &[1]);
    negated.truncate(negated.len() - 2);
    negated.extend([b"}", &unicode("neg")[..], b"\x88stR"].concat());
    assert!(open(&[&negated], &[("data/0", &[0; 4])]).root().as_object().is_some());

    let complex = open(&[&tensor(&storage("ComplexFloatStorage", "0", 1), 0, &[1], &[1])], &[("data/0", &[0; 8])]);
    let error = complex.root().as_tensor().unwrap().to_f64_vec().unwrap_err().to_string();
    assert_eq!(error, "a tensor of complex64 has no elements that are real numbers");
}

#[test]
fn an_old_stream_has_views_of_storages() {
    // ('storage', class, key, 'cpu', 4, (view key, 1, 2)): elements 1 and 2.
    let mut view = storage("ByteStorage", "0", 4);
    view.truncate(view.len() - 2);
    view.extend([b"(", &unicode("1")[..], b"K\x01K\x02ttQ"].concat());
    let bytes = [&4_u64.to_le_bytes()[..], &[10, 20, 30, 40]].concat();
    let read = |offset, size| {
        let file = stream(&pickle(&[&tensor(&view, offset, &[size], &[1])]), &[("0", &bytes)]);
        TorchFile::from_bytes(file, Limits::default())
    };
    assert_eq!(numbers(&read(0, 2).unwrap()), [20.0, 30.0]);
    assert_eq!(numbers(&read(1, 1).unwrap()), [30.0]);
    assert!(read(1, 2).is_err());
}
