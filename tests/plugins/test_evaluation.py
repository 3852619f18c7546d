"""The new verdict stands: whatever a program was said to be before, evaluating says it anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from psynth.plugins import Context, End, Frontier, Program, Record
from psynth.plugins.evaluation import Evaluate
from psynth.testing.numbers import Numbers, WithDomain, holding_out
from tests.toys.registered import everything
from tests.toys.rewards import Rewards

STALE = {
    "log_likelihood": 0.0,
    "score": 1.0,
    "reward": 37.5,
    "held_out_reward": 37.5,
    "status": "timeout",
}
"""What an earlier evaluation, of another task or budget, said of a program."""


def evaluated(domain: Rewards | Numbers, frontier: Frontier) -> dict[str, Program]:
    """The programs of a frontier as they come out of ``psynth evaluate``, by text."""
    records: list[Record] = [domain.library(), frontier, End("complete")]
    context = Context("evaluate", registry=WithDomain(everything(), domain))
    [after] = [each for each in Evaluate().run(iter(records), context) if isinstance(each, Frontier)]
    return {program.program: program for program in after.programs}


def test_a_new_reward_replaces_the_old_one() -> None:
    domain = Rewards()
    [task, *_] = domain.tasks(domain.TaskSettings(), 0)
    texts = ("(inc (inc zero))", "zero", "(inc")
    programs = evaluated(domain, Frontier(task, tuple(Program(text, **STALE) for text in texts)))  # type: ignore[arg-type]
    assert list(programs) == list(texts), "best first, by what they are worth now"
    solution, other, junk = programs.values()
    assert (solution.reward, solution.held_out_reward, solution.status) == (1.0, pytest.approx(1 / 3), "ok")
    assert (other.reward, other.held_out_reward, other.log_likelihood) == (pytest.approx(1 / 3), 1.0, float("-inf"))
    assert (junk.reward, junk.held_out_reward, junk.score) == (None, None, 0.0)


def test_what_is_no_longer_held_out_is_no_longer_judged() -> None:
    domain = Numbers()
    [frontier, *_] = domain.frontiers()
    [program] = evaluated(domain, holding_out(frontier, "same")).values()
    assert program.held_out == 0.0
    [again] = evaluated(domain, Frontier(frontier.task, (program,))).values()
    assert again.held_out is None


def test_a_search_that_finds_a_known_program_judges_it_anew() -> None:
    domain = Numbers()
    [frontier, *_] = domain.frontiers()
    stale = Program("(lambda (add $0 one))", **STALE, held_out=0.5)  # type: ignore[arg-type]
    method = everything().method("enumerate", "windows")(max_cost=9)  # type: ignore[call-arg]
    context = Context("enumerate", registry=WithDomain(everything(), domain))
    records: list[Record] = [domain.library(), replace(frontier, programs=(stale,)), End("complete")]
    [after] = [each for each in method.run(iter(records), context) if isinstance(each, Frontier)]
    [program] = [each for each in after.programs if each.program == stale.program]
    assert (program.reward, program.held_out_reward, program.held_out) == (None, None, None)
    assert (program.log_likelihood, program.score, program.status) == (0.0, 1.0, "ok")
