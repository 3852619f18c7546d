"""The registry of installed plugins and what they offer; it loads each plugin separately, once, on first use."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from psynth.core.errors import EngineError, PsynthError, UsageError
from psynth.core.settings import did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from psynth.plugins.domain import Domain

GROUP = "psynth"
BASES: Mapping[str, tuple[str, ...]] = {
    "domain": ("psynth.plugins.domain:Domain",),
    "method": ("psynth.plugins.method:Method",),
    "command": ("psynth.plugins.command:Command", "psynth.plugins.method:Method"),
    "format": ("psynth.plugins.format:Format",),
}
"""The base classes of each kind, one of which a class must extend, by import path, as methods import the registry."""


class PluginConflict(PsynthError):
    """Two plugins registered the same name."""

    exit_code = 2


@dataclass(frozen=True)
class Registration:
    """One object that a plugin offers."""

    kind: str
    """domain, method, command or format."""
    name: str
    path: str
    """The import path, ``package.module:Class``."""
    help: str
    plugin: str
    subcommand: str = ""
    """The subcommand of a method; empty for other kinds."""

    @property
    def title(self) -> str:
        """The name in messages, such as ``the method 'stitch' of compress``."""
        return f"the {self.kind} {self.name!r}" + (f" of {self.subcommand}" if self.subcommand else "")

    def load(self) -> Any:
        """Import the object at ``path``; EngineError names the plugin if that fails."""
        try:
            return _imported(self.path)
        except Exception as error:  # a plugin may raise any exception
            why = f"{type(error).__name__}: {error}"
            raise EngineError(
                f"{self.title} of the plugin {self.plugin!r} cannot be loaded from {self.path!r}: {why}"
            ) from error


@dataclass
class Plugin:
    """An installed plugin."""

    name: str
    module: str
    distribution: str = ""
    version: str = ""
    broken: str | None = None
    """Why the plugin does not work; None if it does."""
    offers: list[Registration] = field(default_factory=list)


class Registry:
    """The registrations of all installed plugins.

    ``entry_points`` defaults to those of the group ``psynth``. The environment variable ``PSYNTH_PLUGINS`` lists the
    plugins to load, separated by commas: an empty value loads none, an unset variable all. ``warn`` receives one line
    for each broken plugin.
    """

    def __init__(
        self,
        entry_points: Iterable[EntryPoint] | None = None,
        *,
        environ: Mapping[str, str] = os.environ,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self._entry_points = entry_points
        self._environ = environ
        self._warn = warn or (lambda message: print(f"psynth: warning: {message}", file=sys.stderr))
        self._plugins: dict[str, Plugin] | None = None
        self._offers: dict[tuple[str, str], dict[str, Registration]] = {}
        self._conflicts: list[str] = []
        self._domains: dict[str, Domain] = {}

    def plugins(self) -> list[Plugin]:
        """All plugins, including broken ones, by name."""
        return [self._load()[name] for name in sorted(self._load())]

    def conflicts(self) -> list[str]:
        """One line for each name that two plugins registered."""
        self._load()
        return list(self._conflicts)

    def offers(self, kind: str, subcommand: str = "") -> dict[str, Registration]:
        """The registrations of a kind (for methods, of a subcommand) by name; PluginConflict if names clash."""
        self._load()
        if self._conflicts:
            raise PluginConflict(self._conflicts[0])
        found = self._offers.get((kind, subcommand), {})
        return {name: found[name] for name in sorted(found)}

    def subcommands(self) -> list[str]:
        """The subcommands that some plugin registered a method for."""
        self._load()
        return sorted({subcommand for kind, subcommand in self._offers if kind == "method"})

    def registration(self, kind: str, name: str, subcommand: str = "") -> Registration:
        """The registration of a name; UsageError lists the known names if there is none."""
        known = self.offers(kind, subcommand)
        if name not in known:
            what = f"{kind} of {subcommand}" if subcommand else kind
            listed = f"known: {', '.join(known)}" if known else "no plugin offers one"
            raise UsageError(f"unknown {what} {name!r}; {listed}{did_you_mean(name, known)}")
        return known[name]

    def domain(self, name: str) -> Domain:
        """The domain ``name``, instantiated once."""
        if name not in self._domains:
            found: type[Domain] = self.load(self.registration("domain", name))
            self._domains[name] = found()
        return self._domains[name]

    def method(self, subcommand: str, name: str) -> type[Any]:
        """The class of a method of a subcommand."""
        found: type[Any] = self.load(self.registration("method", name, subcommand))
        return found

    def command(self, name: str) -> type[Any]:
        """The class of a plugin's own subcommand: a method if it is a filter."""
        found: type[Any] = self.load(self.registration("command", name))
        return found

    def format(self, name: str) -> type[Any]:
        """The class of a file format."""
        found: type[Any] = self.load(self.registration("format", name))
        return found

    def version_of(self, plugin: str) -> str:
        """The version of a plugin's distribution; empty if unknown."""
        return self._load()[plugin].version

    def load(self, registration: Registration) -> Any:
        """The registered class; EngineError names the plugin if the class is missing or of the wrong kind."""
        found = registration.load()
        bases = _bases_of(registration.kind)
        if not (isinstance(found, type) and issubclass(found, bases)):
            expected = " or ".join(base.__name__ for base in bases)
            raise EngineError(
                f"{registration.title} of the plugin {registration.plugin!r}: "
                f"{registration.path} does not extend {expected}"
            )
        return found

    def _load(self) -> dict[str, Plugin]:
        if self._plugins is None:
            self._plugins = {}
            for entry_point in self._chosen():
                plugin = _described(entry_point)
                if plugin.name in self._plugins:
                    other = self._plugins[plugin.name]
                    self._conflicts.append(
                        f"two plugins are called {plugin.name!r}: {other.module} ({other.distribution}) "
                        f"and {plugin.module} ({plugin.distribution})"
                    )
                    continue
                self._plugins[plugin.name] = plugin
                try:
                    plugin.offers = _registered(plugin.name, entry_point.load())
                except Exception as error:  # a broken plugin must not affect the others
                    plugin.broken = f"{type(error).__name__}: {error}".replace("\n", " ")
                    self._warn(
                        f"the plugin {plugin.name!r} is broken and left out ({plugin.broken}); see psynth doctor"
                    )
                else:
                    for offer in plugin.offers:
                        self._add(offer)
        return self._plugins

    def _chosen(self) -> list[EntryPoint]:
        found = self._entry_points
        if found is None:
            from importlib.metadata import entry_points

            found = entry_points(group=GROUP)
        wanted = self._environ.get("PSYNTH_PLUGINS")
        if wanted is not None:
            names = [name.strip() for name in wanted.split(",") if name.strip()]
            found = list(found)
            installed = {entry_point.name for entry_point in found}
            for name in names:
                if name not in installed:
                    self._warn(f"PSYNTH_PLUGINS names {name!r}, which is not installed{did_you_mean(name, installed)}")
            found = [entry_point for entry_point in found if entry_point.name in names]
        # The same distribution may be on the path twice (a source tree and its installation).
        return sorted(
            {(each.name, each.value): each for each in found}.values(), key=lambda each: (each.name, each.value)
        )

    def _add(self, offer: Registration) -> None:
        known = self._offers.setdefault((offer.kind, offer.subcommand), {})
        other = known.setdefault(offer.name, offer)
        if other is not offer:
            self._conflicts.append(
                f"{offer.title} is registered by the plugin {other.plugin!r} ({other.path}) and by the plugin "
                f"{offer.plugin!r} ({offer.path}); choose with PSYNTH_PLUGINS or uninstall one"
            )


