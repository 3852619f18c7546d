"""Program synthesis as Unix filters over one stream of frontiers; ``__init__.pyi`` declares the Python API."""

from psynth.core.faces import lazy_face

__version__ = "0.1.0"

__getattr__, __all__ = lazy_face(__name__, __file__)


def __dir__() -> list[str]:
    return ["__version__", *__all__]
