"""The table of subcommands: each one's module and summary, which is all that the root help needs to know."""

from typing import NamedTuple


class Entry(NamedTuple):
    """A subcommand in the table: ``module`` is imported only when it is called."""

    module: str
    group: str
    summary: str


GROUPS = {
    "search": "Find and judge programs",
    "stream": "Look after streams",
    "house": "About psynth itself",
}

TABLE: dict[str, Entry] = {
    "tasks": Entry("psynth.cli.tasks", "search", "write a domain's tasks as empty frontiers, after its library"),
    "enumerate": Entry("psynth.cli.enumerate", "search", "find programs for frontiers, the likeliest first"),
    "sample": Entry("psynth.cli.sample", "search", "draw programs from a grammar or a model"),
    "mutate": Entry("psynth.cli.mutate", "search", "change programs by typed mutation or crossover"),
    "evaluate": Entry("psynth.cli.evaluate", "search", "run programs and score them; also one program, once"),
    "compress": Entry("psynth.cli.compress", "search", "learn a library from programs, and rewrite them with it"),
    "train": Entry("psynth.cli.train", "search", "train a model on the programs of a stream"),
    "cem-search": Entry("psynth.cli.cem_search", "search", "climb to the best programs, in program or in latent space"),
    "merge": Entry("psynth.cli.merge", "stream", "join the shards of a stream"),
    "check": Entry("psynth.cli.check", "stream", "say whether a stream is sound, and what it holds"),
    "show": Entry("psynth.cli.show", "stream", "draw tasks, programs and libraries; play programs"),
    "report": Entry("psynth.cli.report", "stream", "tables and curves of what streams hold"),
    "import": Entry("psynth.cli.import_", "stream", "turn files of another format into a stream"),
    "export": Entry("psynth.cli.export", "stream", "turn a stream into another format"),
    "plugins": Entry("psynth.cli.plugins", "house", "list the plugins and what they offer"),
    "doctor": Entry("psynth.cli.doctor", "house", "check the installation and say what to mend"),
    "help": Entry("psynth.cli.help", "house", "explain a subcommand or a method, as text or JSON"),
    "completion": Entry("psynth.cli.completion", "house", "print or install completion for bash, zsh or fish"),
}


def root_help() -> str:
    """The text of ``psynth --help``."""
    lines = [
        "Usage: psynth NAME [OPTIONS] [FILE…]",
        "",
        "Program synthesis as Unix filters: records on standard input and output, messages on standard error.",
    ]
    width = max(map(len, TABLE))
    for group, title in GROUPS.items():
        lines += ["", f"{title}:"]
        lines += [f"  {name:<{width}}  {entry.summary}" for name, entry in TABLE.items() if entry.group == group]
    lines += [
        "",
        "Options:",
        "  -h, --help     show this text; after NAME, the help of that subcommand",
        "  -V, --version  show the version",
        "",
        "Plugins may add subcommands and methods: psynth plugins lists them.",
        "",
        "Example:",
        "  psynth tasks list | psynth enumerate | psynth compress > library.jsonl",
        "",
    ]
    return "\n".join(lines)
