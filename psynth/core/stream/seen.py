"""A set of texts that only grows, in 8 to 32 bytes a text: enough to find what occurs twice among millions."""

from __future__ import annotations

import hashlib
from array import array

_FIRST_SIZE = 1 << 10


class Seen:
    """Texts by 64 bits of their BLAKE2b digests, in a table with open addressing.

    Two of a million different texts have equal digests with a probability of 3·10⁻⁸.
    """

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 * _FIRST_SIZE))
        self._count = 0

    def add(self, text: str) -> bool:
        """Add a text; whether it is new."""
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        # Zero marks free places.
        key = int.from_bytes(digest, "little") or 1
        if not self._put(key):
            return False
        self._count += 1
        if 2 * self._count > len(self._table):
            before, self._table = self._table, array("Q", bytes(16 * len(self._table)))
            for each in before:
                if each:
                    self._put(each)
        return True

    def _put(self, key: int) -> bool:
        table, mask = self._table, len(self._table) - 1
        place = key & mask
        while table[place]:
            if table[place] == key:
                return False
            place = (place + 1) & mask
        table[place] = key
        return True
