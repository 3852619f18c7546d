"""Karel once more, slow and literal: programs are walked as trees and every count is taken anew from the whole grid.

Written from the rules in prose, not from the Rust machine, whose results tests compare with these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

NORTH, EAST, SOUTH, WEST = range(4)
STEPS = [(-1, 0), (0, 1), (1, 0), (0, -1)]
Cell = tuple[int, int]


@dataclass
class Grid:
    """Walls, markers and the agent."""

    height: int
    width: int
    walls: set[Cell]
    markers: dict[Cell, int]
    agent: Cell
    heading: int

    @classmethod
    def read(cls, rows: list[str], row: int, column: int, heading: str) -> Grid:
        cells = {(r, c): cell for r, line in enumerate(rows) for c, cell in enumerate(line)}
        markers = {cell: int(text, 16) for cell, text in cells.items() if text not in "#."}
        walls = {cell for cell, text in cells.items() if text == "#"}
        return cls(len(rows), len(rows[0]), walls, markers, (row, column), "NESW".index(heading))

    def rows(self) -> list[str]:
        def text(cell: Cell) -> str:
            return "#" if cell in self.walls else ".123456789A"[self.count(cell)]

        return ["".join(text((row, column)) for column in range(self.width)) for row in range(self.height)]

    def count(self, cell: Cell) -> int:
        return self.markers.get(cell, 0)

    def total(self) -> int:
        return sum(self.markers.values())

    def inner(self) -> int:
        return (self.height - 2) * (self.width - 2)

    def ahead(self, heading: int) -> Cell:
        down, right = STEPS[heading % 4]
        return self.agent[0] + down, self.agent[1] + right

    def sees(self, perception: str) -> bool:
        turns = {"frontIsClear": 0, "leftIsClear": -1, "rightIsClear": 1}
        if perception in turns:
            row, column = cell = self.ahead(self.heading + turns[perception])
            return 0 <= row < self.height and 0 <= column < self.width and cell not in self.walls
        present = self.count(self.agent) > 0
        return present if perception == "markersPresent" else not present

    def act(self, action: str, cap: int, *, crashing: bool = False) -> bool:
        """Do an action; whether it was a move into a wall."""
        if action == "move":
            if crashing or not self.sees("frontIsClear"):
                self.heading = (self.heading + 2) % 4
                return True
            self.agent = self.ahead(self.heading)
        elif action == "turnLeft":
            self.heading = (self.heading - 1) % 4
        elif action == "turnRight":
            self.heading = (self.heading + 1) % 4
        elif action == "pickMarker":
            self.markers[self.agent] = max(0, self.count(self.agent) - 1)
        else:
            self.markers[self.agent] = min(max(cap, self.count(self.agent)), self.count(self.agent) + 1)
        return False


# ---- programs -------------------------------------------------------------------------------------------------------

Tree = tuple[Any, ...]


def parse(tokens: str) -> Tree:
    """``("run", [statement…])`` from Karel's tokens."""
    words = iter(tokens.split())

    def expect(*wanted: str) -> None:
        for word in wanted:
            found = next(words)
            assert found == word, f"{found} instead of {word}"

    def block(end: str) -> list[Tree]:
        found = []
        while (word := next(words)) != end:
            found.append(statement(word))
        return found

    def condition() -> Tree:
        expect("c(")
        word = next(words)
        result: Tree = ("not", condition()) if word == "not" else ("see", word)
        expect("c)")
        return result

    def statement(word: str) -> Tree:
        if word == "WHILE":
            asked = condition()
            expect("w(")
            return "while", asked, block("w)")
        if word == "REPEAT":
            times = int(next(words).removeprefix("R="))
            expect("r(")
            return "repeat", times, block("r)")
        if word in ("IF", "IFELSE"):
            asked = condition()
            expect("i(")
            yes = block("i)")
            if word == "IF":
                return "if", asked, yes
            expect("ELSE", "e(")
            return "ifelse", asked, yes, block("e)")
        return "act", word

    expect("DEF", "run", "m(")
    return "run", block("m)")


# ---- how programs run -----------------------------------------------------------------------------------------------


class Stop(Exception):
    """The episode is over: "terminated", "budget" or "loop"."""


def holds(grid: Grid, condition: Tree) -> bool:
    return not holds(grid, condition[1]) if condition[0] == "not" else grid.sees(condition[1])


