"""The public face for authors of plugins, who import from here alone; ``__init__.pyi`` declares the names."""

from psynth.core.faces import lazy_face

__getattr__, __all__ = lazy_face(__name__, __file__)


def __dir__() -> list[str]:
    return __all__
