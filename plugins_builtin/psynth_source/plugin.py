"""Registers methods for programs that are text: Python source, vectors, diffs; and one that reads them from files."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register methods of sample and mutate."""
    register("sample", "given", "psynth_source.given:Given", help="give every task the programs in files")
    register("mutate", "python-ast", "psynth_source.python_ast:PythonAst", help="edit the syntax tree of Python source")
    register(
        "mutate",
        "python-crossover",
        "psynth_source.crossover:PythonCrossover",
        help="put a part of a Python program into another",
    )
    register(
        "mutate", "vector", "psynth_source.vector:VectorVariation", help="add random steps to programs that are vectors"
    )
    register("mutate", "diff", "psynth_source.diff:ApplyDiffs", help="apply the unified diffs of a stream")
