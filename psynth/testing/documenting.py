"""Conformance of documenting methods: what is documented means what it meant, and stays as it is the next time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from psynth.core.calculus.terms import parse_term
from psynth.core.engines.leases import Engines
from psynth.core.stream.records import End, Frontier, Library, Production, Program, Record, Task
from psynth.plugins.abstraction import meaning
from psynth.plugins.documenting import is_documented, is_identifier
from psynth.plugins.evaluator import Budget, Job
from psynth.testing.numbers import Numbers
from psynth.testing.require import require

ABSTRACTIONS = (
    Production("fn_0", "int -> int", -1.0, "(lambda (add (double $0) one))"),
    Production("fn_1", "int -> int -> int", -2.0, "(lambda (lambda (add (fn_0 $1) (fn_0 $0))))"),
)
PROGRAMS = ("(lambda (fn_1 $0 (fn_0 zero)))", "(lambda (fn_0 (double $0)))")


def check_documenting(run: Callable[[Sequence[Record]], list[Record]], name: str, numbers: Numbers) -> None:
    """Raise AssertionError, with one sentence, unless ``run`` documents two abstractions of a library well.

    ``run`` runs the method, called ``name``, on a stream over ``numbers``.
    """
    library = numbers.library()
    library = Library(library.domain, (*library.productions, *ABSTRACTIONS), library.log_variable)
    task = next(numbers.tasks(numbers.TaskSettings(), 0))
    given: list[Record] = [library, Frontier(task, tuple(map(Program, PROGRAMS))), End("complete")]
    output = run(given)
    [documented] = [record for record in output if isinstance(record, Library)]
    [frontier] = [record for record in output if isinstance(record, Frontier)]
    require(
        [(entry.type, entry.log_weight) for entry in documented.productions]
        == [(entry.type, entry.log_weight) for entry in library.productions],
        f"{name} keeps the productions of a library in order, with their types and weights",
    )
    names = [entry.name for entry in documented.productions]
    require(len(set(names)) == len(names), f"{name} gives no two productions one name")
    for before, entry in zip(library.productions, documented.productions, strict=True):
        if not is_documented(entry):
            require(entry.name == before.name, f"{name} renames only what it documents, not {before.name}")
        require(is_identifier(entry.name), f"{name} gives names of letters, digits and underscores, not {entry.name!r}")
    require(_meanings(documented) == _meanings(library), f"{name} keeps what each abstraction means")
    written = [program.program for program in frontier.programs]
    same = _outputs(numbers, library, task, PROGRAMS) == _outputs(numbers, documented, task, written)
    require(same, f"{name} keeps what programs return")
    again = run(output)
    require(again == output, f"{name} leaves documented abstractions as they are")


def _outputs(numbers: Numbers, library: Library, task: Task, programs: Sequence[str]) -> list[object]:
    jobs = [Job(program, [example.inputs for example in task.examples]) for program in programs]
    with Engines() as engines, numbers.evaluator(library, Budget(), engines=engines) as evaluator:
        return list(evaluator.run_all(jobs))


def _meanings(library: Library) -> list[object]:
    definitions = {entry.name: parse_term(entry.definition or "") for entry in library.abstractions}
    return [meaning(term, definitions) for term in definitions.values()]
