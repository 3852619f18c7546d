"""Normal forms of λ-terms (β-normal, η-long), and abstractions written by name, inlined as ``#(…)`` or expanded."""

from collections.abc import Callable, Mapping
from typing import Final

from psynth.core.calculus.inference import Inference, LiteralType
from psynth.core.calculus.substitution import contract, shift
from psynth.core.calculus.terms import (
    Application,
    Inlined,
    Lambda,
    Name,
    Term,
    Variable,
    fold,
    names_in,
    rebuild,
)
from psynth.core.calculus.types import Type, arguments_of
from psynth.core.errors import PsynthError

STEP_LIMIT: Final = 100_000
SIZE_LIMIT: Final = 1_000_000


class NormalizationLimit(PsynthError):
    """A term has no normal form within the limits: too many β-steps, or an intermediate term too large."""

    exit_code = 3


class CyclicDefinition(PsynthError):
    """Abstractions whose definitions use each other in a circle."""

    exit_code = 3


# --- β --------------------------------------------------------------------------------------------------------------


def beta_normal(term: Term, limit: int = STEP_LIMIT, *, size_limit: int = SIZE_LIMIT) -> Term:
    """The β-normal form, by leftmost-outermost reduction; ``#(…)`` and names stand for themselves.

    ``limit`` bounds the β-steps, ``size_limit`` the nodes of the whole term at any step; past either,
    ``NormalizationLimit`` is raised. What occurs several times is reduced once.
    """
    if term.is_normal:
        return term
    steps = 0
    normal: dict[Term, Term] = {}
    # Each entry wants the normal form of its first term; the second is what that term has been reduced to so far.
    stack: list[tuple[Term, Term]] = [(term, term)]
    while stack:
        original, current = stack.pop()
        current, taken = _weak_head_normal(current, limit - steps, size_limit)
        steps += taken
        parts = _parts_of_head_normal(current)
        pending = [part for part in parts if not part.is_normal and part not in normal]
        if pending:
            stack.append((original, current))
            stack += [(part, part) for part in reversed(pending)]
            continue
        result = _with_normal_parts(current, normal)
        if result.size > size_limit:
            raise NormalizationLimit(f"no normal form within {size_limit} nodes")
        normal[original] = result
    return normal[term]


def _weak_head_normal(term: Term, limit: int, size_limit: int) -> tuple[Term, int]:
    """Contract redexes at the head until there is none, and count them."""
    if term.is_normal:
        return term, 0
    arguments: list[Term] = []
    steps = 0
    size = term.size
    while True:
        while isinstance(term, Application):
            arguments.append(term.argument)
            term = term.function
        if not isinstance(term, Lambda) or not arguments:
            break
        if steps >= limit:
            raise NormalizationLimit("no normal form within the limit of β-steps")
        steps += 1
        before = term.size
        argument = arguments.pop()
        term = contract(term.body, argument)
        size += term.size - before - argument.size - 1
        if size > size_limit:
            raise NormalizationLimit(f"no normal form within {size_limit} nodes")
    while arguments:
        term = Application(term, arguments.pop())
    return term, steps


def _parts_of_head_normal(term: Term) -> list[Term]:
    """What is still to be normalized in a term without a redex at its head, from left to right."""
    if isinstance(term, Lambda):
        return [term.body]
    parts: list[Term] = []
    while isinstance(term, Application):
        parts.append(term.argument)
        term = term.function
    parts.reverse()
    return parts


def _with_normal_parts(term: Term, normal: Mapping[Term, Term]) -> Term:
    if term.is_normal:
        return term
    if isinstance(term, Lambda):
        return Lambda(normal.get(term.body, term.body))
    arguments: list[Term] = []
    while isinstance(term, Application):
        arguments.append(normal.get(term.argument, term.argument))
        term = term.function
    while arguments:
        term = Application(term, arguments.pop())
    return term


# --- η --------------------------------------------------------------------------------------------------------------


def eta_long(
    term: Term,
    request: Type | None,
    types: Mapping[str, Type],
    *,
    literal_type: LiteralType | None = None,
) -> Term:
    """The η-long form: each subterm that is a function by its type, and no function part, begins with a lambda.

    ``request`` (None: the term's own type) and the types of names settle what is a function. The term need not be
    β-normal, and no β-redex is added. ``#(…)`` is left as it is. Raises ``IllTyped``.
    """
    inference = Inference(types, literal_type, trace=True)
    inferred = inference.run(term)
    if request is not None:
        inference.require(term, inferred, request)
    inference.result(term, inferred)
    assert inference.trace is not None
    trace = iter(inference.trace)
    results: list[Term] = []
    # The same order as the inference, so that the trace gives each occurrence its type. An occurrence is open when it
    # is applied to something: then it is the application that gets the missing arguments.
    stack: list[tuple[Term, bool, bool]] = [(term, False, False)]
    while stack:
        node, applied, complete = stack.pop()
        if not complete and isinstance(node, Application):
            stack += ((node, applied, True), (node.argument, False, False), (node.function, True, False))
            continue
        if not complete and isinstance(node, Lambda):
            stack += ((node, applied, True), (node.body, False, False))
            continue
        kind = next(trace)
        if isinstance(node, Application):
            argument = results.pop()
            results.append(Application(results.pop(), argument))
        elif isinstance(node, Lambda):
            results.append(Lambda(results.pop()))
        else:
            results.append(node)
        if not applied and not isinstance(node, Lambda):
            results.append(_eta_expand(results.pop(), inference.unifier.apply(kind)))
    return results[0]


