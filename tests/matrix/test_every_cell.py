"""Subcommand × domain: every cell works on real input of that domain, or stands in the table of those that cannot."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from psynth.cli.main import main
from psynth.cli.table import TABLE
from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.engines.leases import default_engines
from psynth.core.stream.reading import ReadReport, read_records
from psynth.core.stream.records import quality
from psynth.plugins import Budget, Context, Domain, Frontier, Library, Metric, Model, Production, Program, Record, Task
from psynth.plugins.checking import Report, check
from psynth.plugins.registry import default_registry
from tests.toys.registered import all_installed, everything

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

DEFAULT_BUDGET = Budget()
PROGRAMS = {
    "circle-packing": (
        "def construct_packing(): return [[k % 6 / 6 + 1 / 12, k // 6 / 6 + 1 / 12] for k in range(26)], [0.08] * 26",
        "def construct_packing(): return [[0.5, 0.5]] * 26, [0.1] * 26",
    ),
    "parity": ("def parity(a, b, c, d): return (a + b + c + d) % 2", "def parity(a, b, c, d): return a"),
    "function": ("def point(n):\n    return [0] * n", "def point(n): return n / 0"),
    "openevolve": (
        "def run(values):\n    return [v / 2 for v in values]\ndef priority(a, b, c):\n    return b / a",
        "def run(values): return values[0]",
    ),
    "string": ("[0.5, 1, 2, 3, 51.5]", "[60]"),
    "toy-source": ("def f(x): return x + 1", "def f(x): return x / 0"),
    "toy-vectors": ("[1, 0]", "[0.5, 0.5]"),
}
"""Programs of domains whose languages nothing draws from."""

LEARNED = "fn_0"
NO_TERMS = "only λ-terms can"
FIRST_ORDER = "only terms without"
REWARDING = ("karel", "puzzles", "bin-packing", "sodarace", "image", "toy-rewards")
"""Domains of λ-terms whose tasks are judged by rewards or checkers, not by outputs."""
CANNOT: dict[tuple[str, str], str] = {
    ("untyped", "tasks"): "has no tasks of its own",
    ("untyped", "search"): "it has no examples",
    ("untyped", "train"): "have variables",
    ("list", "train"): FIRST_ORDER,
    ("regex", "train"): FIRST_ORDER,
    ("text", "train"): FIRST_ORDER,
    ("clevr", "train"): "requires programs of one type",
    ("tiles", "train"): FIRST_ORDER,
    ("logo", "train"): "have variables",
    ("arc", "train"): "have variables",
    ("sodarace", "train"): "only first-order",
    ("bin-packing", "train"): "have variables",
    ("symbolic", "train"): FIRST_ORDER,
    ("puzzles", "train"): "requires programs of one type",
    **{(domain, verb): NO_TERMS for domain in PROGRAMS for verb in ("enumerate", "search", "sample", "mutate")},
    **{(domain, verb): NO_TERMS for domain in PROGRAMS for verb in ("compress", "relabel")},
    **{(domain, "relabel"): "have no inputs and outputs" for domain in REWARDING},
    ("untyped", "relabel"): "has no tasks of its own",
    **{(domain, "guide"): "have no examples" for domain in (*REWARDING, "untyped")},
    **{(domain, "guide"): "no solved tasks to learn from" for domain in PROGRAMS},
    **{(domain, "document"): "no library here has a learned abstraction" for domain in PROGRAMS},
    **{(domain, "train"): "no programs to learn from" for domain in PROGRAMS},
    **{(domain, "export"): "this format cannot hold" for domain in PROGRAMS},
    **{(domain, "import"): "has no primitive" for domain in PROGRAMS},
    ("circle-packing", "import"): "not a program",
}
"""Cells that cannot work, with what is said instead, in one line."""
NO_CELLS = {
    "new": "it writes the package of a new plugin",
    "doctor": "it checks the installation",
    "sandbox-exec": "it runs programs of no domain",
}
"""Subcommands that have nothing to do with a domain."""


@pytest.fixture(scope="module", autouse=True)
def registered() -> Iterator[None]:
    """The built-in plugins, the example and the toys, as installed ones are found."""
    with all_installed():
        yield


@dataclass(frozen=True)
class Cell:
    """A subcommand to be run on input of a domain, in a folder of its own."""

    domain: Domain
    folder: Path
    capture: pytest.CaptureFixture[str]
    learned: bool = False
    """Whether the library has an abstraction, which is the first program of the first task."""
    warnings: list[str] = field(default_factory=list)

    @property
    def given(self) -> list[Record]:
        """A library and two tasks, or as many as the domain has, with some programs each."""
        library, *frontiers = self._given()
        if not self.learned or self.domain.name in PROGRAMS:
            return [library, *frontiers]
        assert isinstance(library, Library)
        first, *others = frontiers
        assert isinstance(first, Frontier)
        assert first.task is not None
        entry = Production(LEARNED, first.task.request or "", 0.0, first.programs[0].program)
        called = replace(first, programs=(Program(LEARNED), *first.programs[1:]))
        return [replace(library, productions=(*library.productions, entry)), called, *others]

    def _given(self) -> list[Record]:
        if self.domain.name == "untyped":
            productions = tuple(Production(name, "t0", 0.0) for name in "fgh")
            library = Library("untyped", productions, 0.0)
            tasks = [Task(f"untyped/{number}", "untyped", "t0") for number in range(2)]
        else:
            library = self.domain.library()
            tasks = list(self.domain.tasks(replace(self.domain.TaskSettings(), count=2), 0))
        return [library, *(Frontier(task, self.programs(library, task)) for task in tasks)]

    def programs(self, library: Library, task: Task) -> tuple[Program, ...]:
        """Programs in the domain's usual language."""
        [language, *_] = self.domain.languages
        if self.domain.name in PROGRAMS:
            return tuple(Program(text, language) for text in PROGRAMS[self.domain.name])
        with default_engines().lambda_machine() as machine:
            drawn = machine.sample(library.to_json(), task.request or "", seed=len(task.id), count=3, max_depth=4)
        return tuple(Program(text) for text in dict.fromkeys(str(each["program"]) for each in drawn))

    @property
    def file(self) -> str:
        """The input as a file."""
        path = self.folder / "given.jsonl"
        path.write_bytes(
            b"".join(record.encode() + b"\n" for record in [*self.given]) + b'{"type":"end","status":"complete"}\n'
        )
        return str(path)

    def run(self, *words: str) -> str:
        """Run psynth in this process, and return what it printed; Refused if it says that it cannot, in one line."""
        self.capture.readouterr()
        status = main(words)
        printed, messages = self.capture.readouterr()
        if status != 0:
            assert status in (2, 3), messages
            assert len(messages.strip().splitlines()) == 1, messages
            raise Refused(messages)
        self.warnings.append(messages)
        return printed

    def stream(self, verb: str, *words: str) -> list[Record]:
        """The stream that a subcommand writes, which has to be sound."""
        target = self.folder / f"{verb}.jsonl"
        self.run(verb, *words, "-o", str(target))
        read = ReadReport()
        records = list(read_records([str(target)], report=read))
        report = Report()
        check(records, Context("check"), report)
        assert (report.problems, read.status in ("complete", "budget")) == ([], True)
        return records

    def kept_tasks(self, records: Sequence[Record]) -> list[Frontier]:
        """The frontiers of a stream, which are about the tasks of the input, in order."""
        frontiers = [record for record in records if isinstance(record, Frontier)]
        given = [record for record in self.given if isinstance(record, Frontier)]
        assert [frontier.task for frontier in frontiers] == [frontier.task for frontier in given]
        return frontiers


