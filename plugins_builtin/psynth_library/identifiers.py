"""Identifiers for abstractions, derived from the names in their definitions: ``fold_plus_0``, ``map_car``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from psynth.core.calculus.terms import Application, Inlined, Lambda, Name, Term, Variable, spine, strip_lambdas

HEADS, CONSTANTS = 3, 2
"""Maximum number of functions and of constants in an identifier."""
LENGTH = 28
"""Maximum length of an identifier, in characters; a single word may be longer."""
CLASHING = 40
"""Maximum length of one that has to differ from another."""
LONG_WORD, PARTS = 14, 3
"""Length from which a name within an identifier is cut, and to how many of the parts between its underscores."""
RUN = 3
"""Number of equal words in a row from which they are counted: ``cdr3``."""
VISITED = 200
"""Maximum number of nodes of a definition that are looked at: what lies deeper names nothing."""
_SYMBOLS = (
    "+ plus  - minus  * times  / over  % mod  ^ pow  = eq  < lt  > gt  & and  | or  ! not  ~ not  @ at  . dot  : cons  "
    "== eq  != ne  <= le  >= ge  ++ append  && and  || or  -> to"
)
WORDS = dict(zip(_SYMBOLS.split()[::2], _SYMBOLS.split()[1::2], strict=True))
"""What names of symbols are called."""


def identifiers(definition: Term, domain: str) -> Iterator[str]:
    """Yield identifiers for an abstraction, the best first; each says more than the one before.

    First the outermost functions and the constants, then with marks for the parameters' places, then more functions.
    """
    words = list(_words(strip_lambdas(definition)[1], domain))
    plain = [(kind, word) for kind, word in words if kind != "parameter"]
    yield _joined(plain, HEADS, CONSTANTS, LENGTH)
    yield _joined(words, HEADS + 2, CONSTANTS, CLASHING)
    yield _joined(plain, 2 * HEADS, 2 * CONSTANTS, CLASHING)


def chosen(candidates: Iterator[str], taken: Collection[str]) -> str:
    """The first candidate that is not taken, else the first of all, which needs a number."""
    found = list(candidates)
    return next((each for each in found if each not in taken), found[0])


def _joined(words: Sequence[tuple[str, str]], heads: int, constants: int, length: int) -> str:
    """Functions in prefix order, with the marks of parameters between, then constants, as far as there is room."""
    last = list(dict.fromkeys(word for kind, word in words if kind == "constant"))[:constants]
    room = length - sum(len(word) + 1 for word in last)
    kept: list[str] = []
    functions = 0
    for (kind, word), run in groupby(each for each in words if each[0] != "constant"):
        for each in _counted(word, len(list(run))):
            functions += kind == "function"
            if functions > heads or (kept and len("_".join([*kept, each])) > room):
                return _named([*kept, *last], length)
            kept.append(each)
    return _named([*kept, *last], length)


def _named(words: Sequence[str], length: int) -> str:
    """The words as an identifier of at most ``length`` characters: as many of them as fit, or one that is cut."""
    kept = list(words) or ["apply"]
    if not kept[0][0].isalpha():
        kept.insert(0, "const")
    while len(kept) > 1 and len("_".join(kept)) > length:
        kept.pop()
    return kept[0][:length].rstrip("_") if len(kept) == 1 else "_".join(kept)


def _counted(word: str, times: int) -> list[str]:
    return [word] * times if times < RUN else [f"{word}{times}"]


def _words(body: Term, domain: str) -> Iterator[tuple[str, str]]:
    """The words of a body in prefix order, each a function, a constant or a parameter.

    A function that is applied to one variable alone, several times, is followed by the word self.
    """
    stack = [body]
    visited = 0
    while stack and visited < VISITED:
        term = stack.pop()
        visited += 1
        if isinstance(term, Lambda | Inlined):
            stack.append(term.body)
        elif isinstance(term, Variable):
            yield "parameter", "x"
        elif isinstance(term, Name):
            yield "constant", _word(term.text, domain)
        else:
            assert isinstance(term, Application)
            head, arguments = spine(term)
            if isinstance(head, Name):
                yield "function", _word(head.text, domain)
            else:
                stack_head = [] if isinstance(head, Variable) else [head]
                if isinstance(head, Variable):
                    yield "function", "apply"
                arguments = [*stack_head, *arguments]
            if len(arguments) > 1 and isinstance(arguments[0], Variable) and len({*arguments}) == 1:
                yield "function", "self"
            else:
                stack += reversed(arguments)


def _word(name: str, domain: str) -> str:
    """A name as a word of letters, digits and underscores, without what names the domain or its kind of value."""
    if re.fullmatch(r"[+-]?[0-9][0-9.eE+-]*", name):
        sign = "minus" if name[0] == "-" else ""
        return sign + re.sub(r"[^0-9a-zA-Z]+", "_", name.lstrip("+-")).strip("_")
    if name in WORDS:
        return WORDS[name]
    for prefix in (f"{domain}_", f"{domain}-"):
        if name.startswith(prefix) and len(name) > len(prefix):
            name = name[len(prefix) :]
    letters = unicodedata.normalize("NFKD", name)
    text = re.sub(r"[^0-9A-Za-z]+", "_", letters).strip("_")
    if len(text) > LONG_WORD:
        text = "_".join(text.split("_")[:PARTS])
    return text or WORDS.get(name.rstrip(".")) or _spelled(name)


def _spelled(name: str) -> str:
    """The words for symbols: those of the table, or else of the Unicode standard."""
    words = [WORDS.get(each) or unicodedata.name(each, "").split(" ")[0].lower() for each in name[:3]]
    return re.sub(r"[^0-9a-z]+", "_", "_".join(filter(None, words))).strip("_") or "symbol"
