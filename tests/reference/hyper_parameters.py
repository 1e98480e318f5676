"""Trainings in PyTorch in which more than the learning rate changes, or the weights are averaged, for tests/burn.

    python3 tests/reference/hyper_parameters.py

It needs torch (CPU; written with 2.15.0) and writes tests/fixtures/hyper_parameters.json: for each training, all parameters after
every update, or their averages. The task is that of tests/burn/tests/common; matrices are laid out as in burn, inputs by outputs.
"""

import json
import math
import pathlib

import numpy
import torch
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, CyclicLR, OneCycleLR
from torch.optim.swa_utils import SWALR, AveragedModel, get_ema_multi_avg_fn

ROOT = pathlib.Path(__file__).resolve().parents[2]
STEPS = 50
INPUTS, HIDDEN, BATCH = 4, 6, 4
torch.set_num_threads(1)


def numbers(count, seed):
    """As in tests/burn/tests/common."""
    angles = [numpy.float32((i + 1) * (seed * 31 + 17)) * numpy.float32(0.7) for i in range(count)]
    return torch.tensor([math.sin(angle) for angle in angles], dtype=torch.float32)


inputs = torch.stack([numbers(INPUTS, index + 10) for index in range(BATCH)])
targets = (inputs[:, 0] * inputs[:, 1] + inputs[:, 2] - 0.5 * inputs[:, 3]).unsqueeze(1)


def model():
    model = torch.nn.Sequential(torch.nn.Linear(INPUTS, HIDDEN), torch.nn.Tanh(), torch.nn.Linear(HIDDEN, 1))
    with torch.no_grad():
        for layer in (model[0], model[2]):
            layer.weight.copy_(numbers(layer.weight.numel(), 1).view_as(layer.weight.T).T)
            layer.bias.copy_(numbers(layer.bias.numel(), 2))
    return model


def parameters(model):
    flat = torch.cat([(p.T if p.dim() == 2 else p).flatten() for p in model.parameters()])
    # The shortest decimals that read back as the same f32.
    return [float(str(x)) for x in flat.detach().numpy()]


def weight_decay(step):
    """DINO's `cosine_scheduler`, from 0.04 up to 0.4."""
    return 0.4 + 0.5 * (0.04 - 0.4) * (1 + math.cos(math.pi * step / STEPS))


def train(optimizer, scheduler, weight_decay=None):
    trained = model()
    optimizer = optimizer(trained.parameters())
    scheduler = scheduler(optimizer)
    for step in range(STEPS):
        if weight_decay is not None:
            for group in optimizer.param_groups:
                group["weight_decay"] = weight_decay(step)
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(trained(inputs), targets).backward()
        optimizer.step()
        scheduler.step()
        yield parameters(trained)


def average(averaged, scheduler, every=1, start=0):
    """With SGD. `averaged(model)` makes the average. Until something is averaged, it is the weights."""
    trained = model()
    average = averaged(trained)
    optimizer = sgd(trained.parameters())
    for step in range(STEPS):
        if step == start:
            scheduler = scheduler(optimizer)
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(trained(inputs), targets).backward()
        optimizer.step()
        if step >= start:
            scheduler.step()
        if step + 1 > start and (step + 1 - start) % every == 0:
            average.update_parameters(trained)
        yield parameters(average if average.n_averaged > 0 else trained)


class ByolAverage(AveragedModel):
    """BYOL's target network: it starts as a copy, and its decay goes from 0.6 to 1 (in the paper, from 0.996)."""

    def __init__(self, model):
        super().__init__(model, multi_avg_fn=self.average)
        self.n_averaged += 1

    def average(self, averages, weights, n_averaged):
        decay = 1 - (1 - 0.6) * (math.cos(math.pi * (n_averaged.item() - 1) / STEPS) + 1) / 2
        for average, weight in zip(averages, weights):
            average.lerp_(weight, 1 - decay)


def sgd(of):
    return torch.optim.SGD(of, lr=0.1, momentum=0.9)


def constant(of):
    return ConstantLR(of, factor=1.0)


def adamw(of):
    return torch.optim.AdamW(of, lr=0.02, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)


# The cycle has a step more than the training, because PyTorch calls `scheduler.step()` after the last update, too.
trainings = {
    "sgd, OneCycleLR": train(sgd, lambda of: OneCycleLR(of, max_lr=0.1, total_steps=STEPS + 1)),
    "sgd, CyclicLR": train(sgd, lambda of: CyclicLR(of, base_lr=0.01, max_lr=0.1, step_size_up=7)),
    "adamw, OneCycleLR": train(adamw, lambda of: OneCycleLR(of, max_lr=0.05, total_steps=STEPS + 1)),
    "adamw, weight decay": train(adamw, lambda of: CosineAnnealingLR(of, T_max=STEPS), weight_decay),
    "average, EMA": average(lambda of: AveragedModel(of, multi_avg_fn=get_ema_multi_avg_fn(0.9)), constant),
    "average, BYOL": average(ByolAverage, constant),
    "average, SWA": average(AveragedModel, lambda of: SWALR(of, swa_lr=0.05, anneal_epochs=8), start=20, every=5),
}
lines = (f'    "{name}": [\n      ' + ",\n      ".join(map(json.dumps, steps)) + "\n    ]" for name, steps in trainings.items())
text = f'{{\n  "torch": "{torch.__version__}",\n  "trainings": {{\n' + ",\n".join(lines) + "\n  }\n}\n"
(ROOT / "tests/fixtures/hyper_parameters.json").write_text(text)
