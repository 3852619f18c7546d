"""Random numbers for a record that depend only on the seed, the command and the record's id."""

import random
from hashlib import blake2b


def stable_hash(*parts: str | int) -> int:
    """A 64-bit hash of ``parts``, independent of the process, the platform and PYTHONHASHSEED."""
    digest = blake2b(digest_size=8)
    for part in parts:
        data = str(part).encode("utf-8", "surrogatepass")
        # The length before each part distinguishes ("ab", "c") from ("a", "bc").
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return int.from_bytes(digest.digest(), "big")


def derive(seed: int, command: str, record_id: str) -> int:
    """The 63-bit seed of one record in one command, for an engine with its own generator."""
    return stable_hash(seed, command, record_id) >> 1


def generator(seed: int, command: str, record_id: str) -> random.Random:
    """The generator of one record in one command, independent of the order, the workers and the shard."""
    return random.Random(derive(seed, command, record_id))