def run_by_visits(program: Tree, grid: Grid, budget: int, act: Callable[[str], None]) -> None:
    """LEAPS and HPRL: every node of the left-associative derivation that is entered is a visit."""
    visits = 0

    def visit() -> None:
        nonlocal visits
        visits += 1
        if visits > budget:
            raise Stop("budget")

    def statements(block: list[Tree]) -> None:
        visit()  # stmt
        if len(block) > 1:
            visit()  # stmt stmt
            statements(block[:-1])
            statements(block[-1:])
            return
        [node] = block
        if node[0] == "act":
            act(node[1])
            return
        visit()
        if node[0] == "while":
            while holds(grid, node[1]):
                statements(node[2])
        elif node[0] == "repeat":
            for _ in range(node[1]):
                statements(node[2])
        elif holds(grid, node[1]):
            statements(node[2])
        elif node[0] == "ifelse":
            statements(node[3])

    visit()
    statements(program[1])


def run_by_calls(program: Tree, grid: Grid, act: Callable[[str, bool], None]) -> None:
    """The programmatic policies: 10,000 calls, and no state twice at the head of one WHILE."""
    calls = 0
    seen: dict[int, list[Any]] = {}

    def call() -> bool:
        nonlocal calls
        calls += 1
        return calls > 10_000

    def ask(condition: Tree) -> bool:
        if call():
            raise Stop("budget")
        return holds(grid, condition)

    def statements(block: list[Tree]) -> None:
        for node in block:
            if node[0] == "act":
                over = call()
                act(node[1], over)
                if over:
                    raise Stop("budget")
            elif node[0] == "while":
                heads = seen.setdefault(id(node), [])
                while ask(node[1]):
                    state = (grid.agent, grid.heading, {cell: n for cell, n in grid.markers.items() if n})
                    if state in heads:
                        raise Stop("loop")
                    heads.append(state)
                    statements(node[2])
            elif node[0] == "repeat":
                for _ in range(node[1]):
                    statements(node[2])
            elif ask(node[1]):
                statements(node[2])
            elif node[0] == "ifelse":
                statements(node[3])

    statements(program[1])


# ---- tasks ----------------------------------------------------------------------------------------------------------


@dataclass
class Before:
    """What the grid was like before an action."""

    agent: Cell
    total: int


