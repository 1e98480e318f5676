"""Reference values for the recipes of docs/coming-from.md (tests/tests/all/coming_from/recipes.rs), in 50-digit arithmetic.

    python3 tests/reference/recipes.py

It needs mpmath and writes tests/fixtures/recipes.json. Each function is the formula of the recipe's own code, with the
numbers of its configuration.
"""

import json
import pathlib

from mpmath import cos, mp, mpf, pi, sqrt

mp.dps = 50
ROOT = pathlib.Path(__file__).resolve().parents[2]


def falling(p):
    """Half a cosine wave, from 1 to 0."""
    return (1 + cos(pi * p)) / 2


def nanogpt(rise):
    """karpathy/nanoGPT, train.py, get_lr; `rise` is the line of the warmup, which has changed."""
    lr, min_lr, warmup, end = mpf(6e-4), mpf(6e-5), 2_000, 600_000

    def get_lr(it):
        if it < warmup:
            return rise(lr, it, warmup)
        if it > end:
            return min_lr
        return min_lr + falling(mpf(it - warmup) / (end - warmup)) * (lr - min_lr)

    return get_lr, [0, 1, 1000, 1999, 2000, 2001, 300_000, 599_999, 600_000, 600_001]


def build_nanogpt():
    """karpathy/build-nanogpt, train_gpt2.py, get_lr; llm.c has the same."""
    lr, min_lr, warmup, end = mpf(6e-4), mpf(6e-5), 715, 19_073

    def get_lr(it):
        if it < warmup:
            return lr * (it + 1) / warmup
        if it > end:
            return min_lr
        return min_lr + falling(mpf(it - warmup) / (end - warmup)) * (lr - min_lr)

    return get_lr, [0, 1, 713, 714, 715, 716, 10_000, 19_072, 19_073, 19_074]


def modded_trapezoid():
    """KellerJordan/modded-nanogpt in 2024, train_gpt2.py, get_lr."""
    lr, iterations, warmup, warmdown = mpf(0.0018), 8_276, 444, 3_555

    def get_lr(it):
        if it < warmup:
            return lr * (it + 1) / warmup
        if it < iterations - warmdown:
            return lr
        return lr * (iterations - it) / warmdown

    return get_lr, [0, 1, 442, 443, 444, 4_720, 4_721, 4_722, 6_000, 8_275, 8_276]


def modded_cooldown():
    """KellerJordan/modded-nanogpt in 2025, train_gpt.py, get_lr, with Muon's rate."""
    lr, iterations, cooldown = mpf(0.05), 1_770, mpf("0.4")

    def get_lr(step):
        x = mpf(step) / iterations
        if x < 1 - cooldown:
            return lr
        w = (1 - x) / cooldown
        return lr * (w + (1 - w) * mpf("0.1"))

    return get_lr, [0, 1, 1_061, 1_062, 1_063, 1_500, 1_769, 1_770]


def modded_momentum():
    """The same, Muon's momentum."""

    def momentum(step):
        part = min(mpf(step) / 300, 1)
        return (1 - part) * mpf(0.85) + part * mpf(0.95)

    return momentum, [0, 1, 150, 299, 300, 301, 1_769]


def dino(base, final, warmup=0):
    """facebookresearch/dino, utils.py, cosine_scheduler: np.linspace in the warmup. Its 100 epochs have 20 updates here."""
    steps, base, final = 2_000, mpf(base), mpf(final)

    def schedule(it):
        if it < warmup:
            return base * it / (warmup - 1)
        return final + (base - final) * falling(mpf(it - warmup) / (steps - warmup))

    return schedule, [0, 1, 100, 198, 199, 200, 201, 1_000, 1_999]


def mae():
    """facebookresearch/mae, util/lr_sched.py, adjust_learning_rate, per update; 25 updates an epoch."""
    lr, min_lr, warmup, epochs = mpf(0.0024), mpf(0), 40, 800

    def adjusted(step):
        epoch = mpf(step) / 25
        if epoch < warmup:
            return lr * epoch / warmup
        return min_lr + (lr - min_lr) * falling((epoch - warmup) / (epochs - warmup))

    return adjusted, [0, 1, 500, 999, 1_000, 1_001, 10_000, 19_999]


def big_vision(base, decay, total, warmup, cooldown):
    """google-research/big_vision, utils.py, create_learning_rate_schedule."""

    def schedule(step):
        lr = mpf(base) * decay(step, min(max(mpf(step - warmup) / (total - warmup), 0), 1))
        lr *= min(1, mpf(step) / warmup)
        return lr * min(1, mpf(total - step) / cooldown) if cooldown else lr

    return schedule, [0, 1, warmup - 1, warmup, warmup + 1, total // 2, total - cooldown, total - cooldown + 1, total - 1, total]


def rsqrt(step, _):
    """big_vision's, with the default timescale and a warmup of 10000."""
    return 1 / sqrt(1 + mpf(step - 10_000) / 10_000) if step >= 10_000 else 1


def bert():
    """google-research/bert, optimization.py, create_optimizer."""
    lr, steps, warmup = mpf(1e-4), 1_000_000, 10_000

    def rate(step):
        if step < warmup:
            return lr * step / warmup
        return lr * (1 - mpf(min(step, steps)) / steps)

    return rate, [0, 1, 5_000, 9_999, 10_000, 10_001, 500_000, 999_999, 1_000_000, 1_000_001]


RECIPES = {
    "nanoGPT": nanogpt(lambda lr, it, warmup: lr * (it + 1) / (warmup + 1)),
    "nanoGPT, older": nanogpt(lambda lr, it, warmup: lr * it / warmup),
    "build-nanogpt, llm.c": build_nanogpt(),
    "modded-nanogpt, 2024": modded_trapezoid(),
    "modded-nanogpt, 2025": modded_cooldown(),
    "modded-nanogpt, Muon's momentum": modded_momentum(),
    "DINO, rate": dino(5e-4, 1e-6, 200),
    "DINO, weight decay": dino(0.04, 0.4),
    "DINO, momentum of the teacher": dino(0.996, 1.0),
    "MAE": mae(),
    "big_vision, cosine": big_vision(0.001, lambda _, p: falling(p), 90_000, 10_000, 0),
    "big_vision, rsqrt": big_vision(8e-4, rsqrt, 100_000, 10_000, 10_000),
    "BERT": bert(),
}


def main():
    recipes = []
    for name, (formula, steps) in RECIPES.items():
        steps = sorted(set(steps))
        recipes.append({"name": name, "steps": steps, "values": [float(formula(step)) for step in steps]})
    lines = ",\n".join(json.dumps(recipe) for recipe in recipes)
    (ROOT / "tests" / "fixtures" / "recipes.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
