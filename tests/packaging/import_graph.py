"""Who imports whom: every import in the sources, those inside functions and for type checkers too."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

Graph = Mapping[str, frozenset[str]]
"""For each module the modules that it imports, of those whose sources were read."""


def sources() -> dict[str, Path]:
    """The files of psynth and of the built-in plugins, by the module's name."""
    found = {}
    for base in (ROOT, ROOT / "plugins_builtin"):
        packages = [base / "psynth"] if base == ROOT else sorted(base.glob("psynth_*"))
        for package in packages:
            # Of a native module there is only the stub.
            native = [stub for stub in package.rglob("*.pyi") if not stub.with_suffix(".py").exists()]
            for path in sorted([*package.rglob("*.py"), *native]):
                parts = path.relative_to(base).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def import_graph(modules: Mapping[str, Path]) -> dict[str, frozenset[str]]:
    """The graph of all imports among modules. A name imported from a package's lazy face is from its home."""
    faces = {
        name: _face(path)
        for name, path in modules.items()
        if path.suffix == ".py" and path.with_suffix(".pyi").exists()
    }
    return {
        name: frozenset(_imports(name, path, modules, faces)) - {name}
        for name, path in modules.items()
    }  # fmt: skip


def _face(path: Path) -> dict[str, str]:
    """The homes of the names that a package's stub declares."""
    tree = ast.parse(path.with_suffix(".pyi").read_text(encoding="utf-8"))
    return {
        alias.name: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    }


def _imports(
    name: str, path: Path, modules: Mapping[str, Path], faces: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module is not None
            for alias in node.names:
                within = f"{node.module}.{alias.name}"
                if within in modules:
                    yield within
                elif alias.name in faces.get(node.module, {}):
                    yield faces[node.module][alias.name]
                elif node.module in modules:
                    yield node.module


def cycles(graph: Graph) -> list[list[str]]:
    """The strongly connected components of more than one module (Tarjan 1972), each sorted."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            component = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(component) > 1:
                found.append(sorted(component))

    for name in graph:
        if name not in index:
            visit(name)
    return sorted(found)


def part_of(module: str, parts: Iterable[str]) -> str | None:
    """The longest of the named packages that a module is in."""
    within = [part for part in parts if module == part or module.startswith(f"{part}.")]
    return max(within, key=len, default=None)
