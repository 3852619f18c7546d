"""The domain ``sodarace``: walkers of joints and muscles, rewarded by how far they move."""
