"""Normal forms of λ-terms (β-normal, η-long), and abstractions by name, inlined as ``#(…)`` or expanded."""

from collections.abc import Callable, Mapping
from typing import Final

from psynth.core.calculus.inference import Inference, LiteralType
from psynth.core.calculus.substitution import contract, free_variables, shift
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
    """No normal form within the limits: too many β-steps, or an intermediate term too large."""

    exit_code = 3


class CyclicDefinition(PsynthError):
    """Abstractions with cyclic definitions."""

    exit_code = 3


# --- β --------------------------------------------------------------------------------------------------------------


def beta_normal(term: Term, limit: int = STEP_LIMIT, *, size_limit: int = SIZE_LIMIT) -> Term:
    """The β-normal form, by leftmost-outermost reduction; ``#(…)`` and names are not reduced.

    ``limit`` bounds the β-steps and ``size_limit`` the nodes of the whole term at any step; ``NormalizationLimit`` is
    raised beyond either. A subterm that occurs several times is reduced once.
    """
    if term.is_normal:
        return term
    steps = 0
    normal: dict[Term, Term] = {}
    # Each entry is a term to normalize and its reduct so far.
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
    """Contract redexes at the head until there is none; return the result and the number of steps."""
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
    """The parts that remain to be normalized in a weak head normal form, from left to right."""
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
    """The η-long form: every subterm of function type that is not in function position is a lambda.

    ``request`` (None: the term's own type) and the types of names determine the types of subterms. The term need not
    be β-normal, and no β-redex is added. ``#(…)`` is unchanged. Raises ``IllTyped``.
    """
    inference = Inference(types, literal_type, trace=True)
    inferred = inference.run(term)
    if request is not None:
        inference.require(term, inferred, request)
    inference.result(term, inferred)
    assert inference.trace is not None
    trace = iter(inference.trace)
    results: list[Term] = []
    # The traversal follows the order of the inference, so that the trace gives the type of each occurrence. For a node
    # in function position, the enclosing application gets the missing arguments.
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
    """``(lambda … (term … $0))`` with one lambda for each parameter of ``kind``; the new variables are η-long too."""
    if not kind.is_arrow:
        return term
    results: list[Term] = []
    # A (term, type) to expand, or the number of arguments on ``results`` to apply and of lambdas to add.
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


def eta_normal(term: Term) -> Term:
    """The η-normal form: every ``(lambda (f $0))`` in which f does not use ``$0`` becomes f."""

    def combine(node: Term, parts: tuple[Term, ...]) -> Term:
        body = parts[0] if isinstance(node, Lambda) else None
        if isinstance(body, Application) and body.argument is Variable(0) and 0 not in free_variables(body.function):
            return shift(body.function, -1)
        return rebuild(node, parts)

    return fold(term, combine)


# --- bindings -------------------------------------------------------------------------------------------------------


def without_unused_bindings(term: Term) -> Term:
    """The term without each ``((lambda body) value)`` whose body does not use the variable: that becomes the body."""

    def combine(node: Term, parts: tuple[Term, ...]) -> Term:
        if isinstance(node, Application):
            function = parts[0]
            if isinstance(function, Lambda) and 0 not in free_variables(function.body):
                return shift(function.body, -1)
        return rebuild(node, parts)

    return fold(term, combine)


# --- names and definitions ------------------------------------------------------------------------------------------


def replace_names(term: Term, replace: Callable[[Name], Term]) -> Term:
    """The term with each name replaced by a closed term, also within ``#(…)``."""

    def combine(node: Term, parts: tuple[Term, ...]) -> Term:
        return replace(node) if isinstance(node, Name) else rebuild(node, parts)

    return fold(term, combine)


def rename(term: Term, names: Mapping[str, str]) -> Term:
    """The term with names replaced according to ``names``; other names are unchanged."""
    return replace_names(term, lambda name: Name(names.get(name.text, name.text)))


def dependency_order(definitions: Mapping[str, Term]) -> list[str]:
    """The names of definitions, each after the names that its definition uses; raises ``CyclicDefinition``."""
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
    """The fully expanded definitions in dependency order, without defined names and without ``#(…)``."""
    done: dict[str, Term] = {}
    for name in dependency_order(definitions):
        done[name] = _open(definitions[name], done)
    return done


def expand(term: Term, definitions: Mapping[str, Term]) -> Term:
    """The term with every defined name expanded recursively and every ``#(…)`` replaced by its body.

    Other names are unchanged. The result has β-redexes where abstractions were applied.
    """
    return _open(term, expanded_definitions(definitions))


def _open(term: Term, expanded: Mapping[str, Term]) -> Term:
    def combine(node: Term, parts: tuple[Term, ...]) -> Term:
        if isinstance(node, Name):
            return expanded.get(node.text, node)
        return parts[0] if isinstance(node, Inlined) else rebuild(node, parts)

    return fold(term, combine)


def inlined_definitions(definitions: Mapping[str, Term]) -> dict[str, Term]:
    """DreamCoder's notation for each name: ``#(…)``, with earlier abstractions inlined in the same way."""
    done: dict[str, Term] = {}
    for name in dependency_order(definitions):
        definition = replace_names(definitions[name], lambda used: done.get(used.text, used))
        done[name] = definition if isinstance(definition, Inlined) else Inlined(definition)
    return done


def inline_names(term: Term, definitions: Mapping[str, Term]) -> Term:
    """The term with every defined name inlined as ``#(…)``, in DreamCoder's format."""
    inlined = inlined_definitions(definitions)
    return replace_names(term, lambda name: inlined.get(name.text, name))


def name_inlined(term: Term, definitions: Mapping[str, Term]) -> Term:
    """The inverse of ``inline_names``: every ``#(…)`` that is a definition becomes its name; others are unchanged.

    The first of several equal definitions determines the name.
    """
    inlined = inlined_definitions(definitions)
    known: dict[Term, Term] = {}
    for name, written in inlined.items():
        known.setdefault(written, Name(name))

    # The value of each node is a pair: its fully inlined form, by which it is recognized, and its fully named form.
    def combine(node: Term, parts: tuple[tuple[Term, Term], ...]) -> tuple[Term, Term]:
        if isinstance(node, Name):
            return inlined.get(node.text, node), node
        written = rebuild(node, tuple([part[0] for part in parts]))
        named = rebuild(node, tuple([part[1] for part in parts]))
        return written, known.get(written, named)

    return fold(term, combine)[1]
