"""Randomness that belongs to a record: from the seed, the command and the record's id, and from nothing else."""

import random
from hashlib import blake2b


def stable_hash(*parts: str | int) -> int:
    """Return 64 bits that depend on ``parts`` alone: not on the process, the platform or PYTHONHASHSEED."""
    digest = blake2b(digest_size=8)
    for part in parts:
        data = str(part).encode("utf-8", "surrogatepass")
        # With its length before each part, ("ab", "c") and ("a", "bc") differ.
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return int.from_bytes(digest.digest(), "big")


def derive(seed: int, command: str, record_id: str) -> int:
    """Return the 63-bit seed of one record in one command, for an engine that has its own generator."""
    return stable_hash(seed, command, record_id) >> 1


def generator(seed: int, command: str, record_id: str) -> random.Random:
    """Return the generator of one record in one command: the same whatever the order, the workers or the shard."""
    return random.Random(derive(seed, command, record_id))