def _imported(path: str) -> Any:
    """The object at an import path ``"package.module:Class"``."""
    module, _, attribute = path.partition(":")
    return functools.reduce(getattr, attribute.split("."), importlib.import_module(module))


def _bases_of(kind: str) -> tuple[type, ...]:
    """The base classes of ``kind``, one of which a registered class must extend."""
    return tuple(_imported(path) for path in BASES[kind])


def _described(entry_point: EntryPoint) -> Plugin:
    distribution = entry_point.dist
    name, version = ("", "") if distribution is None else (distribution.name, distribution.version)
    return Plugin(entry_point.name, entry_point.value, name, version)


def _registered(plugin: str, module: Any) -> list[Registration]:
    """The registrations of one plugin, from calling its hooks separately from those of other plugins."""
    import pluggy

    from psynth.plugins import hookspecs

    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(module, plugin)
    manager.check_pending()
    offers: list[Registration] = []

    def register_as(kind: str) -> Callable[..., None]:
        def register(name: str, path: str, *, help: str) -> None:
            offers.append(Registration(kind, name, path, help, plugin))

        return register

    def register_method(subcommand: str, name: str, path: str, *, help: str) -> None:
        offers.append(Registration("method", name, path, help, plugin, subcommand))

    manager.hook.register_domains(register=register_as("domain"))
    manager.hook.register_methods(register=register_method)
    manager.hook.register_commands(register=register_as("command"))
    manager.hook.register_formats(register=register_as("format"))
    return offers


@functools.cache
def default_registry() -> Registry:
    """The registry of this process, shared by all contexts."""
    return Registry()
