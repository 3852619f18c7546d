"""Tasks made from programs: the methods of ``psynth relabel``."""
