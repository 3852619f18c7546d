"""The table of list functions that the task generator uses.

A family is one function with parameters (*add k to every number*), an instance one choice of the parameters. Families
follow the list-function benchmarks since DreamCoder's (Ellis et al. 2021): short programs solve some of them, but many
require a search that has learned its own ``filter``, ``append`` or ``max``. No instance is in both splits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import isqrt, prod
from typing import Any

Parameters = tuple[int, ...]

LIST = "list(int) -> list(int)"
INT = "list(int) -> int"
BOOL = "list(int) -> bool"


@dataclass(frozen=True)
class Family:
    """One list function with its parameters."""

    name: str
    request: str
    """The type of the function."""
    sentence: str
    """An English description, with ``{0}`` and ``{1}`` for the parameters."""
    function: Callable[..., Any]
    """The function of a list and the parameters: an int, a bool or a list of ints, or None for an undefined input."""
    train: tuple[Parameters, ...] = ()
    test: tuple[Parameters, ...] = ()

    def instances(self, split: str) -> tuple[Parameters, ...]:
        """The parameters of the instances of a split (``train`` or ``test``)."""
        return self.train if split == "train" else self.test

    def describe(self, parameters: Parameters) -> str:
        """The English description of one instance."""
        return self.sentence.format(*parameters).replace(" 1 numbers", " 1 number")

    def slug(self, parameters: Parameters) -> str:
        """The part of a task id that names the instance, such as ``slice-k-n-1-3``."""
        return "-".join([self.name, *map(str, parameters)])


def _is_prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, isqrt(n) + 1))


def _is_square(n: int) -> bool:
    return n >= 0 and isqrt(n) ** 2 == n


def _some(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` restricted to non-empty lists."""
    return lambda xs, *parameters: function(xs, *parameters) if xs else None


