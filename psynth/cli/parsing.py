"""The parser of command lines, from words to values of a subcommand's settings; its errors say what to type instead.

A test compares it with typer's, which is not used because it takes longer to import than everything else that a
subcommand does before its first record.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

from psynth.cli.subcommand import Parsed, Subcommand
from psynth.core.errors import UsageError
from psynth.core.settings import SettingField, did_you_mean

HELP = ("-h", "--help")
_NUMBER = re.compile(r"-[0-9.].*")

Key = TypeVar("Key")


class Option(NamedTuple):
    """An option of a subcommand: the class of settings that it belongs to, and the setting."""

    settings: type
    field: SettingField


class Word(NamedTuple):
    """One argument or option of a command line.

    ``text`` is the argument, or the flag as typed; ``value`` is None for a switch, and where a value is missing.
    """

    kind: Literal["argument", "after dashes", "option", "help", "unknown"]
    text: str
    value: str | None = None
    option: Option | None = None


@dataclass(frozen=True)
class Preview:
    """A command line as parsed by a subcommand that may lack some of its options, with values as texts."""

    options: Mapping[str, str] = field(default_factory=dict)
    arguments: Sequence[str] = ()


@dataclass(frozen=True)
class HelpRequest:
    """A command line with -h, for the short help, or --help."""

    short: bool


class UnknownOption(UsageError):
    """An option that a subcommand does not have; ``flag`` is as typed."""

    def __init__(self, subcommand: Subcommand, flag: str) -> None:
        self.subcommand, self.flag = subcommand, flag
        hint = did_you_mean(flag, subcommand.flags())
        super().__init__(f"unknown option {flag}{hint}; psynth {subcommand.name} --help lists them")


def parse(subcommand: Subcommand, words: Sequence[str]) -> Parsed | HelpRequest:
    """The parsed ``words``, or the request for help that they hold; UsageError if they are invalid.

    Long options are ``--name value`` or ``--name=value``, short ones ``-n value`` or ``-nvalue``; switches may be
    bundled (``-qv``); after ``--`` everything is an argument. If an option is repeated, the last value counts.
    """
    values: dict[type, dict[str, Any]] = {group.settings: {} for group in subcommand.groups}
    arguments: list[str] = []
    after_dashes: list[str] = []
    apart = any(argument.after_dashes for argument in subcommand.arguments)
    for word in _read(subcommand, words):
        if word.kind == "help":
            return HelpRequest(short=word.text != HELP[-1])
        if word.kind == "after dashes" and apart:
            after_dashes.append(word.text)
        elif word.kind in ("argument", "after dashes"):
            arguments.append(word.text)
        elif word.option is None:
            raise UnknownOption(subcommand, word.text)
        else:
            settings, field = word.option
            value = _value_of(word, field)
            given = values[settings]
            given[field.name] = (*given.get(field.name, ()), value) if field.repeated else value
    return Parsed(_placed(subcommand, arguments, after_dashes), values, tuple(words))


def preview(subcommand: Subcommand, words: Sequence[str]) -> Preview:
    """``words`` as parsed by a subcommand that may lack options, without checks and ignoring ``--help``."""
    options: dict[str, str] = {}
    arguments: list[str] = []
    for word in _read(subcommand, words):
        if word.kind in ("argument", "after dashes"):
            arguments.append(word.text)
        elif word.option is not None and word.value is not None:
            options[word.option.field.name] = word.value
    return Preview(options, arguments)


def resolve(
    words: Sequence[str], choice: Callable[[Preview], Key], build: Callable[[Key], Subcommand]
) -> tuple[Subcommand, Key]:
    """The subcommand with the options of the method, domain or format that ``words`` themselves name.

    ``choice`` takes that name from a preview, ``build`` makes the subcommand for it. An option's value may look like a
    name until that option is known, so the words are parsed until they name the subcommand that parsed them.
    """
    chosen = choice(Preview())
    for _ in range(4):
        subcommand = build(chosen)
        read = choice(preview(subcommand, words))
        if read == chosen:
            return subcommand, chosen
        chosen = read
    raise UsageError("the value of an option looks like the name of a method, domain or format; write --option=VALUE")


def _read(subcommand: Subcommand, words: Sequence[str]) -> Iterator[Word]:
    """The arguments and options that ``words`` hold."""
    known = [Option(group.settings, field) for group in subcommand.groups for field in group.fields]
    options = {flag: option for option in known for flag in option.field.spellings}
    left = deque(words)
    while left:
        word = left.popleft()
        name, equals, attached = word.partition("=")
        if word == "--":
            yield from (Word("after dashes", each) for each in left)
            return
        if word in HELP:
            yield Word("help", word)
        elif not word.startswith("-") or word == "-" or (_NUMBER.fullmatch(word) and word[:2] not in options):
            yield Word("argument", word)
        elif word.startswith("--") and name in options:
            option = options[name]
            value = attached if equals else None
            if option.field.kind != "bool" and value is None and left:
                value = left.popleft()
            yield Word("option", name, value, option)
        elif word[:2] in options and not word.startswith("--"):
            option, rest = options[word[:2]], word[2:] or None
            if option.field.kind == "bool":
                yield Word("option", word[:2], None, option)
                if rest:
                    left.appendleft(f"-{rest}")
            else:
                yield Word("option", word[:2], left.popleft() if rest is None and left else rest, option)
        else:
            yield Word("unknown", name)


def _value_of(word: Word, field: SettingField) -> Any:
    if field.kind == "bool":
        if word.value is not None:
            raise UsageError(f"{word.text} takes no value")
        return word.text != field.negative
    if word.value is None:
        expected = f" ({field.metavar})" if field.choices or field.unit else ""
        raise UsageError(f"{word.text} needs a value{expected}")
    return field.parse(word.value)


def _placed(subcommand: Subcommand, words: list[str], after_dashes: list[str]) -> dict[str, tuple[str, ...]]:
    """The arguments by name: each takes one word, a repeated one all remaining words."""
    placed: dict[str, tuple[str, ...]] = {}
    for argument in subcommand.arguments:
        if argument.after_dashes:
            placed[argument.name] = tuple(after_dashes)
            continue
        count = len(words) if argument.repeated else 1
        placed[argument.name], words = tuple(words[:count]), words[count:]
        if argument.required and not placed[argument.name]:
            raise UsageError(f"{argument.metavar} is missing; usage: {subcommand.usage}")
    if words:
        raise UsageError(f"too many arguments: {' '.join(words)}; usage: {subcommand.usage}")
    return placed