def _eta_expand(term: Term, kind: Type) -> Term:
    """``(lambda … (term … $0))`` with as many lambdas as ``kind`` has parameters, the new variables η-long as well."""
    if not kind.is_arrow:
        return term
    results: list[Term] = []
    # (term, its type) to expand, or a number of arguments to apply and lambdas to put around what is on ``results``.
    stack: list[tuple[Term, Type] | int] = [(term, kind)]
    while stack:
        entry = stack.pop()
        if isinstance(entry, int):
            first = len(results) - entry
            body = results[first - 1]
            for argument in results[first:]:
                body = Application(body, argument)
            for _ in range(entry):
                body = Lambda(body)
            results[first - 1 :] = [body]
            continue
        head, head_type = entry
        parameters = arguments_of(head_type)
        count = len(parameters)
        results.append(shift(head, count))
        stack.append(count)
        stack += [(Variable(position), parameter) for position, parameter in enumerate(reversed(parameters))]
    return results[0]


# --- names and definitions ------------------------------------------------------------------------------------------


def replace_names(term: Term, replace: Callable[[Name], Term]) -> Term:
    """The term with each name replaced by a closed term, also within ``#(…)``."""

    def combine(node: Term, parts: tuple[Term, ...]) -> Term:
        return replace(node) if isinstance(node, Name) else rebuild(node, parts)

    return fold(term, combine)


def rename(term: Term, names: Mapping[str, str]) -> Term:
    """The term with names changed as ``names`` says; those it lacks stay."""
    return replace_names(term, lambda name: Name(names.get(name.text, name.text)))


def dependency_order(definitions: Mapping[str, Term]) -> list[str]:
    """The names of definitions, each after those that its own definition uses; raises ``CyclicDefinition``."""
    order: dict[str, None] = {}
    for start in definitions:
        stack = [start]
        path: dict[str, None] = {}
        while stack:
            name = stack[-1]
            if name in order:
                stack.pop()
                continue
            pending = [
                used for used in sorted(names_in(definitions[name])) if used in definitions and used not in order
            ]
            if not pending:
                order[name] = None
                path.pop(name, None)
                continue
            path[name] = None
            for used in pending:
                if used in path:
                    raise CyclicDefinition(f"the definition of {used} uses {used} itself")
            stack += reversed(pending)
    return list(order)


def expanded_definitions(definitions: Mapping[str, Term]) -> dict[str, Term]:
    """The definitions in dependency order, each without any of their names and without ``#(…)``."""
    done: dict[str, Term] = {}
    for name in dependency_order(definitions):
        done[name] = _open(definitions[name], done)
    return done


def expand(term: Term, definitions: Mapping[str, Term]) -> Term:
    """The term with every defined name replaced by its definition, all the way, and every ``#(…)`` by its content.

    Names that ``definitions`` lacks stay. The result has β-redexes where abstractions were applied.
    """
    return _open(term, expanded_definitions(definitions))


def _open(term: Term, expanded: Mapping[str, Term]) -> Term:
    def combine(node: Term, parts: tuple[Term, ...]) -> Term:
        if isinstance(node, Name):
            return expanded.get(node.text, node)
        return parts[0] if isinstance(node, Inlined) else rebuild(node, parts)

    return fold(term, combine)


def inlined_definitions(definitions: Mapping[str, Term]) -> dict[str, Term]:
    """For each name what DreamCoder writes for it: ``#(…)`` with earlier abstractions inlined in the same way."""
    done: dict[str, Term] = {}
    for name in dependency_order(definitions):
        definition = replace_names(definitions[name], lambda used: done.get(used.text, used))
        done[name] = definition if isinstance(definition, Inlined) else Inlined(definition)
    return done


def inline_names(term: Term, definitions: Mapping[str, Term]) -> Term:
    """The term with every defined name written out as ``#(…)``, in DreamCoder's format."""
    inlined = inlined_definitions(definitions)
    return replace_names(term, lambda name: inlined.get(name.text, name))


def name_inlined(term: Term, definitions: Mapping[str, Term]) -> Term:
    """The reverse of ``inline_names``: every ``#(…)`` that is a definition becomes its name, any other stays.

    Of several equal definitions the first gives the name.
    """
    inlined = inlined_definitions(definitions)
    known: dict[Term, Term] = {}
    for name, written in inlined.items():
        known.setdefault(written, Name(name))

    # Bottom-up, each node gives itself with everything inlined (by which it is recognized) and with everything named.
    def combine(node: Term, parts: tuple[tuple[Term, Term], ...]) -> tuple[Term, Term]:
        if isinstance(node, Name):
            return inlined.get(node.text, node), node
        written = rebuild(node, tuple([part[0] for part in parts]))
        named = rebuild(node, tuple([part[1] for part in parts]))
        return written, known.get(written, named)

    return fold(term, combine)[1]
