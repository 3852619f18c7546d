"""docs/plugins.md names every hook and every method of the bases with its exact signature."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from psynth.core.settings import setting
from psynth.plugins import hookspecs
from psynth.plugins.checked_domain import CheckedDomain, Checker
from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Evaluator, ExampleEvaluator
from psynth.plugins.format import Format
from psynth.plugins.language_model import LanguageModel
from psynth.plugins.method import Context, Method
from psynth.plugins.python_domain import Primitive
from psynth.plugins.source_domain import SourceDomain
from psynth.plugins.source_text import python_source

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plugins.md"

HOOKS = [
    function
    for _, function in inspect.getmembers(hookspecs, inspect.isfunction)
    if function.__module__ == hookspecs.__name__ and hasattr(function, "psynth_spec")
]
#: Methods that the page does not describe: psynth calls them, a plugin does not define them.
INTERNAL = {"records", "chosen_set", "run", "close"}


def signature(function: Any, name: str | None = None) -> str:
    """A function's signature as the page writes it."""
    text = str(inspect.signature(function, eval_str=False)).replace("'", "") if function is not setting else None
    return f"{name or function.__name__}{text or inspect.signature(function)}"


def page() -> str:
    """The page, with lines joined and table cells unescaped."""
    return re.sub(r"\s+", " ", PAGE.read_text(encoding="utf-8").replace("\\|", "|").replace("'", ""))


def test_there_are_hooks() -> None:
    assert {hook.__name__ for hook in HOOKS} == {
        "register_domains",
        "register_methods",
        "register_commands",
        "register_formats",
        "register_language_models",
    }


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.__name__)
def test_every_hook_has_a_section_with_its_signature(hook: Any) -> None:
    text = str(inspect.signature(hook)).replace("psynth.plugins.hookspecs.", "")
    assert f"### `{hook.__name__}{text}`" in PAGE.read_text(encoding="utf-8")
    assert (hook.__doc__ or "").endswith(".")


@pytest.mark.parametrize("cls", [Domain, ExampleEvaluator, Method, Format, LanguageModel])
def test_every_method_of_a_base_is_there_with_its_signature(cls: type) -> None:
    for name, function in inspect.getmembers(cls, inspect.isfunction):
        own = function.__module__.startswith("psynth.")
        if name.startswith("_") or not own or (name in INTERNAL and cls is not Method):
            continue
        assert f"`{signature(function)}`" in page(), f"{cls.__name__}.{name}"


@pytest.mark.parametrize("cls", [SourceDomain, CheckedDomain])
def test_what_a_base_of_python_programs_adds_is_there_with_its_signature(cls: type) -> None:
    own = {name: each for name, each in vars(cls).items() if inspect.isfunction(each) and not name.startswith("_")}
    assert own
    for name, function in own.items():
        assert name == "evaluator" or f"`{signature(function)}`" in page(), f"{cls.__name__}.{name}"


def test_evaluator_and_context_and_functions() -> None:
    for function in (python_source, Evaluator.judge, Context.rng, Context.domain, Context.library_for):
        assert f"`{signature(function)}`" in page()
    assert f"`{signature(setting)}`".replace("'", "") in page()
    for cls in (Primitive, Checker):
        assert f"`{signature(cls, cls.__name__)}`" in page()


def test_every_field_of_the_context_is_there() -> None:
    for name in inspect.signature(Context).parameters:
        if name != "registry":
            assert f"`{name}" in page(), name
