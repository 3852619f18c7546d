"""Shell completion: the candidates for the next word, from the same tables as help, and the shells' scripts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from psynth.cli.dispatch import subcommand
from psynth.cli.subcommand import Subcommand
from psynth.cli.table import ALIASES, TABLE, expanded
from psynth.core.errors import PsynthError
from psynth.core.settings import SettingField
from psynth.plugins.registry import Registry, default_registry

MOST_TASKS = 1000
"""Maximum number of tasks of a domain whose names are candidates."""

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
    *before, partial = _joined(words) or [""]
    option, equals, value = partial.partition("=")
    try:
        if not before:
            found: Iterable[str] = [*TABLE, *ALIASES, *registry.offers("command"), *registry.subcommands()]
        elif option.startswith("--") and equals:
            # Bash completes what is after the =, other shells the whole word.
            lead = "" if words[-2:-1] == ["="] or words[-1] == "=" else f"{option}="
            values = _of_line(before, option, "", registry)
            return [f"{lead}{word}" for word in dict.fromkeys(values) if word.startswith(value)]
        else:
            found = _of_line(before[:-1], before[-1], partial, registry) if len(before) > 1 else ()
            found = found or _after(before, partial, registry)
    except PsynthError:
        return []  # an invalid line has no continuation, and completion cannot report it
    return [word for word in dict.fromkeys(found) if word.startswith(partial)]


def _joined(words: Sequence[str]) -> list[str]:
    """The words, with ``--option = value``, as bash splits it, in one word."""
    joined: list[str] = []
    for word in words:
        if joined and ((word == "=" and joined[-1].startswith("--")) or joined[-1].endswith("=")):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _of_line(before: Sequence[str], option: str, partial: str, registry: Registry) -> Iterable[str]:
    """The values of an option, if ``option`` is one that takes a value."""
    chosen = subcommand(before[0], [*before[1:]])
    fields = {flag: field for group in chosen.groups for field in group.fields for flag in field.spellings}
    field = fields.get(option)
    if field is None or field.kind == "bool":
        return ()
    return list(_values(field, chosen, before, registry))


def _after(before: Sequence[str], partial: str, registry: Registry) -> Iterable[str]:
    """The options or the arguments that may follow the words of a line."""
    chosen = subcommand(before[0], before[1:])
    fields = {flag: field for group in chosen.groups for field in group.fields for flag in field.spellings}
    last = fields.get(before[-1]) if len(before) > 1 else None
    if last is not None and last.kind != "bool":
        return ()
    if partial.startswith("-"):
        return chosen.flags()
    given = _positionals(before[1:], fields)
    if chosen.name == "help":
        return _explained(given, registry)
    if len(given) < len(chosen.arguments):
        return chosen.arguments[len(given)].known
    return chosen.arguments[-1].known if chosen.arguments and chosen.arguments[-1].repeated else ()


def _explained(given: Sequence[str], registry: Registry) -> Iterable[str]:
    """What may follow ``psynth help`` and the words ``given``: a subcommand, then what it has by name."""
    from psynth.cli.help import SUBJECTS

    if not given:
        return [*TABLE, *ALIASES, *SUBJECTS, *registry.offers("command"), *registry.subcommands()]
    name, *rest = given
    if name == "primitives":
        if not rest:
            return registry.offers("domain")
        domain = registry.domain(rest[0])
        names = (each.name for kept in domain.primitive_sets for each in domain.library(kept).productions)
        return names if len(rest) == 1 else ()
    if rest:
        return ()
    if name == "task":
        return (task for domain in registry.offers("domain") for task in _task_ids(domain, registry))
    if name in SUBJECTS:
        return ()
    explained = subcommand(name)
    return explained.methods or [known for argument in explained.arguments[:1] for known in argument.known]


def _values(field: SettingField, chosen: Subcommand, before: Sequence[str], registry: Registry) -> Iterable[str]:
    """The values of an option: its choices, or the names that it can take."""
    if field.choices:
        return field.choices
    if field.name == "method":
        explained = before[1] if chosen.name == "help" and len(before) > 1 else chosen.name
        return registry.offers("method", expanded([explained])[0])
    if field.name == "domain":
        return registry.offers("domain")
    domain = _domain_in(before, registry)
    if domain is None:
        return ()
    if field.name == "primitives":
        return registry.domain(domain).primitive_sets
    return _task_names(domain, registry) if field.name == "task" else ()


def _domain_in(words: Sequence[str], registry: Registry) -> str | None:
    """The domain that a command line names, with -d or as its argument."""
    known = registry.offers("domain")
    return next((word for word in (each.removeprefix("-d") for each in words[1:]) if word in known), None)


def _task_ids(domain: str, registry: Registry) -> Iterable[str]:
    found = registry.domain(domain)
    try:
        return [task.id for task in islice(found.tasks(found.TaskSettings(), 0), MOST_TASKS)]
    except PsynthError:
        return []  # a domain without tasks of its own


def _task_names(domain: str, registry: Registry) -> Iterable[str]:
    """The last part of the ids of a domain's tasks, and a domain's own short names for them."""
    names = [task.rpartition("/")[2] for task in _task_ids(domain, registry)]
    short = [name.rpartition("-")[0] for name in names]
    return [*(name for name in short if name and short.count(name) == 1 and not name[-1].isdigit()), *names]


def _positionals(words: Sequence[str], fields: Mapping[str, SettingField]) -> list[str]:
    """Those of ``words`` that are neither options nor their values."""
    found, takes_value = [], False
    for word in words:
        if takes_value:
            takes_value = False
        elif word.startswith("-") and word != "-":
            takes_value = "=" not in word and word in fields and fields[word].kind != "bool"
        else:
            found.append(word)
    return found
