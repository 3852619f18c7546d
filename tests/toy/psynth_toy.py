"""A plugin for tests of the frame: needs no native engine, and says when it is imported and when a hook is called."""

from psynth.plugins import hookimpl

hook_calls: list[str] = []


@hookimpl
def register_domains(register):
    """Register the domain ``toy``."""
    hook_calls.append("register_domains")
    register("toy", "psynth_toy_parts:Toy", help="sums of ones")


@hookimpl
def register_methods(register):
    """Register methods of enumerate, search and compress."""
    hook_calls.append("register_methods")
    register("enumerate", "guess", "psynth_toy_parts:Guess", help="tries a few sums")
    register("enumerate", "broken", "psynth_toy_parts:Broken", help="raises an exception")
    register("search", "dice", "psynth_toy_parts:Dice", help="throws a dice")
    register("search", "cem", "psynth_toy_parts:Guess", help="guesses, under a name that has an alias")
    register("compress", "nothing", "psynth_toy_parts:Nothing", help="learns nothing")
    register("toy-mutate", "swap", "psynth_toy_parts:Nothing", help="changes nothing")


@hookimpl
def register_commands(register):
    """Register two subcommands: a filter, and one that is none."""
    hook_calls.append("register_commands")
    register("toy-solved", "psynth_toy_parts:Solved", help="only what is solved")
    register("toy-launch", "psynth_toy_parts:Launch", help="prints what it would launch")


@hookimpl
def register_formats(register):
    """Register a format."""
    hook_calls.append("register_formats")
    register("ids", "psynth_toy_parts:Ids", help="task ids, one a line")
