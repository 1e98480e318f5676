"""Writes ../fixtures/drift/ with real PyTorch; run by hand: `python make_resumes.py`.

Checkpoints that are unusual, or in the keys of older versions, and the rates that PyTorch gives next: `next.json`.
"""

import json
import pathlib
import warnings

import numpy
import torch
from torch.optim.lr_scheduler import *
from torch.optim.swa_utils import SWALR

warnings.simplefilter("ignore")
OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "drift"
OUT.mkdir(exist_ok=True)
following = {}


def optimizer(lr=0.1, kind=torch.optim.SGD, **kwargs):
    return kind([torch.nn.Parameter(torch.zeros(1))], lr=lr, **kwargs)


def run(scheduler, steps):
    for _ in range(steps):
        scheduler.optimizer.step()
        scheduler.step()


def save(name, scheduler, change=lambda state: None, lay_out=None):
    """The checkpoint now, with its state dict changed, and what the scheduler itself does next."""
    optimizer = scheduler.optimizer
    state = scheduler.state_dict()
    change(state)
    checkpoint = {"optimizer": optimizer.state_dict(), "scheduler": state}
    torch.save(lay_out(checkpoint) if lay_out else checkpoint, OUT / f"{name}.pt")
    rates = []
    for _ in range(60):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        run(scheduler, 1)
    following[name] = rates


def without(*keys):
    return lambda state: [state.pop(key) for key in keys]


# A rate in a tensor, and parameters from NumPy.
tensor = CosineAnnealingLR(optimizer(torch.tensor(0.5, dtype=torch.float64), torch.optim.Adam), 30, 0.01)
run(tensor, 7)
save("tensor-lr", tensor)
scalars = StepLR(optimizer(), 5, numpy.float32(0.5))
run(scalars, 7)
save("numpy-gamma", scalars)

# A rate that was edited, or that another schedule left.
for name, make in {
    "StepLR": lambda o: StepLR(o, 5, 0.5),
    "CosineAnnealingLR": lambda o: CosineAnnealingLR(o, 20, 0.001),
    "LinearLR": lambda o: LinearLR(o, 0.1, 1.0, 20),
    "SequentialLR": lambda o: SequentialLR(o, [LinearLR(o, 0.1, 1.0, 10), CosineAnnealingLR(o, 30)], [10]),
    "CosineAnnealingWarmRestarts": lambda o: CosineAnnealingWarmRestarts(o, 10),
}.items():
    edited = make(optimizer())
    run(edited, 8)
    edited.optimizer.param_groups[0]["lr"] = 0.03
    save(f"edited-{name}", edited)

# `SWALR` that took over from another scheduler.
decay = ExponentialLR(optimizer(), 0.9)
average = SWALR(decay.optimizer, 0.05, anneal_epochs=10)
run(decay, 12)
run(average, 4)
save("SWALR-after-another", average)

# Warm restarts that were stepped by fractions of an epoch.
fractions = CosineAnnealingWarmRestarts(optimizer(), 4, 2)
for step in range(23):
    fractions.optimizer.step()
    fractions.step(step / 4)
save("fractional-T_cur", fractions)

# The keys of older versions.
old = MultiStepLR(optimizer(), [3, 12, 12], 0.3)
run(old, 5)
save("1.x-MultiStepLR", old, lambda state: (without("_is_initial", "_get_lr_called_within_step")(state),
     state.update(verbose=False)))
old = StepLR(optimizer(), 4, 0.5)
run(old, 5)
save("1.3-StepLR", old, without("_last_lr", "_is_initial", "_get_lr_called_within_step"))
old = OneCycleLR(optimizer(momentum=0.9), 0.3, total_steps=200, anneal_strategy="linear", div_factor=10)
run(old, 30)
save("1.6-OneCycleLR", old, lambda state: (without("_schedule_phases", "_anneal_func_type")(state),
     state.update(step_size_up=59.0, step_size_down=140.0, anneal_func=OneCycleLR._annealing_linear)))
old = StepLR(optimizer(), 4, 0.5)
run(old, 5)
save("unknown-key", old, lambda state: state.update(my_note="kept"))

# Two optimizers, as Lightning saves them.
second = ExponentialLR(optimizer(0.2), 0.95)
run(second, 3)
save("lightning", second, lay_out=lambda checkpoint: {
    "optimizer_states": [optimizer(0.7).state_dict(), checkpoint["optimizer"]],
    "lr_schedulers": [StepLR(optimizer(0.7), 9).state_dict(), checkpoint["scheduler"]],
})

# A peak that is nowhere in the file.
peak = OneCycleLR(optimizer(momentum=0.9), 0.3, total_steps=200, div_factor=10)
run(peak, 30)
torch.save(peak.state_dict(), OUT / "OneCycleLR-without-optimizer.pt")

json.dump(following, open(OUT / "next.json", "w"), indent=1)
print(torch.__version__, len(following))
