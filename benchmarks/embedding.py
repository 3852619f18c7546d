"""Programs per second that the train method ``embedding`` learns from on one thread.

    python benchmarks/embedding.py [PROGRAMS]
    python benchmarks/embedding.py gru         the recurrent layer alone, compared with PyTorch's

Samples programs from Karel's grammar (seed 0) with ten 8 by 8 worlds each, and trains on batches of 256 of them. The
CPU time covers the whole step, including making the batch and running the demonstrations. There is a line for each
configuration: the losses, units of the executor and filters, demonstrations per program, and precision. The first has
the sizes of LEAPS.

The recurrent layer is also measured alone (engine only: no batches, no losses, no other layers): a forward and a
backward pass over random packed sequences, with the token's and the sequence's part of the gates computed as in the
decoder. PyTorch's ``nn.GRU`` takes both as one input at each step.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from psynth_karel.domain import Karel
from psynth_leaps.corpus import Corpus, batches, read_corpus
from psynth_leaps.network import Network, Sizes, decode
from psynth_leaps.settings import Schedule
from psynth_leaps.syntax_mask import SyntaxTables
from psynth_leaps.training import Training
from psynth_leaps.training_programs import TrainingProgram
from torch import nn

from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.stream.records import Task
from psynth.learning.layers.packed_gru import PackedGRU
from psynth.learning.layers.packing import Packing
from psynth.learning.model_folder import ModelFolder

BATCH = 256
TOKENS, TOKEN = 36, 64
"""Productions of Karel's library, and the length of a production's vector."""
RUNS = 5
CONFIGURATIONS = (
    ("pl", 256, 32, 2, False),
    ("pl", 256, 32, 2, True),
    ("pl", 128, 16, 2, False),
    ("pl", 128, 16, 2, True),
    ("pl", 128, 16, 1, True),
    ("prl", 128, 16, 1, True),
    ("p", 128, 16, 1, True),
)
"""Losses, units of the executor, filters, demonstrations, whether in bfloat16."""


def corpus_of(count: int) -> Corpus:
    """Distinct programs of at most 45 productions that act at least once."""
    karel = Karel()
    library = karel.library("base")
    with LambdaMachine() as machine:
        drawn = machine.sample(library.to_json(), "stmt", seed=0, count=3 * count, max_depth=6)
    rng = random.Random(0)
    programs = []
    for text in dict.fromkeys(each["program"] for each in drawn):
        if 3 < text.count(" ") < 45 and len(programs) < count:
            seeds = [rng.getrandbits(40) for _ in range(10)]
            environment = {"profile": "leaps", "task": "free", "seeds": seeds}
            programs.append(
                TrainingProgram(text, Task(id="karel/dream", domain="karel", request="stmt", environment=environment))
            )
    corpus, _ = read_corpus(karel, library, programs, 45, demonstrated=True)
    return corpus


def training(corpus: Corpus, losses: str, units: int, filters: int, shown: int, half: bool, folder: Path) -> Training:
    """A training run with LEAPS' sizes except for those given."""
    assert corpus.demonstrator is not None
    sizes = Sizes(
        productions=len(corpus.language.names),
        executor=units,
        filters=filters,
        actions=len(corpus.demonstrator.actions),
        features=corpus.demonstrator.shape,
    )
    schedule = Schedule(
        losses=losses, epochs=1, batch=BATCH, decay=1.0, decay_every=1, demonstrations=shown, reinforce_from=0.0,
        validation=0.0, precision="bfloat16" if half else "float32", checkpoint=1e9,
    )  # fmt: skip
    return Training(
        Network(sizes), corpus, schedule, ModelFolder(folder), identity="", seed=0, device=torch.device("cpu")
    )


def recurrent_layers() -> None:
    """Print the table of the recurrent layer alone."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print("engine only: the recurrent layer, forward and backward, batch of 256 sequences")
    print(f"{'hidden':>6}{'steps':>16}{'ours':>10}{'nn.GRU':>10}   sequences/s")
    for hidden in (128, 256):
        for longest in (20, 45):
            lengths = np.random.default_rng(0).integers(4, longest + 1, size=BATCH)
            ours, theirs = (
                _sequences_a_second(make(hidden, Packing.of(lengths))) for make in (_packed_gru, _torch_gru)
            )
            print(f"{hidden:6}{f'4 to {longest}':>16}{ours:10,.0f}{theirs:10,.0f}")


def _packed_gru(hidden: int, packing: Packing) -> Callable[[], None]:
    layer, entering, constant = PackedGRU(hidden), nn.Linear(TOKEN, 3 * hidden), nn.Linear(hidden, 3 * hidden)
    table, tokens, latent = _inputs(hidden, packing)

    def once() -> None:
        gates = nn.functional.embedding(tokens, entering(table))
        layer(gates, constant(latent), torch.tanh(latent), packing.sizes).sum().backward()

    return once


def _torch_gru(hidden: int, packing: Packing) -> Callable[[], None]:
    layer = nn.GRU(TOKEN + hidden, hidden)
    table, tokens, latent = _inputs(hidden, packing)
    sizes = torch.tensor(packing.sizes)

    def once() -> None:
        entering = torch.cat([nn.functional.embedding(tokens, table), latent[packing.rows]], 1)
        states, _ = layer(nn.utils.rnn.PackedSequence(entering, sizes), torch.tanh(latent)[None])
        states.data.sum().backward()

    return once


def _inputs(hidden: int, packing: Packing) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A table of tokens' vectors, packed tokens, and a latent vector for each sequence."""
    table = torch.randn(TOKENS, TOKEN, requires_grad=True)
    latent = torch.randn(packing.sizes[0], hidden, requires_grad=True)
    return table, torch.randint(TOKENS, (len(packing.rows),)), latent


def _sequences_a_second(once: Callable[[], None]) -> float:
    """The minimum CPU time of several runs."""
    once()
    times = []
    for _ in range(RUNS):
        started = time.process_time()
        once()
        times.append(time.process_time() - started)
    return BATCH / min(times)


def main(count: int = 4096) -> None:
    """Print the table."""
    torch.set_num_threads(1)
    corpus = corpus_of(count)
    print(f"{len(corpus)} programs, {corpus.lengths.mean():.1f} productions on average")
    print(f"{'losses':8}{'executor':>9}{'filters':>9}{'shown':>7}{'precision':>11}{'programs/s':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for losses, units, filters, shown, half in CONFIGURATIONS:
            # With r in the losses, L^R is added once an epoch reaches the required reconstruction: here at once.
            run = training(corpus, losses, units, filters, shown, half, Path(folder))
            run.figures.append({"validation_program_accuracy": 1.0})
            order = list(batches(run.learned, corpus.lengths, BATCH, run._rng("order")))
            run._learn(order[0])
            started = time.process_time()
            for numbers in order[1:]:
                run._learn(numbers)
                run.step += 1
            rate = sum(map(len, order[1:])) / (time.process_time() - started)
            precision = "bfloat16" if half else "float32"
            print(f"{losses:8}{units:9}{filters:9}{shown:7}{precision:>11}{rate:12,.0f}")
        network = run.network
        tables = SyntaxTables(corpus.language, torch.device("cpu"))
        for lot in (32, 256):
            vectors = torch.randn(lot, 256)
            started = time.process_time()
            for _ in range(10):
                decode(network, tables, vectors, 45)
            print(f"decoding {lot} at a time: {10 * lot / (time.process_time() - started):,.0f} programs/s")


if __name__ == "__main__":
    if sys.argv[1:] == ["gru"]:
        recurrent_layers()
    else:
        main(*map(int, sys.argv[1:]))
