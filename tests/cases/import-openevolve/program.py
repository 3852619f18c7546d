"""A guess of a number."""


# EVOLVE-BLOCK-START
def guess(low, high):
    return low + 1  # to be improved


# EVOLVE-BLOCK-END
