"""The physics of walkers a second time, slowly and from the page of the domain alone, for tests to compare."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

STEP = 1 / 120
GRAVITY, RADIUS, RESISTANCE = 10.0, 0.25, 1.1
CONTRACTION, PERIOD, START = 0.03, 1.0, 0.5
QUIET, QUARTER = 0.01, 30
BUMP, APART = 1.0, 5.0


@dataclass
class Link:
    """A connection: a spring with a frequency (Hz) and a damping ratio, and for a muscle its rhythm."""

    start: int
    end: int
    rhythm: tuple[float, float] | None
    length: float = 0.0

    def at_rest(self, seconds: float) -> float:
        """The length at rest after so many seconds of work; before, for less than none."""
        if self.rhythm is None or seconds < 0:
            return self.length
        amplitude, phase = self.rhythm
        swing = CONTRACTION * amplitude * min(1.0, seconds / START)
        return self.length * (1 + swing * math.cos(2 * math.pi * (seconds / PERIOD + phase)))

    def push(self, stretch: float, speed: float) -> float:
        """The change of both joints' speeds toward each other: an implicit step of the spring of two masses of 1."""
        frequency, damping = (20.0, 1.0) if self.rhythm is None else (3.0, 0.3)
        # x″ = −2ζω·x′ − ω²·x for the distance of the joints, taken at the end of the step.
        omega = 2 * math.pi * frequency
        later = (speed - STEP * omega**2 * stretch) / (1 + 2 * damping * omega * STEP + omega**2 * STEP**2)
        return (speed - later) / 2


@dataclass
class World:
    """A walker on the ground, flat or bumpy."""

    places: list[list[float]]
    links: Sequence[Link]
    bumpy: bool = False
    speeds: list[list[float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        left, right = min(x for x, _ in self.places), max(x for x, _ in self.places)
        for place in self.places:
            place[0] -= (left + right) / 2
        lowest = min(y - self.ground(x)[0] for x, y in self.places)
        for place in self.places:
            place[1] += RADIUS - lowest
        self.speeds = [[0.0, 0.0] for _ in self.places]
        for link in self.links:
            link.length = math.dist(self.places[link.start], self.places[link.end])

    def ground(self, x: float) -> tuple[float, float]:
        """The height of the ground, and its slope: bumps are fourth-degree curves between hollows."""
        if not self.bumpy:
            return 0.0, 0.0
        share = x / APART % 1
        return 16 * BUMP * (share * (1 - share)) ** 2, 32 * BUMP / APART * share * (1 - share) * (1 - 2 * share)

    def step(self, seconds: float) -> None:
        """One step; ``seconds`` are those of the muscles, negative before they begin."""
        for speed in self.speeds:
            speed[1] -= STEP * GRAVITY
            speed[:] = [each / (1 + STEP * RESISTANCE) for each in speed]
        for link in self.links:
            (x0, y0), (x1, y1) = self.places[link.start], self.places[link.end]
            length = math.dist((x0, y0), (x1, y1))
            along = (x1 - x0) / length, (y1 - y0) / length
            first, second = self.speeds[link.start], self.speeds[link.end]
            speed = sum((b - a) * part for a, b, part in zip(first, second, along, strict=True))
            push = link.push(length - link.at_rest(seconds), speed)
            for axis, part in enumerate(along):
                first[axis] += push * part
                second[axis] -= push * part
        for place, speed in zip(self.places, self.speeds, strict=True):
            self.touch(place, speed)
            place[0] += STEP * speed[0]
            place[1] += STEP * speed[1]

    def touch(self, place: list[float], speed: list[float]) -> None:
        """Keep a joint above the ground, with friction up to the push of the ground."""
        height, slope = self.ground(place[0])
        up = (-slope / math.hypot(1, slope), 1 / math.hypot(1, slope))
        room = (place[1] - height) * up[1] - RADIUS
        wanted = -room / STEP if room > 0 else min(-0.1 * room / STEP, 5.0)
        push = wanted - (speed[0] * up[0] + speed[1] * up[1])
        if push <= 0:
            return
        speed[0] += push * up[0]
        speed[1] += push * up[1]
        sliding = speed[0] * up[1] - speed[1] * up[0]
        stopped = max(-push, min(push, sliding))
        speed[0] -= stopped * up[1]
        speed[1] += stopped * up[0]

    @property
    def center(self) -> float:
        """The x of the center of mass."""
        return sum(x for x, _ in self.places) / len(self.places)

    def settle(self) -> float:
        """Wait for rest, and return the seconds that it took."""
        steps = quiet = 0
        while quiet < QUARTER:
            self.step(-1.0)
            steps += 1
            quiet = quiet + 1 if max(math.hypot(*speed) for speed in self.speeds) < QUIET else 0
        self.speeds = [[0.0, 0.0] for _ in self.places]
        return steps * STEP

    def walk(self, milliseconds: int) -> float:
        """Move for a time, and return the displacement."""
        start = self.center
        for step in range(round(milliseconds / 1000 / STEP)):
            self.step((step + 1) * STEP)
        return self.center - start
