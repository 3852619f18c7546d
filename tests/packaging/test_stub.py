"""The stub of the Rust extension says what the compiled extension is."""

from __future__ import annotations

import ast
import inspect

import pytest

from .conftest import ROOT

_native = pytest.importorskip("psynth._native", reason="the Rust extension is not built (make setup)")
STUB = ast.parse((ROOT / "psynth" / "_native.pyi").read_text(encoding="utf-8"))


def parameters(signature: inspect.Signature) -> list[tuple[str, object, bool]]:
    """Name, kind and whether it can be left out; the compiled signature does not tell every default.

    ``self`` is left out: only the compiled one is positional-only.
    """
    named = [p for p in signature.parameters.values() if p.name != "self"]
    return [(p.name, p.kind, p.default is not p.empty) for p in named]


def described(function: ast.FunctionDef) -> inspect.Signature:
    """The signature that the stub gives to a function."""
    for argument in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]:
        argument.annotation = None
    return inspect.signature(eval(f"lambda {ast.unparse(function.args)}: None"))


def test_every_function_of_the_stub_has_the_compiled_signature() -> None:
    functions = [node for node in STUB.body if isinstance(node, ast.FunctionDef)]
    assert {f.name for f in functions} == {name for name in dir(_native) if inspect.isroutine(getattr(_native, name))}
    for function in functions:
        assert parameters(inspect.signature(getattr(_native, function.name))) == parameters(described(function))


def test_every_class_of_the_stub_is_there() -> None:
    classes = {node.name for node in STUB.body if isinstance(node, ast.ClassDef)}
    assert classes == {name for name in dir(_native) if inspect.isclass(getattr(_native, name))}


def test_every_method_of_the_stub_has_the_compiled_signature() -> None:
    for node in STUB.body:
        if not isinstance(node, ast.ClassDef):
            continue
        compiled = getattr(_native, node.name)
        methods = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
        named = {name for name in vars(compiled) if not name.startswith("_")}
        assert named == {name for name in methods if not name.startswith("_")}
        for name in named:
            assert parameters(inspect.signature(getattr(compiled, name))) == parameters(described(methods[name])), name


def test_the_extension_declares_no_defaults() -> None:
    """Python declares each setting once, with its default; a second one here could disagree."""
    functions = [node for node in ast.walk(STUB) if isinstance(node, ast.FunctionDef)]
    assert len(functions) > 20
    for function in functions:
        assert not any(optional for *_, optional in parameters(described(function))), function.name
