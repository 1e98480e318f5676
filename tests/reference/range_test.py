"""Reference curves for tests/tests/all/range_test.rs: what a learning-rate range test records and suggests.

    python3 tests/reference/range_test.py

It needs nothing but Python and writes tests/fixtures/range_test.json. Rates, smoothed losses and suggestions are computed
by the definitions in fastai's `lr_find` (fastai 2.8), written anew here in exact fractions where that is possible: the
smoothed loss as the weighted mean that the recurrence stands for, the longest decreasing chain by trying every predecessor.
"""

import json
import math
import pathlib
import random
from fractions import Fraction

ROOT = pathlib.Path(__file__).resolve().parents[2]


def rates(test):
    n, low, high = test["steps"] - 1, test["min_lr"], test["max_lr"]
    for t in range(n + 1):
        if test["growth"] == "linear":
            yield float(Fraction(low) + (Fraction(high) - Fraction(low)) * t / n)
        else:
            yield 10 ** (math.log10(low) + (math.log10(high) - math.log10(low)) * t / n)


def smoothed(losses, beta):
    beta = Fraction(beta)
    weights = [beta ** (len(losses) - 1 - i) for i in range(len(losses))]
    return sum(w * Fraction(x) for w, x in zip(weights, losses)) / sum(weights)


def record(test, losses):
    points, best = [], None
    for t, (lr, loss) in enumerate(zip(rates(test), losses)):
        if not math.isfinite(loss):
            return points, "not_finite"
        mean = smoothed([x for _, x, _ in points] + [loss], test["beta"])
        points.append((lr, loss, mean))
        best = mean if best is None else min(best, mean)
        if mean > 4 * best:
            return points, "diverged"
        if t + 1 == test["steps"]:
            return points, "completed"
    return points, "interrupted"


def chain(values, end, memo):
    """The length of the longest decreasing chain that ends with `values[end]`."""
    if end not in memo:
        memo[end] = 1 + max((chain(values, j, memo) for j in range(end) if values[j] > values[end]), default=0)
    return memo[end]


def suggest(test, points):
    first = test["steps"] // 10
    looked_at = points[first:-5]
    if len(looked_at) < 2:
        return {"steepest": "too_few_points", "valley": "too_few_points", "minimum": "too_few_points"}
    lrs, means = [p[0] for p in looked_at], [p[2] for p in looked_at]
    slopes = [float(means[i + 1] - means[i]) / math.log(lrs[i + 1] / lrs[i]) for i in range(len(lrs) - 1)]
    steepest = slopes.index(min(slopes))
    memo = {}
    lengths = [chain(means, i, memo) for i in range(len(means))]
    length = max(lengths)
    start = lengths.index(length) - length
    valley = max(0, start + int(length / 3) + int(length / 3 / 2))
    lowest = means.index(min(means))
    return {
        "steepest": [lrs[steepest], first + steepest] if min(slopes) < 0 else "never_fell",
        "valley": [lrs[valley], first + valley] if length > 1 else "never_fell",
        "minimum": "minimum_at_start"
        if lowest == 0
        else [lrs[lowest] / 10, first + lowest]
        if lrs[lowest] / 10 >= test["min_lr"]
        else "below_range",
    }


def case(name, test, loss):
    test = {"min_lr": 1e-5, "max_lr": 10.0, "steps": 100, "growth": "exponential", "beta": 0.98, **test}
    losses = [loss(t, lr) for t, lr in enumerate(rates(test))]
    points, end = record(test, losses)
    losses = losses[: len(points) + (end == "not_finite")]
    return {
        "name": name,
        "test": {**test, "diverge_factor": 4.0},
        "losses": [x if math.isfinite(x) else None for x in losses],
        "end": end,
        "lr": [p[0] for p in points],
        "smoothed": [float(p[2]) for p in points],
        "suggestions": suggest(test, points),
    }


def noisy(seed, noise, optimum=0.03):
    """What training at a growing rate usually looks like: flat, then down, then up for good."""
    dice = random.Random(seed)

    def loss(t, lr):
        fall = 2.3 - 2.0 / (1 + (optimum / 5 / lr) ** 1.5)
        return max(1e-3, fall + (lr / optimum / 4) ** 2 + dice.gauss(0, noise))

    return loss


CASES = [
    case("noisy, beta 0.98", {}, noisy(1, 0.1)),
    case("noisy, beta 0.9", {"beta": 0.9}, noisy(2, 0.05)),
    case("not smoothed", {"beta": 0.0, "steps": 60}, noisy(3, 0.02)),
    case("linear growth", {"growth": "linear", "max_lr": 0.3, "beta": 0.5}, noisy(4, 0.01)),
    case("many steps", {"steps": 400, "min_lr": 1e-7, "beta": 0.95}, noisy(5, 0.2)),
    case("completed", {"max_lr": 1e-2, "beta": 0.8}, noisy(6, 0.01)),
    case("not a number", {"beta": 0.5}, lambda t, lr: 3.0 - t / 20 if t < 40 else math.nan),
    case("infinite at once", {}, lambda t, lr: math.inf),
    case("only rising", {"beta": 0.0}, lambda t, lr: 1.0 + t / 100),
    case("constant", {}, lambda t, lr: 0.5),
    case("short", {"steps": 7, "beta": 0.0}, lambda t, lr: 1.0 - t / 10),
    case("too short", {"steps": 6, "beta": 0.0}, lambda t, lr: 1.0 - t / 10),
    case("lowest early", {"beta": 0.0}, lambda t, lr: 1.0 if t < 12 else 0.5 if t == 12 else 1.5),
]

path = ROOT / "tests/fixtures/range_test.json"
path.write_text(json.dumps(CASES, indent=1) + "\n")
print(path.relative_to(ROOT), [(c["name"], c["end"], len(c["lr"]), c["suggestions"]) for c in CASES])
