"""The untyped domain: it has no primitives and no tasks, and answers for programs that mean nothing."""

import pytest
from psynth_formats.untyped import Untyped

from psynth.core.errors import InputError, UsageError
from psynth.core.stream.records import Library, Task
from psynth.plugins.domain import TaskSettings
from psynth.plugins.evaluator import Budget, Job


def test_the_library_has_no_primitives():
    assert Untyped().library() == Library(domain="untyped", productions=(), log_variable=0.0)


def test_there_are_no_tasks_and_the_message_says_where_programs_come_from():
    with pytest.raises(UsageError, match="psynth import"):
        Untyped().tasks(TaskSettings(), 0)


def test_a_program_is_an_error_as_data_and_no_crash():
    task = Task(id="untyped/0", domain="untyped", request="t0")
    with Untyped().evaluator(Untyped().library(), Budget()) as evaluator:
        [[first, second]] = evaluator.judge([(task, ["(f x)", "y"])])
        [outcomes] = evaluator.run_all([Job("(f x)", [[1], [2]])])
    assert first == second
    assert (first.status, first.score, first.log_likelihood) == ("error", 0.0, None)
    assert [outcome.status for outcome in outcomes] == ["error", "error"]
    assert "no meaning" in outcomes[0].message


def test_an_unknown_primitive_set_is_named():
    with pytest.raises((UsageError, InputError), match="'rich'"):
        Untyped().library("rich")
