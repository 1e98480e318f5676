"""Reference rates for tests/tests/all/accuracy.rs, from 100-digit arithmetic.

    cargo test -p sched-tests accuracy -- --ignored --nocapture | python3 tests/reference/accuracy.py

It needs mpmath and writes tests/fixtures/accuracy.json.

Evaluates schedule trees by the documentation of `Node` and `Shape`, written anew here: every f64 of a tree is taken as
the exact number that it is, and time stays a fraction for as long as it is one. The trees of the named constructors come
from the Rust test itself (`named_constructors_as_json`); all others are built below.

A point is [step, nearest double, what is left of the exact value].
"""

import json
import math
import pathlib
import random
import sys
from fractions import Fraction

import mpmath
from mpmath import mp, mpf

mp.dps = 100
MAX = Fraction(1.7976931348623157e308)
EPSILON = Fraction(2) ** -52
ROOT = pathlib.Path(__file__).resolve().parents[2]


def real(x):
    """As an mpf; a fraction is divided once."""
    return mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mpf(x)


def number(x):
    """The exact value of a number in a tree."""
    return Fraction(x)


def time(x, t):
    """The exact value of a number in a tree, of the same type as the time `t`."""
    return number(x) if isinstance(t, Fraction) else real(number(x))


def power(base, exponent):
    """`base ** exponent`, as a fraction where it is an easy one; 0 ** 0 is 1."""
    if exponent == 0:
        return Fraction(1)
    if base == 0:
        return Fraction(0) if exponent > 0 else MAX
    if isinstance(base, Fraction) and isinstance(exponent, Fraction):
        if exponent.denominator == 1 and abs(exponent) <= 64:
            return base ** int(exponent)
        if exponent == Fraction(1, 2):
            n, d = math.isqrt(base.numerator), math.isqrt(base.denominator)
            if n * n == base.numerator and d * d == base.denominator:
                return Fraction(n, d)
    return mpmath.power(real(base), real(exponent))


def floor(x):
    return math.floor(x) if isinstance(x, Fraction) else int(mpmath.floor(x))


def mul(a, b):
    return a * b if type(a) is type(b) else real(a) * real(b)


def add(a, b):
    return a + b if type(a) is type(b) else real(a) + real(b)


def saturate(rate):
    return MAX if real(rate) > real(MAX) else rate


# Shapes: s(p) for progress p in [0, 1).


def shape_weights(shape, p):
    """`s` and `1 - s`."""
    name, argument = (shape, None) if isinstance(shape, str) else next(iter(shape.items()))
    q = 1 - p
    if name == "linear":
        s = q
    elif name in ("cosine", "cosine_power"):
        s = (1 + mpmath.cos(mp.pi * real(p))) / 2
        if name == "cosine_power":
            s = power(s, number(argument))
    elif name == "polynomial":
        s = power(q, number(argument))
    elif name == "one_minus_sqrt":
        s = 1 - mpmath.sqrt(real(p))
    elif name == "one_minus_square":
        s = 1 - mul(p, p)
    elif name == "one_minus_power":
        s = 1 - power(p, number(argument))
    elif name == "exp_half":
        s = 2 * mpmath.power(mpf(1) / 2, real(p)) - 1
    elif name == "exp_ratio":
        r = real(number(argument))
        weights = r * mpmath.expm1(-real(q) * mpmath.log(r)), -mpmath.expm1(real(p) * mpmath.log(r))
        return weights[0] / (1 - r), weights[1] / (1 - r)
    elif name == "logarithmic":
        r = real(number(argument))
        done = real(p) * (r - 1)
        # r / (1 + done) is 1 + q (r - 1) / (1 + done).
        left = real(q) * (r - 1) / (1 + done)
        return mpmath.log1p(left) / mpmath.log(r), mpmath.log1p(done) / mpmath.log(r)
    elif name == "tanh":
        x = real(number(argument["lb"])) * real(q) + real(number(argument["ub"])) * real(p)
        return 1 / (1 + mpmath.exp(2 * x)), 1 / (1 + mpmath.exp(-2 * x))  # (1 -+ tanh(x)) / 2, without 1 - 1
    elif name == "rex":
        s = real(q) / (1 - real(p) / 2)
    elif name == "rex_alpha":
        a = real(number(argument))
        whole = a + (1 - a) * real(q)
        return real(q) / whole, a * real(p) / whole
    else:
        raise ValueError(name)
    return real(s), 1 - real(s)


