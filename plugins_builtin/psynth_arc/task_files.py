"""The format ``arc``: ARC's JSON task files, one task in each or several by key, and folders of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from psynth.core.errors import InputError
from psynth.core.files import read_json
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Record, Task, encode
from psynth.plugins.format import Format, each_sound
from psynth.plugins.method import Context
from psynth_arc.domain import PUBLISHED_SPLITS
from psynth_arc.tasks import DOMAIN, REQUEST, task_id, task_of


@dataclass(frozen=True)
class TaskFiles(Format):
    """Task files of ARC-AGI and ConceptARC: JSON with the lists "train" and "test" of input and output grids.

        psynth import arc corpus/ | psynth show

    A file has one task, whose name is the file's, or an object of tasks by name. Of a folder all files ending in .json
    are read, in order, those in its folders too. Grids are rectangles of at most 30 by 30 colors from 0 to 9, and a
    task has at least one demonstration: any other is an error, which names the file, the task and the grid. Test pairs
    without an output, as in contests, are kept as inputs in meta.unanswered. Export writes one file of tasks by name,
    and a folder of one file each with -o FOLDER.
    """

    name: ClassVar[str] = "arc"
    help: ClassVar[str] = "JSON task files of ARC-AGI and ConceptARC"
    folders: ClassVar[bool] = True

    split: str | None = setting(
        None,
        choices=("train", "test"),
        only="import",
        help="split of the tasks (default: by the name of their folder, training or evaluation)",
    )

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield the domain's library, and a frontier for each task."""
        yield context.registry.domain(DOMAIN).library()
        seen: set[str] = set()
        files = [(path, file) for path in paths for file in _files(path)]
        for (path, file), value in each_sound(files, lambda each: read_json(each[1]), context):
            source = "<stdin>" if file == "-" else file
            if not isinstance(value, dict):
                context.bad_input(InputError("expected a task, or an object of tasks by name", source=source))
                continue
            tasks = {Path(source).stem.strip("<>"): value} if _is_task(value) else value
            make = partial(self._task, source, Path(path), seen)
            for _, task in each_sound(tasks.items(), make, context):
                yield Frontier(task)

    def _task(self, source: str, root: Path, seen: set[str], named: tuple[str, Any]) -> Task:
        key, value = named
        if not key or not key.isprintable() or key in seen:
            why = "a second task of this name" if key in seen else "the name of a task is printable text"
            raise InputError(why, source=source, task=key)
        folder = Path(source).parent
        split = self.split or PUBLISHED_SPLITS.get(folder.name)
        # In a corpus sorted by concepts, the folder says of which the task is.
        group = folder.name if folder != root and folder.is_relative_to(root) and split is None else None
        try:
            task = task_of(key, value, split=split, meta={} if group is None else {"concept": group})
        except InputError as error:
            raise InputError(error.message, source=source, task=key) from None
        seen.add(key)
        return task

    def write(self, records: Iterator[Record], stream: BinaryIO, context: Context) -> None:
        """Write the tasks as one object, by name."""
        stream.write(encode(dict(_exported(records, context))) + b"\n")

    def write_folder(self, records: Iterator[Record], folder: Path, context: Context) -> None:
        """Write a file for each task."""
        for key, value in _exported(records, context):
            (folder / f"{key}.json").write_bytes(encode(value) + b"\n")


def _files(path: str) -> list[str]:
    """The files at a path: itself, or the JSON files in a folder; InputError if there are none."""
    if path == "-" or not Path(path).is_dir():
        return [path]
    found = sorted(str(each) for each in Path(path).rglob("*.json") if each.is_file())
    if not found:
        raise InputError("the folder has no files ending in .json", source=path)
    return found


def _is_task(value: dict[str, Any]) -> bool:
    return isinstance(value.get("train"), list) or isinstance(value.get("test"), list) or not value


def _exported(records: Iterator[Record], context: Context) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tasks of a stream in ARC's JSON, each once, by name."""
    frontiers = (record for record in records if isinstance(record, Frontier) and record.task is not None)
    seen: dict[str, dict[str, Any]] = {}
    for _, (key, value) in each_sound(frontiers, _json, context):
        if seen.setdefault(key, value) is value:
            yield key, value


def _json(frontier: Frontier) -> tuple[str, dict[str, Any]]:
    task = frontier.task
    assert task is not None
    key = task.id.removeprefix(task_id("")).replace("/", "-")
    if task.request != REQUEST or not key or key.startswith("."):
        raise frontier.error(f"this format cannot hold the task {task.id}: it is not of type {REQUEST}")
    pairs: dict[str, list[dict[str, Any]]] = {"train": [], "test": []}
    for example in task.examples:
        pair = {"input": example.inputs[0] if example.inputs else None, "output": example.output}
        pairs["test" if example.split == "test" else "train"].append(pair)
    unanswered = (task.meta or {}).get("unanswered")
    pairs["test"] += [{"input": grid} for grid in unanswered] if isinstance(unanswered, list) else []
    try:
        task_of(key, pairs, split=None, meta={})
    except InputError as error:
        raise frontier.error(f"this format cannot hold the task {task.id}: {error.message}") from None
    return key, pairs
