"""An event file as TensorBoard's own writer writes it, for tests/burn/tests/scalars.rs.

    pip install tensorboard
    python tensorboard_events.py            # writes ../fixtures/tensorboard_events.json

Each record is an `Event` from TensorBoard's protobuf classes, framed by its `RecordWriter`.
"""

import io
import json
import pathlib

import tensorboard
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

STEPS = [  # step, wall time, values
    (0, 1764295200.0, [("Loss", 0.5)]),
    (1, 1764295200.25, [("lr/model", 1e-3), ("momentum/model", 0.0)]),
    (127, 1764295201.0, [("epoch/Loss", 1 / 3), ("größer", -1e-40)]),
    (128, 1764295201.5, [("x" * 200, 1e300)]),
    (2**40, 1764295202.0, [("Loss", float("nan")), ("Loss 2", float("inf"))]),
]


def written(steps):
    file = io.BytesIO()
    writer = RecordWriter(file)
    write = lambda **fields: writer.write(Event(**fields).SerializeToString())
    first_step, first_time, _ = steps[0]
    write(wall_time=first_time, file_version="brain.Event:2")
    write(wall_time=first_time, step=first_step, session_log=SessionLog(status=SessionLog.START))
    for step, wall_time, values in steps:
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in values]
        write(wall_time=wall_time, step=step, summary=Summary(value=values))
    return file.getvalue().hex()


fixture = {
    "tensorboard": tensorboard.__version__,
    "files": [
        {
            "steps": [
                {"step": step, "wall_time": wall_time, "values": [[tag, repr(value)] for tag, value in values]}
                for step, wall_time, values in steps
            ],
            "bytes": written(steps),
        }
        for steps in (STEPS, STEPS[2:])
    ],
}
path = pathlib.Path(__file__).parent / "../fixtures/tensorboard_events.json"
path.write_text(json.dumps(fixture, indent=1, ensure_ascii=False) + "\n")