def ramp(node, t):
    start, end, steps = number(node["from"]), number(node["to"]), time(node["steps"], t)
    if steps == 0:
        return end

    def at(t):
        rest = steps - t
        if rest <= 0 or (rest < 1 and rest <= steps * time(EPSILON, t)):
            return end  # the documented rounding of a length
        p = t / steps
        if node["shape"] == "geometric":
            return real(start) * mpmath.power(real(end / start), real(p))
        s, rise = shape_weights(node["shape"], p)
        return real(start) * s + real(end) * rise

    rest = steps - t
    if not (rest <= 0 or (rest < 1 and rest <= steps * time(EPSILON, t))):
        return at(t)
    if node["beyond"] == "hold":
        return end
    if node["beyond"] == "repeat":
        return at(t - steps * floor(t / steps))
    local = t - 2 * steps * floor(t / (2 * steps))
    return at(local if local < steps else 2 * steps - local)


def cycle_start(period, growth, cycle):
    if growth == 1:
        return period * cycle
    if cycle <= 40:
        start = Fraction(period) * sum(growth**i for i in range(cycle))
    else:
        g = real(growth)
        start = period * (g**cycle - 1) / (g - 1)
    whole = floor(add(start, Fraction(1, 2)))
    return Fraction(whole) if abs(real(start) - whole) <= mpf(1e-12) * whole else start


def repeat(node, t):
    period, growth = node["period"], number(node["growth"])

    def started(cycle):
        return real(cycle_start(period, growth, cycle)) <= real(t)

    if growth == 1:
        cycle = floor(t / period)
    else:
        low, high = 0, 1
        while high < (node["limit"] or 1 << 60) and started(high):
            high *= 2
        if node["limit"]:
            high = min(high, node["limit"])
        while low < high:  # the last cycle that has started
            middle = (low + high + 1) // 2
            low, high = (middle, high) if started(middle) else (low, middle - 1)
        cycle = low
    if node["limit"] is not None and cycle >= node["limit"]:
        cycle, local = node["limit"] - 1, Fraction(period)
    else:
        since = add(t, -cycle_start(period, growth, cycle))
        local = since / growth**cycle if isinstance(since, Fraction) and cycle <= 40 else real(since) / real(growth) ** cycle
        local = min(local, time(period, local))
    rate, base = evaluate(node["of"], local), number(node["floor"])
    if real(rate) <= real(base):
        return rate
    scale = power(number(node["cycle_scale"]), Fraction(cycle))
    return real(base) + (real(rate) - real(base)) * real(scale)


