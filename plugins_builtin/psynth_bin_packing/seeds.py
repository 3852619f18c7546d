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
SEEDS: Sequence[Program] = (
    Program(BEST_FIT, PYTHON),
    Program(FIRST_FIT, PYTHON),
    Program("(lambda (lambda (sub $1 $0)))", LAMBDA),
    Program("(lambda (lambda 0.0))", LAMBDA),
)
"""Best fit and first fit in each language: ties go to the bin that was opened first."""
