"""The recurrent layer against PyTorch's, and its written-out gradients against differences."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402

from psynth.learning.layers.packed_gru import PackedGRU, _Packed  # noqa: E402
from psynth.learning.layers.packing import Packing  # noqa: E402

pytestmark = pytest.mark.neural

LENGTHS = [2, 5, 1, 4, 4]
HIDDEN = 6


def layer() -> tuple[PackedGRU, list[torch.Tensor], Packing]:
    """A layer and what goes into it, in double precision."""
    torch.manual_seed(0)
    gru = PackedGRU(HIDDEN).double()
    gru.bias.data.normal_()
    packing = Packing.of(np.array(LENGTHS))
    shapes = ((sum(LENGTHS), 3 * HIDDEN), (len(LENGTHS), 3 * HIDDEN), (len(LENGTHS), HIDDEN))
    return gru, [torch.randn(shape, dtype=torch.double, requires_grad=True) for shape in shapes], packing


def test_it_is_the_gated_recurrent_unit_of_pytorch() -> None:
    gru, (gates, constant, first), packing = layer()
    theirs = torch.nn.GRU(3 * HIDDEN, HIDDEN).double()
    theirs.weight_ih_l0.data = torch.eye(3 * HIDDEN, dtype=torch.double)
    theirs.bias_ih_l0.data.zero_()
    theirs.weight_hh_l0.data, theirs.bias_hh_l0.data = gru.weight.data, gru.bias.data
    entering = torch.nn.utils.rnn.PackedSequence(gates + constant[packing.rows], torch.tensor(packing.sizes))
    expected, _ = theirs(entering, first[None])
    assert torch.allclose(gru(gates, constant, first, packing.sizes), expected.data)


def test_its_gradients_are_right() -> None:
    gru, inputs, packing = layer()
    assert torch.autograd.gradcheck(
        lambda *given: _Packed.apply(*given, packing.sizes, False), (*inputs, gru.weight, gru.bias)
    )


def test_step_by_step_it_gives_the_same() -> None:
    gru, (gates, constant, state), packing = layer()
    expected = gru(gates, constant, state, packing.sizes).split(packing.sizes)
    for size, part, wanted in zip(packing.sizes, gates.split(packing.sizes), expected, strict=True):
        state = gru.step(part + constant[:size], state[:size])
        assert torch.allclose(state, wanted)


def test_packing_lays_sequences_out_by_step() -> None:
    packing = Packing.of(np.array(LENGTHS))
    padded = torch.tensor([[10 * row + step for step in range(5)] for row in range(5)])
    assert packing.sizes == (5, 4, 3, 3, 1)
    assert packing.pack(padded).tolist() == [10, 30, 40, 0, 20, 11, 31, 41, 1, 12, 32, 42, 13, 33, 43, 14]
    assert packing.pack(padded)[packing.last].tolist() == [14, 33, 43, 1, 20]
