"""Registers the methods of enumerate, sample, mutate and search that need no model."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register the methods of four subcommands."""
    register(
        "enumerate",
        "windows",
        "psynth_search.windows:Windows",
        help="enumerate programs in order of cost, window by window",
    )
    register(
        "enumerate",
        "levels",
        "psynth_search.levels:Levels",
        help="enumerate terms level by level of cost, equal ones once, and solve parts from the examples",
    )
    register("sample", "grammar", "psynth_search.sampling:DrawFromGrammar", help="sample by the library's weights")
    register("sample", "cheapest", "psynth_search.sampling:Cheapest", help="list all programs, the likeliest first")
    register(
        "mutate",
        "subterm",
        "psynth_search.mutation:Subterm",
        help="replace a part of a program by a sample from the grammar",
    )
    register(
        "mutate",
        "crossover",
        "psynth_search.mutation:Crossover",
        help="replace a part of a program by a part of another program",
    )
    register(
        "mutate",
        "codeit",
        "psynth_search.line_mutation:LineMutation",
        help="replace a line of a program, or a part of it, where that does something new on the task's inputs",
    )
    register(
        "search",
        "hill-climb",
        "psynth_search.climbing:HillClimb",
        help="move to the first better mutant, with restarts",
    )
    register(
        "search",
        "scheduled",
        "psynth_search.climbing:Scheduled",
        help="hill climbing with a neighborhood that grows by a schedule",
    )
