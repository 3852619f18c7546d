"""The method ``lineage``: the ancestors of a program, from the first to itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from psynth.core.engines.archive import only
from psynth.core.errors import UsageError
from psynth.core.settings import setting
from psynth.core.stream.records import Archive, End, Frontier, Program, Record, quality
from psynth.core.stream.resuming import parents_of
from psynth.core.wording import counted
from psynth.plugins.method import Context, Method


@dataclass(frozen=True)
class Lineage(Method):
    """Write the ancestors of a program, the oldest first.

    The programs of an archive name their parents, which other elites may have replaced: the whole lineage is in the log
    of an evolution (--log) or in a stream of all programs. The output has a frontier for each ancestor and last the
    program itself; ancestors that the stream does not have end the line, with a warning. Of several parents of a
    program all are followed.

        psynth elites --method lineage run.jsonl | psynth show --only frontier
    """

    of: str | None = setting(None, value="PROGRAM", help="the program's text (default: the best program of each task)")

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the stream with ancestors in place of its frontiers."""
        families: dict[str, _Family] = {}
        end = End("complete")
        for record in records:
            if isinstance(record, End):
                end = record
            elif isinstance(record, Frontier):
                if record.task is not None:
                    family = families.setdefault(record.task.id, _Family())
                    for program in record.programs:
                        family.add(record, program)
            elif not isinstance(record, Archive) and getattr(record, "type", None) != Archive.TYPE:
                yield record
        found = False
        for task, family in families.items():
            text = family.best() if self.of is None else self.of
            if text not in family.members:
                continue
            found = True
            line = family.line(text)
            generations = counted(family.generations(text), "generation")
            context.note(f"{task}: {counted(len(line), 'program')}, {generations}")
            if family.unknown:
                context.warn(f"{task}: {counted(len(family.unknown), 'ancestor')} not in the stream (see --log)")
            yield from line
        if self.of is not None and not found:
            raise UsageError(f"--of {self.of}: no frontier of the stream has this program")
        yield end


@dataclass
class _Family:
    """The programs of one task by their text, each with the first record that has it."""

    members: dict[str, tuple[Frontier, Program]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def add(self, frontier: Frontier, program: Program) -> None:
        """Add a program, unless it is known: the first record of it says where it came from."""
        self.members.setdefault(program.program, (frontier, program))

    def best(self) -> str:
        """The text of the best program, of several the first."""
        return max(self.members, key=lambda text: quality(self.members[text][1]))

    def line(self, text: str) -> list[Frontier]:
        """The ancestors of a program and itself, each after its parents."""
        order: dict[str, None] = {}
        # A stack instead of recursion: a long evolution has thousands of generations.
        pending = [(text, False)]
        entered: set[str] = set()
        while pending:
            current, is_left = pending.pop()
            if is_left:
                order[current] = None
            elif current not in self.members:
                self.unknown.add(current)
            elif current not in entered:
                entered.add(current)
                pending.append((current, True))
                pending += [(parent, False) for parent in reversed(self._parents(current))]
        return [replace(only(*self.members[each]), elite=None) for each in order]

    def generations(self, text: str) -> int:
        """The number of programs on the longest way from a first ancestor to a program, less one."""
        depth: dict[str, int] = {}
        for frontier in self.line(text):
            program = frontier.programs[0].program
            depth[program] = max((depth.get(parent, -1) + 1 for parent in self._parents(program)), default=0)
        return depth[text]

    def _parents(self, text: str) -> tuple[str, ...]:
        return parents_of(self.members[text][1])
