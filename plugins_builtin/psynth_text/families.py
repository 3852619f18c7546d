"""The table of text transformations that the task generator uses.

A family is one transformation of one or two columns of a spreadsheet, with samplers for the columns. The kinds are
those of spreadsheet data cleaning (Gulwani 2011): names, telephone numbers, dates, files, addresses. No family is in
both splits.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Sampler = Callable[[random.Random], str]

FIRST_NAMES = (
    "Ada Alan Barbara Claude Dana Edsger Frances Grace Hedy Ida Jean John Karen Kurt Lynn Mary Nils Olga Radia"
)
LAST_NAMES = "Allen Backus Church Curry Dijkstra Franklin Gödel Hoare Hopper Knuth Liskov Lovelace Milner Perlman Wing"
TOWNS = "Aarhus,Bergen,Cork,Delft,Edinburgh,Fort Worth,Graz,Haifa,Kyoto,La Paz,Lund,New Haven,Oslo,Pisa,San Jose,Tartu"
STATES = "CA CT IL MA MD NJ NY OR PA TX UT VA"
NOUNS = "report budget notes figure draft table letter minutes invoice plan survey thesis"
SUFFIXES = "pdf txt csv md tex png ml rs py"
COLORS = "red green blue black white gray"
HOSTS = "example.org example.com mail.example.net lab.example.edu"


def _any(words: str, separator: str = " ") -> Sampler:
    pool = words.split(separator)
    return lambda rng: rng.choice(pool)


_first, _last, _town, _state = _any(FIRST_NAMES), _any(LAST_NAMES), _any(TOWNS, ","), _any(STATES)
_noun, _suffix, _color, _host = _any(NOUNS), _any(SUFFIXES), _any(COLORS), _any(HOSTS)


def _number(digits: int) -> Sampler:
    return lambda rng: f"{rng.randrange(10**digits):0{digits}}"


def _joined(separator: str, *parts: Sampler) -> Sampler:
    return lambda rng: separator.join(part(rng) for part in parts)


_name = _joined(" ", _first, _last)
_phone = _joined("-", _number(3), _number(3), _number(4))
_year: Sampler = lambda rng: f"{rng.randint(1900, 2099)}"  # noqa: E731 - one sampler among others
_month: Sampler = lambda rng: f"{rng.randint(1, 12):02}"  # noqa: E731
_day: Sampler = lambda rng: f"{rng.randint(1, 28):02}"  # noqa: E731
_date = _joined("-", _year, _month, _day)
_file = _joined(".", _joined("-", _noun, _number(2)), _suffix)
_mail = _joined("@", lambda rng: _first(rng).lower(), _host)
_place = _joined(", ", _town, _state)
_article = _joined(" ", _joined("-", lambda rng: _color(rng).upper()[:2], _number(3)), _color, _noun)
_count = lambda rng: f"{_noun(rng)} {rng.randint(0, 120)}"  # noqa: E731 - one sampler among others


@dataclass(frozen=True)
class Family:
    """One transformation: a function from the texts of the columns to a text, a number or a truth value."""

    name: str
    sentence: str
    split: str
    columns: tuple[Sampler, ...]
    function: Callable[..., Any]
    result: str = "string"

    @property
    def request(self) -> str:
        """The type of the function."""
        return " -> ".join(["string"] * len(self.columns) + [self.result])


def _two(whole: str, separator: str) -> tuple[str, str]:
    before, _, after = whole.partition(separator)
    return before, after


# fmt: off
FAMILIES: tuple[Family, ...] = (
    Family("first-name", "the first name", "train", (_name,), lambda name: _two(name, " ")[0]),
    Family("last-name", "the last name", "test", (_name,), lambda name: _two(name, " ")[1]),
    Family("initial", "the first letter", "train", (_name,), lambda name: name[0]),
    Family("initials", "the initials, each with a period", "test", (_name,),
           lambda name: f"{name[0]}.{_two(name, ' ')[1][0]}."),
    Family("name-of-two", "first and last name with a space between them", "train", (_first, _last),
           lambda first, last: f"{first} {last}"),
    Family("short-name", "the initial of the first name with a period, and the last name", "train", (_first, _last),
           lambda first, last: f"{first[0]}. {last}"),
    Family("last-comma-first", "the last name, a comma and the first name", "test", (_name,),
           lambda name: "{1}, {0}".format(*_two(name, " "))),
    Family("length-of-name", "the number of letters of a first name", "train", (_first,), len, "int"),
    Family("area-code", "the first three digits", "train", (_phone,), lambda phone: phone[:3]),
    Family("last-four-digits", "the digits after the last hyphen", "test", (_phone,), lambda phone: phone[-4:]),
    Family("middle-digits", "the digits between the hyphens", "train", (_phone,), lambda phone: phone[4:7]),
    Family("dotted-phone", "the number with periods in place of hyphens", "train", (_phone,),
           lambda phone: phone.replace("-", ".")),
    Family("code-in-parentheses", "the number with its area code in parentheses", "test", (_phone,),
           lambda phone: f"({phone[:3]}) {phone[4:]}"),
    Family("year", "the year", "train", (_date,), lambda date: date[:4]),
    Family("month", "the month as a number", "train", (_date,), lambda date: int(date[5:7]), "int"),
    Family("day", "the day without leading zeros", "test", (_date,), lambda date: str(int(date[8:]))),
    Family("day-first", "the day, the month and the year, with slashes", "test", (_date,),
           lambda date: "/".join(reversed(date.split("-")))),
    Family("next-year", "the year after", "train", (_date,), lambda date: str(int(date[:4]) + 1)),
    Family("suffix", "the suffix of the file", "train", (_file,), lambda file: _two(file, ".")[1]),
    Family("stem", "the name of the file without its suffix", "test", (_file,), lambda file: _two(file, ".")[0]),
    Family("in-parentheses", "the file in parentheses", "train", (_file,), lambda file: f"({file})"),
    Family("is-file", "whether there is a suffix", "train",
           (lambda rng: _file(rng) if rng.random() < 0.5 else _noun(rng),), lambda name: "." in name, "bool"),
    Family("in-folder", "the file in the folder, with a slash between them", "test", (_noun, _file),
           lambda folder, file: f"{folder}/{file}"),
    Family("user", "what stands before the @", "train", (_mail,), lambda mail: _two(mail, "@")[0]),
    Family("host", "what stands after the @", "test", (_mail,), lambda mail: _two(mail, "@")[1]),
    Family("mail-of-two", "user and host with an @ between them", "train", (_noun, _host),
           lambda user, host: f"{user}@{host}"),
    Family("town", "the town", "train", (_place,), lambda place: _two(place, ",")[0]),
    Family("state", "the state", "test", (_place,), lambda place: place[-2:]),
    Family("with-state", "the town and the state, unless the town has it already", "train",
           (lambda rng: _place(rng) if rng.random() < 0.5 else _town(rng), _any("USA")),
           lambda town, country: town if "," in town else f"{town}, {country}"),
    Family("article-number", "the number of the article", "train", (_article,), lambda article: article[3:6]),
    Family("color", "the color of the article", "test", (_article,), lambda article: article.split()[1]),
    Family("kind", "the kind of the article", "test", (_article,), lambda article: article.split()[2]),
    Family("count-plus-one", "one more than the count", "test", (_count,),
           lambda count: int(_two(count, " ")[1]) + 1, "int"),
    Family("all-but-first", "all but the first letter", "train", (_noun,), lambda word: word[1:]),
    Family("all-but-last", "all but the last letter", "test", (_noun,), lambda word: word[:-1]),
    Family("twice", "the word twice", "train", (_noun,), lambda word: word * 2),
    Family("last-letter", "the last letter", "train", (_noun,), lambda word: word[-1]),
    Family("sentence", "with a period at the end, unless there is one", "test",
           (lambda rng: _noun(rng) + rng.choice(("", ".")),), lambda word: word if word.endswith(".") else f"{word}."),
    Family("same-start", "whether the second word begins with the first", "test",
           (lambda rng: _noun(rng)[:1], _noun), lambda start, word: word.startswith(start), "bool"),
)
# fmt: on
