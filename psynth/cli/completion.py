"""psynth completion: print or install the completion script of a shell."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from psynth.cli.subcommand import Argument, Group, Parsed, Subcommand
from psynth.core.errors import UsageError
from psynth.core.settings import did_you_mean, setting

HELP = """Print the completion script of a shell, or install it.

    eval "$(psynth completion bash)"
    psynth completion zsh --install

Subcommands, options, choices, methods, domains and formats are completed, plugins' too; everything else is a file.
"""


@dataclass(frozen=True)
class CompletionOptions:
    """What to do with the script."""

    install: bool = setting(False, help="write the script where the shell looks for it, instead of printing it")


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand's arguments, options and function."""
    return Subcommand(
        "completion",
        HELP,
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
        print(f"wrote {install(shell)}; it takes effect in a new shell", file=sys.stderr)
    else:
        sys.stdout.write(SCRIPTS[shell])
    return 0
