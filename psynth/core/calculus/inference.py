"""Type inference for λ-terms: iterative Hindley–Milner without let, with errors that name the subterm at fault."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from psynth.core.calculus.terms import Application, Inlined, Lambda, Name, Term, Variable, print_term, spine
from psynth.core.calculus.types import (
    Type,
    TypeConstructor,
    arrow,
    canonical,
    canonical_all,
    describe_type,
)
from psynth.core.calculus.unification import UnificationError, Unifier
from psynth.core.errors import PsynthError

LiteralType = Callable[[str], Type | None]

INT: Final = TypeConstructor("int")
INTEGER: Final = re.compile(r"-?[0-9]+")
TYPE_SIZE_LIMIT: Final = 1_000_000
"""Maximum number of nodes of a principal type, which can double in size with each lambda."""
TERM_SIZE_LIMIT: Final = 20_000_000
"""Maximum number of nodes of a term."""


class IllTyped(PsynthError):
    """A term that is ill typed or not of the requested type; ``subterm`` is the part at fault."""

    exit_code = 3

    def __init__(self, message: str, subterm: Term) -> None:
        self.subterm = subterm
        super().__init__(message)


def infer(
    term: Term,
    types: Mapping[str, Type],
    request: Type | None = None,
    *,
    literal_type: LiteralType | None = None,
) -> Type:
    """The principal type of a closed term, variables numbered in order of appearance; raises ``IllTyped``.

    ``types`` has the (polymorphic) type of each name. Other names are literals: their type is that of ``literal_type``,
    or ``int`` for integer tokens. With ``request`` the type is unified with it, and the result is the unified type.
    """
    inference = Inference(types, literal_type)
    inferred = inference.run(term)
    if request is not None:
        inference.require(term, inferred, request)
    return inference.result(term, inferred)


class Inference:
    """The inference of one term, for callers that need more than its type.

    With ``trace=True``, ``run`` fills ``trace`` with the type of every occurrence of a subterm in the order of
    completion: function before argument, parts before the whole, ``#(…)`` as a leaf.
    """

    def __init__(
        self, types: Mapping[str, Type], literal_type: LiteralType | None = None, *, trace: bool = False
    ) -> None:
        self.types, self.literal_type = types, literal_type
        self.unifier = Unifier()
        self.trace: list[Type] | None = [] if trace else None
        self._inlined: dict[Term, Type] = {}

    def run(self, term: Term) -> Type:
        """The type of ``term`` in the substitution of ``unifier``."""
        if term.free:
            raise IllTyped(f"variable ${term.free - 1} of {excerpt(term)} is bound by no lambda", term)
        if term.size > TERM_SIZE_LIMIT:
            raise IllTyped(f"the program has over {TERM_SIZE_LIMIT} nodes", term)
        unifier, trace = self.unifier, self.trace
        values: list[Type] = []
        environment: list[Type] = []
        # A node is on the stack twice: to be entered, and (with True) to be completed from the types of its parts.
        stack: list[tuple[Term, bool]] = [(term, False)]
        while stack:
            node, complete = stack.pop()
            kind = type(node)
            if kind is Application:
                assert isinstance(node, Application)
                if not complete:
                    stack.append((node, True))
                    stack.append((node.argument, False))
                    stack.append((node.function, False))
                    continue
                argument = values.pop()
                value = self._apply(node, values.pop(), argument)
            elif kind is Name:
                assert isinstance(node, Name)
                value = unifier.instantiate(self._type_of(node))
            elif kind is Variable:
                assert isinstance(node, Variable)
                value = environment[-1 - node.index]
            elif kind is Lambda:
                assert isinstance(node, Lambda)
                if not complete:
                    environment.append(unifier.fresh())
                    stack.append((node, True))
                    stack.append((node.body, False))
                    continue
                value = TypeConstructor("->", (environment.pop(), values.pop()))
            else:
                assert isinstance(node, Inlined)
                value = unifier.instantiate(self._type_of_inlined(node))
            values.append(value)
            if trace is not None:
                trace.append(value)
        return values[0]

    def require(self, term: Term, inferred: Type, request: Type) -> None:
        """Unify the type of the whole term with the requested type."""
        requested = self.unifier.instantiate(request)
        try:
            self.unifier.unify(inferred, requested)
        except UnificationError as error:
            message = f"{excerpt(term)} has type {self._show(inferred)[0]}, but {describe_type(request)} is requested"
            raise IllTyped(f"{message} ({error})", term) from None

    def result(self, term: Term, inferred: Type) -> Type:
        """The final, canonical form of a type returned by ``run``."""
        final = self.unifier.apply(inferred)
        if final.size > TYPE_SIZE_LIMIT:
            raise IllTyped(f"the type of {excerpt(term)} has over {TYPE_SIZE_LIMIT} nodes", term)
        return canonical(final)

    def _type_of(self, name: Name) -> Type:
        known = self.types.get(name.text)
        if known is None and self.literal_type is not None:
            known = self.literal_type(name.text)
        if known is None and INTEGER.fullmatch(name.text):
            known = INT
        if known is None:
            raise IllTyped(f"{name.text} is neither a known name nor a literal", name)
        return known

    def _type_of_inlined(self, node: Inlined) -> Type:
        """The principal type of ``#(…)``, inferred once and separately, innermost first."""
        stack: list[Inlined] = [node]
        while stack:
            inner = stack[-1]
            if inner in self._inlined:
                stack.pop()
                continue
            if inner.free:
                raise IllTyped(f"{excerpt(inner)} is inlined but not closed", inner)
            pending = [part for part in _inlined_in(inner.body) if part not in self._inlined]
            if pending:
                stack += pending
                continue
            separate = Inference(self.types, self.literal_type)
            separate._inlined = self._inlined
            self._inlined[inner] = separate.result(inner, separate.run(inner.body))
        return self._inlined[node]

    def _apply(self, node: Application, function: Type, argument: Type) -> Type:
        function = self.unifier.resolve(function)
        if function.is_arrow:
            assert isinstance(function, TypeConstructor)
            parameter, result = function.arguments
            if parameter is argument or self.unifier.try_unify(parameter, argument):
                return result
        elif not isinstance(function, TypeConstructor):
            result = self.unifier.fresh()
            if self.unifier.try_unify(function, arrow(argument, result)):
                return result
        raise self._error(node, function, argument)

    def _error(self, node: Application, function: Type, argument: Type) -> IllTyped:
        head, arguments = spine(node)
        where = f"argument {len(arguments)} of {excerpt(head)} in {excerpt(node)}"
        if not function.is_arrow:
            if isinstance(function, TypeConstructor):
                given, has = excerpt(node.function), self._show(function)[0]
                return IllTyped(
                    f"{given} has type {has}, which is not a function to apply to {excerpt(node.argument)}", node
                )
            message = f"{where}: {excerpt(node.function)} would have an infinite type"
            return IllTyped(message, node)
        assert isinstance(function, TypeConstructor)
        needed, given = self._show(function.arguments[0], argument)
        message = f"{where}: {excerpt(node.argument)} has type {given}, but {needed} is needed"
        try:
            self.unifier.unify(function.arguments[0], argument)
        except UnificationError as error:
            if ":" in str(error):
                message = f"{message} ({error})"
        return IllTyped(message, node.argument)

    def _show(self, *kinds: Type) -> list[str]:
        return [describe_type(kind) for kind in canonical_all(self.unifier.apply(kind) for kind in kinds)]


def _inlined_in(term: Term) -> list[Inlined]:
    """The outermost ``#(…)`` within a term."""
    found: list[Inlined] = []
    seen: set[Term] = set()
    stack = [term]
    while stack:
        node = stack.pop()
        if isinstance(node, Inlined):
            found.append(node)
        elif isinstance(node, Lambda):
            stack.append(node.body)
        elif isinstance(node, Application) and node not in seen:
            seen.add(node)
            stack += (node.argument, node.function)
    return found


def excerpt(term: Term, limit: int = 80) -> str:
    """The text of a term for a message: a long one is cut in the middle."""
    if term.size > 10_000:
        return f"a term of {term.size} nodes"
    text = print_term(term)
    return text if len(text) <= limit else f"{text[: limit * 2 // 3]} … {text[-limit // 3 :]}"
