"""A program to begin with."""


def f(x):
    return x + 1
