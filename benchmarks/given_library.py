"""Programs rewritten with a given library, and libraries that grow, compared with stitch_core: whole processes in turn.

    python -m benchmarks.given_library

Two tables from the lists in the folder $PSYNTH_SHARED_DATA/stitch. *Rewriting*: stitch_core learns from the programs
with even numbers; both rewrite the others with that library, by ``psynth compress --rewrite-only`` and by
``stitch_core.rewrite``; costs are counted by the tests' second reader from the texts that both write. *Libraries that
grow*: DreamCoder's corpora, whose libraries have abstractions already, learned from by stitch_core, by ``--method
stitch`` and by the default method; costs are those that each reports, which count alike.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.compression import Run, run
from tests.psynth_library.second_reader import cost, read

ARITIES = (2, 3)
ITERATIONS = 10
LEARN = """
import json, sys, stitch_core
path, arity, iterations = sys.argv[1:]
found = stitch_core.compress(json.load(open(path)), iterations=int(iterations), max_arity=int(arity), silent=True)
print(json.dumps([[each.name, each.body, each.arity] for each in found.abstractions]))
"""
REWRITE = """
import json, sys, stitch_core
path, library = sys.argv[1:]
known = [stitch_core.Abstraction(name, body, arity) for name, body, arity in json.load(open(library))]
print(json.dumps(stitch_core.rewrite(json.load(open(path)), known).rewritten))
"""
GROW = """
import json, sys, stitch_core
path, arity, iterations = sys.argv[1:]
given = stitch_core.from_dreamcoder(json.load(open(path)))
found = stitch_core.compress(**given, iterations=int(iterations), max_arity=int(arity), silent=True).json
print(json.dumps([found["original_cost"], found["final_cost"]]))
"""


def python(script: str, *arguments: object) -> Run:
    """A Python process that runs a script."""
    return run([sys.executable, "-c", script, *map(str, arguments)])


def psynth(*arguments: object) -> Run:
    """A process of psynth."""
    return run([sys.executable, "-m", "psynth", *map(str, arguments)])


def definition(body: str, arity: int) -> str:
    """The closed λ-term of an abstraction of stitch_core, whose parameters stand under no lambda here."""
    for number in range(arity):
        body = body.replace(f"#{number}", f"${arity - 1 - number}")
    return "(lambda " * arity + body + ")" * arity


def total(programs: list[str]) -> int:
    """The cost of programs."""
    return sum(cost(read(program)) for program in programs)


def rewriting(path: Path, arity: int, folder: Path) -> str:
    """A line of the first table."""
    programs = json.loads(path.read_text())
    for name, some in (("learn", programs[0::2]), ("held-out", programs[1::2])):
        (folder / f"{name}.json").write_text(json.dumps(some))
    found = json.loads(python(LEARN, folder / "learn.json", arity, ITERATIONS).output)
    (folder / "library.json").write_text(json.dumps(found))
    (folder / "in.jsonl").write_text(psynth("import", "stitch", folder / "held-out.json").output)
    records = [json.loads(line) for line in (folder / "in.jsonl").read_text().splitlines()]
    [library] = [record for record in records if record["type"] == "library"]
    library["productions"] += [
        {"name": name, "type": "t0", "log_weight": 0.0, "definition": definition(body, count)}
        for name, body, count in found
    ]
    (folder / "in.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    theirs = python(REWRITE, folder / "held-out.json", folder / "library.json")
    ours = psynth("compress", "-q", "--rewrite-only", folder / "in.jsonl")
    written = [json.loads(line) for line in ours.output.splitlines()]
    texts = [record["programs"][0]["program"] for record in written if record["type"] == "frontier"]
    their_cost, our_cost = total(json.loads(theirs.output)), total(texts)
    change = f"{100 * (our_cost / their_cost - 1):+.2f} %"
    times = f"{theirs.seconds:.2f} s | {ours.seconds:.2f} s"
    return f"| {path.stem} | {arity} | {total(programs[1::2])} | {their_cost} | {our_cost} | {change} | {times} |"


def growing(path: Path, arity: int, folder: Path) -> str:
    """A line of the second table."""
    (folder / "in.jsonl").write_text(psynth("import", "dreamcoder", path).output)
    theirs = python(GROW, path, arity, ITERATIONS)
    before, final = json.loads(theirs.output)
    cells = [f"{before}", f"{final}"]
    times = [f"{theirs.seconds:.2f} s"]
    for method in ("stitch", "joint"):
        command = ["compress", "-q", "--method", method, "--max-arity", arity, "--iterations", ITERATIONS]
        ours = psynth(*command, folder / "in.jsonl")
        costs = [json.loads(line) for line in ours.output.splitlines() if '"compress.cost"' in line]
        rewritten = [json.loads(line)["value"] for line in ours.output.splitlines() if '"compress.rewritten"' in line]
        last = costs[-1]["value"] if len(costs) > 1 else (rewritten or [costs[0]["value"]])[0]
        if not cells[2:]:
            cells.append(f"{rewritten[0]}" if rewritten else "no library")
        if costs[0]["value"] != before:
            raise RuntimeError(f"{path}: stitch_core counts {before} before, psynth {costs[0]['value']}")
        cells.append(f"{last} ({100 * (last / final - 1):+.1f} %)")
        times.append(f"{ours.seconds:.2f} s")
    return f"| {path.stem} | {arity} | {' | '.join(cells + times)} |"


def header(names: str) -> None:
    """The head of a table."""
    print(f"\n{names}\n{'|---' * (names.count('|') - 1)}|", flush=True)


def main() -> None:
    """Print both tables."""
    shared = Path(os.environ.get("PSYNTH_SHARED_DATA", ""))
    lists, corpora = sorted(shared.glob("stitch/cogsci-*.json")), sorted(shared.glob("stitch/dreamcoder/*.json"))
    corpora += sorted(shared.glob("stitch/dreamcoder-*.json"))
    if not lists and not corpora:
        print("no program lists: set PSYNTH_SHARED_DATA", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        header("| held-out half | arity | before | stitch_core | psynth | | stitch_core, process | psynth, process |")
        for path in lists:
            for arity in ARITIES:
                print(rewriting(path, arity, folder), flush=True)
        header(
            "| corpus | arity | before | stitch_core | psynth, rewritten | --method stitch | --method joint "
            "| stitch_core, process | stitch | joint |"
        )
        for path in corpora:
            for arity in ARITIES:
                print(growing(path, arity, folder), flush=True)


if __name__ == "__main__":
    main()
