"""Enumeration in windows: the λ-machine compared with the same search in plain Python without completion bounds.

    python benchmarks/enumeration.py

The reference is DreamCoder's search as published (Ellis et al., PLDI 2021, appendix): depth first within a cost bound,
pruned by the cost so far only. Prints a Markdown table; the ratio is of programs per CPU second, ours to the
reference's.
"""

import time
from collections.abc import Iterator

from psynth.core.calculus.grammars import Grammar
from psynth.core.calculus.types import Type, parse_type, split_arrow
from psynth.core.calculus.unification import Unifier
from psynth.core.engines.lambda_machine import LambdaMachine, SearchBudget
from psynth.core.languages import grammar_of
from psynth.plugins.registry import default_registry

REQUESTS = {"list": "list(int) -> list(int)", "regex": "tfullstr -> tfullstr"}
REFERENCE_COST, BOUNDS = 10.0, (15.0, 16.5, 18.0, 21.0)


def costs(
    grammar: Grammar, unifier: Unifier, hole: Type, environment: tuple[Type, ...], left: float
) -> Iterator[float]:
    """Yield the cost of each program that fits a hole and costs less than ``left`` nats."""
    parameters, hole = split_arrow(unifier.apply(hole))
    environment = (*reversed(parameters), *environment)
    environment = tuple(unifier.apply(kind) for kind in environment)
    options = grammar.options_at(hole, environment)
    productions, variable = grammar.odds(options, 0)
    choices = [(-odds, grammar.productions[number].type, True) for number, odds in productions.items()]
    choices += [(-variable, environment[index], False) for index in options.variables]
    for price, kind, polymorphic in choices:
        if price < left:
            mark = unifier.mark()
            arguments, result = split_arrow(unifier.instantiate(kind) if polymorphic else unifier.apply(kind))
            unifier.unify(result, hole)
            for below in _arguments(grammar, unifier, arguments, environment, left - price):
                yield price + below
            unifier.undo(mark)


def _arguments(
    grammar: Grammar, unifier: Unifier, holes: list[Type], environment: tuple[Type, ...], left: float
) -> Iterator[float]:
    if not holes:
        yield 0.0
        return
    for first in costs(grammar, unifier, holes[0], environment, left):
        for others in _arguments(grammar, unifier, holes[1:], environment, left - first):
            yield first + others


def main() -> None:
    """Print the table."""
    print("| domain | nats | programs | CPU s | programs a CPU s | ratio to plain Python |")
    print("|---|---|---|---|---|---|")
    for domain, request in REQUESTS.items():
        library = default_registry().domain(domain).library()
        started = time.process_time()
        count = sum(1 for _ in costs(grammar_of(library), Unifier(), parse_type(request), (), REFERENCE_COST))
        reference = count / (time.process_time() - started)
        print(
            f"| {domain}, plain Python | {REFERENCE_COST} | {count} | {count / reference:.2f} | {reference:,.0f} | 1 |"
        )
        for bound in BOUNDS:
            with LambdaMachine() as machine:
                budget = SearchBudget(max_cost=bound, exhaustive=True)
                found = machine.enumerate(library.to_json(), request, [], budget)
            rate = found["programs"] / max(found["cpu_seconds"], 1e-3)
            print(
                f"| {domain} | {bound} | {found['programs']:,} | {found['cpu_seconds']:.3f} "
                f"| {rate:,.0f} | {rate / reference:,.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
