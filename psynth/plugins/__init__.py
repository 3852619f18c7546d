"""What a plugin is made of: hooks, domains, methods and formats (docs/plugins.md has the whole contract)."""

from psynth.plugins.hookspecs import hookimpl

__all__ = ["hookimpl"]
