"""The limits of one evaluation that hold unless a user asks for others, and the precision of its result."""

DEFAULT_FUEL = 100_000
"""Steps an evaluation may take: a thousand times what a typical list program needs."""

DEFAULT_SIZE = 100_000
"""List cells and characters an evaluation may allocate."""

DEFAULT_SECONDS = 1.0
"""Wall-clock seconds an evaluation may take where programs run in Python."""

DEFAULT_MEMORY = 1 << 30
"""Bytes an evaluation may allocate where programs run in Python."""

LARGEST = 2**62 - 1
"""The largest integer of the λ-machine, and so of any limit given to it."""

ROUNDING = 1e-9
"""The greatest difference between two rewards that are equal but for rounding."""
