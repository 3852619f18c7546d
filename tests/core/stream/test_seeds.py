"""Randomness belongs to a record: stable for ever, and independent of everything else."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psynth.core.seeds import derive, generator, stable_hash

PROGRAM = (
    "from psynth.core.seeds import *; print(derive(7, 'sample', 'list/1'), generator(7, 'sample', 'list/1').random())"
)


def test_figures_that_must_never_change():
    # A change here changes every seeded result that anybody has.
    assert derive(0, "enumerate", "list/000") == 5620427233175721809
    assert generator(0, "enumerate", "list/000").random() == 0.8411315395700241


@given(st.integers(), st.text(), st.text())
def test_seeds_have_63_bits(seed, command, record_id):
    assert 0 <= derive(seed, command, record_id) < 2**63


def test_each_part_counts_and_their_borders_too():
    seeds = {derive(0, "a", "b"), derive(1, "a", "b"), derive(0, "ab", ""), derive(0, "", "ab"), derive(0, "b", "a")}
    assert len(seeds) == 5
    assert stable_hash("1", "2") != stable_hash("12")


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_the_hash_seed_of_python_changes_nothing(hash_seed):
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    shown = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert shown.stdout.split() == [str(derive(7, "sample", "list/1")), str(generator(7, "sample", "list/1").random())]
