"""Program synthesis as Unix filters over one stream of frontiers."""

__version__ = "0.1.0"
