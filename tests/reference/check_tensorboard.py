"""Reads with TensorBoard itself what sched-burn wrote, and compares it with the JSON Lines of the same run.

    cargo test -p sched-burn-tests --test scalars
    pip install tensorboard
    python check_tensorboard.py [FOLDER]     # default: target/tmp/tensorboard

The run was resumed once, from a step that it had already passed, so TensorBoard must have each step once.
"""

import json
import math
import pathlib
import struct
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

here = pathlib.Path(__file__).parent
folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here / "../../target/tmp/tensorboard"


def single(value):
    """As a 32-bit float, with infinity for what is too large."""
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return float("inf")


expected = {}
for line in (folder / "log.jsonl").read_text().splitlines():
    line = json.loads(line)
    step, _, wall_time = line.pop("step"), line.pop("split"), line.pop("wall_time")
    for tag, value in line.items():
        expected.setdefault(tag, {})[step] = (wall_time, value)

run = EventAccumulator(str(folder / "train"))
run.Reload()
assert sorted(run.Tags()["scalars"]) == sorted(expected)
for tag, steps in sorted(expected.items()):
    events = run.Scalars(tag)
    assert [(event.step, event.wall_time) for event in events] == [(step, at) for step, (at, _) in steps.items()], tag
    for event, (_, value) in zip(events, steps.values()):
        # JSON has null for what is not finite.
        assert not math.isfinite(event.value) if value is None else event.value == single(value)
    print(f"{tag[:20]:20}  steps {[event.step for event in events]}  values {[event.value for event in events]}")
