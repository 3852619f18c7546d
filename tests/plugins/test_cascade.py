"""Evaluation in stages: who goes on, what is said of who does not, and that no stage is skipped or judged in vain."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psynth.core.errors import InputError, UsageError
from psynth.core.stream.records import Example, Program, Task
from psynth.plugins import CascadeEvaluator, Evaluator, Job, Outcome, ProgramError, Stage, Verdict, judged
from psynth.plugins.cascade import example_stages, with_cascade
from psynth.plugins.evaluator import judge_examples


class Digits(Evaluator):
    """Programs are texts of digits: digit n says whether example n is right (1), wrong (0) or times out (2)."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str]] = []

    def run_all(self, jobs: Sequence[Job]) -> list[list[Outcome] | ProgramError]:
        return [
            [Outcome("timeout") if digit == "2" else Outcome("ok", int(digit)) for digit in job.program] for job in jobs
        ]

    def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
        self.asked += [(len(task.examples), program) for task, programs in jobs for program in programs]
        return [
            [
                judge_examples(task, answer if isinstance(answer, ProgramError) else answer[: len(task.examples)])
                for answer in self.run_all([Job(program, []) for program in programs])
            ]
            for task, programs in jobs
        ]


def task(count: int) -> Task:
    return Task("digits/1", "digits", examples=tuple(Example([], 1) for _ in range(count)))


@given(st.lists(st.text("012", min_size=5, max_size=5), max_size=6), st.integers(1, 6), st.floats(0.1, 1.0))
def test_programs_go_on_exactly_where_their_share_is_reached(programs: list[str], count: int, share: float) -> None:
    inner = Digits()
    [verdicts] = with_cascade(inner, [f"{count}:{share}"]).judge([(task(5), programs)])
    [plain] = Digits().judge([(task(5), programs)])
    for program, verdict, known in zip(programs, verdicts, plain, strict=True):
        shown = program[:count]
        if count < 5 and shown.count("1") / count < share:
            assert (verdict.stage, verdict.gain, verdict.log_likelihood) == (str(count), -math.inf, -math.inf)
            assert verdict.message
        else:
            assert verdict == known
    whole = [program for number, program in inner.asked if number == 5]
    assert len(whole) == sum(verdict.stage is None for verdict in verdicts)
    if count < 5:
        assert [program for number, program in inner.asked if number == count] == programs


def test_several_tasks_and_stages_are_judged_together_and_stay_apart() -> None:
    inner = Digits()
    cascade = with_cascade(inner, ["3:0.6", "1:1"])
    found = cascade.judge([(task(2), ["11", "01"]), (task(4), ["1000", "0111", "1101"]), (task(1), ["0"])])
    assert [[verdict.stage for verdict in each] for each in found] == [[None, "1"], ["3", "1", None], [None]]
    assert [verdict.score for verdict in found[1]][2] == 0.75
    with pytest.raises(InputError, match="no examples to begin with"):
        cascade.judge([(Task("digits/2", "digits", environment={}), ["1"])])


def test_after_a_timeout_in_a_stage_all_others_are_judged() -> None:
    [verdicts] = with_cascade(Digits(), ["2:0.5"]).judge([(task(3), ["222", "111", "211", "122"])])
    assert [(each.stage, each.status, each.score) for each in verdicts[1:]] == [
        (None, "ok", 1.0),
        (None, "timeout", 2 / 3),
        (None, "timeout", 1 / 3),
    ]
    assert (verdicts[0].stage, verdicts[0].status) == ("2", "timeout")


def test_a_program_that_failed_never_passes_whatever_the_threshold() -> None:
    class Failing(Digits):
        def judge(self, jobs: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Verdict]]:
            verdicts = {
                "slow": Verdict("timeout", None, 0.0, message="too slow"),
                "bad": Verdict("error", None, 0.0, rejected=ProgramError("load", "no module")),
                "good": Verdict("ok", None, 0.5, reward=-3.0),
            }
            return [[verdicts[program] for program in programs] for _, programs in jobs]

    stages = [Stage("first", task(1), -100.0)]
    [verdicts] = CascadeEvaluator(Failing(), lambda _: stages).judge([(task(2), ["slow", "bad", "good"])])
    assert [(each.stage, each.message) for each in verdicts] == [
        ("first", "too slow"),
        ("first", "no module"),
        (None, None),
    ]
    record = judged(Program("slow", score=1.0, reward=2.0), verdicts[0])
    assert (record.gain, record.status, record.extra) == (None, "timeout", {"stage": "first"})
    assert judged(record, verdicts[2]).extra == {}


@pytest.mark.parametrize("text", ["3", "3:", "0:1", "3:0", "3:1.5", "x:1", "3:nan"])
def test_a_malformed_stage_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected K:SHARE"):
        example_stages([text])
