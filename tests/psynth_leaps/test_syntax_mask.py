"""The syntax mask against what it stands for: all complete programs of at most some length."""

from __future__ import annotations

import itertools

import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from psynth_karel.domain import Karel  # noqa: E402
from psynth_leaps.language import ProgramLanguage  # noqa: E402
from psynth_leaps.network import Network, Sizes, decode, written  # noqa: E402
from psynth_leaps.syntax_mask import SyntaxMask, SyntaxTables  # noqa: E402

from psynth.core.calculus.inference import infer  # noqa: E402
from psynth.core.calculus.terms import parse_term  # noqa: E402
from psynth.core.calculus.types import parse_type  # noqa: E402
from psynth.core.stream.records import Contextual, Library, Production, Weights  # noqa: E402

pytestmark = pytest.mark.neural

TYPES = {"seq": "s -> s -> s", "loop": "c -> s -> s", "pick": "c -> c -> s -> s", "no": "c -> c", "a": "s", "p": "c"}


@st.composite
def languages(draw: st.DrawFn) -> ProgramLanguage:
    """Small languages in which some productions may not stand in some places."""
    names = list(TYPES)

    def weights(always: str) -> Weights:
        free = draw(st.lists(st.booleans(), min_size=len(names), max_size=len(names)))
        return Weights(
            tuple(0.0 if may or name == always else float("-inf") for name, may in zip(names, free, strict=True)), 0.0
        )

    by_name = {
        name: tuple(weights("a" if kind == "s" else "p") for kind in TYPES[name].split(" -> ")[:-1]) for name in names
    }
    contextual = Contextual(start=weights("a"), variable=weights("a"), productions=by_name)
    productions = tuple(Production(name, kind, 0.0) for name, kind in TYPES.items())
    return ProgramLanguage.of(
        Library(domain="toy", productions=productions, log_variable=0.0, contextual=contextual), "s"
    )


def complete(language: ProgramLanguage, most: int) -> set[tuple[int, ...]]:
    """Every program of at most so many productions, by extending sequences in all ways."""
    found: set[tuple[int, ...]] = set()
    open_ones: list[tuple[tuple[int, ...], tuple[int, ...]]] = [((), (0,))]
    while open_ones:
        done, waiting = open_ones.pop()
        if not waiting:
            found.add(done)
        elif len(done) + len(waiting) <= most:
            for number, may in enumerate(language.allowed[waiting[0]]):
                if may:
                    open_ones.append(((*done, number), language.arguments[number] + waiting[1:]))
    return found


@settings(max_examples=40, deadline=None)
@given(languages(), st.integers(1, 6))
def test_the_mask_allows_exactly_what_can_be_completed(language: ProgramLanguage, most: int) -> None:
    programs = complete(language, most)
    prefixes: dict[tuple[int, ...], set[int]] = {}
    for program in programs:
        for length in range(len(program)):
            prefixes.setdefault(program[:length], set()).add(program[length])
    # All prefixes of one length at once: each row of a batch is on its own.
    tables = SyntaxTables(language, torch.device("cpu"))
    for length, group in itertools.groupby(sorted(prefixes, key=len), key=len):
        rows = list(group)
        mask = SyntaxMask(tables, len(rows), most)
        for step in range(length):
            mask.append(torch.tensor([row[step] for row in rows]))
        for row, allowed in zip(rows, mask.allowed().tolist(), strict=True):
            assert {number for number, may in enumerate(allowed) if may} == prefixes[row]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 60), st.booleans())
def test_every_masked_decode_is_a_well_typed_program(seed: int, most: int, at_random: bool) -> None:
    library = Karel().library("base")
    language = ProgramLanguage.of(library, "stmt")
    torch.manual_seed(seed)
    network = Network(Sizes(productions=len(language.names), latent=8, hidden=8))
    latent = 5 * torch.randn(16, 8)
    generator = torch.Generator().manual_seed(seed) if at_random else None
    decoded = decode(network, SyntaxTables(language, torch.device("cpu")), latent, most, generator=generator)
    types = {production.name: parse_type(production.type) for production in library.productions}
    assert int(decoded.lengths.min()) >= 1
    assert int(decoded.lengths.max()) <= most
    for program, length in zip(written(language, decoded), decoded.lengths.tolist(), strict=True):
        assert infer(parse_term(program), types) == parse_type("stmt")
        assert len(language.read(program)) == length