class Refused(Exception):
    """A subcommand said, in one line, that it cannot do what it was asked for."""


def tasks(cell: Cell) -> None:
    """The tasks of the domain, without programs."""
    records = cell.stream("tasks", cell.domain.name, "--count", "2")
    assert all(not frontier.programs for frontier in cell.kept_tasks(records))


def evaluate(cell: Cell) -> None:
    """Every program gets a status, if its task can be judged, and the best comes first."""
    for frontier in cell.kept_tasks(cell.stream("evaluate", cell.file)):
        assert frontier.programs
        judges = frontier.task is not None and (frontier.task.examples or frontier.task.environment is not None)
        assert all(bool(program.status) == bool(judges) for program in frontier.programs)
        assert list(frontier.programs) == sorted(frontier.programs, key=quality, reverse=True)
    right_somewhere(cell)


def right_somewhere(cell: Cell) -> None:
    """With --all-tasks, the programs are those that the domain finds right in part, task by task."""
    library, *frontiers = (each for each in cell.given if isinstance(each, Library | Frontier))
    assert isinstance(library, Library)
    given = [each for each in frontiers if isinstance(each, Frontier) and each.task is not None]
    wanted: dict[str, set[str]] = {}
    for language in {program.language for each in given for program in each.programs}:
        texts = [program.program for each in given for program in each.programs if program.language == language]
        with cell.domain.evaluator(library, DEFAULT_BUDGET, language=language) as evaluator:
            for task in (each.task for each in given if each.task is not None):
                [verdicts] = evaluator.judge([(cell.domain.visible(task), texts)])
                right = {text for text, each in zip(texts, verdicts, strict=True) if (each.score or 0) > 0}
                wanted[task.id] = wanted.get(task.id, set()) | right
    records = cell.stream("evaluate", "--all-tasks", cell.file)
    found: dict[str, set[str]] = {}
    for each in records:
        if isinstance(each, Frontier) and each.task is not None:
            found.setdefault(each.task.id, set()).update(program.program for program in each.programs)
    assert found == {name: texts for name, texts in wanted.items() if texts}


