"""The domain ``circle-packing``: circles in the unit square whose radii have the greatest sum."""