def evaluate(tree, t):
    """The rate at time `t`, a Fraction or an mpf."""
    (kind, node), = tree.items()
    if kind == "constant":
        rate = number(node)
    elif kind == "ramp":
        rate = ramp(node, t)
    elif kind == "exponential":
        initial = number(node["initial"])
        rate = real(initial) * real(power(number(node["gamma"]), t / time(node["decay_steps"], t)))
    elif kind == "power_law":
        x = (t + time(node["offset"], t)) / time(node["time_scale"], t)
        y = power(x, number(node["power"]))
        rate = 0 if node["scale"] == 0 else MAX if y == MAX else real(number(node["scale"])) * real(y)
    elif kind == "steps":
        passed = [m["value"] for m in node["milestones"] if m["step"] <= t]
        rate = number(passed[-1] if passed else node["initial"])
    elif kind == "sequence":
        phase = [phase for phase in node if phase["start"] <= t][-1]
        rate = evaluate(phase["schedule"], t - phase["start"])
    elif kind == "repeat":
        rate = repeat(node, t)
    elif kind == "product":
        rate = mpf(1)
        for child in node:
            rate *= real(evaluate(child, t))
    elif kind == "sum":
        rate = sum(real(evaluate(child, t)) for child in node)
    elif kind == "average":
        rate = sum(real(evaluate(child, t)) for child in node) / len(node)
    elif kind == "min":
        rate = min(real(evaluate(child, t)) for child in node)
    elif kind == "max":
        rate = max(real(evaluate(child, t)) for child in node)
    elif kind == "clamp":
        rate = min(max(real(evaluate(node["of"], t)), real(number(node["min"]))), real(number(node["max"])))
    elif kind == "complement":
        rate = max(real(number(node["whole"])) - real(evaluate(node["of"], t)), mpf(0))
    elif kind == "every":
        rate = evaluate(node["of"], Fraction(floor(t) // node["n"]))
    elif kind == "stretch":
        rate = evaluate(node["of"], t / time(node["k"], t))
    elif kind == "delay":
        rate = evaluate(node["of"], max(t - node["steps"], time(0, t)))
    elif kind == "advance":
        rate = evaluate(node["of"], t + time(node["by"], t))
    elif kind == "warp":
        steps = time(node["steps"], t)
        bent = t if t >= steps else mul(steps, power(t / steps, time(node["power"], t)))
        rate = evaluate(node["of"], bent)
    else:
        raise ValueError(kind)
    return saturate(rate)


# Where to look.


def seams(tree):
    """Times at which something may begin or end."""
    (kind, node), = tree.items()
    if kind == "ramp":
        return [node["steps"]] if node["beyond"] == "hold" else [i * node["steps"] for i in (1, 2, 3, 7)]
    if kind == "steps":
        return [m["step"] for m in node["milestones"]]
    if kind == "sequence":
        return [p["start"] + s for p in node for s in [0] + seams(p["schedule"])]
    if kind == "repeat":
        cycles = [i for i in (1, 2, 3, 5, 9, 30) if node["limit"] is None or i <= node["limit"]]
        return [float(cycle_start(node["period"], number(node["growth"]), i)) for i in cycles] + seams(node["of"])
    if kind in ("product", "sum", "average", "min", "max"):
        return [s for child in node for s in seams(child)]
    if kind in ("clamp", "complement"):
        return seams(node["of"])
    if kind == "every":
        return [node["n"], 2 * node["n"]] + [s * node["n"] for s in seams(node["of"])]
    if kind == "stretch":
        return [s * node["k"] for s in seams(node["of"])]
    if kind == "delay":
        return [node["steps"]] + [s + node["steps"] for s in seams(node["of"])]
    if kind == "advance":
        return [s - node["by"] for s in seams(node["of"])]
    if kind == "warp":
        return [node["steps"]] + seams(node["of"])
    return []


def steps_of(tree, rng, extra):
    found = sorted({s for s in seams(tree) if 0 <= s < 2**63})[:6]
    steps = {0, 1, 2, 3, 1000, 2**31, 2**53 - 1, 2**53} | set(extra)
    for seam in found:
        at = math.ceil(seam)
        steps |= set(range(at - 2, at + 2)) | {math.floor(seam), int(seam) // 2, int(seam) // 3}
    for seam in found[-2:]:
        at = math.ceil(seam)
        steps |= set(range(at - 10, at)) | {rng.randrange(at + 1) for _ in range(6)}
    steps |= {rng.randrange(2 ** rng.randrange(1, 54)) for _ in range(6)}
    return sorted(step for step in steps if 0 <= step <= 2**53)


def point(tree, step):
    exact = real(evaluate(tree, Fraction(step)))
    nearest = float(mpmath.nstr(exact, 40)) if exact else 0.0
    return [step, nearest, float(mpmath.nstr(exact - mpf(nearest), 3))]


# The trees.

TREES = []


def case(name, tree, *extra):
    TREES.append((name, tree, extra))


def line(start, end, steps, shape="linear", beyond="hold"):
    return {"ramp": {"from": float(start), "to": float(end), "steps": float(steps), "shape": shape, "beyond": beyond}}


def again(of, period, growth=1.0, cycle_scale=1.0, floor=0.0, limit=None):
    return {"repeat": {"of": of, "period": period, "growth": growth, "cycle_scale": cycle_scale, "floor": floor, "limit": limit}}


def exponential(initial, gamma, decay_steps=1.0):
    return {"exponential": {"initial": initial, "gamma": gamma, "decay_steps": decay_steps}}


def power_law(scale, offset, time_scale, exponent):
    return {"power_law": {"scale": scale, "offset": offset, "time_scale": time_scale, "power": exponent}}


def build_shapes(shapes):
    for shape in shapes:
        zero = 1e-9 if shape == "geometric" else 0.0
        name = shape if isinstance(shape, str) else next(iter(shape))
        name = f"shape {name}"
        case(name, line(0.1, zero, 100, shape))
        case(name, line(1e-3, 1e-5, 9500, shape))
        case(name, line(zero, 0.3, 1000, shape))
        case(name, line(3e-4, zero, 2**53, shape))
        case(name, line(zero, 0.7, 2**53 - 1, shape))
        case(name, line(0.6, zero, 33.7, shape))
        case(name, line(1e300, 1e-300, 37, shape))
        case(name, line(1e-300, 3e-300, 1001, shape))
        case(name, line(1.7e308, 1e308, 7, shape))
        case(name, line(0.6, zero, 33.7, shape, "mirror"))
        case(name, line(0.2, 0.01, 1e5 / 3, shape, "repeat"))
        case(name, {"stretch": {"k": 7.3, "of": line(0.1, zero, 1000, shape)}})
        case(name, {"advance": {"by": 0.75, "of": line(0.1, zero, 1000, shape)}})


def build():
    shapes = ["linear", "cosine", "one_minus_sqrt", "one_minus_square", "exp_half", "rex", "geometric"]
    shapes += [{"cosine_power": k} for k in (0.0, 0.01, 0.5, 1.0, 3.0, 1e4)]
    shapes += [{"polynomial": k} for k in (0.0, 0.01, 0.9, 2.0, 7.5, 1e6, 1e16)]
    shapes += [{"one_minus_power": k} for k in (1e-3, 0.3, 1.0, 4.0, 1e6)]
    shapes += [{"tanh": {"lb": lb, "ub": ub}} for lb, ub in ((-7.0, 3.0), (-5.0, 5.0), (-1000.0, 1000.0), (0.5, 0.75))]
    build_shapes(shapes)
    case("ramp", line(0.1, 0.2, 0))
    case("ramp", line(0.1, 0.2, 1))
    case("ramp", line(0.1, 0.0, 1e-9, "cosine", "mirror"))
    case("ramp", line(0.1, 0.0, 2**64, "cosine"))
    case("ramp", line(0.05, 0.001, 10, "cosine", "mirror"))

    case("constant", {"constant": 0.1})
    case("constant", {"constant": 1e300})
    for initial, gamma, decay_steps in (
        (0.1, 0.95, 1.0), (0.1, 0.999999, 1.0), (0.1, 1.0000001, 1.0), (1e-300, 1.5, 1.0), (1e300, 0.5, 1.0), (1.0, 0.0, 1.0),
        (0.1, 1 - 2**-53, 1.0), (0.1, 0.96, 1000.0), (0.1, 0.3, 3.7), (1e-300, 1e9, 12345.678), (0.1, 1e-300, 1e7 / 3),
        (1e300, 1e-9, 7.7), (0.1, 0.96, 2.0**53), (0.1, 1e-300, 2.0**53 / 3), (0.3, 0.1, 1e-9), (2.0, 1.0, 5.0),
    ):
        half_life = abs(decay_steps / math.log(gamma)) if gamma not in (0.0, 1.0) else 1.0
        extra = [int(half_life * factor) for factor in (0.5, 1, 10, 100, 500, 700, 1200) if half_life * factor < 2**53]
        case("exponential", exponential(initial, gamma, decay_steps), *extra)
    for law in (
        (0.1, 1.0, 1.0, -0.5), (0.1, 1000.0, 1000.0, -0.5), (0.1, 20.0, 20.0, -1.0), (0.1, 0.0, 100.0, -0.5), (0.0, 0.0, 1.0, -1.0),
        (1e-300, 1.5, 3.7, 20.0), (1e300, 1e6 / 3, 7.1, -33.3), (0.1, 1e12, 1e12, -1e12), (0.1, 2.0**53, 2.0**53, -1e16), (2.0, 0.1, 0.3, 0.75),
        (0.1, 0.0, 1e-9, -3.0), (0.1, 2.0**64, 2.0**64, 1e9), (0.1, 1e9 / 7, 1e9 / 7, -1e9),
    ):
        case("power_law", power_law(*law), 10, 20, 100, 10**6)
    case("steps", {"steps": {"initial": 0.1, "milestones": [{"step": s, "value": v} for s, v in ((0, 0.3), (30, 0.01), (30, 0.02), (2**53, 1e-300))]}})

    cosine, falling = line(0.1, 0.0, 500, "cosine"), line(1.0, 0.0, 2000)
    case("sequence", {"sequence": [{"start": 0, "schedule": line(0.0, 1e-3, 500)}, {"start": 500, "schedule": line(1e-3, 1e-5, 9500, "cosine")}]})
    case("sequence", {"sequence": [{"start": 0, "schedule": cosine}, {"start": 7, "schedule": falling}, {"start": 7, "schedule": exponential(0.1, 0.9)}, {"start": 2**52, "schedule": line(0.2, 0.0, 2**52, "exp_half")}]})
    case("sequence", {"stretch": {"k": 1.7, "of": {"sequence": [{"start": 0, "schedule": cosine}, {"start": 300, "schedule": falling}]}}})

    for growth in (2.0, 3.0, 1.5, 1.1, 1.001, 1.0000001, 1 + 2**-52):
        case("repeat", again(line(0.1, 0.0, 10, "cosine"), 10, growth))
        case("repeat", again(line(0.0, 0.1, 3), 3, growth, 0.7, 0.01))
    case("repeat", again(line(1.0, 0.0, 12, "cosine"), 10))
    case("repeat", again(line(1.0, 0.25, 800), 800, 0.5, limit=5))
    case("repeat", again(line(1.0, 0.0, 10), 10, 1.0, 0.9, 0.1, 20))
    case("repeat", again(line(0.1, 0.3, 1000), 1000, 1.0, 2.0, 0.1), 20001, 30001, 40999)  # grows from a tiny part above the floor
    case("repeat", again(line(1e-300, 2e-300, 10), 10, 1.0, 2.0), 19995, 20005)
    case("repeat", again(line(1e300, 2e300, 10), 10, 1.0, 0.5), 10995, 12005, 19995)
    case("repeat", {"stretch": {"k": 2.7, "of": again(cosine, 500, 2.0)}})
    case("repeat", {"stretch": {"k": 2.7, "of": again(cosine, 500)}})

    case("product", {"product": [cosine, falling]})
    case("product", {"product": [line(0.3, 0.0, 1000, "cosine"), line(1.0, 0.1, 900, "cosine"), exponential(1.0, 0.999), power_law(1.0, 9.0, 9.0, -0.5)]})
    case("product", {"product": [{"constant": 1e300}, exponential(1e300, 0.5), {"constant": 1e-300}]})
    case("sum", {"sum": [cosine, falling, exponential(0.1, 0.999)]})
    case("sum", {"sum": [{"constant": 1.7e308}, exponential(1e308, 0.5)]})
    case("average", {"average": [cosine, falling, exponential(0.1, 0.999)]})
    case("average", {"average": [{"constant": 1.7e308}, line(1.7e308, 0.0, 10), {"constant": 1e308}]})
    case("min", {"min": [cosine, falling, exponential(0.1, 0.999)]})
    case("max", {"max": [cosine, falling, exponential(0.1, 0.999)]})
    case("clamp", {"clamp": {"min": 1e-3, "max": 0.09, "of": cosine}})
    for shape in ("linear", "cosine", "rex", "exp_half", "one_minus_sqrt", {"polynomial": 2.5}, {"cosine_power": 1.5}, {"tanh": {"lb": -7.0, "ub": 3.0}}):
        case("complement", {"complement": {"whole": 0.9, "of": line(0.0, 0.9, 10**6, shape)}})
        case("complement", {"complement": {"whole": 0.9, "of": again(line(0.9, 0.1, 1000, shape), 1000)}})
    case("complement", {"complement": {"whole": 0.1, "of": exponential(0.1, 0.9999999)}})
    case("complement", {"complement": {"whole": 0.1, "of": line(0.1, 0.3, 10**6, "geometric")}})
    case("complement", {"complement": {"whole": 0.1, "of": power_law(0.1, 1e9, 1e9, -0.5)}})
    case("complement", {"complement": {"whole": 1.0, "of": {"product": [line(1.0, 0.0, 10**6, "cosine"), exponential(1.0, 0.9999999)]}}})
    case("complement", {"complement": {"whole": 1e300, "of": line(1e300, 9e299, 10**6)}})
    case("every", {"every": {"n": 30, "of": exponential(0.1, 0.1)}}, 900, 9000)
    case("every", {"every": {"n": 390, "of": line(0.1, 0.0, 90, "cosine")}})
    case("every", {"stretch": {"k": 0.37, "of": {"every": {"n": 3, "of": exponential(0.1, 0.999)}}}})
    for k in (7.3, 1e-9, 0.1, 3.0, 1e12 / 7, 2.0**64):
        case("stretch", {"stretch": {"k": k, "of": cosine}})
        case("stretch", {"stretch": {"k": k, "of": exponential(0.1, 0.99)}}, *[int(k * x) for x in (100, 9000) if k * x < 2**53])
        case("stretch", {"stretch": {"k": k, "of": {"stretch": {"k": 1.1, "of": falling}}}})
    case("delay", {"delay": {"steps": 10, "of": cosine}})
    case("delay", {"stretch": {"k": 3.3, "of": {"delay": {"steps": 2**50, "of": line(1.0, 0.0, 2**50)}}}})
    case("advance", {"advance": {"by": 0.1, "of": cosine}})
    case("advance", {"advance": {"by": 1e15 / 7, "of": line(0.1, 0.0, 2**53, "cosine")}})
    for bend in (2.0, 0.5, 1.5, 3.0, 0.01, 40.0, 0.3333):
        case("warp", {"warp": {"steps": 500.0, "power": bend, "of": cosine}})
        case("warp", {"warp": {"steps": 500.0, "power": bend, "of": line(1.0, 0.0, 400)}})
        case("warp", {"warp": {"steps": 1e4 / 3, "power": bend, "of": exponential(0.1, 0.9)}})
        case("warp", {"warp": {"steps": 2.0**53, "power": bend, "of": line(0.1, 0.0, 2**53, "cosine")}})
        case("warp", {"warp": {"steps": 9.0, "power": bend, "of": {"sequence": [{"start": 0, "schedule": falling}, {"start": 6, "schedule": {"constant": 0.5}}]}}}, 4, 5, 6, 7, 8)
        case("warp", {"warp": {"steps": 1000.0, "power": bend, "of": again(line(0.1, 0.0, 100, "cosine"), 100, 1.5)}})


def named():
    for text in sys.stdin:
        if text.startswith("["):
            for name, tree in json.loads(text):
                case(name, tree)


def main():
    build()
    named()
    # Last, so that the random steps of all others stay as they are.
    build_shapes([{"exp_ratio": r} for r in (1e-300, 1e-6, 0.1, 0.999999)])
    build_shapes([{"logarithmic": r} for r in (1.0000000001, 1.5, 2.0, 1000.0, 1e300)])
    build_shapes([{"rex_alpha": a} for a in (1e-9, 0.1, 0.9)])
    TREES.sort(key=lambda tree: (tree[0] == "Schedule::eden") + 2 * ("rex_alpha" in json.dumps(tree[1])))
    rng = random.Random(2)
    lines = []
    for name, tree, extra in TREES:
        points = [point(tree, step) for step in steps_of(tree, rng, extra)]
        lines.append(json.dumps({"name": name, "schedule": tree, "points": points}, separators=(",", ":")))
    path = ROOT / "tests" / "fixtures" / "accuracy.json"
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(f"{len(lines)} schedules, {sum(line.count('],[') + 1 for line in lines)} points, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
