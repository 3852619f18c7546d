"""The meaning of cells beyond walls and markers (goals, doors, food, trails), inferred from states for pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from psynth_karel.machine import Picture

GOAL, DOOR, OPEN_DOOR, TRAIL, BODY, FOOD = "goal", "door", "open-door", "trail", "body", "food"
"""Kinds of cells: a place to reach or to fill, a closed door, an open door, a visited cell that is now a wall, and the
snake's body and food."""

Cell = tuple[int, int]
Tints = Mapping[Cell, str]

DOOR_ROWS = (2, 3)
"""The rows of the door between the two rooms of door-key."""


def tints(task: str, states: Sequence[Picture], rewards: Sequence[float], index: int) -> Tints:
    """The meaning of cells in state ``index`` of an episode; ``rewards`` are cumulative, one for each state."""
    start, state = states[0], states[index]
    found = _goals(task, start)
    if task == "door-key":
        found |= {cell: DOOR if _at(state, cell) == "#" else OPEN_DOOR for cell in _doors(start)}
    if task == "one-stroke":
        found |= {cell: TRAIL for cell in _cells(state) if _at(state, cell) == "#" != _at(start, cell)}
    if task == "snake":
        found |= _snake(states, rewards, index)
    return found


def _goals(task: str, start: Picture) -> dict[Cell, str]:
    """The cells to reach or to fill, as far as the initial state determines them."""
    bottom, right = len(start.map) - 2, len(start.map[0]) - 2
    marked = [cell for cell in _cells(start) if _at(start, cell) not in "#."]
    cells: Sequence[Cell] = ()
    if task in ("stair-climber", "maze", "top-off"):
        cells = marked
    elif task == "four-corners":
        cells = [(1, 1), (1, right), (bottom, 1), (bottom, right)]
    elif task == "door-key":
        cells = [cell for cell in marked if cell[1] > _door_column(start)]
    return dict.fromkeys(cells, GOAL)


def _doors(start: Picture) -> list[Cell]:
    column = _door_column(start)
    return [(row, column) for row in DOOR_ROWS]


def _door_column(start: Picture) -> int:
    return -(-len(start.map[0]) // 2)


def _snake(states: Sequence[Picture], rewards: Sequence[float], index: int) -> dict[Cell, str]:
    """The snake's body and food, reconstructed from the episode where the rules keep them out of the state.

    The body is the path behind the head: two cells and one more for each food eaten. A food's position is known from
    the moment it is eaten, so the position of a food that is never eaten is unknown.
    """
    if any(cell == "2" for row in states[0].map for cell in row):
        return {}
    path = [(states[0].row, states[0].column)]
    for state in states[1 : index + 1]:
        if (state.row, state.column) != path[-1]:
            path.append((state.row, state.column))
    eaten = sum(now > before for before, now in pairwise(rewards[: index + 1]))
    found = dict.fromkeys(path[:-1][-(2 + eaten) :], BODY)
    for later in range(index + 1, len(states)):
        if rewards[later] > rewards[index]:
            return found | {(states[later].row, states[later].column): FOOD}
    return found


def _cells(state: Picture) -> Iterator[Cell]:
    for row, line in enumerate(state.map):
        for column in range(len(line)):
            yield row, column


def _at(state: Picture, cell: Cell) -> str:
    return state.map[cell[0]][cell[1]]
