"""Library learning: the compress method ``stitch``."""
