"""Registers the methods of mutate for programs that are text: Python source, vectors, diffs."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register the methods."""
    register("mutate", "python-ast", "psynth_source.python_ast:PythonAst", help="edit the syntax tree of Python source")