@dataclass
class Task:
    """A task on an initial state; ``memory`` is whatever its rules remember."""

    name: str
    grid: Grid
    sparse: bool = False
    food: Iterator[Cell] = field(default_factory=lambda: iter(()))
    memory: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        grid = self.grid
        height, width = grid.height, grid.width
        self.marked = {cell for cell, n in grid.markers.items() if n}
        self.first_total = grid.total()
        self.corners = [(1, 1), (1, width - 2), (height - 2, 1), (height - 2, width - 2)]
        self.stairs = {(height - i - 1, i) for i in range(1, width - 1)} | {
            (height - i - 2, i) for i in range(1, width - 2)
        }
        self.wall_column = -(-width // 2)
        self.goal = next(iter(self.marked), (0, 0))
        if self.name == "door-key":
            [self.key] = [cell for cell in self.marked if cell[1] < self.wall_column]
            [self.goal] = [cell for cell in self.marked if cell[1] > self.wall_column]
        if self.name == "snake":
            [self.goal] = [cell for cell in self.marked if grid.count(cell) == 1]

    def corners_done(self) -> int:
        return sum(self.grid.count(corner) > 0 for corner in self.corners)

    def distance(self, cell: Cell) -> int:
        return abs(cell[0] - self.goal[0]) + abs(cell[1] - self.goal[1])

    def row_progress(self) -> Fraction:
        """TopOff's, in LEAPS and HPRL."""
        grid = self.grid
        row, right = grid.height - 2, 0
        for column in range(1, grid.agent[1] + 1):
            cell = (row, column)
            if grid.count(cell) != (2 if cell in self.marked else 0):
                break
            right += 1
        if right == grid.width - 2 and grid.agent == (row, grid.width - 2):
            right += 1
        return Fraction(right, grid.width - 1)

    def cleaned(self) -> Fraction:
        dirty = [cell for cell in self.marked if cell != (2, 12)]
        return Fraction(sum(self.grid.count(cell) == 0 for cell in dirty), len(dirty))

    def open_door(self) -> None:
        self.grid.walls -= {(2, self.wall_column), (3, self.wall_column)}


def leaps_value(task: Task, before: Before) -> Fraction:
    """The value of the state after an action, under LEAPS' rules."""
    grid = task.grid
    if task.name == "free":
        return Fraction(0)
    if task.name == "stair-climber":
        first = grid.agent == task.goal and not task.memory.get("reached")
        task.memory["reached"] = task.memory.get("reached") or first
        return Fraction(first)
    if task.name == "maze":
        return Fraction(grid.agent == task.goal)
    if task.name == "four-corners":
        corners = task.corners_done()
        return Fraction(0) if before.total - corners > 0 else Fraction(corners, 4)
    if task.name == "top-off":
        return task.row_progress()
    if task.name == "clean-house":
        return task.cleaned()
    return Fraction(grid.inner() - before.total, grid.inner())  # harvester


def hprl_value(task: Task, before: Before, bumped: bool) -> tuple[Fraction, bool]:
    """The progress after an action under HPRL's rules, and whether the episode is over."""
    grid, memory = task.grid, task.memory
    if task.name == "free":
        return Fraction(0), False
    if task.name in ("stair-climber", "maze"):
        reached = grid.agent == task.goal
        return Fraction(reached), reached
    if task.name == "four-corners":
        corners = task.corners_done()
        stray = grid.total() > corners
        last = memory.get("value", Fraction(0))
        value = Fraction(corners, 4)
        memory["value"] = min(last, value) if stray else value
        return memory["value"], stray or corners == 4
    if task.name == "top-off":
        progress = task.row_progress()
        return progress, progress == 1
    if task.name == "clean-house":
        return task.cleaned(), task.cleaned() == 1
    if task.name == "harvester":
        value = Fraction(grid.inner() - before.total, grid.inner())
        return value, value == 1
    if task.name == "door-key":
        picked = grid.count(task.key) == 0
        if picked:
            task.open_door()
        brought = picked and grid.count(task.goal) == 2
        value = Fraction(picked + brought, 2) - Fraction(max(0, grid.total() - 2), 10_000)
        return value, value == 1
    if task.name == "one-stroke":
        visited = memory.setdefault("visited", {before.agent})
        visited.add(grid.agent)
        if grid.agent != before.agent:
            grid.walls.add(before.agent)
        return Fraction(len(visited), grid.inner()), bumped or len(visited) == grid.inner()
    if task.name == "seeder":
        right = sum(n == 1 for n in grid.markers.values())
        return Fraction(right, grid.inner()), any(n > 1 for n in grid.markers.values()) or right == grid.inner()
    return hprl_snake(task, before)


def hprl_snake(task: Task, before: Before) -> tuple[Fraction, bool]:
    grid, memory = task.grid, task.memory
    if not memory:
        memory |= {"body": sorted(cell for cell in task.marked if grid.count(cell) == 2), "food": task.goal, "eaten": 0}
    body = memory["body"]
    dead = False
    if grid.agent != before.agent:
        dead = grid.agent in body
        if not dead:
            body.append(before.agent)
            if grid.agent == memory["food"]:
                memory["eaten"] += 1
                grid.markers[grid.agent] = 0
                memory["food"] = next((cell for cell in task.food if cell not in (*body, grid.agent)), None)
            else:
                grid.markers[body.pop(0)] = 0
            for cell in body:
                grid.markers[cell] = 2
            if memory["food"]:
                grid.markers[memory["food"]] = 1
    return Fraction(memory["eaten"], 20), dead or memory["eaten"] == 20


def policy_reward(task: Task, before: Before) -> tuple[Fraction, str]:
    """The reward of an action under the programmatic policies' rules, and "", "success" or "broken"."""
    grid, memory = task.grid, task.memory
    broken, nothing = (Fraction(-1), "broken"), Fraction(0)
    if task.name == "free":
        return nothing, ""
    if task.name in ("stair-climber", "maze"):
        if task.name == "stair-climber" and grid.agent not in task.stairs:
            return broken
        gain = Fraction(task.distance(before.agent) - task.distance(grid.agent), memory["distance"])
        return gain, "success" if grid.agent == task.goal else ""
    if task.name == "four-corners":
        corners, last = task.corners_done(), memory.get("corners", 0)
        memory["corners"] = corners
        if grid.total() > corners:
            return broken
        return Fraction(corners - last, 4), "success" if corners == 4 else ""
    if task.name == "top-off":
        wanted = len(task.marked)
        right, last = sum(grid.count(cell) == 2 for cell in task.marked), memory.get("right", 0)
        memory["right"] = right
        if any(grid.count(cell) == 0 for cell in task.marked) or grid.total() > right + wanted:
            return broken
        return Fraction(right - last, wanted), "success" if right == wanted else ""
    if task.name in ("clean-house", "harvester"):
        if grid.total() > before.total:
            return broken
        unit = task.first_total if task.name == "clean-house" else grid.inner()
        return Fraction(before.total - grid.total(), unit), "success" if grid.total() == 0 else ""
    if task.name == "door-key":
        if not memory.get("open"):
            if grid.total() > 2:
                return broken
            memory["open"] = grid.count(task.key) == 0
            if memory["open"]:
                task.open_door()
            return Fraction(memory["open"], 2), ""
        if grid.total() > 1:
            return (Fraction(1, 2), "success") if grid.count(task.goal) == 2 else broken
        return broken if grid.total() == 0 else (nothing, "")
    if task.name == "one-stroke":
        if grid.agent == before.agent:
            return nothing, ""
        grid.walls.add(before.agent)
        return Fraction(1, grid.inner()), ""
    if task.name == "seeder":
        if any(n > 1 for n in grid.markers.values()) or grid.total() < before.total:
            return broken
        gain = Fraction(grid.total() - before.total, grid.inner())
        return gain, "success" if grid.total() == grid.inner() else ""
    return policy_snake(task, before)


def policy_snake(task: Task, before: Before) -> tuple[Fraction, str]:
    grid, memory = task.grid, task.memory
    if "body" not in memory:
        memory |= {"body": [before.agent], "size": 2, "food": task.goal, "eaten": 0}
    reward = Fraction(0)
    if grid.agent == memory["food"]:
        memory["size"] += 1
        memory["eaten"] += 1
        reward = Fraction(1, 20)
        memory["food"] = next(
            cell for cell in task.food if cell not in grid.walls and not (cell == grid.agent and grid.heading == EAST)
        )
    body = memory["body"]
    if grid.agent != body[-1]:
        if grid.agent in body:
            return Fraction(-1), "broken"
        body.append(grid.agent)
        if len(body) > memory["size"]:
            body.pop(0)
    return reward, "success" if memory["eaten"] == 20 else ""


# ---- episodes -------------------------------------------------------------------------------------------------------


def cap_of(profile: str, task: str) -> int:
    if profile == "hprl":
        return 2 if task in ("top-off", "door-key", "seeder") else 1
    return {"leaps": 9, "prog-policies": 10}[profile]


class State(NamedTuple):
    """A state, comparable with what the machine shows."""

    rows: tuple[str, ...]
    row: int
    column: int
    heading: str

    @classmethod
    def of(cls, grid: Grid) -> State:
        return cls(tuple(grid.rows()), *grid.agent, "NESW"[grid.heading])


class Episode(NamedTuple):
    """What a program did: its reward, its actions, why it ended, and the states before and after its first actions."""

    earned: Fraction
    done: list[str]
    end: str
    states: list[State]


def episode(profile: str, task: Task, program: Tree, most_states: int = 0) -> Episode:
    """Run a program on an initial state."""
    grid, done = task.grid, list[str]()
    cap = cap_of(profile, task.name)
    earned = Fraction(0)
    end = "finished"
    states = [State.of(grid)] if most_states else []
    if task.name in ("stair-climber", "maze"):
        task.memory["distance"] = max(1, task.distance(grid.agent))

    def act(action: str, crashing: bool = False) -> None:
        nonlocal earned
        task_over = False
        before = Before(grid.agent, grid.total())
        bumped = grid.act(action, cap, crashing=crashing)
        done.append(action)
        if profile == "leaps":
            earned = leaps_value(task, before)
        elif profile == "hprl":
            earned, task_over = hprl_value(task, before, bumped)
        else:
            reward, ending = policy_reward(task, before)
            if task.sparse:
                reward = Fraction({"success": 1, "broken": -1, "": 0}[ending])
            earned += reward
            task_over = ending != ""
        if len(states) < most_states:
            states.append(State.of(grid))
        if task_over:
            raise Stop("terminated")

    try:
        if profile == "prog-policies":
            run_by_calls(program, grid, act)
        else:
            run_by_visits(program, grid, {"leaps": 220, "hprl": 500}[profile], act)
    except Stop as stop:
        end = str(stop)
    if profile == "leaps" and len(done) < 2:
        earned = Fraction(0)
    return Episode(earned, done, end, states)


# ---- the food of Snake ----------------------------------------------------------------------------------------------

MASK = (1 << 64) - 1


def mixed(z: int) -> int:
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def random_cells(seed: int, height: int, width: int) -> Iterator[Cell]:
    """Cells of the inside as our generator draws them: SplitMix64, a row and a column at a time."""
    state = mixed(seed ^ 0x6A09E667F3BCC909)

    def below(n: int) -> int:
        nonlocal state
        while True:
            state = (state + 0x9E3779B97F4A7C15) & MASK
            drawn = mixed(state)
            if drawn < (1 << 64) // n * n:
                return drawn % n

    while True:
        yield 1 + below(height - 2), 1 + below(width - 2)


def food(profile: str, seed: int, height: int, width: int) -> Iterator[Cell]:
    """HPRL's list is the same 35 places in every episode, ours is drawn from the instance's seed."""
    if profile != "hprl":
        return random_cells(seed, height, width)
    source = random_cells(0, height, width)
    return iter([next(source) for _ in range(35)])
