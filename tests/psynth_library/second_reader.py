"""A second reader of λ-terms: what they cost and what they expand to, on trees and with nothing of psynth's."""

import re

Tree = str | int | tuple
"""A name, a variable's index, ``("lambda", body)`` or ``(function, argument)``."""

TOKEN = re.compile(r"[()]|[^\s()]+")


def read(text: str) -> Tree:
    tokens = TOKEN.findall(text)
    stack: list[list] = [[]]
    for token in tokens:
        if token == "(":
            stack.append([])
        elif token == ")":
            items = stack.pop()
            stack[-1].append(_closed(items))
        else:
            stack[-1].append(int(token[1:]) if token.startswith("$") else token)
    [[tree]] = stack
    return tree


def _closed(items: list) -> Tree:
    if items[0] in ("lambda", "lam"):
        [_, body] = items
        return ("lambda", body)
    tree = items[0]
    for item in items[1:]:
        tree = (tree, item)
    return tree


def cost(tree: Tree) -> int:
    """Stitch's: 100 a name or a variable, 1 an application or a lambda."""
    total, stack = 0, [tree]
    while stack:
        node = stack.pop()
        total += 1 if isinstance(node, tuple) else 100
        if isinstance(node, tuple):
            stack += [node[1]] if node[0] == "lambda" else node
    return total


def normal(tree: Tree, definitions: dict[str, Tree]) -> Tree:
    """The β-normal form with every defined name replaced by its definition."""
    arguments: list[Tree] = []
    while True:
        if isinstance(tree, str) and tree in definitions:
            tree = definitions[tree]
        elif isinstance(tree, tuple) and tree[0] != "lambda":
            arguments.append(tree[1])
            tree = tree[0]
        elif isinstance(tree, tuple) and arguments:
            tree = _put(tree[1], arguments.pop(), 0)
        else:
            break
    if isinstance(tree, tuple):
        return ("lambda", normal(tree[1], definitions))
    for argument in reversed(arguments):
        tree = (tree, normal(argument, definitions))
    return tree


def _put(tree: Tree, argument: Tree, depth: int) -> Tree:
    """The body of a lambda, ``depth`` lambdas further in, with its variable replaced."""
    if isinstance(tree, int):
        return _moved(argument, depth, 0) if tree == depth else tree - (tree > depth)
    if isinstance(tree, str):
        return tree
    if tree[0] == "lambda":
        return ("lambda", _put(tree[1], argument, depth + 1))
    return (_put(tree[0], argument, depth), _put(tree[1], argument, depth))


def _moved(tree: Tree, by: int, inner: int) -> Tree:
    if isinstance(tree, int):
        return tree + by if tree >= inner else tree
    if isinstance(tree, str) or by == 0:
        return tree
    if tree[0] == "lambda":
        return ("lambda", _moved(tree[1], by, inner + 1))
    return (_moved(tree[0], by, inner), _moved(tree[1], by, inner))


def contracted(tree: Tree) -> Tree:
    """The η-normal form."""
    if not isinstance(tree, tuple):
        return tree
    if tree[0] != "lambda":
        return (contracted(tree[0]), contracted(tree[1]))
    body = contracted(tree[1])
    if isinstance(body, tuple) and body[0] != "lambda" and body[1] == 0 and not _uses(body[0], 0):
        return _moved(body[0], -1, 0)
    return ("lambda", body)


def _uses(tree: Tree, index: int) -> bool:
    if isinstance(tree, tuple):
        return _uses(tree[1], index + 1) if tree[0] == "lambda" else any(_uses(part, index) for part in tree)
    return tree == index