def searched(verb: str, *words: str) -> Callable[[Cell], None]:
    """Every frontier says what was searched; what is said to solve does."""

    def cell_of(cell: Cell) -> None:
        for frontier in cell.kept_tasks(cell.stream(verb, cell.file, *words)):
            assert frontier.search is not None
            assert frontier.search.programs
            assert frontier.task is not None
            solutions = [program.program for program in frontier.programs if program.log_likelihood == 0]
            with cell.domain.evaluator(cell.domain.library(), DEFAULT_BUDGET) as evaluator:
                [verdicts] = evaluator.judge([(frontier.task, solutions)])
            assert all(verdict.solved for verdict in verdicts)

    return cell_of


def sample(cell: Cell) -> None:
    """Programs are drawn for each type that is asked for."""
    tasks = [each.task for each in cell.given if isinstance(each, Frontier) and each.task is not None]
    given = {task.request for task in tasks if task.request is not None}
    drawn = [record for record in cell.stream("sample", cell.file, "--count", "3") if isinstance(record, Frontier)]
    assert len(drawn) == 3 * len(given)
    assert all(frontier.programs for frontier in drawn)


def mutate(cell: Cell) -> None:
    """Each program gives way to another, made from it."""
    given = [frontier for frontier in cell.given if isinstance(frontier, Frontier)]
    for before, frontier in zip(given, cell.kept_tasks(cell.stream("mutate", cell.file)), strict=True):
        parents = {program.program for program in before.programs}
        assert len(frontier.programs) == len(parents)
        for program in frontier.programs:
            assert program.origin is not None
            assert isinstance(program.origin.from_, tuple)
            assert set(program.origin.from_) <= parents


def elites(cell: Cell) -> None:
    """The archive has as many elites of a task as it has cells filled, each one of the programs given."""
    cell.run("evaluate", "--descriptors", cell.file, "-o", str(cell.folder / "judged.jsonl"))
    records = cell.stream("elites", str(cell.folder / "judged.jsonl"))
    given = {program.program for each in cell.given if isinstance(each, Frontier) for program in each.programs}
    kept = [program.program for each in records if isinstance(each, Frontier) for program in each.programs]
    assert set(kept) <= given
    filled = [each.value for each in records if isinstance(each, Metric) and each.name == "cells"]
    assert sum(filled) == len(kept)


