"""Program synthesis as Unix filters over one stream of frontiers; ``__init__.pyi`` declares the Python API."""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # Imported here, as every command imports this package before it can say what a signal does.
    from psynth.core.faces import lazy_face

    get, names = lazy_face(__name__, __file__)
    value = names if name == "__all__" else get(name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    from psynth.core.faces import lazy_face

    return ["__version__", *lazy_face(__name__, __file__)[1]]
