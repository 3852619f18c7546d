"""A Python program to vary: its tree, places and kinds, and whether a variant of it keeps what has to be kept."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property

from psynth.core.python_source import NotPython, check_compiles, parse
from psynth_source.bindings import FUNCTIONS, Bindings
from psynth_source.kinds import Kinds
from psynth_source.places import Places, size_of


class Draft:
    """The tree of a program, which one edit changes; raises NotPython for a text that is none."""

    def __init__(self, source: str) -> None:
        self.tree = parse(source)
        try:
            self.places = Places.of(self.tree)
        except RecursionError:
            raise NotPython("nested too deeply") from None

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of the tree as it was read."""
        return Kinds(self.tree)

    @property
    def text(self) -> str | None:
        """The text of the tree; None where it has none, as for a number that is too long."""
        try:
            return ast.unparse(ast.fix_missing_locations(self.tree))
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class Kept:
    """What every variant of a program keeps: its interface, its imports, and that names are bound."""

    interface: tuple[str, ...]
    imports: tuple[str, ...]
    bindings: Bindings
    text: str
    """The program without comments and layout, which a variant differs from."""

    @classmethod
    def of(cls, source: str) -> Kept:
        """What variants of a program keep; NotPython where it is none."""
        try:
            tree = parse(source)
            check_compiles(tree)
            return cls(_interface(tree), _imports(tree), Bindings.of(tree), ast.unparse(tree))
        except (RecursionError, ValueError) as error:
            raise NotPython(str(error) if isinstance(error, NotPython) else "nested too deeply") from None

    def allows(self, source: str, max_size: int) -> bool:
        """Whether a text is a variant: a program, no larger than ``max_size`` nodes, that keeps all of this."""
        try:
            tree = parse(source)
            if size_of(tree) > max_size or _interface(tree) != self.interface or _imports(tree) != self.imports:
                return False
            if not self.bindings.keep(Bindings.of(tree)):
                return False
            check_compiles(tree)
        except (NotPython, RecursionError):
            return False
        return True


def _interface(tree: ast.Module) -> tuple[str, ...]:
    """The functions and classes of a module with their signatures, in order."""
    found = []
    for node in tree.body:
        if isinstance(node, FUNCTIONS):
            signature = [node.args, node.returns, *node.decorator_list]
            found.append(f"{type(node).__name__} {node.name} {[ast.dump(each) for each in signature if each]}")
        elif isinstance(node, ast.ClassDef):
            found.append(f"class {node.name}")
    return tuple(found)


def _imports(tree: ast.Module) -> tuple[str, ...]:
    return tuple(ast.dump(node) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
