"""The layout is the map: no import goes against the direction of the parts, and none in a circle."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packaging.import_graph import cycles, import_graph, part_of, sources

ALLOWED: dict[str, set[str]] = {
    "psynth.core": set(),
    "psynth.core.calculus": {"psynth.core"},
    "psynth.core.stream": {"psynth.core"},
    "psynth.core.engines": {"psynth.core", "psynth.core.calculus", "psynth.core.stream", "psynth._native"},
    "psynth._native": set(),
    "psynth.plugins": {"psynth.core"},
    "psynth.learning": {"psynth.core"},
    "psynth.views": {"psynth.plugins", "psynth.core"},
    "psynth.api": {"psynth.plugins", "psynth.core"},
    "psynth.testing": {"psynth.plugins", "psynth.core"},
    "psynth.cli": {"psynth.views", "psynth.plugins", "psynth.learning", "psynth.core"},
    "psynth": {"psynth.core", "psynth.cli"},
    "plugins_builtin": {"psynth.plugins", "psynth.learning", "psynth.core", "psynth._native"},
}
"""For each part the parts that it may import beside itself, with all that is within them.

Of ``psynth`` itself there are only the lazy face and ``__main__``.
"""
OF_THE_CALCULUS = {"psynth.core.errors", "psynth.core.seeds", "psynth.core.limits"}
"""What the calculus may know of the rest of core: no stream, no engines."""

MODULES = sources()
GRAPH = import_graph(MODULES)
ARROWS = [(importer, imported) for importer, others in GRAPH.items() for imported in sorted(others)]


def part(module: str) -> str:
    """The part that a module belongs to."""
    if module.split(".")[0] != "psynth":
        return "plugins_builtin"
    found = part_of(module, ALLOWED)
    assert found is not None
    return found


def test_there_are_sources_to_read() -> None:
    assert {"psynth.cli.main", "psynth.core.work", "psynth_list.domain", "psynth.plugins"} <= MODULES.keys()
    assert ("psynth_search.windows", "psynth.plugins.search") in ARROWS
    assert {part(name) for name in MODULES} == ALLOWED.keys()


@pytest.mark.parametrize("importer", [name for name in ALLOWED if name not in ("psynth.core",)])
def test_imports_go_down(importer: str) -> None:
    allowed = ALLOWED[importer] | {importer}
    wrong = [
        f"{module} → {imported}"
        for module, imported in ARROWS
        if part(module) == importer
        and not any(part_of(imported, (each,)) for each in allowed if each not in ("psynth", "plugins_builtin"))
        and not (part(imported) == importer and importer in ("psynth", "plugins_builtin"))
        and imported != "psynth"  # the version, and the lazy face, which imports nothing
    ]
    assert wrong == []


def test_core_knows_nothing_above_it() -> None:
    wrong = [
        f"{importer} → {imported}"
        for importer, imported in ARROWS
        if part_of(importer, ["psynth.core"]) and not part_of(imported, ["psynth.core", "psynth._native"])
    ]
    assert wrong == []


def test_the_calculus_knows_neither_streams_nor_engines() -> None:
    wrong = [
        f"{importer} → {imported}"
        for importer, imported in ARROWS
        if part(importer) == "psynth.core.calculus"
        and part(imported) != "psynth.core.calculus"
        and imported not in OF_THE_CALCULUS
    ]
    assert wrong == []


def test_no_built_in_plugin_imports_another() -> None:
    wrong = [
        f"{importer} → {imported}"
        for importer, imported in ARROWS
        if part(importer) == part(imported) == "plugins_builtin" and importer.split(".")[0] != imported.split(".")[0]
    ]
    assert wrong == []


def test_there_are_no_circles() -> None:
    assert cycles(GRAPH) == []


def test_circles_are_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"}, "f": {"a"}, "g": set()}
    assert cycles({name: frozenset(others) for name, others in graph.items()}) == [["a", "b", "c"], ["d", "e"]]


def test_every_kind_of_import_is_counted(tmp_path: Path) -> None:
    texts = {
        "one": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from two import thing\n",
        "two": "def late():\n    import three.inner\n",
        "three": "",
        "three.inner": "from three import other, face_name\n",
        "three.other": "import one\n",
    }
    modules = {}
    for name, text in texts.items():
        modules[name] = tmp_path / f"{name.replace('.', '_')}.py"
        modules[name].write_text(text)
    (tmp_path / "three.pyi").write_text("from one import face_name as face_name\n")
    assert import_graph(modules) == {
        "one": {"two"},
        "two": {"three.inner"},
        "three": set(),
        "three.inner": {"three.other", "one"},
        "three.other": {"one"},
    }
