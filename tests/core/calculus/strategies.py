"""Hypothesis strategies for types and terms, well typed or not, over a small language of lists."""

from hypothesis import strategies as st

from psynth.core.calculus.terms import Application, Inlined, Lambda, Name, Term, Variable, apply_to
from psynth.core.calculus.types import Type, TypeConstructor, TypeVariable, arrow, parse_type, return_of, split_arrow
from psynth.core.calculus.unification import Unifier

INT, BOOL = TypeConstructor("int"), TypeConstructor("bool")


def list_of(kind: Type) -> Type:
    return TypeConstructor("list", (kind,))


# The 22 productions of the "common" set of the list domain.
LIST_TYPES = {
    name: parse_type(text)
    for name, text in {
        "map": "(t0 -> t1) -> list(t0) -> list(t1)",
        "unfold": "t0 -> (t0 -> bool) -> (t0 -> t1) -> (t0 -> t0) -> list(t1)",
        "range": "int -> list(int)",
        "index": "int -> list(t0) -> t0",
        "fold": "list(t0) -> t1 -> (t0 -> t1 -> t1) -> t1",
        "length": "list(t0) -> int",
        "if": "bool -> t0 -> t0 -> t0",
        "+": "int -> int -> int",
        "-": "int -> int -> int",
        "empty": "list(t0)",
        "cons": "t0 -> list(t0) -> list(t0)",
        "car": "list(t0) -> t0",
        "cdr": "list(t0) -> list(t0)",
        "empty?": "list(t0) -> bool",
        "0": "int",
        "1": "int",
        "*": "int -> int -> int",
        "mod": "int -> int -> int",
        "gt?": "int -> int -> bool",
        "eq?": "int -> int -> bool",
        "is-prime": "int -> bool",
        "is-square": "int -> bool",
    }.items()
}

types = st.recursive(
    st.one_of(st.builds(TypeVariable, st.integers(0, 4)), st.sampled_from([INT, BOOL])),
    lambda inner: st.one_of(
        st.builds(arrow, inner, inner),
        st.builds(list_of, inner),
        st.builds(lambda one, other: TypeConstructor("pair", (one, other)), inner, inner),
    ),
    max_leaves=12,
)

SPACES = "\x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""White space of Unicode beyond that of ASCII, which no name has."""
names = st.text(
    st.characters(exclude_characters=" \t\r\n\f\v()" + SPACES, codec="utf-8"), min_size=1, max_size=4
).filter(lambda text: not text.startswith("$") and text not in ("lam", "lambda"))

# Any term at all: open, ill typed, with redexes and inlined abstractions.
terms = st.recursive(
    st.one_of(st.builds(Variable, st.integers(0, 3)), st.builds(Name, names)),
    lambda inner: st.one_of(st.builds(Lambda, inner), st.builds(Application, inner, inner), st.builds(Inlined, inner)),
    max_leaves=20,
)

ground_types = st.sampled_from([INT, BOOL, list_of(INT), arrow(INT, INT), arrow(INT, BOOL), list_of(list_of(INT))])
requests = st.builds(
    lambda parameters, result: arrow(*parameters, result),
    st.lists(ground_types, max_size=2),
    st.sampled_from([INT, BOOL, list_of(INT)]),
)


@st.composite
def well_typed(draw: st.DrawFn, request: Type, depth: int = 4, environment: tuple[Type, ...] = ()) -> Term:
    """A term of ground type ``request``, with β-redexes and partial applications; ``environment[0]`` is ``$0``."""
    choices: list[str] = ["name"]
    variables = [index for index, kind in enumerate(environment) if kind is request]
    if variables:
        choices.append("variable")
    if request.is_arrow:
        choices += ["lambda", "lambda"]
    if depth > 1:
        choices.append("redex")
    choice = draw(st.sampled_from(choices))
    if choice == "variable":
        return Variable(draw(st.sampled_from(variables)))
    if choice == "redex":
        parameter = draw(ground_types)
        body = draw(well_typed(request, depth - 1, (parameter, *environment)))
        return Application(Lambda(body), draw(well_typed(parameter, depth - 2, environment)))
    candidates = [] if choice == "lambda" else _applications(request, terminal=depth <= 0)
    if not candidates:
        if request.is_arrow:
            parameter, result = split_first(request)
            return Lambda(draw(well_typed(result, depth - 1, (parameter, *environment))))
        candidates = _applications(request, terminal=False)
    name, count = draw(st.sampled_from(candidates))
    # What the request leaves open of a polymorphic type is chosen here, small.
    unifier = Unifier()
    kind = unifier.instantiate(LIST_TYPES[name])
    rest = kind
    for _ in range(count):
        rest = split_first(rest)[1]
    unifier.unify(rest, request)
    arguments: list[Term] = []
    for parameter in split_arrow(kind)[0][:count]:
        for index in range(kind.bound):
            if unifier.resolve(TypeVariable(index)) is TypeVariable(index):
                unifier.unify(TypeVariable(index), draw(st.sampled_from([INT, BOOL])))
        arguments.append(draw(well_typed(unifier.apply(parameter), depth - 1, environment)))
    return apply_to(Name(name), *arguments)


def split_first(kind: Type) -> tuple[Type, Type]:
    """The first parameter of a function type and the rest."""
    assert isinstance(kind, TypeConstructor)
    parameter, rest = kind.arguments
    return parameter, rest


def _applications(request: Type, *, terminal: bool) -> list[tuple[str, int]]:
    """Names, and the number of arguments after which each has type ``request``."""
    found: list[tuple[str, int]] = []
    for name, kind in LIST_TYPES.items():
        rest, count = kind, 0
        while True:
            unifier = Unifier()
            if unifier.try_unify(unifier.instantiate(rest), request) and not (terminal and count):
                found.append((name, count))
            if not rest.is_arrow:
                break
            rest, count = split_first(rest)[1], count + 1
    if terminal:
        return [(name, count) for name, count in found if not return_of(LIST_TYPES[name]).is_arrow]
    return found


@st.composite
def requests_and_terms(draw: st.DrawFn) -> tuple[Type, Term]:
    """A ground type and a closed term that has it."""
    request = draw(requests)
    return request, draw(well_typed(request))
