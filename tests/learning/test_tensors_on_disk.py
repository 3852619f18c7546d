"""Weights and checkpoints on disk: whole or refused, of the network's shapes or refused, and never unpickled."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from psynth.core.errors import InputError  # noqa: E402
from psynth.learning.checkpoints import Checkpoint, OtherTraining, identity_of  # noqa: E402
from psynth.learning.model_folder import WEIGHTS, ModelFolder  # noqa: E402
from psynth.learning.tensors import write_tensors  # noqa: E402

pytestmark = pytest.mark.neural

CPU = torch.device("cpu")


class Pickled:
    """An object whose unpickling leaves a trace."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.trace,)


def written(path: Path, network: nn.Module) -> ModelFolder:
    """A folder with a network's weights."""
    folder = ModelFolder(path)
    folder.create()
    folder.write_weights(dict(network.named_parameters()))
    return folder


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    network = nn.Linear(3, 2)
    loaded = written(tmp_path, network).load(lambda: nn.Linear(3, 2), CPU)
    assert torch.equal(loaded.weight, network.weight)
    assert torch.equal(loaded.bias, network.bias)
    assert not loaded.training


@pytest.mark.parametrize(
    ("columns", "rows", "why"),
    [
        (3, 4, r"weight is torch.float32 of shape \[2, 3\], not torch.float32 of shape \[4, 3\]"),
        (10**9, 10**9, "does not fit the configuration"),
        (10**15, 10**15, "no network has such sizes"),
        (-3, 2, "no network has such sizes"),
    ],
)
def test_what_does_not_fit_is_refused_before_memory_is_taken(tmp_path: Path, columns: int, rows: int, why: str) -> None:
    folder = written(tmp_path, nn.Linear(3, 2))
    with pytest.raises(InputError, match=why):
        folder.load(lambda: nn.Linear(columns, rows), CPU)


def test_missing_unknown_and_wrongly_typed_tensors_are_named(tmp_path: Path) -> None:
    tensors = dict(nn.Linear(3, 2).named_parameters())
    for change, why in (
        ({"weight": tensors["weight"]}, "lacks bias"),
        (tensors | {"extra": torch.zeros(1)}, "unknown tensor extra"),
        (tensors | {"bias": tensors["bias"].double()}, "bias is torch.float64"),
    ):
        write_tensors(tmp_path / WEIGHTS, change)
        with pytest.raises(InputError, match=rf"{WEIGHTS}: .*{why}"):
            ModelFolder(tmp_path).load(lambda: nn.Linear(3, 2), CPU)


def test_damaged_weights_name_their_file(tmp_path: Path) -> None:
    folder = written(tmp_path, nn.Linear(3, 2))
    data = (tmp_path / WEIGHTS).read_bytes()
    for damaged in (b"", data[:-1], data[:20], b"\xff" * 8 + data[8:], data[:9] + b"?" + data[10:]):
        (tmp_path / WEIGHTS).write_bytes(damaged)
        with pytest.raises(InputError, match=rf"{WEIGHTS}: cannot be read"):
            folder.load(lambda: nn.Linear(3, 2), CPU)


def trained(steps: int, checkpoint: Checkpoint | None = None) -> tuple[nn.Linear, torch.optim.Optimizer]:
    """A network after some steps, restored from a checkpoint first where one is given."""
    torch.manual_seed(0)
    network = nn.Linear(3, 2)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
    if checkpoint is not None:
        assert checkpoint.restore(network, optimizer) == {"step": 2}
    for _ in range(steps):
        optimizer.zero_grad()
        network(torch.ones(1, 3)).square().sum().backward()
        optimizer.step()
    return network, optimizer


def test_a_training_that_was_stopped_goes_on_with_the_same_weights(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "training.safetensors", identity_of("data", {"rate": 0.1}))
    assert checkpoint.restore(*trained(0)) is None
    checkpoint.save(*trained(2), {"step": 2})
    whole, _ = trained(5)
    parts, _ = trained(3, checkpoint)
    assert torch.equal(whole.weight, parts.weight)
    fresh, _ = trained(3)
    assert not torch.equal(whole.weight, fresh.weight)
    with pytest.raises(OtherTraining):
        Checkpoint(checkpoint.path, identity_of("data", {"rate": 0.2})).restore(*trained(0))


def test_a_damaged_checkpoint_names_its_file(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "training.safetensors", "me")
    checkpoint.save(nn.Linear(3, 3), torch.optim.Adam([nn.Parameter(torch.zeros(1))]), {"step": 2})
    with pytest.raises(InputError, match=r"training.safetensors: damaged: weight has shape"):
        checkpoint.restore(*trained(0))
    write_tensors(checkpoint.path, dict(nn.Linear(3, 2).named_parameters()), {"identity": "me", "progress": {}})
    with pytest.raises(InputError, match=r"training.safetensors: damaged"):
        checkpoint.restore(*trained(0))
    checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"training.safetensors: cannot be read"):
        checkpoint.restore(*trained(0))


@pytest.mark.parametrize("by_torch", [False, True])
def test_nothing_is_unpickled(tmp_path: Path, by_torch: bool) -> None:
    trace = tmp_path / "trace"
    pickle.loads(pickle.dumps(Pickled(trace)))
    assert trace.exists()
    trace.unlink()
    checkpoint = Checkpoint(tmp_path / "training.safetensors", "me")
    for path in (tmp_path / WEIGHTS, checkpoint.path):
        if by_torch:
            torch.save({"weight": Pickled(trace)}, path)
        else:
            path.write_bytes(pickle.dumps(Pickled(trace)))
    with pytest.raises(InputError, match="cannot be read"):
        ModelFolder(tmp_path).load(lambda: nn.Linear(3, 2), CPU)
    with pytest.raises(InputError, match="cannot be read"):
        checkpoint.restore(*trained(0))
    assert not trace.exists()
