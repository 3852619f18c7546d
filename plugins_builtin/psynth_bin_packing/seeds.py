"""The heuristics of the textbooks as programs, which are baselines, and what evolution starts from."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.core.stream.records import Program
from psynth.plugins.domain import LAMBDA
from psynth.plugins.source_domain import PYTHON

BEST_FIT = """\
def priority(item, bins):
    scores = []
    for space in bins:
        gap = space - item
        score = 0.0 - gap
        scores.append(score)
    return scores
"""
FIRST_FIT = """\
def priority(item, bins):
    return [0.0] * len(bins)
"""
GAPS, SPACES = 48, 50
"""Numbers of the weights below: by gap, up to the last of them, and by space, in shares of the capacity."""
WEIGHTS = f"""\
def weights():
    return [{[1.0] * GAPS}, {[0.0] * SPACES}]


def totals(numbers):
    total = 0.0
    found = [total]
    for number in numbers:
        total = total + round(number)  # steps of 0 make ties, which go to the bin opened first
        found.append(total)
    return found


BY_GAP, BY_SPACE = map(totals, weights())


def priority(item, bins):
    capacity = bins[-1]
    scores = []
    for space in bins:
        gap = min(space - item, len(BY_GAP) - 1)
        place = space * (len(BY_SPACE) - 1) // capacity
        scores.append(0.0 - BY_GAP[gap] - BY_SPACE[place])
    return scores
"""
SEEDS: Sequence[Program] = (
    Program(BEST_FIT, PYTHON),
    Program(FIRST_FIT, PYTHON),
    Program(WEIGHTS, PYTHON),
    Program("(lambda (lambda (sub $1 $0)))", LAMBDA),
    Program("(lambda (lambda 0.0))", LAMBDA),
)
"""Best fit and first fit in each language, and best fit as weights: ties go to the bin that was opened first."""
