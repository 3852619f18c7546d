"""Terms of the λ-calculus: interned syntax trees, their text, and generic traversals.

Equal terms are the same object, so ``is`` compares them and a term is a cheap dictionary key. No function recurses:
only memory limits the depth of a term.

Syntax: ``(lambda body)``, application ``(f a b)``, de Bruijn variables ``$0``, names (any characters except white space
and parentheses), and ``#(…)`` for an inlined abstraction. White space between them is that of ASCII; a name with white
space of Unicode, as with a no-break space, is refused, and so are the tags of Stitch's lambdas and variables.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

from psynth.core.errors import PsynthError

_TOKEN = re.compile(r"#\(|[()]|[^ \t\r\n\f\v()]+")
_INDEX = re.compile(r"\$[0-9]+")
_UNICODE_SPACE = re.compile("[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_TAGGED_LAMBDA = re.compile(r"(lambda|lam)_[0-9]+")
_TAGGED_VARIABLE = re.compile(r"\$[0-9]+_[0-9]+")
LAMBDAS: Final = frozenset(("lambda", "lam"))

Result = TypeVar("Result")


class TermSyntaxError(PsynthError):
    """Invalid text of a term; ``position`` counts characters from 0."""

    exit_code = 3

    def __init__(self, problem: str, text: str, position: int) -> None:
        self.position = position
        start = max(0, position - 30)
        around = f"{'…' if start else ''}{text[start : position + 30]}{'…' if position + 30 < len(text) else ''}"
        super().__init__(f"not a program: {problem} at character {position}, in {around!r}")


class Term:
    """An immutable λ-term; only the subclasses are instantiated.

    ``free`` is 1 + the largest index of a free variable (0: closed), ``size`` is the number of nodes of the tree, and
    ``is_normal`` is true for a β-normal form (``#(…)`` counts as a name).
    """

    __slots__ = ("__weakref__", "free", "is_normal", "size")
    free: int
    size: int
    is_normal: bool

    def __str__(self) -> str:
        return print_term(self)

    def __repr__(self) -> str:
        return f"parse_term({print_term(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return parse_term, (print_term(self),)

    def __copy__(self) -> "Term":
        return self

    def __deepcopy__(self, memo: object) -> "Term":
        return self


class Variable(Term):
    """A de Bruijn variable: ``$0`` is bound by the innermost enclosing ``lambda``."""

    __slots__ = ("index",)
    __match_args__ = ("index",)
    index: int

    def __new__(cls, index: int) -> "Variable":
        known = _variables.get(index)
        if known is not None:
            return known
        if index < 0:
            raise ValueError(f"a variable's index must not be negative: {index}")
        self = super().__new__(cls)
        self.index, self.free, self.size, self.is_normal = index, index + 1, 1, True
        _variables[index] = self
        return self


class Name(Term):
    """The name of a primitive or learned abstraction, or a literal."""

    __slots__ = ("text",)
    __match_args__ = ("text",)
    text: str

    def __new__(cls, text: str) -> "Name":
        known = _names.get(text)
        if known is not None:
            return known
        if text in LAMBDAS or text[:1] == "$" or text in ("#(", "(", ")") or not _TOKEN.fullmatch(text):
            raise ValueError(f"not a name: {text!r}")
        if _TAGGED_LAMBDA.fullmatch(text) or (not text.isascii() and _UNICODE_SPACE.search(text)):
            raise ValueError(f"not a name that every reader takes for one: {text!r}")
        self = super().__new__(cls)
        self.text, self.free, self.size, self.is_normal = text, 0, 1, True
        _names[text] = self
        return self


class Lambda(Term):
    """A function of one argument."""

    __slots__ = ("body",)
    __match_args__ = ("body",)
    body: Term

    def __new__(cls, body: Term) -> "Lambda":
        known = _lambdas.get(body)
        if known is not None:
            return known
        self = super().__new__(cls)
        self.body, self.size, self.is_normal = body, body.size + 1, body.is_normal
        self.free = body.free - 1 if body.free else 0
        _lambdas[body] = self
        return self


class Application(Term):
    """A function applied to one argument; ``(f a b)`` is ``Application(Application(f, a), b)``."""

    __slots__ = ("argument", "function")
    __match_args__ = ("function", "argument")
    function: Term
    argument: Term

    def __new__(cls, function: Term, argument: Term) -> "Application":
        known = _applications.get((function, argument))
        if known is not None:
            return known
        self = super().__new__(cls)
        self.function, self.argument, self.size = function, argument, function.size + argument.size + 1
        self.free = function.free if function.free > argument.free else argument.free
        self.is_normal = function.is_normal and argument.is_normal and type(function) is not Lambda
        _applications[function, argument] = self
        return self


class Inlined(Term):
    """``#(…)``: an inlined abstraction, treated like a name."""

    __slots__ = ("body",)
    __match_args__ = ("body",)
    body: Term

    def __new__(cls, body: Term) -> "Inlined":
        known = _inlined.get(body)
        if known is not None:
            return known
        self = super().__new__(cls)
        self.body, self.free, self.size, self.is_normal = body, body.free, body.size + 1, True
        _inlined[body] = self
        return self


_variables: WeakValueDictionary[int, Variable] = WeakValueDictionary()
_names: WeakValueDictionary[str, Name] = WeakValueDictionary()
_lambdas: WeakValueDictionary[Term, Lambda] = WeakValueDictionary()
_applications: WeakValueDictionary[tuple[Term, Term], Application] = WeakValueDictionary()
_inlined: WeakValueDictionary[Term, Inlined] = WeakValueDictionary()


# --- text -----------------------------------------------------------------------------------------------------------


def parse_term(text: str, *, bare_application: bool = False) -> Term:
    """Parse a term in time linear in its text; raises ``TermSyntaxError``.

    ``lam`` is read as ``lambda``, and ``(f)`` as ``f``. With ``bare_application`` the outermost parentheses of an
    application may be missing, as in Stitch's ``f a b``.
    """
    tokens = _TOKEN.findall(text)
    # One list of items and one kind of opening token for each open parenthesis.
    items: list[Term] = []
    open_items: list[list[Term]] = []
    kinds: list[str] = []
    try:
        for at, token in enumerate(tokens):
            if token == "(" or token == "#(":
                open_items.append(items)
                kinds.append(token)
                items = []
            elif token == ")":
                if not kinds:
                    raise _Problem("unmatched closing parenthesis", at)
                term = _close(kinds.pop(), items, at)
                items = open_items.pop()
                items.append(term)
            elif token in LAMBDAS:
                if items or not kinds or kinds[-1] == "lambda":
                    raise _Problem(f"{token} must follow an opening parenthesis", at)
                # ``#(lambda body)`` is an inlined abstraction whose body is a lambda: one parenthesis closes both.
                kinds[-1] = "lambda" if kinds[-1] == "(" else "#lambda"
            elif token[0] == "$":
                if not _INDEX.fullmatch(token):
                    raise _Problem(_no_variable(token), at)
                items.append(Variable(int(token[1:])))
            else:
                if token not in _names:
                    _check_name(token, at)
                items.append(Name(token))
        if kinds:
            raise _Problem("a parenthesis is not closed before the end", len(tokens))
        if not items:
            raise _Problem("there is nothing to read", 0)
        if len(items) > 1 and not bare_application:
            raise _Problem("more than one term (missing parentheses around the whole?)", 1)
    except _Problem as problem:
        raise TermSyntaxError(problem.what, text, _position(text, problem.at, len(tokens))) from None
    return apply_to(items[0], *items[1:])


def _no_variable(token: str) -> str:
    if _TAGGED_VARIABLE.fullmatch(token):
        return f"variables with tags, as {token[:40]}, are not supported"
    return f"a variable is $ and a number, not {token[:40]}"


def _check_name(token: str, at: int) -> None:
    """Refuse what another reader would not take for one name."""
    if _TAGGED_LAMBDA.fullmatch(token):
        raise _Problem(f"lambdas with tags, as {token[:40]}, are not supported", at)
    space = None if token.isascii() else _UNICODE_SPACE.search(token)
    if space:
        raise _Problem(f"a name with the white space U+{ord(space[0]):04X}", at)


class _Problem(Exception):
    """A syntax error at one token."""

    def __init__(self, what: str, at: int) -> None:
        self.what, self.at = what, at


def _close(kind: str, items: list[Term], at: int) -> Term:
    if kind in ("lambda", "#lambda"):
        if len(items) != 1:
            raise _Problem(f"a lambda has one body, not {len(items)}", at)
        return Lambda(items[0]) if kind == "lambda" else Inlined(Lambda(items[0]))
    if not items:
        raise _Problem("nothing between the parentheses", at)
    term = items[0]
    for argument in items[1:]:
        term = Application(term, argument)
    return term if kind == "(" else Inlined(term)


def _position(text: str, at: int, count: int) -> int:
    """The character at which token number ``at`` of ``text`` begins."""
    if at >= count:
        return len(text)
    return next(match.start() for number, match in enumerate(_TOKEN.finditer(text)) if number == at)


def print_term(term: Term) -> str:
    """The text of a term; the inverse of ``parse_term``."""
    pieces: list[str] = []
    stack: list[Term | str] = [term]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            pieces.append(node)
        elif isinstance(node, Name):
            pieces.append(node.text)
        elif isinstance(node, Variable):
            pieces.append(f"${node.index}")
        elif isinstance(node, Lambda):
            pieces.append("(lambda ")
            stack += (")", node.body)
        elif isinstance(node, Inlined):
            # The parentheses of a lambda or an application serve; any other body needs its own.
            if isinstance(node.body, Lambda | Application):
                pieces.append("#")
                stack.append(node.body)
            else:
                pieces.append("#(")
                stack += (")", node.body)
        else:
            pieces.append("(")
            stack.append(")")
            function: Term = node
            while isinstance(function, Application):
                stack += (function.argument, " ")
                function = function.function
            stack.append(function)
    return "".join(pieces)


# --- building and taking apart --------------------------------------------------------------------------------------


def apply_to(function: Term, *arguments: Term) -> Term:
    """``function`` applied to ``arguments``, from left to right."""
    for argument in arguments:
        function = Application(function, argument)
    return function


def abstract(count: int, body: Term) -> Term:
    """``body`` under ``count`` lambdas."""
    for _ in range(count):
        body = Lambda(body)
    return body


def spine(term: Term) -> tuple[Term, list[Term]]:
    """The head of an application and its arguments from left to right; any other term is a head without arguments."""
    arguments: list[Term] = []
    while isinstance(term, Application):
        arguments.append(term.argument)
        term = term.function
    arguments.reverse()
    return term, arguments


def strip_lambdas(term: Term) -> tuple[int, Term]:
    """The number of leading lambdas of a term, and the body under them."""
    count = 0
    while isinstance(term, Lambda):
        count += 1
        term = term.body
    return count, term


def children(term: Term) -> tuple[Term, ...]:
    """The direct subterms of a term."""
    if isinstance(term, Application):
        return term.function, term.argument
    if isinstance(term, Lambda | Inlined):
        return (term.body,)
    return ()


def fold(
    term: Term,
    combine: Callable[[Term, tuple[Result, ...]], Result],
    parts_of: Callable[[Term], tuple[Term, ...]] = children,
) -> Result:
    """Compute a value bottom-up: ``combine(node, values of its parts)``, once for each distinct subterm."""
    done: dict[Term, Result] = {}
    stack = [term]
    while stack:
        node = stack[-1]
        parts = parts_of(node)
        pending = [part for part in parts if part not in done]
        if pending:
            stack += pending
        else:
            stack.pop()
            if node not in done:
                done[node] = combine(node, tuple([done[part] for part in parts]))
    return done[term]


def head_and_arguments(term: Term) -> tuple[Term, ...]:
    """The parts of a term when an application counts as one node: its head and its arguments."""
    if isinstance(term, Application):
        head, arguments = spine(term)
        return head, *arguments
    return children(term)


def rebuild(node: Term, parts: tuple[Term, ...]) -> Term:
    """``node`` with new children, for use with ``fold``."""
    if isinstance(node, Application):
        return Application(*parts)
    if isinstance(node, Lambda):
        return Lambda(*parts)
    if isinstance(node, Inlined):
        return Inlined(*parts)
    return node


def distinct_subterms(term: Term) -> Iterator[Term]:
    """Yield every distinct subterm once, each term before its parts."""
    seen = {term}
    stack = [term]
    while stack:
        node = stack.pop()
        yield node
        for part in reversed(children(node)):
            if part not in seen:
                seen.add(part)
                stack.append(part)


def names_in(term: Term) -> set[str]:
    """The names that occur in a term, also within ``#(…)``."""
    return {node.text for node in distinct_subterms(term) if isinstance(node, Name)}
