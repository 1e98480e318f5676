#!/usr/bin/env python3
"""Turns what the benchmarks measured into docs/performance.md.

Run by hand, on a machine that does nothing else:

    rm -rf target/criterion
    cargo bench -p sched-benches -p sched-burn-benches -- --measurement-time 3 --warm-up-time 1
    cargo build --release -p sched-cli
    python3 benches/report.py > docs/performance.md
"""

import json
import platform
import re
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "target"


def measured():
    """Nanoseconds per iteration, by the benchmark's full name without the number of its turn.

    The tenth percentile of the samples: whatever else runs on a machine only makes it slower.
    """
    samples = {}
    for benchmark in TARGET.glob("criterion/**/new/benchmark.json"):
        name = re.sub(r"/turn \d+$", "", json.loads(benchmark.read_text())["full_id"])
        sample = json.loads((benchmark.parent / "sample.json").read_text())
        samples.setdefault(name, []).extend(time / count for time, count in zip(sample["times"], sample["iters"]))
    return {name: sorted(times)[len(times) // 10] for name, times in samples.items()}


def machine():
    cpu = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = re.search(r"model name\s*: (.*)", info.read_text())
        cpu = found.group(1) if found else cpu
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{cpu}, {platform.system()}, {rustc}"


def command_seconds():
    """The best of five runs of `sched lr` over a million steps, the whole process."""
    sched = TARGET / "release" / "sched"
    with tempfile.TemporaryDirectory() as folder:
        schedule = Path(folder) / "cosine.json"
        ramp = {"from": 0.1, "to": 0.0, "steps": 1_000_000, "shape": "cosine"}
        schedule.write_text(json.dumps({"ramp": ramp}))
        runs = []
        for _ in range(5):
            start = time.perf_counter()
            arguments = [sched, "lr", schedule, "--at", "0..1000000", "--format", "csv"]
            subprocess.run(arguments, stdout=subprocess.DEVNULL, check=True)
            runs.append(time.perf_counter() - start)
    return min(runs)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def main():
    times = measured()
    print(f"""# Performance

Measured by criterion, the two numbers of a ratio in one run: {machine()}.
To repeat it, see `benches/report.py`, which made this page. Each figure is the tenth percentile of its samples, because whatever else
runs on a machine only makes it slower.

## A step, beside burn's own

Nanoseconds per `step()` through burn's trait. burn 0.22 hands out its schedulers only as `ModuleLrScheduler`, so both are called
through that. The scheduler lies in memory, as in a training. Ours and burn's take turns.

Where a ratio is above 1, burn's own does next to nothing: its constant is an `f64` that returns itself, its linear and its exponential
make one operation on a number that they keep. Ours moves a position on, which alone costs about a nanosecond, and computes every rate
from the step, so that it can be resumed, sought and plotted; that makes a nanosecond or two. burn 0.22 spends tens of them around any
scheduler, and a training step takes thousands at the least.
""")
    kinds = sorted({name.split("/")[1] for name in times if name.startswith("step/")})
    rows = []
    for kind in kinds:
        row = [kind]
        for version in ("0.21", "0.22"):
            theirs = times[f"step/{kind}/burn {version}"]
            ours = times[f"step/{kind}/ours on {version}"]
            row += [f"{theirs:.1f}", f"{ours:.1f}", f"{ours / theirs:.2f}"]
        rows.append(row)
    print(table(["kind", "burn 0.21", "ours", "ratio", "burn 0.22", "ours", "ratio"], rows))

    print("""
## Hyper-parameters on curves, averages of the weights

Microseconds per training step, forward and backward included, on ndarray with burn 0.21 and on flex with burn 0.22: with a plain AdamW,
with a `ScheduledOptimizer` whose first beta and weight decay follow a warmup and a cosine, and with one that averages the weights. Both
models have four parameters.
""")
    rows = []
    for version in ("0.21", "0.22"):
        for model in ("4-6-1, batch of 4", "64-64-10, batch of 32"):
            plain, *ours = (times[f"update {version}/{model}/{which}"] for which in ("plain", "scheduled", "averaged"))
            ours = [cell for time in ours for cell in (f"{time / 1e3:.1f}", f"{time / plain:.3f}")]
            rows.append([version, model, f"{plain / 1e3:.1f}", *ours])
    print(table(["burn", "model", "plain", "scheduled", "ratio", "averaged", "ratio"], rows))
    print(f"\nThe curves and the new AdamW take {times['rebuild']:.0f} ns per parameter.")

    print("""
## Many rates

Nanoseconds a rate: one by one with `at`, which defines it, and a million with `sample`, the one bulk path. Both have the same bits. By
hand is a million with the plain formula, which rounds at every operation; how fast the machine is shows there. The first table is what
people train with, the second every other curve and combination.
""")
    rows = [["(writing a number)", "", f"{times['sample/memory'] / 1e6:.1f}", "", ""]]
    tables = {"common": rows, "others": []}
    for name in sorted(name for name in times if name.startswith("sample/bulk/")):
        kind = name.removeprefix("sample/bulk/")
        at, bulk, by_hand = times[f"at/{kind}"], times[name] / 1e6, times.get(f"sample/by hand/{kind}")
        row = [kind, f"{at:.1f}", f"{bulk:.1f}", f"{at / bulk:.1f}", f"{by_hand / 1e6:.1f}" if by_hand else ""]
        tables["common" if f"ahead/{kind}/step" in times else "others"].append(row)
    for rows in tables.values():
        print(table(["schedule", "`at`", "`sample`", "times as fast", "by hand"], rows), end="\n\n")

    print("""## Rates ahead

A `Scheduler` computes the rates of the next updates together: 8 at first, then up to 1024. Nanoseconds per `step()`, beside `at` for the
same updates of a long run. It is the only thing beside the bulk path that makes a step faster.
""")
    rows = []
    for name in sorted(name for name in times if name.startswith("ahead/") and name.endswith("/step")):
        kind = name.removeprefix("ahead/").removesuffix("/step")
        at, step = times[f"ahead/{kind}/at"], times[name]
        rows.append([kind, f"{at:.1f}", f"{step:.1f}", f"{at / step:.1f}"])
    print(table(["schedule", "`at`", "`step()`", "times as fast"], rows))

    print("\n## Phases\n\nA rate anywhere in a sequence.\n")
    phases = sorted((int(name.split("/")[1]), time) for name, time in times.items() if name.startswith("phases/"))
    print(table(["phases", "`at`"], [[str(count), f"{time:.1f} ns"] for count, time in phases]))

    print("\n## State\n\nTo MessagePack and back, checks included.\n")
    rows = []
    for name in sorted(name for name in times if name.startswith("state/encode/")):
        kind = name.removeprefix("state/encode/")
        encode, decode = times[name] / 1e3, times[f"state/decode/{kind}"] / 1e3
        rows.append([kind, f"{encode:.2f} us", f"{decode:.2f} us", f"{encode + decode:.2f} us"])
    print(table(["scheduler", "encode", "decode", "both"], rows))

    print(f"\n## The command\n\n`sched lr` over a million steps of a cosine, the whole process: {command_seconds():.2f} s.")


if __name__ == "__main__":
    main()
