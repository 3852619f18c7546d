"""Examples of the documentation: what there is on each page, and one way to run all of it.

A block is either a console block, each of whose ``$ command`` must print the lines that follow, or an indented block of
shell commands, which must succeed. What is not run has the reason in the page, in a comment before the block, or, where
the text is help that is printed, in `NOT_RUN`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCED = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^<!-- not run: ([^\n]+) -->\n\n?)?((?:^    .*\n)+)", re.MULTILINE)
COMMAND = re.compile(
    r"^    (psynth|for|make|pip|python|source|docker|git|curl|bash|cargo|dune|printf|echo|examples/|cd) ?\b"
)
NOT_RUN = {
    "make ": "sets the machine up or is a test run itself",
    "cd psynth-maze": "installs a package; the tests of psynth new do so in a fresh environment",
    "psynth tasks maze": "needs that package",
    "pip install": "changes the environment; the packaging tests install",
    "psynth completion zsh --install": "changes the user's own settings",
    "psynth sandbox-exec --server": "serves until it is ended; the tests of the server start it",
    "psynth help search --method cem --man": "needs man; the tests of the help read the manual",
    "psynth new domain": "writes packages and installs one; the tests of psynth new do so in a fresh environment",
    "psynth import p3 puzzles": "needs a file that is published elsewhere; the tests of the format read it",
    "psynth import arc corpus": "needs files that are published elsewhere; the tests of the formats read such files",
    "psynth import arc-dsl solvers.py": "needs a file that is published elsewhere; the tests of the format read such",
    "psynth import codeit data/": "needs folders that are published elsewhere; the tests of the format make such",
    "psynth export codeit -o": "needs samples of arc; the tests of the format write them",
    "psynth evaluate --rank length found.jsonl | psynth report": "needs solved tasks; the tests of reports draw them",
    "psynth report --progress": "needs a stream of each iteration; the tests of the report make such streams",
    "psynth import clevr": "needs files that are published elsewhere; the tests of the format read such files",
    "psynth train": "needs PyTorch; the tests of training run it where that is installed",
    "psynth tasks list --split test | psynth sample --method policy": "needs PyTorch; the tests of policies run it",
    "psynth sample --method policy": "needs a trained model; the tests of policies train one",
    "psynth mutate --method policy": "needs a trained model; the tests of policies train one",
    "psynth evaluate programs.jsonl | psynth mutate --method policy": "needs a trained model, as above",
    "psynth tasks list | psynth enumerate | psynth train": "needs PyTorch; the tests of training run it",
    "psynth replay store.jsonl": "needs PyTorch for its second command",
    "psynth tasks list --split test | psynth guide": "needs a trained model; the tests of recognition train one",
    "psynth relabel --method hindsight sampled.jsonl >>": "adds to a file of the user; the tests of replay do",
    "psynth replay --count 90000": "needs PyTorch for its second command",
    "psynth export tensorboard": "needs TensorBoard; the tests of the format run it where that is installed",
    "psynth sample -d karel --primitives leaps --count 50000 --demonstrations 1 ": "takes minutes, and made what ships",
    "psynth tasks karel --profile leaps --task stair-climber": "needs PyTorch; tests/psynth_leaps runs such a search",
    "psynth sample -d karel --count 50000": "needs PyTorch for its second command, and takes minutes",
    "export OPENAI_API_KEY": "needs a language model; tests/psynth_llm runs the commands on one of its own",
    "psynth sample --method llm": "needs a language model; tests/psynth_llm runs the command on one of its own",
    "psynth compress solved.jsonl | psynth document --method llm": "needs a language model, as above",
    "python examples/local_model.py": "needs a model; no test installs one",
    "MODEL=openai": "needs a language model; tests/scripts runs the script on one of its own",
    "psynth elites seeds.jsonl --method map-elites --parents 2 --operator": "needs a language model, as above",
    "psynth evaluate programs.jsonl | psynth mutate --method llm": "needs a language model, as above",
    "psynth tasks list | psynth sample --method llm": "needs a language model, as above",
    'jq -r \'select(.type == "answer")': "needs answers of a language model",
    "docker ": "needs docker",
    "git clone": "is the first command of all, as is what follows it",
    "source .venv": "is for the shell of the user",
    "dune ": "builds an engine; make setup and the packaging tests do so",
    "python benchmarks": "is a benchmark",
    "python examples/karel_ppo.py": "needs Stable-Baselines3; tests/scripts runs the script where that is installed",
    "psynth report solved.jsonl answers.jsonl": "needs answers of a language model; tests/views asks one of its own",
    "psynth report ppo.jsonl": "needs what that command writes",
}
"""Why commands with these beginnings are not run."""
SLOW = (
    "psynth tasks arc --primitives search --limit 40",
    "psynth tasks regex --seed 1",
    "psynth tasks karel --task maze | psynth search\n",
    "psynth sample -d list --count 10 | psynth show\npsynth tasks karel",
    "psynth tasks list | psynth enumerate --max-cost 15",
    "psynth enumerate -d list",
    "psynth enumerate -d karel",
    "psynth tasks karel --task maze | psynth show",
    "psynth tasks karel --task maze | psynth search | psynth show",
    "psynth tasks karel --task maze --seed 0 | psynth search",
    "psynth sample -d karel --primitives leaps",
    "psynth tasks list --split test\n",
    "psynth tasks list | psynth enumerate --max-cost 16.5",
    "psynth tasks list | psynth enumerate --max-frontier 1 --timing",
    "psynth tasks list --count 40",
    "psynth tasks regex --count 100",
    "psynth sample -d list --count 10 | psynth show\npsynth sample -d regex",
    "psynth tasks tiles",
    "psynth plugins\n",
    "psynth import jsonl",
    "psynth import table",
)
"""The beginnings of the examples that take more than a few seconds."""


@dataclass(frozen=True)
class Block:
    """An indented block of shell commands."""

    page: str
    script: str
    why_not: str | None

    @property
    def is_slow(self) -> bool:
        return self.script.startswith(SLOW)

    def __str__(self) -> str:
        return f"{self.page}: {self.script.splitlines()[0][:60]}"


def pages() -> list[str]:
    """All pages of the repository, by their paths from its root."""
    folders = ("docs", "plugins_builtin", "native", "examples")
    made = {"target", "_build", "_build_release"}
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.md") if not made & {*path.parts}]
    return sorted(str(path.relative_to(ROOT)) for path in (*found, ROOT / "README.md", ROOT / "CONTRIBUTING.md"))


def blocks() -> Iterator[Block]:
    """The indented blocks of shell commands on all pages."""
    for page in pages():
        text = FENCED.sub("", (ROOT / page).read_text())
        for reason, block in INDENTED.findall(text):
            lines = [line[4:] for line in block.splitlines()]
            if COMMAND.match(block) and "[OPTIONS]" not in lines[0]:
                commands = re.split(r"(?<![|\\])\n", "\n".join(lines))
                runs = [command for command in commands if not command.startswith(tuple(NOT_RUN))]
                whole = "the whole block is not run" if not runs else None
                yield Block(page, "".join(f"{command}\n" for command in runs or commands), reason or whole)


def consoles(text: str) -> Iterator[tuple[str, str]]:
    """Each command of the console blocks of a page, and what it prints."""
    for language, _, content in FENCED.findall(text):
        if language == "console":
            for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
                command, _, expected = part.partition("\n")
                yield command, expected


def streams(page: str) -> Iterator[str]:
    """The streams that a page shows."""
    for _, _, content in FENCED.findall((ROOT / page).read_text()):
        if content.startswith(('{"type"', '{"type": ')):
            yield content


def programs(page: str) -> list[str]:
    """The Python programs on a page that are no files."""
    return [
        text for language, name, text in FENCED.findall((ROOT / page).read_text()) if language == "python" and not name
    ]


def run(script: str, folder: Path, *, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run shell commands as a user would type them, with psynth on the path."""
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def _environment(folder: Path) -> dict[str, str]:
    scripts = folder / "bin"
    if not scripts.exists():
        scripts.mkdir()
        psynth = scripts / "psynth"
        psynth.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m psynth "$@"\n')
        psynth.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(folder / "src"), *sys.path]),
        "COLUMNS": "100",
        "TERM": "dumb",
    }


