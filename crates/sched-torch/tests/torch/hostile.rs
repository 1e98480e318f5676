//! Files that lie: each is refused by name or read as inert data, and none costs more than its size.

use crate::common::{archive, archive_with, fixture, pickle, stream, unicode};
use sched_torch::{DictKind, Kind, LimitExceeded, Limits, PickleProblem, ReadError, TorchFile};
use std::fs;
use std::time::{Duration, Instant};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

fn read(parts: &[&[u8]]) -> Result<TorchFile, ReadError> {
    TorchFile::from_bytes(stream(&pickle(parts), &[]), Limits::default())
}

fn problem(parts: &[&[u8]]) -> PickleProblem {
    match read(parts) {
        Err(ReadError::Pickle(error)) => error.problem,
        Err(other) => panic!("{other}"),
        Ok(file) => panic!("read as {}", file.root()),
    }
}

fn limit(result: Result<TorchFile, ReadError>) -> LimitExceeded {
    match result {
        Err(ReadError::Limit(limit)) => limit,
        Err(other) => panic!("{other}"),
        Ok(file) => panic!("read as {}", file.root()),
    }
}

#[test]
fn a_call_of_an_unknown_global_is_kept_and_not_made() {
    let file = read(&[b"cos\nsystem\n", &unicode("touch /tmp/x\u{1b}[2J"), b"\x85R"]).unwrap();
    let object = file.root().as_object().unwrap();
    let callable = object.callable().as_global().unwrap();
    assert_eq!((callable.module, callable.name), ("os", "system"));
    assert_eq!(file.unknown_globals(), ["os.system"]);
    assert_eq!(file.root().to_string(), r"<os.system('touch /tmp/x\x1b[2J',)>");

    // The same by STACK_GLOBAL, NEWOBJ, NEWOBJ_EX, and with state, items and entries.
    let stacked = read(&[&unicode("os"), &unicode("system"), b"\x93)\x81}K\x01K\x02sb]a(K\x01K\x02u"]).unwrap();
    assert_eq!(stacked.root().to_string(), "<os.system() state {1: 2} items [[]] entries {1: 2}>");
    let keywords = read(&[b"ca\nB\n)}", &unicode("k"), b"K\x01s\x92"]).unwrap();
    assert_eq!(keywords.root().to_string(), "<a.B() keywords {'k': 1}>");

    // What an unknown call would have returned can be called in turn, and is as inert.
    let nested = read(&[b"cbuiltins\ngetattr\n", &unicode("x"), b"\x85R)R"]).unwrap();
    assert_eq!(nested.root().to_string(), "<<builtins.getattr('x',)>()>");

    // A name cannot pass for something else.
    let odd = read(&[&unicode("torch.\u{202e}x"), &unicode("a\nb"), b"\x93"]).unwrap();
    assert_eq!(odd.root().to_string(), r"'torch.\u202ex'.'a\nb'");
}

#[test]
fn a_known_global_with_other_arguments_stays_inert() {
    for parts in [
        &b"ccollections\nCounter\nK\x01\x85R"[..],
        b"ccollections\nOrderedDict\nK\x01\x85R",
        b"ctorch._utils\n_rebuild_tensor_v2\n)R",
        b"ctorch._utils\n_rebuild_parameter\nK\x01\x85R",
        b"cbuiltins\nset\nK\x01\x85R",
    ] {
        let file = read(&[parts]).unwrap();
        assert!(file.root().as_object().is_some(), "{}", file.root());
    }
}

