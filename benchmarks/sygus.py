"""Problems of the SyGuS competition: solved, CPU seconds, sizes; whether answers to few examples hold on many.

    python benchmarks/sygus.py FOLDER [--timeout SECONDS] [--cvc5]

FOLDER has the files NAME.sl and NAME-long-repeat.sl. Each method runs as a command of its own, import included, with
one solution a task and a limit of wall-clock time for each; `levels --no-goals` is a method, too. An answer to NAME is
then judged on the examples of NAME-long-repeat. cvc5, the package, solves each file in a process of its own, translated
to version 2 of the syntax; its limit is one of CPU time, and it reads the files with their repeated examples.
"""

import argparse
import math
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson
from psynth_text.grammar import RENAMED
from psynth_text.smtlib import Expression, read_expressions

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
        ["enumerate", "-q", "--timing", "--max-frontier", "1", "--timeout", timeout, "--method", *method.split()],
        imported,
    )
    records = [orjson.loads(line) for line in found.splitlines()]
    solved = {
        each["task"]["id"]: each
        for each in records
        if each["type"] == "frontier" and each["programs"] and each["programs"][0]["log_likelihood"] == 0
    }
    answers = {task: each["programs"][0]["program"] for task, each in solved.items()}
    seconds = [each["search"]["cpu_seconds"] for each in solved.values()]
    tasks = sum(each["type"] == "frontier" for each in records)
    sizes = [nodes(parse_term(program)) for program in answers.values()]
    held, asked = transferred(imported, answers)
    return (
        f"| {method} | {timeout} | {len(answers)} of {tasks} | {within(seconds)} | {importing + searching:.1f} | "
        f"{statistics.median(sizes):g} / {max(sizes)} | {held} of {asked} |"
    )


def within(seconds: Sequence[float]) -> str:
    """How many were solved in a tenth of a second, in one second and in ten."""
    return " / ".join(str(sum(each <= limit for each in seconds)) for limit in (0.1, 1, 10))


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


CVC5 = """
import resource, sys, cvc5
resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
manager = cvc5.TermManager()
solver, symbols = cvc5.Solver(manager), cvc5.SymbolManager(manager)
solver.setOption("sygus", "true")
parser = cvc5.InputParser(solver, symbols)
parser.setStringInput(cvc5.InputLanguage.SYGUS_2_1, sys.stdin.read(), "problem")
while not (command := parser.nextCommand()).isNull():
    print(command.invoke(solver, symbols), end="")
"""


def version_2(text: str) -> str:
    """A problem in version 1 of the syntax in that of version 2: nonterminals declared first, functions renamed."""
    return "\n".join(_written(_declared(command)) for command in read_expressions(text))


def _declared(command: Expression) -> Expression:
    if command.head != "synth-fun" or len(command.items) != 5:
        return command
    *signature, groups = command.items
    names = tuple(Expression("list", "", group.items[:2], group.line) for group in groups.items)
    return Expression("list", "", (*signature, Expression("list", "", names, groups.line), groups), command.line)


def _written(expression: Expression) -> str:
    if expression.kind == "list":
        return f"({' '.join(map(_written, expression.items))})"
    renamed = RENAMED.get(expression.value, "") if expression.kind == "symbol" else ""
    return renamed if renamed.startswith("str.") else str(expression)


def nodes_of_definition(definition: str) -> int:
    """Functions, constants and variables in the body of a define-fun."""
    [command] = read_expressions(definition)

    def count(expression: Expression) -> int:
        return sum(map(count, expression.items)) if expression.kind == "list" else 1

    return count(command.items[-1])


def cvc5_row(folder: Path, timeout: str) -> str:
    """One run of cvc5 on each problem as a row of the table."""
    files = sorted(folder.glob("*.sl"))
    seconds, sizes, total = [], [], 0.0
    for file in files:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-c", CVC5.replace("SECONDS", str(math.ceil(float(timeout))))]
        done = subprocess.run(command, input=version_2(file.read_text()), capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        total += spent
        if "define-fun" in done.stdout:
            seconds.append(spent)
            sizes.append(nodes_of_definition(done.stdout.strip()[1:-1]))
    size = f"{statistics.median(sizes):g} / {max(sizes)}" if sizes else "–"
    return f"| cvc5 | {timeout} | {len(sizes)} of {len(files)} | {within(seconds)} | {total:.1f} | {size} | – |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="problems of the SyGuS competition")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--timeout", default="2")
    parser.add_argument("--methods", nargs="*", default=["levels", "levels --no-goals", "windows"])
    parser.add_argument("--cvc5", action="store_true")
    arguments = parser.parse_args()
    if arguments.folder is None:
        print("no folder of problems: nothing is measured")
        return
    print(
        "| method | seconds a task | solved | within 0.1 / 1 / 10 CPU s | CPU s, all | nodes, median / most | "
        "few → many examples |"
    )
    print("|---|---|---|---|---|---|---|")
    for method in arguments.methods:
        print(row(method, arguments.folder, arguments.timeout), flush=True)
    if arguments.cvc5:
        print(cvc5_row(arguments.folder, arguments.timeout))


if __name__ == "__main__":
    main()