def compress(cell: Cell) -> None:
    """As many programs as before, in a library that holds at least what it held."""
    records = cell.stream("compress", cell.file)
    before = [record for record in cell.given if isinstance(record, Frontier)]
    for frontier, old in zip(cell.kept_tasks(records), before, strict=True):
        assert len(frontier.programs) == len(old.programs)
    [library] = [record for record in records if isinstance(record, Library)]
    assert {each.name for each in cell.domain.library().productions} <= {each.name for each in library.productions}


def document(cell: Cell) -> None:
    """The abstraction has a name, a summary and an example; programs use the name, and their results are the same."""
    learned = Cell(cell.domain, cell.folder, cell.capture, learned=True)
    learned.run("evaluate", learned.file, "--outputs", "-o", str(cell.folder / "before.jsonl"))
    records = learned.stream("document", learned.file)
    cell.warnings.extend(learned.warnings)
    assert learned.kept_tasks(records)
    [library] = [record for record in records if isinstance(record, Library)]
    for entry in library.productions:
        if entry.definition is not None:
            assert entry.documentation is not None
            assert entry.documentation.summary
            assert entry.documentation.examples
            assert entry.name == entry.documentation.name != LEARNED
    assert LEARNED not in {each.name for each in library.productions}
    written, target = cell.folder / "document.jsonl", cell.folder / "after.jsonl"
    learned.run("evaluate", str(written), "--outputs", "-o", str(target))
    assert _outputs(target) == _outputs(cell.folder / "before.jsonl")
    assert any(entry.definition for entry in library.productions) == (cell.domain.name not in PROGRAMS)


def _outputs(path: Path) -> list[object]:
    frontiers = [record for record in read_records([str(path)]) if isinstance(record, Frontier)]
    return [[(each.status, each.score, each.outputs) for each in frontier.programs] for frontier in frontiers]


def train(cell: Cell) -> None:
    """A model in a folder, and a record of it."""
    pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    folder = cell.folder / "model"
    words = ("--model", str(folder), "--epochs", "1", "--losses", "p", "--latent", "8", "--hidden", "8")
    records = cell.stream("train", cell.file, *words)
    [model] = [record for record in records if isinstance(record, Model)]
    assert (model.domain, Path(model.path)) == (cell.domain.name, folder)
    assert any(folder.iterdir())


def relabel(cell: Cell) -> None:
    """Each new task is solved by the program that it was made of, which is one of those given."""
    given = {program.program for each in cell.given if isinstance(each, Frontier) for program in each.programs}
    records = cell.stream("relabel", cell.file)
    made = [record for record in records if isinstance(record, Frontier)]
    said = cell.warnings[-1]
    assert made or "dropped" in said
    for frontier in made:
        assert frontier.task is not None
        assert frontier.solved
        assert {program.program for program in frontier.programs} <= given


def replay(cell: Cell) -> None:
    """One of the programs given is drawn, with its task."""
    given = {each.task.id: each for each in cell.given if isinstance(each, Frontier) and each.task is not None}
    [drawn] = [each for each in cell.stream("replay", "--count", "1", cell.file) if isinstance(each, Frontier)]
    assert drawn.task is not None
    assert drawn.task == given[drawn.task.id].task
    [program] = drawn.programs
    assert program in given[drawn.task.id].programs