#[test]
fn python_s_containers_are_read_in_every_protocol() {
    // pickle.dumps of Counter({3: 1, 12: 2}), protocols 2 and 4.
    for bytes in [
        &b"\x80\x02ccollections\nCounter\nq\x00}q\x01(K\x03K\x01K\x0cK\x02u\x85q\x02Rq\x03."[..],
        b"\x80\x04\x95+\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x94\x8c\x07Counter\x94\x93\x94}\x94(K\x03K\x01K\x0cK\x02u\x85\x94R\x94.",
    ] {
        let file = TorchFile::from_bytes(stream(bytes, &[]), Limits::default()).unwrap();
        assert_eq!(file.root().as_dict().unwrap().kind(), DictKind::Counter);
        assert_eq!(file.root().to_string(), "Counter({3: 1, 12: 2})");
    }
    for (bytes, text) in [
        // set, frozenset, complex, bytes and bytearray, protocols 2, 3, 4 and 5 where they differ
        (&b"\x80\x02c__builtin__\nset\nq\x00]q\x01K\x01a\x85q\x02Rq\x03."[..], "{1}"),
        (b"\x80\x04\x95\x07\x00\x00\x00\x00\x00\x00\x00\x8f\x94(K\x01\x90.", "{1}"),
        (b"\x80\x04\x95\x06\x00\x00\x00\x00\x00\x00\x00(K\x01\x91\x94.", "{1}"),
        (
            b"\x80\x03cbuiltins\ncomplex\nq\x00G\x00\x00\x00\x00\x00\x00\x00\x00G?\xf0\x00\x00\x00\x00\x00\x00\x86q\x01Rq\x02.",
            "complex(0.0, 1.0)",
        ),
        (
            b"\x80\x02c_codecs\nencode\nq\x00X\x04\x00\x00\x00ab\xc3\xbfq\x01X\x06\x00\x00\x00latin1q\x02\x86q\x03Rq\x04.",
            r"b'ab\xff'",
        ),
        (b"\x80\x05\x95\x07\x00\x00\x00\x00\x00\x00\x00C\x03ab\xff\x94.", r"b'ab\xff'"),
        (b"\x80\x05\x95\r\x00\x00\x00\x00\x00\x00\x00\x96\x02\x00\x00\x00\x00\x00\x00\x00xy\x94.", "b'xy'"),
        (
            b"\x80\x02c__builtin__\nbytearray\nq\x00c_codecs\nencode\nq\x01X\x02\x00\x00\x00xyq\x02X\x06\x00\x00\x00latin1q\x03\x86q\x04Rq\x05\x85q\x06Rq\x07.",
            "b'xy'",
        ),
        // defaultdict(list, {1: [2]}), 2**70, -2**63, -1, 0
        (
            b"\x80\x02ccollections\ndefaultdict\nq\x00c__builtin__\nlist\nq\x01\x85q\x02Rq\x03K\x01]q\x04K\x02as.",
            "defaultdict({1: [2]})",
        ),
        (b"\x80\x02\x8a\t\x00\x00\x00\x00\x00\x00\x00\x00@.", "<int of 9 bytes>"),
        (b"\x80\x02\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.", "-9223372036854775808"),
        (b"\x80\x02\x8a\x03\xff\xff\xff.", "-1"),
        (b"\x80\x02\x8a\x00.", "0"),
        // Python 2's OrderedDict([['b', 1], ['a', 2]])
        (b"\x80\x02ccollections\nOrderedDict\n]](U\x01bK\x01ea](U\x01aK\x02ea\x85R.", "OrderedDict({'b': 1, 'a': 2})"),
        (b"\x80\x02ctorch\nSize\nK\x02K\x03\x86\x85R.", "(2, 3)"),
        (b"\x80\x02ctorch\nfloat32\n.", "torch.float32"),
    ] {
        let file = TorchFile::from_bytes(stream(bytes, &[]), Limits::default()).unwrap();
        assert_eq!(file.root().to_string(), text);
        assert_eq!(file.unknown_globals(), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_list_that_is_shared_before_it_is_filled_is_full_everywhere() {
    // a = []; {1: a, 2: a}, filled last
    let file = read(&[b"}(K\x01]q\x00K\x02h\x00h\x00K\x07a0u"]).unwrap();
    assert_eq!(file.root().to_string(), "{1: [7], 2: [7]}");
}

#[test]
fn an_object_inside_of_itself_is_read_and_printed() {
    let list = read(&[b"]q\x00h\x00a"]).unwrap();
    assert_eq!(list.root().to_string(), "[...]");
    let inner = list.root().as_list().unwrap().next().unwrap();
    assert!(inner.is_same_object(list.root()));
    // A tuple whose list holds the tuple, as Python writes it.
    let tuple = read(&[b"]q\x00h\x00\x85q\x01a0h\x01"]).unwrap();
    assert_eq!(tuple.root().to_string(), "([...],)");
    let dict = read(&[b"}q\x00K\x01h\x00s"]).unwrap();
    assert_eq!(dict.root().to_string(), "{1: ...}");
    let object = read(&[b"ca\nB\n)Rq\x00h\x00b"]).unwrap();
    assert_eq!(object.root().to_string(), "<a.B() state ...>");
}

#[test]
fn a_key_that_comes_twice_keeps_its_place_and_takes_the_last_value() {
    // {1: 'a', 2: 'b', True: 'c', 1.0: 'd'} in Python is {1: 'd', 2: 'b'}.
    let file = read(&[
        b"}(K\x01",
        &unicode("a"),
        b"K\x02",
        &unicode("b"),
        b"\x88",
        &unicode("c"),
        b"G\x3f\xf0\0\0\0\0\0\0",
        &unicode("d"),
        b"u",
    ]);
    assert_eq!(file.unwrap().root().to_string(), "{1: 'd', 2: 'b'}");
    // The same beyond the size up to which keys are compared one by one.
    let mut parts = b"}(".to_vec();
    for round in 0..2_u8 {
        for key in 0..100 {
            parts.extend(unicode(&format!("k{key}")));
            parts.extend([b'K', round]);
        }
    }
    parts.push(b'u');
    let file = read(&[&parts]).unwrap();
    let dict = file.root().as_dict().unwrap();
    assert_eq!(dict.len(), 100);
    assert!(dict.entries().all(|(_, value)| value.as_i64() == Some(1)));
    assert_eq!(dict.keys().nth(42).unwrap().as_str(), Some("k42"));
}

#[test]
fn what_cannot_be_meant_is_refused_by_name() {
    use PickleProblem as P;
    for (parts, wanted) in [
        (&b"0"[..], P::EmptyStack),
        (b"](N0a", P::EmptyStack),
        (b"t", P::NoMark),
        (b"h\x05", P::NoMemo(5)),
        (b"NN", P::LeftOver(2)),
        (b"(N", P::LeftOver(2)),
        (b"}(Nu", P::OddItems),
        (b"\xff", P::UnknownOpcode(0xff)),
        (b"\x82\x01", P::RefusedOpcode),
        (b"\x97", P::RefusedOpcode),
        (b"I1\n", P::RefusedOpcode),
        (b"\x80\x06", P::Protocol(6)),
        (b"X\x01\0\0\0\xff", P::NotUtf8),
        (b"NNNs", P::Type { needed: "a dict", found: "None" }),
        (b"}]Ns", P::Type { needed: "a key that can be hashed", found: "a list" }),
        (b"NNa", P::Type { needed: "a list", found: "None" }),
        (b"](N\x90", P::Type { needed: "a set", found: "a list" }),
        (b"K\x01)R", P::Type { needed: "a class or function", found: "an integer" }),
        (b"ca\nb\nNR", P::Type { needed: "a tuple of arguments", found: "None" }),
        (b"]Nb", P::Type { needed: "an object", found: "a list" }),
        (b"NN\x93", P::Type { needed: "a module's name", found: "None" }),
        (b"NQ", P::PersistentId),
        (b")Q", P::PersistentId),
    ] {
        assert_eq!(problem(&[parts]), wanted, "{parts:?}");
    }
    let error = read(&[b"}]Ns"]).err().unwrap().to_string();
    assert_eq!(error, "the object, byte 5 (SETITEM): needs a key that can be hashed, found a list");
}

#[test]
fn a_promised_length_is_not_believed() {
    let huge = u64::MAX.to_le_bytes();
    let large = (50_u64 << 20).to_le_bytes();
    for opcode in [0x8d, 0x8e, 0x96] {
        let exceeded = limit(read(&[&[opcode], &huge]));
        assert_eq!((exceeded.field, exceeded.limit), ("string_bytes", 64 << 20));
        assert_eq!(problem(&[&[opcode], &large]), PickleProblem::Truncated);
    }
    assert_eq!(limit(read(&[b"\x8b\xff\xff\xff\xff"])).field, "string_bytes");
    assert_eq!(limit(read(&[b"X\xff\xff\xff\xff"])).field, "string_bytes");
    assert_eq!(problem(&[b"\x8b\xff\xff\xff\x02"]), PickleProblem::Truncated);
    assert!(matches!(problem(&[b"\x95", &huge, b"N"]), PickleProblem::Frame { length: u64::MAX, .. }));
    // A frame that is too short means nothing: it only says how far to read ahead.
    assert!(read(&[b"\x95\x01\0\0\0\0\0\0\0N"]).unwrap().root().is_none());
}

#[test]
fn references_do_not_expand() {
    // Thirty lists, each holding the one before it ten times: 10^30 values if they were copied.
    let mut parts = b"]q\x00".to_vec();
    for level in 0..30_u8 {
        parts.extend(b"](");
        parts.extend([b'h', level].repeat(10));
        parts.extend([b'e', b'q', level + 1]);
    }
    // Only the last one stays on the stack.
    parts.splice(0..0, *b"(");
    parts.extend(b"1h\x1e");
    let started = Instant::now();
    let file = read(&[&parts]).unwrap();
    let printed = file.root().printed(500).to_string();
    assert_eq!(printed.chars().count(), 503);
    assert!(printed.starts_with("[[[[") && printed.ends_with("..."), "{printed}");

    // Copies that a call makes are counted: a dict of 1000 entries, made a Counter 100 000 times.
    let few = |pickle: &[u8]| {
        let mut limits = Limits::default();
        limits.values = 1 << 16;
        limit(TorchFile::from_bytes(stream(pickle, &[]), limits)).field
    };
    let mut parts = b"ccollections\nCounter\nq\x00}q\x01(".to_vec();
    for key in 0..1000_i32 {
        parts.push(b'J');
        parts.extend(key.to_le_bytes());
        parts.push(b'N');
    }
    parts.extend(b"u");
    parts.extend(b"h\x00h\x01\x85R0".repeat(100_000));
    assert_eq!(few(&pickle(&[&parts])), "values");
    // So are the bytes that `encode` makes.
    let mut parts = b"c_codecs\nencode\nq\x00".to_vec();
    parts.extend(unicode(&"x".repeat(1 << 20)));
    parts.extend(b"q\x01");
    parts.extend(unicode("latin1"));
    parts.extend(b"q\x02");
    parts.extend(b"h\x00h\x01h\x02\x86R0".repeat(1000));
    assert_eq!(few(&pickle(&[&parts])), "values");
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn deep_nesting_is_refused_and_costs_no_stack() {
    let deep = |levels: usize| [b"]".repeat(levels), b"a".repeat(levels - 1)].concat();
    assert!(read(&[&deep(256)]).unwrap().root().to_string().starts_with("[[[["));
    assert_eq!(limit(read(&[&deep(257)])).field, "depth");
    let mut limits = Limits::default();
    limits.depth = u64::MAX;
    let file = TorchFile::from_bytes(stream(&pickle(&[&deep(1_000_000)]), &[]), limits).unwrap();
    assert!(file.root().to_string().ends_with("[..."));
    drop(file);

    // Whichever way the deep part is reached first: each list holds the next, and the root holds them all from the end.
    let mut parts = b"(".to_vec();
    for level in 0..300_i32 {
        parts.push(b']');
        parts.push(b'r');
        parts.extend(level.to_le_bytes());
    }
    for level in 0..299_i32 {
        parts.push(b'j');
        parts.extend(level.to_le_bytes());
        parts.push(b'j');
        parts.extend((level + 1).to_le_bytes());
        parts.extend(b"a0");
    }
    parts.extend(b"1](");
    for level in (0..300_i32).rev() {
        parts.push(b'j');
        parts.extend(level.to_le_bytes());
    }
    parts.push(b'e');
    assert_eq!(limit(read(&[&parts])).field, "depth");
    // Calls of calls, keys in keys, state of state.
    let calls = [&b"ca\nb\n"[..], &b")R".repeat(300)].concat();
    assert_eq!(limit(read(&[&calls])).field, "depth");
    let tuples = [&b")"[..], &b"\x85".repeat(300)].concat();
    assert_eq!(limit(read(&[&tuples])).field, "depth");
}

#[test]
fn each_limit_is_named() {
    let with = |change: fn(&mut Limits), file: Vec<u8>| {
        let mut limits = Limits::default();
        change(&mut limits);
        limit(TorchFile::from_bytes(file, limits)).to_string()
    };
    let list = || stream(&pickle(&[b"](K\x01K\x02K\x03K\x04e"]), &[]);
    for (message, field) in [
        (with(|limits| limits.file_bytes = 10, list()), "file_bytes"),
        (with(|limits| limits.pickle_bytes = 12, list()), "pickle_bytes"),
        (with(|limits| limits.values = 4, list()), "values"),
        (with(|limits| limits.memo = 1, stream(&pickle(&[b"]q\x00q\x01"]), &[])), "memo"),
        (with(|limits| limits.memo = 1, stream(&pickle(&[b"]\x94\x94"]), &[])), "memo"),
        (with(|limits| limits.depth = 0, list()), "depth"),
        (with(|limits| limits.string_bytes = 11, stream(&pickle(&[&unicode("twelve bytes")]), &[])), "string_bytes"),
        (with(|limits| limits.string_bytes = 11, stream(&pickle(&[b"ccollections.x\ny\n"]), &[])), "string_bytes"),
        (with(|limits| limits.directory_bytes = 50, archive(b"\x80\x02N.", &[])), "directory_bytes"),
        (with(|limits| limits.pickle_bytes = 3, archive(b"\x80\x02N.", &[])), "pickle_bytes"),
    ] {
        assert!(message.contains(&format!("`Limits::{field}`")), "{message}");
    }
    assert_eq!(
        with(|limits| limits.values = 4, list()),
        "the number of values exceeds the limit of 4; raise `Limits::values` if you trust the file"
    );
}

#[test]
fn a_zip_bomb_stays_packed() {
    let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut limits = Limits::default();
    limits.pickle_bytes = 1 << 20;
    limits.unpacked_bytes = 1 << 20;
    // A pickle that unpacks to much more than it takes.
    let bomb = archive_with(&vec![b'N'; 8 << 20], &[], deflated);
    assert!(bomb.len() < 1 << 16);
    assert_eq!(limit(TorchFile::from_bytes(bomb.as_slice(), limits)).field, "pickle_bytes");
    // The same, with a size that lies: no more is unpacked than was promised, and the archive is found damaged.
    let truth = (8_u32 << 20).to_le_bytes();
    let lies: Vec<usize> = (0..bomb.len() - 3).filter(|at| bomb[*at..][..4] == truth).collect();
    assert!(!lies.is_empty());
    let mut lying = bomb;
    for at in lies {
        lying[at..][..4].copy_from_slice(&1000_u32.to_le_bytes());
    }
    let error = TorchFile::from_bytes(lying, limits).err().unwrap();
    assert!(matches!(error, ReadError::Zip { .. }), "{error}");

    let tensor = tensor_pickle("FloatStorage", 1 << 20, b"K\x00", b"K\x02\x85", b"K\x01\x85");
    let file = archive_with(&tensor, &[("data/0", &vec![0; 4 << 20])], deflated);
    let file = TorchFile::from_bytes(file, limits).unwrap();
    let error = file.root().as_tensor().unwrap().to_f64_vec().unwrap_err();
    assert!(error.to_string().contains("`Limits::unpacked_bytes`"), "{error}");

    // An archive that is packed again is read like the one it was.
    let honest = archive_with(&pickle(&[&unicode("packed again")]), &[], deflated);
    assert_eq!(TorchFile::from_bytes(honest, Limits::default()).unwrap().root().as_str(), Some("packed again"));
}

/// A tensor of one storage, `0`; offset, shape and strides as opcodes.
fn tensor_pickle(class: &str, size: i32, offset: &[u8], shape: &[u8], strides: &[u8]) -> Vec<u8> {
    let size = [&b"J"[..], &size.to_le_bytes()].concat();
    let class = format!("ctorch\n{class}\n");
    pickle(&[
        b"ctorch._utils\n_rebuild_tensor_v2\n((",
        &unicode("storage"),
        class.as_bytes(),
        &unicode("0"),
        &unicode("cpu"),
        &size,
        b"tQ",
        offset,
        shape,
        strides,
        b"\x89ccollections\nOrderedDict\n)RtR",
    ])
}

#[test]
fn a_tensor_that_reaches_beyond_its_storage_is_refused() {
    let read = |size, offset: &[u8], shape: &[u8], strides: &[u8], bytes: usize| {
        let pickle = tensor_pickle("FloatStorage", size, offset, shape, strides);
        TorchFile::from_bytes(archive(&pickle, &[("data/0", &vec![0; bytes])]), Limits::default())
    };
    assert!(read(4, b"K\x00", b"K\x04\x85", b"K\x01\x85", 16).is_ok());
    let tensor = |result: Result<TorchFile, ReadError>| match result {
        Err(ReadError::Pickle(error)) => match error.problem {
            PickleProblem::Tensor { problem, .. } => problem,
            other => panic!("{other}"),
        },
        _ => panic!("no such refusal"),
    };
    let beyond = "reaches beyond its storage";
    assert_eq!(tensor(read(4, b"K\x01", b"K\x04\x85", b"K\x01\x85", 16)), beyond);
    assert_eq!(tensor(read(4, b"K\x00", b"K\x05\x85", b"K\x01\x85", 16)), beyond);
    assert_eq!(tensor(read(4, b"K\x00", b"K\x03\x85", b"K\x02\x85", 16)), beyond);
    let max = b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85";
    assert_eq!(tensor(read(4, b"K\x00", max, max, 16)), beyond);
    assert_eq!(tensor(read(4, b"K\x00", b"K\x01K\x01\x86", b"K\x01\x85", 16)), "has not as many strides as dimensions");
    assert_eq!(tensor(read(4, b"J\xff\xff\xff\x7f", b"K\x01\x85", b"K\x01\x85", 16)), beyond);
    let negative = b"J\xff\xff\xff\xff\x85";
    assert_eq!(tensor(read(4, b"K\x00", negative, b"K\x01\x85", 16)), "has a negative number in it");
    let many = b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x87";
    assert_eq!(tensor(read(4, b"K\x00", many, b"K\x00K\x00K\x00\x87", 16)), "has more elements than can be counted");

    // A view with stride 0 has as many elements as it says; they are not made before they are asked for.
    let expanded = read(4, b"K\x00", b"\x8a\x06\0\0\0\0\0\x01\x85", b"K\x00\x85", 16).unwrap();
    let tensor = expanded.root().as_tensor().unwrap();
    assert_eq!(tensor.elements(), 1 << 40);
    assert!(tensor.to_f64_vec().unwrap_err().to_string().contains("`Limits::expanded_elements`"));

    // Storages that are missing or short.
    let error = read(4, b"K\x00", b"K\x04\x85", b"K\x01\x85", 12).err().unwrap().to_string();
    assert_eq!(error, "storage `0` has 12 bytes in the file, and 16 are needed");
    let pickle = tensor_pickle("FloatStorage", 4, b"K\x00", b"K\x04\x85", b"K\x01\x85");
    let error = TorchFile::from_bytes(archive(&pickle, &[]), Limits::default()).err().unwrap().to_string();
    assert_eq!(error, "storage `0` is not in the file");
    for (count, wanted) in [(5_u64, "longer than the rest"), (u64::MAX, "longer than the rest"), (3, "12 bytes")] {
        let bytes = [&count.to_le_bytes()[..], &[0; 16]].concat();
        let error = TorchFile::from_bytes(stream(&pickle, &[("0", &bytes)]), Limits::default()).err().unwrap();
        assert!(error.to_string().contains(wanted), "{error}");
    }
}

#[test]
fn every_truncation_is_an_error() {
    for name in [
        "state_dicts/CosineAnnealingLR-g1-k9.checkpoint.legacy.pt",
        "state_dicts/CosineAnnealingLR-g1-k9.scheduler.legacy.pt",
        "state_dicts/MultiStepLR-g1-k9.scheduler.pt",
    ] {
        let bytes = fs::read(fixture(name)).unwrap();
        for end in 0..bytes.len() {
            assert!(TorchFile::from_bytes(&bytes[..end], Limits::default()).is_err(), "{name}, the first {end} bytes");
        }
    }
}

#[test]
fn every_flipped_bit_is_an_error_or_other_values() {
    for name in
        ["state_dicts/CosineAnnealingLR-g1-k9.checkpoint.legacy.pt", "state_dicts/MultiStepLR-g1-k9.scheduler.pt"]
    {
        let bytes = fs::read(fixture(name)).unwrap();
        let started = Instant::now();
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(file) = TorchFile::from_bytes(flipped, Limits::default()) {
                assert!(file.root().to_string().len() < 10_000);
                let _ = file.find_scheduler(None);
            }
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{name}: {:?}", started.elapsed());
    }
}

#[test]
fn a_flipped_bit_in_a_zip_is_found_by_its_checksum() {
    let name = fixture("state_dicts/SequentialLR-g1-k6.checkpoint.pt");
    let bytes = fs::read(&name).unwrap();
    // The rate 0.064 in the pickle, and a parameter in the first storage.
    let at = |needle: &[u8]| bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    let mut in_pickle = bytes.clone();
    in_pickle[at(&0.06400000000000002_f64.to_be_bytes()) + 7] ^= 1;
    let error = TorchFile::from_bytes(in_pickle, Limits::default()).err().unwrap();
    assert!(matches!(&error, ReadError::Zip { member, .. } if member.ends_with("data.pkl")), "{error}");

    let weight = TorchFile::open(&name)
        .unwrap()
        .at("model_state_dict.weight")
        .unwrap()
        .as_tensor()
        .map(|tensor| u32::from_le_bytes(tensor.to_le_bytes().unwrap()[..4].try_into().unwrap()));
    let mut in_storage = bytes.clone();
    in_storage[at(&weight.unwrap().to_le_bytes())] ^= 1;
    let file = TorchFile::from_bytes(in_storage, Limits::default()).unwrap();
    let error = file.at("model_state_dict.weight").unwrap().as_tensor().unwrap().to_f64_vec().unwrap_err();
    assert!(matches!(&error, ReadError::Zip { member, .. } if member.ends_with("data/0")), "{error}");
}

#[test]
fn a_file_without_checksums_is_read() {
    // torch.utils.serialization.config.save.compute_crc32 = False writes 0 for each.
    let mut bytes = fs::read(fixture("state_dicts/StepLR-g1-k7.checkpoint.pt")).unwrap();
    let mut zeroed = 0;
    for at in 0..bytes.len() - 4 {
        let field = match &bytes[at..at + 4] {
            b"PK\x03\x04" => at + 14,
            b"PK\x01\x02" => at + 16,
            _ => continue,
        };
        bytes[field..field + 4].fill(0);
        zeroed += 1;
    }
    assert_eq!(zeroed, 20);
    let file = TorchFile::from_bytes(bytes, Limits::default()).unwrap();
    assert_eq!(file.at("scheduler_state_dict.last_epoch").unwrap().as_i64(), Some(7));
    assert_eq!(file.at("model_state_dict.bias").unwrap().as_tensor().unwrap().to_f64_vec().unwrap().len(), 1);
}

#[test]
fn other_files_are_named() {
    let error = |bytes: &[u8]| TorchFile::from_bytes(bytes, Limits::default()).err().unwrap().to_string();
    assert_eq!(error(b""), "not a file of torch.save: it is empty");
    assert!(error(b"{\"lr\": 1}").contains("neither like a zip archive nor like a pickle"));
    assert!(error(b"\x80\x04N.").contains("without torch.save's magic number"));
    assert!(error(b"PK\x03\x04").starts_with("the zip archive is damaged at its directory"));
    let renamed = archive(b"", &[]).into_iter().map(|byte| if byte == b'p' { b'q' } else { byte }).collect::<Vec<_>>();
    assert!(error(&renamed).contains("without `data.pkl`"));
    assert!(error(&archive(b"\x80\x02N.", &[("x/data.pkl", b""), ("byteorder", b"middle")])).contains("byteorder"));
    assert_eq!(
        error(&stream(b"\x80\x02NQ.", &[])),
        "the object, byte 3 (BINPERSID): a persistent id that is not ('storage', class, key, location, size)"
    );
}

#[test]
fn only_regular_files_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(TorchFile::open(folder.path()), Err(ReadError::NotARegularFile { .. })));
    assert!(matches!(TorchFile::open(folder.path().join("none.pt")), Err(ReadError::Open { .. })));
    #[cfg(unix)]
    {
        assert!(matches!(TorchFile::open("/dev/zero"), Err(ReadError::NotARegularFile { .. })));
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(matches!(TorchFile::open(&pipe), Err(ReadError::NotARegularFile { .. })));
    }
}

#[test]
fn printing_follows_python_and_is_cut_where_told() {
    let file = read(&[
        b"(",
        &unicode("it's"),
        &unicode("a\"'b"),
        &unicode("tab\tnul\0del\u{7f}"),
        &unicode("\u{202e}\u{1f600}é"),
        b"G\x3f\x1a\x36\xe2\xeb\x1c\x43\x2d",
        b"G\x3e\xe4\xf8\xb5\x88\xe3\x68\xf1",
        b"G\x43\x41\xc3\x79\x37\xe0\x80\x00",
        b"G\x7f\xf0\0\0\0\0\0\0",
        b"G\x80\0\0\0\0\0\0\0",
        b"G\x3f\xf0\0\0\0\0\0\0",
        b"\x88\x89N)K\x05\x85",
        b"t",
    ])
    .unwrap();
    let whole = "(\"it's\", 'a\"\\'b', 'tab\\tnul\\x00del\\x7f', '\\u202e😀é', 0.0001, 1e-05, 1e+16, inf, -0.0, 1.0, True, False, None, (), (5,))";
    assert_eq!(file.root().to_string(), whole);
    assert_eq!(file.root().printed(7).to_string(), "(\"it's\"...");
    assert_eq!(format!("{:.3}", file.root()), "(\"i...");
    assert_eq!(file.root().printed(0).to_string(), "...");
    assert_eq!(file.root().printed(whole.chars().count()).to_string(), whole);
    assert!(matches!(file.root().kind(), Kind::Tuple));
}

#[test]
fn text_of_the_file_is_cut_and_escaped_in_errors() {
    let controls = "\u{1b}[2J\r\n\0\u{7f}\u{9b}31m\u{202e}\u{2066}\u{2028}";
    let hostile = format!("{controls}{}", "A".repeat(100_000));
    let name = |i: usize| format!("{i}{hostile}");
    let assert_safe = |message: String| {
        assert!(!message.chars().any(|c| c.is_control() || ('\u{2028}'..='\u{2069}').contains(&c)), "{message:.2000}");
        assert!(message.len() < 3000, "{} bytes: {message:.2000}", message.len());
    };

    // A dict of one key, and one of many schedulers.
    let scheduler = b"}X\x0a\0\0\0last_epochK\x01s".as_slice();
    let one = [b"}".as_slice(), &unicode(&hostile), b"K\x01s"].concat();
    let many: Vec<u8> = (0..100).flat_map(|i| [&unicode(&name(i)), scheduler].concat()).collect();
    let many = [b"}(".as_slice(), &many, b"u"].concat();
    for root in [one.as_slice(), &many] {
        let file = read(&[root]).unwrap();
        for path in [None, Some(hostile.as_str()), Some("no.such"), Some(&format!("{}.x", name(3)))] {
            if let Err(error) = file.find_scheduler(path) {
                assert_safe(error.to_string());
            }
        }
    }

    let pickle = tensor_pickle("FloatStorage", 4, b"K\x00", b"K\x04\x85", b"K\x01\x85");
    let key = unicode("0");
    let at = pickle.windows(key.len()).position(|window| window == key).unwrap();
    let renamed = [&pickle[..at], &unicode(&hostile), &pickle[at + key.len()..]].concat();
    for bytes in [archive(&renamed, &[]), stream(&renamed, &[(&hostile, b"")])] {
        assert_safe(TorchFile::from_bytes(bytes, Limits::default()).err().unwrap().to_string());
    }
    let folder = tempfile::tempdir().unwrap();
    assert_safe(TorchFile::open(folder.path().join(controls)).err().unwrap().to_string());
}
