"""The table of subcommands, which suffices for the root help without importing their modules or plugins."""

from typing import NamedTuple


class Verb(NamedTuple):
    """A subcommand. The first sentence of ``help`` is its summary.

    A verb with a ``default_method`` runs one of its methods, which plugins register. Any other verb is in ``module``,
    which is imported only when the verb is called, and whose ``DETAILS`` continue the help.
    """

    name: str
    group: str
    help: str
    default_method: str = ""
    module: str = ""

    @property
    def summary(self) -> str:
        """The first sentence of the help, without its full stop."""
        return self.help.partition("\n\n")[0].removesuffix(".")


GROUPS = {"search": "Find and judge programs", "stream": "Work with streams", "meta": "psynth itself"}

_VERBS = (
    Verb("tasks", "search", "Write a domain's tasks as empty frontiers, after its library.", module="psynth.cli.tasks"),
    Verb(
        "enumerate",
        "search",
        """\
Find programs for tasks in order of their probability.

The library of a frontier gives the probabilities; a frontier with no library before it uses its domain's. Each frontier
is written with the programs that solve its task and with a record of the search.

    psynth tasks list | psynth enumerate --max-cost 15
    psynth enumerate -d list --timeout 10 -o solved.jsonl
""",
        default_method="windows",
    ),
    Verb(
        "search",
        "search",
        """\
Search for the programs with the highest reward.

The search is in the space of programs, or in the latent space of a model. Each frontier is written with the best
programs found for its task, with their reward on re-evaluation and on instances held out from the search.
Metric records give the progress of the search. psynth cem-search is short for psynth search --method cem.

    psynth tasks karel --task maze | psynth search
    psynth tasks list --count 5 | psynth search --max-evaluations 20000
""",
        default_method="hill-climb",
    ),
    Verb(
        "sample",
        "search",
        """\
Sample programs at random from a library or a model.

    psynth sample -d list --count 10 | psynth show
    psynth tasks karel | psynth sample --count 50000 -o drawn.jsonl
    psynth sample -d karel --demonstrations 10 | psynth export leaps -o data
""",
        default_method="grammar",
    ),
    Verb(
        "mutate",
        "search",
        """\
Change programs by typed mutation or crossover.

The programs of each frontier are the parents of new ones. Those of λ-terms, which the default method changes, are well
typed, too; python-ast, python-crossover and vector change Python source and lists of numbers, and diff applies diffs.

    psynth enumerate -d list | psynth mutate --count 5 | psynth evaluate
    psynth mutate --method python-ast --count 5 started.jsonl | psynth evaluate
""",
        default_method="subterm",
    ),
    Verb("evaluate", "search", "Run programs and score them.", module="psynth.cli.evaluate"),
    Verb(
        "relabel",
        "search",
        """\
Turn programs into the tasks that they do solve.

A task made of a program is one more to learn from: psynth train takes it like a solved task.

    psynth tasks list | psynth sample --keep --count 5000 | psynth relabel > dreams.jsonl
""",
        default_method="dreams",
    ),
    Verb(
        "replay",
        "search",
        """\
Draw programs from streams, to learn from them again.

A replay buffer is a stream. The frontiers written have the programs that were drawn, and no others.

    psynth relabel --method hindsight sampled.jsonl >> buffer.jsonl
    psynth replay --count 90000 buffer.jsonl | psynth train --method recognition --model recognizer
""",
        default_method="priority",
    ),
    Verb(
        "compress",
        "search",
        """\
Learn a library from programs, and rewrite them with it.

The library is written with its new abstractions and weights, and the frontiers with their programs rewritten in it. The
next psynth enumerate searches with that library.

    psynth enumerate -d list | psynth compress > library.jsonl
""",
        default_method="joint",
    ),
    Verb(
        "document",
        "search",
        """\
Name and describe the abstractions of a library.

Each abstraction gets a readable name, a summary and examples, and the definitions, programs and metrics of the stream
call it by its new name. Documentation survives another psynth compress: abstractions that have some are left alone.

    psynth compress solved.jsonl | psynth document > library.jsonl
    psynth help primitives list map_plus --library library.jsonl
""",
        default_method="template",
    ),
    Verb(
        "train",
        "search",
        """\
Train a model on the programs of a stream.

The model is written to a folder. A model record, which later stages use, and metric records of the training are written
to the stream.

    psynth sample -d karel --count 50000 --demonstrations 10 -o data.jsonl
    psynth train --model leaps data.jsonl
""",
        default_method="embedding",
    ),
    Verb(
        "guide",
        "search",
        """\
Give each task the weights that a trained model predicts for it.

The weights of a frontier take the place of the library's in psynth enumerate and the other searches.

    psynth train --method recognition --model recognizer solved.jsonl dreams.jsonl
    psynth tasks list --split test | psynth guide --model recognizer | psynth enumerate
""",
        default_method="recognition",
    ),
    Verb(
        "elites",
        "search",
        """\
Keep the best programs for each kind of behavior.

The output is an archive: a stream with one elite a frontier, which is input like any other.

    psynth evaluate --descriptors karel.jsonl | psynth elites | psynth show
    psynth elites --ask 64 archive.jsonl | psynth mutate | psynth evaluate --descriptors > children.jsonl
    psynth elites --tell archive.jsonl children.jsonl -o archive.jsonl
""",
        default_method="archive",
    ),
    Verb("sandbox-exec", "search", "Run Python programs where they can do no harm.", module="psynth.cli.sandbox_exec"),
    Verb("merge", "stream", "Join the shards of a stream.", module="psynth.cli.merge"),
    Verb("check", "stream", "Check a stream for errors, and count its records.", module="psynth.cli.check"),
    Verb("show", "stream", "Draw tasks, programs and libraries, and play programs.", module="psynth.cli.show"),
    Verb("report", "stream", "Report results of searches: tables and curves.", module="psynth.cli.report"),
    Verb("import", "stream", "Turn files of another format into a stream.", module="psynth.cli.import_"),
    Verb("export", "stream", "Turn a stream into a file of another format.", module="psynth.cli.export"),
    Verb("new", "meta", "Write the package of a new domain, method or format.", module="psynth.cli.new"),
    Verb("plugins", "meta", "List the installed plugins and what each offers.", module="psynth.cli.plugins"),
    Verb("doctor", "meta", "Check the installation and say how to fix it.", module="psynth.cli.doctor"),
    Verb("help", "meta", "Explain a subcommand or a method, as text or JSON.", module="psynth.cli.help"),
    Verb("completion", "meta", "Print or install shell completion.", module="psynth.cli.completion"),
)

TABLE: dict[str, Verb] = {verb.name: verb for verb in _VERBS}

ALIASES: dict[str, tuple[str, ...]] = {"cem-search": ("search", "--method", "cem")}
"""Short names, each with its expansion; options that follow take precedence."""


def expanded(words: list[str]) -> list[str]:
    """A command line with its alias expanded, if it begins with one."""
    return [*ALIASES.get(words[0], words[:1]), *words[1:]] if words else words
