"""The default limits of one evaluation, and the precision of rewards."""

DEFAULT_FUEL = 100_000
"""Maximum number of steps of an evaluation: a thousand times what a typical list program needs."""

DEFAULT_SIZE = 100_000
"""Maximum number of list cells and characters that an evaluation allocates."""

DEFAULT_SECONDS = 1.0
"""Maximum seconds of an evaluation of Python programs."""

DEFAULT_MEMORY = 1 << 30
"""Maximum number of bytes that an evaluation of Python programs allocates."""

DEFAULT_MACHINE_MEMORY = 512
"""Mebibytes of a λ-machine's heap at which its search ends."""

LARGEST = 2**62 - 1
"""The largest integer of the λ-machine, and so the largest limit."""

ROUNDING = 1e-9
"""The greatest difference between two rewards that counts as rounding error."""
