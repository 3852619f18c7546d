"""psynth completion: prints or installs the completion script of a shell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core import standard
from psynth.core.errors import UsageError
from psynth.core.settings import Argument, did_you_mean, setting

DETAILS = """\
    eval "$(psynth completion bash)"
    psynth completion zsh --install

Subcommands, options and their choices, methods, domains, formats, sets of primitives, names of tasks and what psynth
help explains are completed, also those of plugins; anything else is completed as a file name.
"""


@dataclass(frozen=True)
class CompletionOptions:
    """The use of the script."""

    install: bool = setting(False, help="write the script to the shell's own folder instead of printing it")


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    return Subcommand(
        "completion",
        f"{help}\n\n{DETAILS}",
        run,
        arguments=[Argument("shell", "SHELL", "bash, zsh or fish", required=True, known=("bash", "zsh", "fish"))],
        groups=[Group("Options", CompletionOptions)],
    )


def run(parsed: Parsed) -> int:
    """Print or install a script."""
    from psynth.cli.completing import SCRIPTS, install

    [shell] = parsed.arguments["shell"]
    if shell not in SCRIPTS:
        raise UsageError(
            f"no completion for {shell!r}; there is for {', '.join(SCRIPTS)}{did_you_mean(shell, SCRIPTS)}"
        )
    if parsed.of(CompletionOptions).install:
        print(f"wrote {install(shell)}; it takes effect in a new shell", file=standard.err())
    else:
        standard.out().write(SCRIPTS[shell])
    return 0
