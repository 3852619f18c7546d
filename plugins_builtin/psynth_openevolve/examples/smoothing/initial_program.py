"""Removes noise from a signal."""

# EVOLVE-BLOCK-START
WIDTH = 1


def smooth(values: list[float]) -> list[float]:
    smoothed = []
    for place in range(len(values)):
        near = values[max(0, place - WIDTH) : place + WIDTH]
        smoothed.append(sum(near) / len(near))
    return smoothed


# EVOLVE-BLOCK-END


def run(values: list[float]) -> list[float]:
    """What the evaluator calls; it stays as it is."""
    return smooth(values)
