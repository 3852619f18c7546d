"""Random Python programs that run without an unbound name, and what their bytecode says about names."""

from __future__ import annotations

import ast
import builtins
import dis
from collections.abc import Iterator
from types import CodeType

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "items", "text")
INTEGERS = st.sampled_from(["a", "b", "c", "0", "1", "7", "-3", "len(items)", "len(text)", "LIMIT", "helper(a)"])
NUMBERS = st.recursive(
    INTEGERS,
    lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda parts: f"({' '.join(parts)})"),
    max_leaves=4,
)
TESTS = st.tuples(NUMBERS, st.sampled_from(["<", ">=", "=="]), NUMBERS).map(" ".join) | st.just("not items")
SIMPLE = st.one_of(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["=", "+=", "-="]), NUMBERS).map(" ".join),
    NUMBERS.map("items.append({})".format),
    NUMBERS.map("items = [x * 2 for x in range({}) if x > a]".format),
    NUMBERS.map("text = text + str({})".format),
    NUMBERS.map("late = lambda n, k=1: n + k + {}".format),
    st.just("pass"),
)


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _compound(inner: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    return st.one_of(
        st.tuples(TESTS, inner).map(lambda parts: [f"if {parts[0]}:", *_indented(parts[1])]),
        st.tuples(TESTS, inner, inner).map(
            lambda parts: [f"if {parts[0]}:", *_indented(parts[1]), "else:", *_indented(parts[2])]
        ),
        st.tuples(st.integers(0, 4), inner).map(lambda parts: [f"for i in range({parts[0]}):", *_indented(parts[1])]),
        st.tuples(TESTS, inner).map(
            lambda parts: [f"while {parts[0]}:", *_indented([*parts[1], "if b > 3:", "    break"])]
        ),
        st.tuples(inner, inner).map(
            lambda parts: [
                "try:",
                *_indented(parts[0]),
                "except (ValueError, KeyError) as error:",
                *_indented(parts[1]),
            ]
        ),
        st.tuples(inner, NUMBERS).map(
            lambda parts: [
                "def inner(b):",
                *_indented(["c = b", "a = c", "items = []", "text = ''", *parts[0]]),
                f"    return {parts[1]}",
            ]
        ),
    )


BLOCKS = st.recursive(
    SIMPLE.map(lambda line: [line]),
    lambda inner: st.one_of(
        _compound(inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: [line for part in parts for line in part]),
    ),
    max_leaves=6,
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Source with two functions, an import and a constant; every local name is bound on every way to its uses."""
    body = [line for block in draw(st.lists(BLOCKS, min_size=1, max_size=4)) for line in block]
    start = ['"""What it does."""', "b = c = 1", "items = [a]", "text = 'xy'"]
    lines = [
        "import math",
        "LIMIT = 9",
        "def helper(x, y=2):",
        "    return math.floor(x / y) + 0.5",
        "def f(a: int, *rest):",
    ]
    end = draw(st.sampled_from(["return items", "return a + b", "return [1.5, -2, 3]"]))
    return "\n".join([*lines, *_indented([*start, *body, end])]) + "\n"


# ---- an independent walk: over bytecode -----------------------------------------------------------------------------


def unbound(source: str) -> set[tuple[str, str]]:
    """Names that might be read before they are bound, by function: from the bytecode, along all jumps and handlers."""
    module = compile(source, "<program>", "exec")
    known = {each.argval for each in dis.get_instructions(module) if each.opname == "STORE_NAME"} | set(dir(builtins))
    return {found for code in _codes(module) if code is not module for found in _unbound_in(code, known)}


def reaches_its_end(source: str) -> set[str]:
    """Functions whose last line can be passed: the compiler leaves out a marker after it exactly where it cannot."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body.append(ast.parse("MARKER").body[0])
    return {
        code.co_name
        for code in _codes(compile(ast.fix_missing_locations(tree), "<program>", "exec"))
        if any(each.argval == "MARKER" for each in dis.get_instructions(code))
    }


def _unbound_in(code: CodeType, known: set[str]) -> Iterator[tuple[str, str]]:
    """A forward analysis: the local names that are bound on every way to an instruction."""
    instructions = list(dis.get_instructions(code))
    position = {each.offset: number for number, each in enumerate(instructions)}
    handlers = dis._parse_exception_table(code)  # type: ignore[attr-defined]
    names = {*code.co_varnames, *code.co_cellvars}
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    bound: dict[int, set[str]] = {0: {*code.co_varnames[:count], *code.co_freevars}}
    waiting = [0]
    while waiting:
        number = waiting.pop()
        each, state = instructions[number], set(bound[number])
        ways = [(position[entry.target], state) for entry in handlers if entry.start <= each.offset < entry.end]
        if each.opname in ("STORE_FAST", "STORE_DEREF"):
            state = state | {each.argval}
        elif each.opname in ("DELETE_FAST", "DELETE_DEREF"):
            state = state - {each.argval}
        if each.opcode in dis.hasjrel or each.opcode in dis.hasjabs:
            ways.append((position[each.argval], state))
        if each.opname not in ("RETURN_VALUE", "RAISE_VARARGS", "RERAISE", "JUMP_FORWARD", "JUMP_BACKWARD"):
            ways.append((number + 1, state))
        for way, arriving in ways:
            before = bound.get(way)
            after = arriving if before is None else before & arriving
            if after != before:
                bound[way] = set(after)
                waiting.append(way)
    for number, state in bound.items():
        each = instructions[number]
        if each.opname in ("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE") and each.argval in names - state:
            if each.opname != "LOAD_CLOSURE" or each.argval not in ("inner",):
                yield code.co_name, each.argval
        elif each.opname in ("LOAD_GLOBAL", "LOAD_NAME") and each.argval not in known:
            yield code.co_name, each.argval


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _codes(each)
