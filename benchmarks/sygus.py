"""Problems of the SyGuS competition: solved, CPU seconds, sizes; whether answers to few examples hold on many.

    python benchmarks/sygus.py FOLDER [--timeout SECONDS]

FOLDER has the files NAME.sl and NAME-long-repeat.sl. Each method runs as a command of its own, import included, with
one solution a task and a limit of wall-clock time for each. An answer to NAME is then judged on the examples of
NAME-long-repeat.
"""

import argparse
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from psynth.core.calculus.terms import Lambda, Term, head_and_arguments, parse_term, strip_lambdas

LONG = "-long-repeat"


def psynth(words: Sequence[str], stream: bytes = b"") -> tuple[bytes, float]:
    """The output of a command, and the CPU seconds of all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "psynth", *words]
    done = subprocess.run(command, input=stream, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def nodes(term: Term) -> int:
    """Functions, constants and variables of a term without its outer lambdas; an application is not counted itself."""
    _, body = strip_lambdas(term)
    parts = head_and_arguments(body)
    assert not isinstance(body, Lambda)
    return sum(map(nodes, parts)) if parts else 1


def row(method: str, folder: Path, timeout: str) -> str:
    """One run of a method as a row of the table."""
    files = sorted(map(str, folder.glob("*.sl")))
    imported, importing = psynth(["import", "sygus", *files])
    found, searching = psynth(
        ["enumerate", "-q", "--method", method, "--max-frontier", "1", "--timeout", timeout], imported
    )
    records = [orjson.loads(line) for line in found.splitlines()]
    answers = {
        each["task"]["id"]: each["programs"][0]["program"]
        for each in records
        if each["type"] == "frontier" and each["programs"] and each["programs"][0]["log_likelihood"] == 0
    }
    tasks = sum(each["type"] == "frontier" for each in records)
    sizes = [nodes(parse_term(program)) for program in answers.values()]
    held, asked = transferred(imported, answers)
    return (
        f"| {method} | {timeout} | {len(answers)} of {tasks} | {importing + searching:.1f} | "
        f"{statistics.median(sizes):g} / {max(sizes)} | {held} of {asked} |"
    )


def transferred(imported: bytes, answers: dict[str, str]) -> tuple[int, int]:
    """How many answers to the tasks with few examples hold on those with many, and how many were asked."""
    lines, asked = [], 0
    for line in imported.splitlines():
        record = orjson.loads(line)
        if record["type"] == "frontier":
            short = answers.get(record["task"]["id"].removesuffix(LONG))
            if short is None or not record["task"]["id"].endswith(LONG):
                continue
            inputs = [orjson.dumps(each["inputs"]) for each in record["task"]["examples"]]
            if len(set(inputs)) < len(inputs):
                continue  # no program satisfies contradictory examples
            record["programs"] = [{"program": short, "language": "lambda"}]
            asked += 1
        lines.append(orjson.dumps(record))
    judged, _ = psynth(["evaluate", "-q"], b"\n".join(lines) + b"\n")
    frontiers = [each for each in map(orjson.loads, judged.splitlines()) if each["type"] == "frontier"]
    return sum(each["programs"][0]["log_likelihood"] == 0 for each in frontiers), asked


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="problems of the SyGuS competition")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--timeout", default="2")
    parser.add_argument("--methods", nargs="*", default=["levels", "windows"])
    arguments = parser.parse_args()
    if arguments.folder is None:
        print("no folder of problems: nothing is measured")
        return
    print("| method | seconds a task | solved | CPU s, all | nodes, median / most | few → many examples |")
    print("|---|---|---|---|---|---|")
    for method in arguments.methods:
        print(row(method, arguments.folder, arguments.timeout), flush=True)


if __name__ == "__main__":
    main()
