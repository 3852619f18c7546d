"""Every primitive of a built-in domain is documented, and its example gives the value that it says."""

from __future__ import annotations

import json

import pytest

from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.evaluator import Budget
from psynth.plugins.registry import default_registry
from tests.psynth_command import Psynth

pytestmark = pytest.mark.usefixtures("machine")
DOMAINS = ["list", "regex", "clevr", "karel"]
WITHOUT_EXAMPLES = {"karel"}
"""Domains whose terms are no functions that could be applied."""


def library_of_all(domain: Domain) -> dict[str, str]:
    """The types of all primitives, in whatever set."""
    sets = [domain.library(name).productions for name in domain.primitive_sets]
    return {production.name: production.type for productions in sets for production in productions}


@pytest.mark.parametrize("name", DOMAINS)
def test_each_primitive_is_documented(name: str) -> None:
    domain = default_registry().domain(name)
    assert LAMBDA in domain.languages
    docs, types = domain.primitive_docs(), library_of_all(domain)
    words = {each for each in types if not (name == "karel" and each.isdecimal())}
    assert words
    assert {each for each in words if each not in docs or not docs[each].summary} == set()
    assert all("\n" not in docs[each].summary for each in words)


@pytest.mark.parametrize("name", sorted(set(DOMAINS) - WITHOUT_EXAMPLES))
def test_examples_give_what_they_say(name: str) -> None:
    domain = default_registry().domain(name)
    docs = domain.primitive_docs()
    for primitive_set in domain.primitive_sets:
        library = domain.library(primitive_set)
        known = {production.name for production in library.productions}
        with domain.evaluator(library, Budget()) as evaluator:
            for primitive in known:
                doc = docs[primitive]
                assert doc.program is not None, primitive
                words = set(doc.program.replace("(", " ").replace(")", " ").split())
                assert primitive in words, f"the example of {primitive} does not use it"
                others = {word for word in words - known if not word.startswith("$") and word != "lambda"}
                if others and not all(word.lstrip("-").isdecimal() for word in others):
                    continue  # it is run in a set that has them
                [outcome] = evaluator.run(doc.program, None, [list(doc.inputs)])
                assert (outcome.status, outcome.value) == ("ok", doc.value), primitive


def test_examples_are_run_in_some_set() -> None:
    domains = [default_registry().domain(name) for name in sorted(set(DOMAINS) - WITHOUT_EXAMPLES)]
    # Domains share primitives, whose example may need others that only one of them has.
    sets = [
        {each.name for each in domain.library(every).productions}
        for domain in domains
        for every in domain.primitive_sets
    ]
    for domain in domains:
        docs = domain.primitive_docs()
        for primitive in library_of_all(domain):
            words = set((docs[primitive].program or "").replace("(", " ").replace(")", " ").split())
            needed = {each for each in words if not each.startswith("$") and each != "lambda" and not each.isdecimal()}
            assert any({primitive, *needed} <= known for known in sets), primitive


def test_help_explains_them(tmp_path) -> None:  # type: ignore[no-untyped-def]
    psynth = Psynth(tmp_path)
    built_in = {"PSYNTH_PLUGINS": "list,regex,karel,function"}
    one = psynth("help", "primitives", "list", "range", env=built_in)
    assert one.stdout.splitlines()[2] == "  (range 3) = [0,1,2]"
    every = json.loads(psynth("help", "primitives", "regex", "--json", env=built_in).stdout)
    assert {"name", "type", "sets", "summary", "example", "value"} <= every[0].keys()
    typo = psynth("help", "primitives", "list", "rnage", env=built_in)
    assert (typo.returncode, "did you mean 'range'" in typo.stderr) == (2, True)
    task = psynth("help", "task", "list/train-000-head", env=built_in)
    assert "the first number" in task.stdout
    missing = psynth("help", "task", "list/train-000-haed", env=built_in)
    assert (missing.returncode, "did you mean" in missing.stderr) == (2, True)
    assert psynth("help", "enumerate", "x", "y", env=built_in).returncode == 2
    assert "not λ-terms" in psynth("help", "primitives", "function", env=built_in).stdout
