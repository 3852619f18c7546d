"""Shell completion: the candidates for the next word, from the same tables as help, and the shells' scripts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from psynth.cli.subcommand import Subcommand
from psynth.cli.table import ALIASES, TABLE
from psynth.core.errors import PsynthError
from psynth.core.settings import SettingField
from psynth.plugins.registry import Registry, default_registry

SCRIPTS = {
    "bash": """\
_psynth() {
    local IFS=$'\\n'
    COMPREPLY=($(psynth __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o bashdefault -o default -F _psynth psynth
""",
    "zsh": """\
#compdef psynth
_psynth() {
    local -a found
    found=("${(@f)$(psynth __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${found[1]}" ]]; then compadd -a found; else _files; fi
}
if [[ "${funcstack[1]}" == _psynth ]]; then _psynth "$@"; else compdef _psynth psynth; fi
""",
    "fish": """\
function __psynth_complete
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    set -l found (psynth __complete $tokens[2..-1] "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c psynth -f -a '(__psynth_complete)'
""",
}
"""Each calls ``psynth __complete WORD…`` for candidates, one per line, and completes file names if there are none."""


def install(shell: str) -> Path:
    """Write a shell's script to its completion folder, and return the path."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    path = {
        "bash": data / "bash-completion/completions/psynth",
        "zsh": data / "zsh/site-functions/_psynth",
        "fish": config / "fish/completions/psynth.fish",
    }[shell]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SCRIPTS[shell], encoding="utf-8")
    return path


def candidates(words: Sequence[str], registry: Registry | None = None) -> list[str]:
    """The candidates for the last of ``words`` (the command line after ``psynth``); empty for a file name."""
    registry = registry or default_registry()
    *before, partial = words or [""]
    try:
        if not before:
            found: Iterable[str] = [*TABLE, *ALIASES, *registry.offers("command"), *registry.subcommands()]
        else:
            from psynth.cli.dispatch import subcommand

            found = _after(subcommand(before[0], before[1:]), before[1:], partial, registry)
    except PsynthError:
        return []  # an invalid line has no continuation, and completion cannot report it
    return [word for word in dict.fromkeys(found) if word.startswith(partial)]


def _after(chosen: Subcommand, before: Sequence[str], partial: str, registry: Registry) -> Iterable[str]:
    fields = {flag: field for group in chosen.groups for field in group.fields for flag in field.flags}
    last = fields.get(before[-1]) if before else None
    if last is not None and last.kind != "bool":
        return _values(last, chosen, registry)
    if partial.startswith("-"):
        return chosen.flags()
    given = _positionals(before, fields)
    if given < len(chosen.arguments):
        return chosen.arguments[given].known
    return chosen.arguments[-1].known if chosen.arguments and chosen.arguments[-1].repeated else ()


def _values(field: SettingField, chosen: Subcommand, registry: Registry) -> Iterable[str]:
    if field.choices:
        return field.choices
    return {"method": chosen.methods, "domain": registry.offers("domain")}.get(field.name, ())


def _positionals(words: Sequence[str], fields: dict[str, SettingField]) -> int:
    """The number of ``words`` that are neither options nor their values."""
    count, takes_value = 0, False
    for word in words:
        if takes_value:
            takes_value = False
        elif word.startswith("-") and word != "-":
            takes_value = "=" not in word and word in fields and fields[word].kind != "bool"
        else:
            count += 1
    return count
