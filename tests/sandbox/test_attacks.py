"""No attack of the battery gets what it tries for, or leaves anything behind, wherever the sandbox runs."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sandbox.attacks import ATTACKS, Attack
from tests.sandbox.places import command, why_not


@dataclass(frozen=True)
class Variant:
    """A place, with the settings of a sandbox in it and the layers that it cannot have."""

    place: str
    settings: str
    missing: frozenset[str]


NO_NAMESPACES = "cgroup user pid net mount ipc"


def variant(name: str, place: str, missing: str = "", *, slow: bool = False, **settings: Any) -> Any:
    """A parameter of the tests."""
    marks = [pytest.mark.slow] if slow else []
    return pytest.param(Variant(place, json.dumps(settings), frozenset(missing.split())), id=name, marks=marks)


VARIANTS = [
    variant("root", "root"),
    variant("root-shared", "root", slow=True, isolation="shared"),
    variant("user", "user", "cgroup uid"),
    variant("user-shared", "user", "cgroup uid", slow=True, isolation="shared"),
    variant("container-root", "container", NO_NAMESPACES, slow=True),
    variant("container-user", "container-user", NO_NAMESPACES + " uid"),
    variant("root-fresh", "root", slow=True, fresh=True),
]


@functools.cache
def report(tried: Variant) -> tuple[dict[str, str], dict[int, dict[str, Any]]]:
    """The missing layers, and what came of each attack."""
    reason = why_not(tried.place)
    if reason is not None:
        pytest.skip(f"no {tried.place} here: {reason}")
    words = [sys.executable, "-m", "tests.sandbox.battery", f"mark-{uuid.uuid4().hex[:12]}", tried.settings]
    done = subprocess.run(command(tried.place, words), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    first, *lines = [json.loads(line) for line in done.stdout.splitlines()]
    return first["missing"], {line["number"]: line for line in lines}


@pytest.mark.parametrize("tried", VARIANTS)
def test_the_layers_that_are_missing_are_reported_with_a_reason(tried: Variant) -> None:
    """A container without user namespaces has no namespaces, and an ordinary user no control groups."""
    missing, _ = report(tried)
    if tried.place == "root":
        assert set(missing) <= {"cgroup"}  # a container in which root may make namespaces need not have control groups
    else:
        assert set(missing) == tried.missing
    assert all(missing.values())


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.number:02d}-{attack.name.replace(' ', '-')}")
@pytest.mark.parametrize("tried", VARIANTS)
def test_an_attack_gets_nothing_and_leaves_nothing(tried: Variant, attack: Attack) -> None:
    """Unless the only layers that stop it are missing; and the next program of the same sandbox is right."""
    missing, lines = report(tried)
    line = lines[attack.number]
    contained = not attack.needs or not attack.needs <= set(missing)
    if contained:
        assert "BREACH" not in line["stdout"], line
        assert line["status"] in attack.statuses, line
        assert line["value"] == attack.value
    assert line["status"] != "sandbox-error"
    assert not line["harm"]
    assert not line["left"]
    assert line["honest"]
    if attack.exit_code is not None:
        assert line["exit_code"] == attack.exit_code
    if "again" in line:
        assert line["again"] == line["stdout"]


def test_the_battery_has_every_attack_once() -> None:
    """The numbers are those of the list, without a gap."""
    assert [attack.number for attack in ATTACKS] == list(range(1, len(ATTACKS) + 1))
    assert len(ATTACKS) >= 66
