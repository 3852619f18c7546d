"""The programs that evolution starts from: rows of equal circles, and an optimizer from random places."""

from __future__ import annotations

from collections.abc import Sequence

_ROWS = """\
def construct_packing():
    count = {count}
    columns = 1
    while columns * columns < count:
        columns = columns + 1
    radius = 0.4999 / columns
    centers = []
    for number in range(count):
        centers.append([(number % columns + 0.5) / columns, (number // columns + 0.5) / columns])
    return centers, [radius] * count
"""

_ASCENT = """\
import numpy as np


def slacks(x, y, r, first, second):
    far = np.hypot(x[first] - x[second], y[first] - y[second])
    return far, np.concatenate([far - r[first] - r[second], x - r, y - r, 1 - x - r, 1 - y - r])


def ascend(points, steps):
    # Sequential linear programming by one interior-point iteration after the other: distances are convex, so that what
    # satisfies the linearized constraints satisfies the constraints.
    count = len(points)
    x, y = np.array(points, dtype=float).T
    first, second = np.triu_indices(count, 1)
    pairs, each = np.arange(len(first)), np.arange(count)
    jacobian = np.zeros((len(pairs) + 4 * count, 3 * count))
    jacobian[pairs, 2 * count + first] = -1
    jacobian[pairs, 2 * count + second] = -1
    for side in range(4):
        jacobian[len(pairs) + side * count + each, side % 2 * count + each] = 1 if side < 2 else -1
        jacobian[len(pairs) + side * count + each, 2 * count + each] = -1
    gain = np.concatenate([np.zeros(2 * count), np.ones(count)])
    far, slack = slacks(x, y, np.zeros(count), first, second)
    r = np.full(count, 0.45 * min(far.min(initial=1.0), 2 * slack[len(pairs):].min()))
    far, slack = slacks(x, y, r, first, second)
    price = 0.01 / slack
    for _ in range(steps):
        barrier = max(0.3 * (price @ slack) / len(slack), 1e-17)
        across, up = (x[first] - x[second]) / far, (y[first] - y[second]) / far
        jacobian[pairs, first], jacobian[pairs, second] = across, -across
        jacobian[pairs, count + first], jacobian[pairs, count + second] = up, -up
        system = jacobian.T @ (jacobian * (price / slack)[:, None])
        system += 0.001 * min(1.0, 10000 * barrier) * np.eye(3 * count)
        step = np.linalg.solve(system, gain + jacobian.T @ (barrier / slack))
        change = jacobian @ step
        rise = (barrier - price * slack - price * change) / slack
        step = step * min(1.0, 0.95 / max((-change / slack).max(), 0.001))
        price = price + rise * min(1.0, 0.95 / max((-rise / price).max(), 0.001))
        x, y, r = x + step[:count], y + step[count:2 * count], r + step[2 * count:]
        far, slack = slacks(x, y, r, first, second)
        if barrier < 1e-15:
            break
    return x, y, r, slack.min()


def knobs():
    # Where the random places come from.
    return [0.0, 0.0, 0.0, 0.0]


def construct_packing():
    count = {count}
    random = np.random.default_rng([round(abs(knob) * 1000000.0) for knob in knobs()])
    best, most = None, 0.0
    for attempt in range(40):
        x, y, r, least = ascend(random.uniform(0.05, 0.95, (count, 2)), 80)
        # Slacks are rounded: what is taken off makes up for that.
        r = np.maximum(r - max(0.0, -least) - 1e-15, 0.0)
        if r.sum() > most:
            best, most = (np.stack([x, y], axis=1), r), r.sum()
    return best
"""


def seeds(circles: int) -> Sequence[str]:
    """Programs that construct packings of so many circles."""
    return [text.format(count=circles) for text in (_ASCENT, _ROWS)]
