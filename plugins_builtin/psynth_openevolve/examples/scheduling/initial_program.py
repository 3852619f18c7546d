"""The order in which jobs are given to machines."""


# EVOLVE-BLOCK-START
def priority(duration: float, weight: float, number: int) -> float:
    return -number


# EVOLVE-BLOCK-END
