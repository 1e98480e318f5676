"""Loads with real PyTorch what sched-torch wrote, and compares the rates that PyTorch gives next with sched's.

    cargo test -p sched-torch write
    python check_torch_writing.py [FOLDER]     # default: target/tmp/torch_writing

For each file: `torch.load(weights_only=True)`, the constructor that sched names, `load_state_dict`, and 59 more steps.
"""

import json
import pathlib
import sys
import warnings

import torch
from torch.optim.lr_scheduler import *
from torch.optim.swa_utils import SWALR

warnings.simplefilter("ignore")
here = pathlib.Path(__file__).parent
folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here / "../../target/tmp/torch_writing"


def base_lrs(state):
    while "base_lrs" not in state and "_schedulers" in state:
        state = state["_schedulers"][0]
    return state.get("base_lrs", state["_last_lr"])


def check(name, wanted, adam):
    state = torch.load(folder / f"{name}.written.pt", weights_only=True)
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr} for lr in base_lrs(state)]
    optimizer = torch.optim.Adam(groups) if adam else torch.optim.SGD(groups, lr=0.1, momentum=0.9)
    scheduler = eval(wanted["constructor"])
    keys = set(state)
    scheduler.load_state_dict(state)  # CyclicLR takes keys out
    for group, lr in zip(optimizer.param_groups, scheduler.get_last_lr()):
        group["lr"] = lr
    worst = 0.0
    momentum = lambda group: group["betas"][0] if adam else group["momentum"]
    for step in range(60):
        for g, group in enumerate(optimizer.param_groups):
            pairs = [(group["lr"], wanted["lrs"][g][step], max(wanted["lrs"][g]))]
            # The momentum now would come with the optimizer's state dict.
            if wanted["momenta"][g] and step > 0:
                pairs.append((momentum(group), wanted["momenta"][g][step], 1.0))
            for theirs, ours, scale in pairs:
                error = abs(theirs - ours)
                assert error <= 1e-11 * abs(theirs) + 1e-15 * scale, (name, g, step, theirs, ours)
                worst = max(worst, error / abs(theirs) if theirs else 0.0)
        # OneCycleLR takes one call past its end, and turns up again; sched holds the end.
        if step == 59 or (isinstance(scheduler, OneCycleLR) and scheduler.last_epoch + 1 == scheduler.total_steps):
            break
        optimizer.step()
        if isinstance(scheduler, ReduceLROnPlateau):
            scheduler.step(wanted["metrics"][step])
        else:
            try:
                scheduler.step()
            except (ValueError, NotImplementedError, ZeroDivisionError) as raised:
                print(f"  PyTorch raises at step {step}: {raised}")
                break
    # What PyTorch saves again has the same keys.
    assert set(scheduler.state_dict()) - {"use_beta1"} == keys, name
    return worst


names = sorted(path.name.removesuffix(".json") for path in folder.glob("*.json"))
largest = 0.0
for name in names:
    wanted = json.loads((folder / f"{name}.json").read_text())
    for adam in (False, True):
        worst = check(name, wanted, adam)
        largest = max(largest, worst)
        print(f"{name:45} {'Adam' if adam else 'SGD':5} {worst:.1e}  {wanted['constructor'].partition('(')[0]}")
assert names, f"no files in {folder}"
print(f"PyTorch {torch.__version__}: {len(names)} files loaded and stepped, largest relative difference {largest:.1e}")