def write_files(text: str, folder: Path) -> None:
    """Write the blocks of a page that are files, and make a package among them look installed."""
    for _, name, content in FENCED.findall(text):
        if name:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
    if (folder / "pyproject.toml").exists():
        pretend_installed(folder, folder)


def pretend_installed(package: Path, folder: Path) -> None:
    """Write what pip would for a package into ``folder/src``, so that its entry points are found on the path."""
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    metadata = folder / "src" / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir(parents=True)
    points = "\n".join(f"{name} = {value}" for name, value in project["entry-points"]["psynth"].items())
    (metadata / "entry_points.txt").write_text(f"[psynth]\n{points}\n")
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )


STOCK = """\
psynth enumerate -d list --limit 6 --max-cost 11 -q -o list.jsonl
psynth tasks karel --task maze --instances 2 --held-out 4 | psynth search --max-evaluations 300 -q -o karel.jsonl
psynth tasks list --task 'train-*-add-k-?' | sed -E \\
  's/^(.*"id":"[^"]*add-k-([0-9])".*"programs":\\[)\\]/\\1{"program":"(lambda (map (lambda (+ $0 \\2)) $0))"}]/' |
  psynth evaluate -q -o adding.jsonl
cat list.jsonl adding.jsonl karel.jsonl | psynth merge -q - -o solved.jsonl
psynth compress -q adding.jsonl | psynth document -q -o library.jsonl
for name in before after seed-0 seed-1 seed-2 full without-loss; do cp karel.jsonl $name.jsonl; done
psynth export stitch adding.jsonl > held-out.json
cp library.jsonl learned.jsonl
for name in in population without with; do cp list.jsonl $name.jsonl; done
psynth export dreamcoder list.jsonl > frontiers.json
psynth elites -q -d karel --task maze --method map-elites --max-evaluations 300 -o archive.jsonl --log run.jsonl
cp archive.jsonl other.jsonl
psynth tasks function | psynth sample --method given --program point.py -q -o started.jsonl
mkdir my_task && mv initial_program.py evaluator.py my_task
"""
"""Makes the files that examples read."""
FOLDER = ROOT / "plugins_builtin" / "psynth_openevolve" / "examples" / "smoothing"
"""The task folder that examples import as my_task."""
FILES = {
    **{name: (FOLDER / name).read_text() for name in ("initial_program.py", "evaluator.py")},
    "solution.py": "def sol(*inputs):\n    return 99\n\ndef f(n):\n    return n + 1\n",
    "point.py": "def point(dimensions):\n    return [3.0, -3.0]\n",
    "double.csv": 'input,output\n"[1,2]","[2,4]"\n"[3]","[6]"\n',
    "tasks.jsonl": '{"name":"double","examples":[{"input":[1,2],"output":[2,4]},{"input":[3],"output":[6]}]}\n',
    "programs.jsonl": '{"program": "print(6 * 7)"}\n',
    "training.jsonl": '{"type":"header","psynth":1,"provenance":[]}\n'
    '{"type":"metric","name":"loss","value":1.0,"step":1}\n'
    '{"type":"metric","name":"loss","value":0.5,"step":2}\n{"type":"end","status":"complete"}\n',
}
