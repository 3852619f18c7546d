"""Hypothesis strategies: JSON values, and records of every type with known and unknown fields."""

import math

from hypothesis import strategies as st

from psynth.core.stream.records import (
    END_STATUSES,
    Archive,
    Contextual,
    Credit,
    Dimension,
    Documentation,
    End,
    Example,
    Frontier,
    Header,
    Library,
    Metric,
    Model,
    Origin,
    Production,
    Program,
    Provenance,
    Search,
    Task,
    Weights,
)

text = st.text(st.characters(codec="utf-8"), max_size=8)
integers = st.integers(-(10**25), 10**25)
finite = st.floats(allow_nan=False, allow_infinity=False) | integers
scalars = st.none() | st.booleans() | finite | text
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=6
)
objects = st.dictionaries(text, json_values, max_size=3)
# Unknown fields have names that no documented field has.
extra = st.dictionaries(text.map("x-{}".format), json_values, max_size=2)
log_probabilities = finite | st.just(-math.inf)


def maybe(values):
    return st.none() | values


def tuples(values):
    return st.lists(values, max_size=3).map(tuple)


provenance = st.builds(
    Provenance, text, maybe(text), objects, maybe(integers), st.dictionaries(text, text, max_size=2), extra=extra
)
documentation = st.builds(Documentation, maybe(text), maybe(text), tuples(json_values), extra=extra)
production = st.builds(Production, text, text, log_probabilities, maybe(text), maybe(documentation), extra=extra)
weights = st.builds(Weights, tuples(log_probabilities), log_probabilities, extra=extra)
contextual = st.builds(Contextual, weights, weights, st.dictionaries(text, tuples(weights), max_size=2), extra=extra)
example = st.builds(Example, st.lists(json_values, max_size=2), json_values, maybe(text), extra=extra)
tasks = st.builds(
    Task,
    text,
    text,
    request=maybe(text),
    examples=tuples(example),
    environment=maybe(objects.filter(bool)),
    split=maybe(text),
    descriptions=tuples(text),
    origin=maybe(st.sampled_from(["given", "hindsight", "dream", "mutation"])),
    meta=maybe(objects.filter(bool)),
    extra=extra,
)
origin = st.builds(
    Origin, maybe(text), maybe(text | st.lists(text, min_size=1, max_size=2).map(tuple)), maybe(integers), extra=extra
)
program = st.builds(
    Program,
    text,
    st.sampled_from(["lambda", "python", "text", "json"]),
    log_prior=maybe(log_probabilities),
    log_likelihood=maybe(log_probabilities),
    score=maybe(st.floats(0, 1)),
    held_out=maybe(st.floats(0, 1)),
    reward=maybe(finite),
    held_out_reward=maybe(finite),
    status=maybe(st.sampled_from(["ok", "error", "timeout", "fuel", "memory"])),
    message=maybe(text),
    outputs=maybe(st.lists(json_values, max_size=2)),
    descriptor=maybe(st.lists(finite, min_size=1, max_size=3).map(tuple)),
    origin=maybe(origin),
    step=maybe(integers),
    versions=maybe(objects.filter(bool)),
    extra=extra,
)
search = st.builds(
    Search,
    text,
    maybe(integers),
    maybe(finite | st.just(math.inf)),
    maybe(st.sampled_from(["solved", "budget", "exhausted", "interrupted"])),
    maybe(finite),
    maybe(finite),
    extra=extra,
)
headers = st.builds(Header, provenance=tuples(provenance), extra=extra)
libraries = st.builds(Library, text, tuples(production), log_probabilities, maybe(text), maybe(contextual), extra=extra)
credits = st.builds(Credit, integers, integers, extra=extra)
frontiers = st.builds(
    Frontier, maybe(tasks), tuples(program), maybe(search), maybe(weights | contextual), maybe(credits), extra=extra
)
dimensions = st.builds(
    Dimension,
    text,
    maybe(finite),
    maybe(finite),
    maybe(integers),
    st.booleans(),
    tuples(finite),
    tuples(text),
    extra=extra,
)
archives = st.builds(
    Archive,
    st.sampled_from(["grid", "cvt", "unstructured", "dominated-novelty"]),
    tuples(dimensions),
    integers,
    st.sampled_from(["clip", "drop", "error"]),
    st.sampled_from(["gain", "reward", "score", "log-likelihood", "log-prior"]),
    st.booleans(),
    finite,
    tuples(tuples(finite)),
    maybe(finite),
    maybe(integers),
    maybe(integers),
    st.dictionaries(text, integers, max_size=2),
    extra=extra,
)
models = st.builds(Model, text, text, maybe(text), maybe(text), objects, extra=extra)
metrics = st.builds(Metric, text, finite, maybe(finite), objects, extra=extra)
ends = st.builds(End, st.sampled_from(END_STATUSES), extra=extra)
#: Each type as likely as any other.
records = st.one_of(headers, libraries, archives, frontiers, models, metrics, ends)