def guide(cell: Cell) -> None:
    """Every task gets weights from a network that was trained on programs of the domain, said to solve their tasks."""
    pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    solved = [
        replace(each, programs=tuple(replace(program, log_likelihood=0.0) for program in each.programs))
        if isinstance(each, Frontier) and cell.domain.name not in PROGRAMS
        else each
        for each in cell.given
    ]
    path, model = cell.folder / "solved.jsonl", str(cell.folder / "model")
    path.write_bytes(b"".join(record.encode() + b"\n" for record in solved) + b'{"type":"end","status":"complete"}\n')
    words = ("--method", "recognition", "--model", model, "--steps", "1", "--hidden", "8")
    cell.run("train", *words, str(path), "-o", str(cell.folder / "trained.jsonl"))
    guided = cell.kept_tasks(cell.stream("guide", "--model", model, cell.file))
    assert all(frontier.weights is not None for frontier in guided)


def merge(cell: Cell) -> None:
    """Two copies of a stream are one, in order of the tasks' ids."""
    file = cell.file
    merged = [record for record in cell.stream("merge", file, file) if isinstance(record, Frontier)]
    given = [record for record in cell.given if isinstance(record, Frontier)]
    assert sorted(merged, key=str) == sorted(given, key=str)


def checked(cell: Cell) -> None:
    """The stream is sound."""
    programs = sum(len(each.programs) for each in cell.given if isinstance(each, Frontier))
    assert f"{programs}  programs" in cell.run("check", cell.file)


def show(cell: Cell) -> None:
    """Each task is drawn, with its programs."""
    shown = cell.run("show", cell.file)
    for frontier in cell.given:
        if isinstance(frontier, Frontier) and frontier.task is not None:
            assert frontier.task.id in shown
    assert "None" not in shown


def report(cell: Cell) -> None:
    """Each task has a row, without what all ids begin with."""
    reported = cell.run("report", cell.file)
    assert all(
        each.task.id.split("/")[-1] in reported for each in cell.given if isinstance(each, Frontier) and each.task
    )


def export(cell: Cell) -> None:
    """Every program is in Stitch's file."""
    target = cell.folder / "programs.json"
    cell.run("export", "stitch", cell.file, "-o", str(target))
    programs = sum(len(each.programs) for each in cell.given if isinstance(each, Frontier))
    assert len(json.loads(target.read_text())) == programs


def import_(cell: Cell) -> None:
    """Every program comes back from Stitch's file, of the domain."""
    texts = [program.program for each in cell.given if isinstance(each, Frontier) for program in each.programs]
    source = cell.folder / "programs.json"
    source.write_text(json.dumps(texts))
    read = cell.stream("import", "stitch", "-d", cell.domain.name, str(source))
    frontiers = [record for record in read if isinstance(record, Frontier)]
    assert [program.program for frontier in frontiers for program in frontier.programs] == texts
    assert {frontier.task.domain for frontier in frontiers if frontier.task} == {cell.domain.name}


def plugins(cell: Cell) -> None:
    """The domain is listed with its help."""
    assert f"domain {cell.domain.name}: " in cell.run("plugins")


def help_(cell: Cell) -> None:
    """The help of tasks describes the domain."""
    assert cell.domain.help[1:] in " ".join(cell.run("help", "tasks", cell.domain.name).split())


def completion(cell: Cell) -> None:
    """The domain's name is completed."""
    from psynth.cli.completing import candidates

    assert any(cell.domain.name in candidate for candidate in candidates(["tasks", cell.domain.name[:3]]))


CELLS: dict[str, Callable[[Cell], None]] = {
    "tasks": tasks,
    "enumerate": searched("enumerate", "--max-programs", "200"),
    "search": searched("search", "--max-evaluations", "300"),
    "sample": sample,
    "mutate": mutate,
    "elites": elites,
    "evaluate": evaluate,
    "compress": compress,
    "document": document,
    "train": train,
    "relabel": relabel,
    "replay": replay,
    "guide": guide,
    "merge": merge,
    "check": checked,
    "show": show,
    "report": report,
    "import": import_,
    "export": export,
    "plugins": plugins,
    "help": help_,
    "completion": completion,
}


