"""Drawings: enumeration with and without merged terms, and a library learned from solutions of one's own.

    python benchmarks/logo.py [TRAIN.jsonl TEST.jsonl] [--rounds N] [--programs N] [--max-cost NATS]
        [--grammar unigram|bigram] [--backoff HOLES] [--network SEED...]

The files are streams of tasks of the domain logo, by default its own. If their programs are published ones, a library
is learned from those of TRAIN, too. With --network, a recognition network is trained for each seed on the last round's
solutions and on dreams, and guides a search for the test tasks. Each command runs in a process of its own, with one
job; CPU seconds are those of all its processes. No program for a task of TEST is ever learned from. Prints Markdown.
"""

import argparse
import tempfile
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import orjson

from benchmarks.sygus import psynth

DREAMS = 40_000  # programs listed to dream of; those that draw the same are one task
STEPS = 600  # of training
GUIDED_PROGRAMS = 30_000  # for each test task, as each has a search of its own
LEARNING = ("compress", "-q", "--method", "stitch", "--iterations", "20", "--from-scratch", "--pseudocounts", "1")


def frontiers(stream: bytes) -> list[dict]:
    """The frontiers of a stream."""
    return [each for line in stream.splitlines() if (each := orjson.loads(line))["type"] == "frontier"]


def library(stream: bytes) -> dict:
    """The last library of a stream."""
    return [each for line in stream.splitlines() if (each := orjson.loads(line))["type"] == "library"][-1]


def stream(*records: dict) -> bytes:
    """Records as a stream."""
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def solved(found: Sequence[dict]) -> int:
    """The number of tasks with a right program."""
    return sum(any(each.get("log_likelihood") == 0 for each in frontier["programs"]) for frontier in found)


def counted(name: str, tasks: Sequence[dict], own: dict, *budget: str) -> None:
    """One enumeration as a row of a table."""
    output, seconds = psynth(["enumerate", "-q", "--exhaustive", *budget], stream(own, *tasks))
    found = frontiers(output)
    programs = found[0]["search"]["programs"]
    print(f"| {name} | {programs:,} | {solved(found)} of {len(tasks)} | {seconds:.2f} |", flush=True)


def enumerations(tasks: Sequence[dict], own: dict) -> None:
    """Bounds with and without merged terms."""
    print("| | programs | solved | CPU s |\n|---|---|---|---|")
    for nats, merge in (("15", "--no-merge"), ("20", "--no-merge"), ("15", "--merge"), ("20", "--merge")):
        counted(f"{nats} nats, {merge}", tasks, own, "--max-cost", nats, merge)


def search(given: bytes, *budget: str) -> tuple[bytes, float]:
    """Up to five solutions for each task."""
    return psynth(["enumerate", "-q", "--exhaustive", "--max-frontier", "5", *budget], given)


def rounds(
    train: Sequence[dict], test: Sequence[dict], own: dict, arguments: argparse.Namespace
) -> tuple[dict, list[dict]]:
    """Search and learning in turn, as a row a round; the last library, and the training tasks with their programs."""
    print("\n| round | solved, train | solved, test | abstractions | CPU s |\n|---|---|---|---|---|")
    known, searched, total = own, list(train), 0.0
    weights = ("--grammar", arguments.grammar, "--backoff", str(arguments.backoff))
    for number in range(arguments.rounds + 1):
        later = ("--max-programs", str(arguments.programs), "--step", "0.5")
        budget = later if number else ("--max-cost", str(arguments.max_cost))
        output, seconds = search(stream(known, *searched, *test), *budget)
        found = frontiers(output)
        ours, theirs = found[: len(train)], found[len(train) :]
        learned, learning = psynth((*LEARNING, *weights), stream(known, *ours))
        total += seconds + learning
        abstractions = sum("definition" in each for each in known["productions"])
        print(f"| {number} | {solved(ours)} | {solved(theirs)} | {abstractions} | {total:.0f} |", flush=True)
        known, searched = library(learned), frontiers(learned)
    return known, searched


def networked(known: dict, searched: Sequence[dict], test: Sequence[dict], seeds: Sequence[int]) -> None:
    """A network for each seed, learned from solutions and dreams, and the searches that it guides, as rows."""
    print(
        "\n| seed | dreams | CPU s of dreams | of training | of `guide` | of search | solved, test |\n"
        + "|---" * 7
        + "|"
    )
    requests = [{**each, "programs": []} for each in searched]
    listed, listing = psynth(
        ["sample", "-q", "--method", "cheapest", "--count", str(DREAMS)], stream(known, *requests[:1])
    )
    relabeled, dreaming = psynth(["relabel", "-q"], listed)
    dreams = frontiers(relabeled)
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            model = ("--model", f"{folder}/model")
            lessons = stream(known, *searched, *dreams)
            words = ("train", "-q", "--method", "recognition", *model, "--steps", str(STEPS), "--seed", str(seed))
            _, training = psynth(words, lessons)
            guided, guiding = psynth(("guide", "-q", *model), stream(known, *test))
        budget = ("--max-programs", str(GUIDED_PROGRAMS), "--max-frontier", "1", "--step", "0.5")
        output, searching = psynth(("enumerate", "-q", *budget), guided)
        seconds = " | ".join(f"{each:.0f}" for each in (listing + dreaming, training, guiding, searching))
        count = solved(frontiers(output))
        print(f"| {seed} | {len(dreams):,} | {seconds} | {count} of {len(test)} |", flush=True)


def published(train: Sequence[dict], test: Sequence[dict], own: dict, arguments: argparse.Namespace) -> None:
    """A library of the programs that come with the training tasks."""
    weights = ("--grammar", arguments.grammar, "--backoff", str(arguments.backoff))
    learned, learning = psynth((*LEARNING, *weights), stream(own, *train))
    budget = ("--max-programs", str(arguments.programs), "--step", "0.5")
    output, seconds = search(stream(library(learned), *test), *budget)
    count, spent = solved(frontiers(output)), learning + seconds
    print(f"\nwith a library of the published programs: {count} of {len(test)} test tasks, {spent:.1f} CPU s")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--programs", type=int, default=100_000)
    parser.add_argument("--max-cost", type=float, default=20.0)
    parser.add_argument("--grammar", choices=("unigram", "bigram"), default="unigram")
    parser.add_argument("--backoff", type=float, default=10.0)
    parser.add_argument("--network", type=int, nargs="+", default=(), metavar="SEED")
    arguments = parser.parse_args()
    own, _ = psynth(["tasks", "logo", "--split", "all"])
    if arguments.files:
        train, test = (frontiers(file.read_bytes()) for file in arguments.files)
    else:
        train, test = (
            [each for each in frontiers(own) if each["task"]["split"] == split] for split in ("train", "test")
        )
    bare_train, bare_test = ([{**each, "programs": []} for each in tasks] for tasks in (train, test))
    enumerations(list(chain(bare_train, bare_test)), library(own))
    known, searched = rounds(bare_train, bare_test, library(own), arguments)
    if arguments.network:
        networked(known, searched, bare_test, arguments.network)
    if all(each["programs"] for each in train):
        published(train, bare_test, library(own), arguments)


if __name__ == "__main__":
    main()