def _beyond(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` restricted to lists with an index k (its first parameter)."""
    return lambda xs, k, *rest: function(xs, k, *rest) if len(xs) > k else None


def _k(*values: int) -> tuple[Parameters, ...]:
    return tuple((value,) for value in values)


_ONCE: tuple[Parameters, ...] = ((),)

# fmt: off
FAMILIES: tuple[Family, ...] = (
    # A short program over the common set.
    Family("head", INT, "the first number", _some(lambda xs: xs[0]), _ONCE),
    Family("length", INT, "how many numbers there are", len, _ONCE),
    Family("tail", LIST, "all but the first number", _some(lambda xs: xs[1:]), _ONCE),
    Family("prepend-k", LIST, "put {0} in front", lambda xs, k: [k, *xs], _k(0, 1, 3), _k(2, 4)),
    Family("index-k", INT, "the number at place {0}, counted from 0",
           _beyond(lambda xs, k: xs[k]), _k(1, 2, 4), _k(3, 5)),
    Family("add-k", LIST, "add {0} to every number", lambda xs, k: [x + k for x in xs], _k(1, 2, 4), _k(3, 5)),
    Family("mult-k", LIST, "multiply every number by {0}", lambda xs, k: [x * k for x in xs], _k(0, 2, 4), _k(3, 5)),
    Family("sum", INT, "the sum of all numbers", sum, _ONCE),
    Family("product", INT, "the product of all numbers", prod, _ONCE),
    Family("last", INT, "the last number", _some(lambda xs: xs[-1]), _ONCE),
    Family("square", LIST, "multiply every number by itself", lambda xs: [x * x for x in xs], _ONCE),
    Family("double-head", INT, "twice the first number", _some(lambda xs: 2 * xs[0]), _ONCE),
    Family("head-is-k", BOOL, "whether the first number is {0}", _some(lambda xs, k: xs[0] == k), _k(0, 1), _k(2)),
    Family("head-is-prime", BOOL, "whether the first number is prime", _some(lambda xs: _is_prime(xs[0])), _ONCE),
    Family("length-is-k", BOOL, "whether there are exactly {0} numbers", lambda xs, k: len(xs) == k, _k(1, 3), _k(2)),
    Family("range-head", LIST, "count from 0 up to the first number, without it",
           _some(lambda xs: list(range(xs[0]))), _ONCE),
    Family("range-length", LIST, "the places of the list, counted from 0", lambda xs: list(range(len(xs))), _ONCE),
    Family("add-length", INT, "the first number plus how many there are", _some(lambda xs: xs[0] + len(xs)), (), _ONCE),
    # Drop, take, put in: arithmetic on places.
    Family("drop-k", LIST, "all but the first {0} numbers",
           lambda xs, k: xs[k:] if len(xs) >= k else None, _k(2, 4), _k(3)),
    Family("take-k", LIST, "the first {0} numbers",
           lambda xs, k: xs[:k] if len(xs) >= k else None, _k(1, 2, 4), _k(3, 5)),
    Family("slice-k-n", LIST, "the numbers at places {0} to {1}, counted from 0",
           lambda xs, k, n: xs[k : n + 1] if len(xs) > n else None, ((1, 2), (1, 3), (2, 3)), ((2, 4), (1, 4))),
    Family("append-k", LIST, "put {0} at the end", lambda xs, k: [*xs, k], _k(0, 1, 3), _k(2, 4)),
    Family("all-but-last", LIST, "all but the last number", _some(lambda xs: xs[:-1]), _ONCE),
    Family("remove-index-k", LIST, "leave out the number at place {0}, counted from 0",
           _beyond(lambda xs, k: xs[:k] + xs[k + 1 :]), _k(1, 3), _k(2)),
    Family("append-index-k", LIST, "repeat the number at place {0}, counted from 0, at the end",
           _beyond(lambda xs, k: [*xs, xs[k]]), _k(0, 2), _k(1)),
    Family("prepend-index-k", LIST, "repeat the number at place {0}, counted from 0, in front",
           _beyond(lambda xs, k: [xs[k], *xs]), _k(0, 2), _k(1)),
    Family("replace-head-with-k", LIST, "put {0} in place of the first number",
           _some(lambda xs, k: [k, *xs[1:]]), _k(0, 1), _k(3)),
    Family("fill-index-k", LIST, "put the number at place {0}, counted from 0, everywhere",
           _beyond(lambda xs, k: [xs[k]] * len(xs)), _k(0, 1), _k(2)),
    Family("rotate-k", LIST, "move the first {0} numbers to the end",
           _beyond(lambda xs, k: xs[k:] + xs[:k]), _k(1, 2), _k(3)),
    Family("swap-first-two", LIST, "exchange the first two numbers",
           lambda xs: [xs[1], xs[0], *xs[2:]] if len(xs) > 1 else None, _ONCE),
    Family("last-to-front", LIST, "move the last number to the front", _some(lambda xs: [xs[-1], *xs[:-1]]), (), _ONCE),
    # Keep and drop by a predicate.
    Family("keep-mod-k", LIST, "keep the multiples of {0}",
           lambda xs, k: [x for x in xs if x % k == 0], _k(2, 4), _k(3)),
    Family("remove-mod-k", LIST, "leave out the multiples of {0}",
           lambda xs, k: [x for x in xs if x % k], _k(2, 4), _k(3)),
    Family("keep-greater-k", LIST, "keep the numbers greater than {0}",
           lambda xs, k: [x for x in xs if x > k], _k(1, 3), _k(2, 4)),
    Family("keep-less-k", LIST, "keep the numbers less than {0}",
           lambda xs, k: [x for x in xs if x < k], _k(2, 4), _k(3, 5)),
    Family("remove-k", LIST, "leave out every {0}", lambda xs, k: [x for x in xs if x != k], _k(0, 1, 3), _k(2, 4)),
    Family("keep-primes", LIST, "keep the primes", lambda xs: [x for x in xs if _is_prime(x)], _ONCE),
    Family("remove-primes", LIST, "leave out the primes", lambda xs: [x for x in xs if not _is_prime(x)], (), _ONCE),
    Family("keep-squares", LIST, "keep the square numbers", lambda xs: [x for x in xs if _is_square(x)], _ONCE),
    Family("remove-squares", LIST, "leave out the square numbers",
           lambda xs: [x for x in xs if not _is_square(x)], (), _ONCE),
    Family("remove-head", LIST, "leave out every number that equals the first",
           _some(lambda xs: [x for x in xs if x != xs[0]]), _ONCE),
    Family("keep-greater-head", LIST, "keep the numbers greater than the first",
           _some(lambda xs: [x for x in xs if x > xs[0]]), (), _ONCE),
    # Every number changed.
    Family("modulo-k", LIST, "the remainder of every number divided by {0}",
           lambda xs, k: [x % k for x in xs], _k(2, 4), _k(3)),
    Family("caesar-k-n", LIST, "add {0} to every number and take the remainder by {1}",
           lambda xs, k, n: [(x + k) % n for x in xs], ((1, 2), (1, 3), (2, 4)), ((1, 4), (2, 3))),
    Family("mult-k-add-n", LIST, "multiply every number by {0} and add {1}",
           lambda xs, k, n: [x * k + n for x in xs], ((2, 1), (3, 1)), ((2, 2),)),
    Family("cube", LIST, "the third power of every number", lambda xs: [x**3 for x in xs], (), _ONCE),
    Family("replace-k-by-n", LIST, "put {1} in place of every {0}",
           lambda xs, k, n: [n if x == k else x for x in xs], ((0, 1), (1, 0), (2, 0)), ((2, 1),)),
    Family("at-most-k", LIST, "put {0} in place of every greater number",
           lambda xs, k: [min(x, k) for x in xs], _k(1, 3), _k(2)),
    Family("add-place", LIST, "add to every number its place, counted from 0",
           lambda xs: [x + i for i, x in enumerate(xs)], _ONCE),
    Family("add-head", LIST, "add the first number to every number", _some(lambda xs: [x + xs[0] for x in xs]), _ONCE),
    Family("mult-length", LIST, "multiply every number by how many there are",
           lambda xs: [x * len(xs) for x in xs], (), _ONCE),
    # Order and repetition.
    Family("dup", LIST, "every number twice in a row", lambda xs: [x for x in xs for _ in range(2)], _ONCE),
    Family("twice", LIST, "the whole list twice", lambda xs: xs + xs, _ONCE),
    Family("thrice", LIST, "the whole list three times", lambda xs: xs * 3, (), _ONCE),
    Family("reverse", LIST, "the list backwards", lambda xs: xs[::-1], _ONCE),
    Family("mirror", LIST, "the list and then the list backwards", lambda xs: xs + xs[::-1], (), _ONCE),
    Family("sort", LIST, "the numbers in ascending order", sorted, _ONCE),
    Family("sort-down", LIST, "the numbers in descending order", lambda xs: sorted(xs, reverse=True), (), _ONCE),
    Family("put-k-after-each", LIST, "put {0} after every number",
           lambda xs, k: [y for x in xs for y in (x, k)], _k(0, 1), _k(2)),
    Family("countdown", LIST, "count down from the first number to 1",
           _some(lambda xs: list(range(xs[0], 0, -1))), _ONCE),
    Family("repeat-head", LIST, "the first number as often as it says", _some(lambda xs: [xs[0]] * xs[0]), _ONCE),
    Family("running-sum", LIST, "the sums of the list's beginnings", lambda xs: list(accumulate(xs)), _ONCE),
    Family("neighbor-sums", LIST, "the sum of every number and the next",
           lambda xs: [x + y for x, y in pairwise(xs)], (), _ONCE),
    Family("suffix-sums", LIST, "the sums of the list's ends", lambda xs: list(accumulate(xs[::-1]))[::-1], (), _ONCE),
    # One number out of many.
    Family("max", INT, "the greatest number", _some(max), _ONCE),
    Family("min", INT, "the least number", _some(min), (), _ONCE),
    Family("kth-largest", INT, "the number at place {0}, counted from 0, in descending order",
           _beyond(lambda xs, k: sorted(xs, reverse=True)[k]), _k(1, 3), _k(2)),
    Family("count-k", INT, "how often {0} occurs", lambda xs, k: xs.count(k), _k(0, 1, 3), _k(2, 4)),
    Family("count-greater-k", INT, "how many numbers are greater than {0}",
           lambda xs, k: sum(x > k for x in xs), _k(0, 1, 3), _k(2, 4)),
    Family("count-mod-k", INT, "how many numbers are multiples of {0}",
           lambda xs, k: sum(x % k == 0 for x in xs), _k(2), _k(3)),
    Family("count-primes", INT, "how many numbers are prime", lambda xs: sum(map(_is_prime, xs)), _ONCE),
    Family("count-squares", INT, "how many numbers are squares", lambda xs: sum(map(_is_square, xs)), (), _ONCE),
    Family("count-head", INT, "how often the first number occurs", _some(lambda xs: xs.count(xs[0])), _ONCE),
    Family("sum-tail", INT, "the sum of all but the first number", _some(lambda xs: sum(xs[1:])), _ONCE),
    Family("sum-squares", INT, "the sum of every number multiplied by itself",
           lambda xs: sum(x * x for x in xs), _ONCE),
    Family("sum-greater-k", INT, "the sum of the numbers greater than {0}",
           lambda xs, k: sum(x for x in xs if x > k), _k(1, 3), _k(2)),
    Family("sum-primes", INT, "the sum of the primes", lambda xs: sum(filter(_is_prime, xs)), (), _ONCE),
    Family("head-plus-last", INT, "the first number plus the last", _some(lambda xs: xs[0] + xs[-1]), (), _ONCE),
    Family("second-last", INT, "the number before the last", lambda xs: xs[-2] if len(xs) > 1 else None, (), _ONCE),
    # Questions.
    Family("has-k", BOOL, "whether {0} occurs", lambda xs, k: k in xs, _k(0, 1, 3), _k(2, 4)),
    Family("has-greater-k", BOOL, "whether a number is greater than {0}",
           lambda xs, k: any(x > k for x in xs), _k(1, 3), _k(2)),
    Family("all-greater-k", BOOL, "whether every number is greater than {0}",
           lambda xs, k: all(x > k for x in xs), _k(0, 1), _k(2)),
    Family("all-mod-k", BOOL, "whether every number is a multiple of {0}",
           lambda xs, k: all(x % k == 0 for x in xs), _k(2), _k(3)),
    Family("has-prime", BOOL, "whether a number is prime", lambda xs: any(map(_is_prime, xs)), _ONCE),
    Family("all-primes", BOOL, "whether every number is prime", lambda xs: all(map(_is_prime, xs)), _ONCE),
    Family("all-squares", BOOL, "whether every number is a square", lambda xs: all(map(_is_square, xs)), (), _ONCE),
    Family("head-occurs-again", BOOL, "whether the first number occurs again",
           _some(lambda xs: xs[0] in xs[1:]), _ONCE),
    Family("is-sorted", BOOL, "whether the numbers ascend", lambda xs: xs == sorted(xs), _ONCE),
    Family("is-palindrome", BOOL, "whether the list reads the same backwards", lambda xs: xs == xs[::-1], (), _ONCE),
    Family("head-is-last", BOOL, "whether the first number equals the last",
           _some(lambda xs: xs[0] == xs[-1]), (), _ONCE),
    Family("sum-greater-than-k", BOOL, "whether the sum is greater than {0}",
           lambda xs, k: sum(xs) > k, _k(4, 9), _k(16)),
    Family("longer-than-k", BOOL, "whether there are more than {0} numbers",
           lambda xs, k: len(xs) > k, _k(1, 3), _k(2)),
    Family("sum-is-even", BOOL, "whether the sum is even", lambda xs: sum(xs) % 2 == 0, _ONCE),
)
# fmt: on