def domains() -> list[str]:
    """All registered domains, those of the toys and of the example too."""
    return sorted({*everything().offers("domain"), "toy-rewards", "toy-source", "toy-vectors"})


def test_every_subcommand_has_cells() -> None:
    assert CELLS.keys() | NO_CELLS.keys() == TABLE.keys()
    assert not CELLS.keys() & NO_CELLS.keys()
    assert domains() == sorted(default_registry().offers("domain"))
    assert all(domain in domains() and verb in CELLS for domain, verb in CANNOT)


@pytest.mark.parametrize("verb", CELLS)
@pytest.mark.parametrize("domain", domains())
def test_cell(domain: str, verb: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cell = Cell(default_registry().domain(domain), tmp_path, capfd)
    reason = CANNOT.get((domain, verb))
    try:
        CELLS[verb](cell)
        said = "".join(cell.warnings)
    except Refused as refused:
        if reason is None:
            raise
        said = str(refused)
    if reason is not None:
        assert reason in said, "a cell that works is not one that cannot"


NO_POLICY = {"untyped": "has no types, which policies of λ-terms need"}
"""Domains whose programs no policy writes, with what is said instead."""


@pytest.mark.parametrize("domain", domains())
def test_policy(domain: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A policy trained on programs of the domain, as if they solved their tasks, writes and changes programs."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    cell = Cell(default_registry().domain(domain), tmp_path, capfd)
    typed = domain not in PROGRAMS
    said = [
        replace(each, programs=tuple(replace(program, log_likelihood=0.0) for program in each.programs))
        if isinstance(each, Frontier)
        else each
        for each in cell.given
    ]
    path, model = tmp_path / "solved.jsonl", str(tmp_path / "model")
    path.write_bytes(b"".join(record.encode() + b"\n" for record in said) + b'{"type":"end","status":"complete"}\n')
    sizes = ("--hidden", "16", "--layers", "1", "--heads", "2", "--epochs", "1", "--max-input", "64")
    sizes = (*sizes, "--show", "both")
    train = ("train", "--method", "policy", "--model", model, *sizes, str(path))
    if domain in NO_POLICY:
        with pytest.raises(Refused, match=NO_POLICY[domain]):
            cell.stream(*train)
        return
    records = cell.stream(*train, "--parent")
    assert [record.domain for record in records if isinstance(record, Model)] == [domain]
    words = ("--method", "policy", "--model", model, "--max-words", "40")
    loose = () if typed else ("--constrain", "vocabulary")
    mutated = cell.kept_tasks(cell.stream("mutate", *words, *loose, cell.file))
    assert not typed or any(frontier.programs for frontier in mutated)
    cell.stream(*train, "--overwrite")
    sampled = cell.kept_tasks(cell.stream("sample", *words, *loose, "--count", "3", cell.file))
    for frontier in sampled:
        assert frontier.search is not None
        assert frontier.search.programs == 3 or not typed


NO_HINDSIGHT = (
    *("bin-packing", "circle-packing", "function", "image", "openevolve", "puzzles", "sodarace", "string"),
    *("toy-rewards", "toy-vectors", "untyped"),
)
"""Domains whose programs make no tasks in hindsight, which is said in one line."""


@pytest.mark.parametrize("domain", domains())
def test_hindsight(domain: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Each new task comes from one that was given, and the domain says that its program solves it."""
    cell = Cell(default_registry().domain(domain), tmp_path, capfd)
    parents = {each.task.id for each in cell.given if isinstance(each, Frontier) and each.task is not None}
    words = ("relabel", "--method", "hindsight", cell.file)
    if domain in NO_HINDSIGHT:
        with pytest.raises(Refused, match="make no tasks in hindsight"):
            cell.stream(*words)
        return
    records = cell.stream(*words)
    made = [record for record in records if isinstance(record, Frontier)]
    assert made or "dropped" in cell.warnings[-1]
    for frontier in made:
        assert frontier.task is not None
        assert frontier.solved
        assert (frontier.task.meta or {})["parent"] in parents
