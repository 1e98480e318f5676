"""Where Keras's and Lightning's EarlyStopping stop, by their own code (tests/tests/all/early_stopping.rs).

    pip download --no-deps --dest wheels keras==3.15.1 lightning==2.6.6
    python3 tests/reference/early_stopping.py wheels

It needs nothing but Python and writes tests/fixtures/early_stopping.json. The classes are taken from the wheels and run with
stand-ins for what they import, torch and Keras's backend included. All metrics are multiples of 1/8, so it does not matter that
those compare in single precision.
"""

import enum
import json
import logging
import math
import operator
import pathlib
import random
import sys
import types
import typing
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EPOCHS = 12


class Number(float):
    """As much of a tensor as Lightning asks for."""

    device = "cpu"

    def __neg__(self):
        return Number(-float(self))

    def to(self, device):
        return self


def load(wheels, path, **stand_ins):
    """Runs a file of a wheel without its imports and export, which the stand-ins replace."""
    package, _, _ = path.partition("/")
    (wheel,) = pathlib.Path(wheels).glob(f"{package}-*.whl")
    lines = zipfile.ZipFile(wheel).read(path).decode().splitlines()
    exec("\n".join(line for line in lines if not line.startswith(("import ", "from ", "@"))), stand_ins)
    return stand_ins


def keras(wheels):
    ops = types.SimpleNamespace(less=operator.lt, greater=operator.gt)
    base = load(wheels, "keras/src/callbacks/monitor_callback.py", ops=ops, Callback=object)["MonitorCallback"]
    stopping = load(wheels, "keras/src/callbacks/early_stopping.py", MonitorCallback=base)["EarlyStopping"]

    def run(metrics, **options):
        callback = stopping(monitor="loss", **options)
        callback.model = types.SimpleNamespace(stop_training=False)
        callback.on_train_begin()
        for epoch, metric in enumerate(metrics):
            callback.on_epoch_end(epoch, {"loss": metric})
            if callback.model.stop_training:
                break
        return callback.model.stop_training, epoch, callback.best

    return run


def lightning(wheels):
    stopping = load(
        wheels,
        "lightning/pytorch/callbacks/early_stopping.py",
        torch=types.SimpleNamespace(
            lt=operator.lt, gt=operator.gt, isfinite=math.isfinite, inf=math.inf, tensor=Number
        ),
        Tensor=Number,
        Callback=object,
        Enum=enum.Enum,
        override=lambda method: method,
        logging=logging,
        **vars(typing),
    )["EarlyStopping"]

    def run(metrics, **options):
        callback = stopping(monitor="loss", **options)
        for epoch, metric in enumerate(metrics):
            should_stop, _ = callback._evaluate_stopping_criteria(Number(metric))
            if should_stop:
                break
        return should_stop, epoch, callback.best_score

    return run


def metrics(rng, better, bad):
    """A walk that gets better, now and then interrupted by numbers that are not finite."""
    value = 4.0
    for _ in range(EPOCHS):
        value += better * rng.randint(-3, 4) / 8
        yield rng.choice([math.nan, math.inf, -math.inf]) if rng.random() < bad else value


def number(value):
    return value if math.isfinite(value) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")


def main(wheels):
    rng = random.Random(1)
    libraries = {
        "keras": (keras(wheels), {"start_from_epoch": [0, 0, 3]}),
        "lightning": (lightning(wheels), {"check_finite": [True, False]}),
    }
    cases = []
    for library, (run, more) in libraries.items():
        for patience in [0, 1, 2, 3, 5]:
            for bad in [0.0, 0.0, 0.0, 0.15, 0.15, 0.5]:
                more_options = {name: rng.choice(values) for name, values in more.items()}
                mode, min_delta = rng.choice(["min", "max"]), rng.choice([0.0, 0.25])
                options = {"patience": patience, "min_delta": min_delta, "mode": mode} | more_options
                seen = list(metrics(rng, 1 if mode == "max" else -1, bad))
                stopped, epoch, best = run(seen, **options)
                cases.append(
                    {
                        "library": library,
                        "options": options,
                        "metrics": [number(metric) for metric in seen],
                        "stopped_epoch": epoch if stopped else None,
                        "best": best if best is not None and math.isfinite(best) else None,
                    }
                )
    path = ROOT / "tests/fixtures/early_stopping.json"
    path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
    print(len(cases), "cases,", sum(case["stopped_epoch"] is None for case in cases), "of which do not stop")


main(sys.argv[1])
