"""How many programs a second the train method ``embedding`` learns from, on one thread.

    python benchmarks/embedding.py [PROGRAMS]

Draws programs from Karel's grammar (seed 0) with ten 8 by 8 worlds each, and trains on batches of 256 of them. All that
a step does counts, making the batch and running the demonstrations too, as CPU time. A line for each configuration: the
losses, units of the executor and filters, demonstrations a program, and precision. The first has the sizes of LEAPS.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

import torch
from psynth_karel.domain import Karel
from psynth_leaps.corpus import Corpus, Drawn, batches, read_corpus
from psynth_leaps.network import Network, Sizes, decode
from psynth_leaps.objectives import Weights
from psynth_leaps.syntax_mask import SyntaxTables
from psynth_leaps.training import Schedule, Training

from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.stream.records import Task

BATCH = 256
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
                Drawn(text, Task(id="karel/dream", domain="karel", request="stmt", environment=environment))
            )
    corpus, _ = read_corpus(karel, library, programs, 45, demonstrated=True)
    return corpus


def training(corpus: Corpus, losses: str, units: int, filters: int, shown: int, half: bool, folder: Path) -> Training:
    """A training with LEAPS' sizes but for what is given."""
    assert corpus.demonstrator is not None
    sizes = Sizes(
        len(corpus.language.names),
        executor=units,
        filters=filters,
        actions=len(corpus.demonstrator.actions),
        features=corpus.demonstrator.shape,
    )
    schedule = Schedule(
        losses=losses, epochs=1, batch=BATCH, rate=1e-3, decay=1.0, decay_every=1, clip=5.0, demonstrations=shown,
        most_actions=20, max_length=45, weights=Weights(0.1, 1.0, 0.1, 0.1), reinforce_from=0.0, reinforce_every=4,
        validation=0.0, half=half, max_time=None, checkpoint=1e9,
    )  # fmt: skip
    return Training(Network(sizes), corpus, schedule, folder, 0, torch.device("cpu"))


def main(count: int = 4096) -> None:
    """Print the table."""
    torch.set_num_threads(1)
    corpus = corpus_of(count)
    print(f"{len(corpus)} programs, {corpus.lengths.mean():.1f} productions on average")
    print(f"{'losses':8}{'executor':>9}{'filters':>9}{'shown':>7}{'precision':>11}{'programs/s':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for losses, units, filters, shown, half in CONFIGURATIONS:
            # With r in the losses, L^R counts as soon as an epoch decoded as well as is asked for: here at once.
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
    main(*map(int, sys.argv[1:]))
