"""Writes ../fixtures/torch/ with real PyTorch; run by hand: `python make_files.py`.

Each file holds the same values, written another way; `tensors.json` has the elements of each tensor.
"""

import collections
import json
import pathlib

import torch
from torch.utils.serialization import config

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "torch"
OUT.mkdir(exist_ok=True)

base = torch.arange(12, dtype=torch.float32)
LEGACY_DTYPES = ["float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8"]


def values(new_dtypes):
    shared = [0.5]
    itself = [1]
    itself.append(itself)
    state = collections.OrderedDict(b=2, a=1)
    return {
        "dtypes": [torch.tensor([0, 1, 100]).to(getattr(torch, name)) for name in LEGACY_DTYPES + new_dtypes],
        "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "transposed": base.view(3, 4).t()[1:3],
        "every fifth": base[::5],
        "expanded": base[3:4].expand(2, 2),
        "parameter": torch.nn.Parameter(torch.tensor([1.0, 2.0])),
        "complex": torch.tensor([1 + 2j]),
        "shared": {"outer": shared, "inner": {"again": shared}},
        "itself": itself,
        "ordered": state,
        "counter": collections.Counter({12: 2, 3: 1}),
        "default": collections.defaultdict(list, {1: [2]}),
        "set": {1},
        "frozen": frozenset([2]),
        "bytes": b"a\xff",
        "bytearray": bytearray(b"xy"),
        "complex number": 1j,
        "big": 2**70,
        "long": -(2**63),
        "size": torch.Size([2, 3]),
        "dtype": torch.float32,
        "device": torch.device("cpu"),
        "floats": [0.1, 1e-05, 1e16, float("inf"), -0.0],
        7: None,
        (1, "two"): True,
    }


for protocol in (2, 3, 4, 5):
    torch.save(values(["uint16", "uint32", "uint64"]), OUT / f"protocol{protocol}.pt", pickle_protocol=protocol)
    torch.save(
        values([]), OUT / f"protocol{protocol}.legacy.pt", pickle_protocol=protocol, _use_new_zipfile_serialization=False
    )
config.save.compute_crc32 = False
torch.save(values(["uint16", "uint32", "uint64"]), OUT / "no_crc32.pt")
config.save.compute_crc32 = True

# The elements as PyTorch gives them, in row-major order.
tensors = {}
for key, value in values(["uint16", "uint32", "uint64"]).items():
    for place, tensor in enumerate(value if key == "dtypes" else [value]):
        if isinstance(tensor, torch.Tensor) and not tensor.is_complex():
            path = f"{key}.{place}" if key == "dtypes" else key
            elements = tensor.detach().to(torch.float64).contiguous().view(-1).tolist()
            shape = [int(size) for size in tensor.shape]
            tensors[path] = {"dtype": str(tensor.dtype)[6:], "shape": shape, "data": elements}
json.dump(tensors, open(OUT / "tensors.json", "w"), indent=1)
print(torch.__version__)
