"""Free variables of λ-terms: finding, shifting and substitution."""

from collections.abc import Callable

from psynth.core.calculus.terms import Lambda, Term, Variable, children, fold, rebuild


def map_free(term: Term, replace: Callable[[int, int], Term]) -> Term:
    """Replace the free variables.

    ``replace(index, depth)`` is the term that replaces free variable ``index`` of ``term`` at an occurrence under
    ``depth`` lambdas.
    """
    if not term.free:
        return term
    results: list[Term] = []
    done: dict[tuple[Term, int], Term] = {}
    stack: list[tuple[Term, int, bool]] = [(term, 0, False)]
    while stack:
        node, depth, visited = stack.pop()
        if node.free <= depth:
            results.append(node)
        elif isinstance(node, Variable):
            results.append(replace(node.index - depth, depth))
        elif visited:
            parts = children(node)
            new = rebuild(node, tuple(results[-len(parts) :]))
            del results[-len(parts) :]
            done[node, depth] = new
            results.append(new)
        elif (node, depth) in done:
            results.append(done[node, depth])
        else:
            stack.append((node, depth, True))
            below = depth + 1 if isinstance(node, Lambda) else depth
            stack += [(part, below, False) for part in reversed(children(node))]
    return results[0]


def shift(term: Term, by: int, above: int = 0) -> Term:
    """Add ``by`` to every free variable from ``above`` on."""
    if not by or term.free <= above:
        return term
    return map_free(term, lambda index, depth: Variable(index + depth + (by if index >= above else 0)))


def substitute(term: Term, index: int, replacement: Term) -> Term:
    """Replace free variable ``index`` by ``replacement``; the other variables keep their indices."""
    return map_free(term, lambda free, depth: shift(replacement, depth) if free == index else Variable(free + depth))


def contract(body: Term, argument: Term) -> Term:
    """The contractum of ``((lambda body) argument)``."""
    return map_free(body, lambda free, depth: shift(argument, depth) if free == 0 else Variable(free + depth - 1))


def free_variables(term: Term) -> frozenset[int]:
    """The indices of the free variables of a term."""

    def combine(node: Term, parts: tuple[frozenset[int], ...]) -> frozenset[int]:
        if isinstance(node, Variable):
            return frozenset((node.index,))
        if isinstance(node, Lambda):
            return frozenset([index - 1 for index in parts[0] if index])
        return frozenset().union(*parts)

    return fold(term, combine)
