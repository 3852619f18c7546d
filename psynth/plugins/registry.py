"""The registry of installed plugins and what they offer; it loads each plugin separately, once, on first use."""

from __future__ import annotations

import functools
import importlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from psynth.core import standard
from psynth.core.errors import EngineError, PsynthError, UsageError
from psynth.core.printable import one_line
from psynth.core.settings import did_you_mean
from psynth.plugins.entry_points import InstalledEntryPoint, installed_entry_points

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from psynth.plugins.domain import Domain

GROUP = "psynth"
DISTRIBUTION = "psynth-toolkit"
LANGUAGE_MODEL = "language model"
"""The kind of language models."""
BASES: Mapping[str, tuple[str, ...]] = {
    "domain": ("psynth.plugins.domain:Domain",),
    "method": ("psynth.plugins.method:Method",),
    "command": ("psynth.plugins.command:Command", "psynth.plugins.method:Method"),
    "format": ("psynth.plugins.format:Format",),
    LANGUAGE_MODEL: ("psynth.plugins.language_model:LanguageModel",),
}
"""The base classes of each kind, one of which a class must extend, by import path, as methods import the registry."""

_NAME = re.compile(r"[^\W_][\w.-]*")
_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


class PluginConflict(PsynthError):
    """Two plugins registered the same name."""

    exit_code = 2


@dataclass(frozen=True)
class Registration:
    """One object that a plugin offers."""

    kind: str
    """domain, method, command, format or language model."""
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
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a plugin may raise any exception, and end the process
            why = described(error)
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
    plugins to load, separated by commas: an empty value loads none, an unset variable all, and ``-NAME`` all but that
    one. A plugin is named by its entry point or by the module of its hooks. ``warn`` receives one line for each broken
    plugin.
    """

    def __init__(
        self,
        entry_points: Iterable[EntryPoint] | None = None,
        *,
        environ: Mapping[str, str] = os.environ,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self._entry_points = None if entry_points is None else [InstalledEntryPoint.of(each) for each in entry_points]
        self._environ = environ
        self._warn = warn or (lambda message: print(f"psynth: warning: {one_line(message)}", file=standard.err()))
        self._plugins: dict[str, Plugin] | None = None
        self._offers: dict[tuple[str, str], dict[str, Registration]] = {}
        self._conflicts: dict[tuple[str, str, str], str] = {}
        self._domains: dict[str, Domain] = {}

    def plugins(self) -> list[Plugin]:
        """All plugins, including broken ones, by name."""
        return [self._load()[name] for name in sorted(self._load())]

    def known(self) -> list[Plugin]:
        """The plugins that are loaded already."""
        return list((self._plugins or {}).values())

    def conflicts(self) -> list[str]:
        """One line for each name that two plugins registered."""
        self._load()
        return list(self._conflicts.values())

    def offers(self, kind: str, subcommand: str = "") -> dict[str, Registration]:
        """The registrations of a kind (for methods, of a subcommand) by name; of a name that clashes, the first."""
        self._load()
        found = self._offers.get((kind, subcommand), {})
        return {name: found[name] for name in sorted(found)}

    def subcommands(self) -> list[str]:
        """The subcommands that some plugin registered a method for."""
        self._load()
        return sorted({subcommand for kind, subcommand in self._offers if kind == "method"})

    def registration(self, kind: str, name: str, subcommand: str = "") -> Registration:
        """The registration of a name.

        UsageError lists the known names if there is none; PluginConflict names the plugins if there are two.
        """
        known = self.offers(kind, subcommand)
        if name not in known:
            what = f"{kind} of {subcommand}" if subcommand else kind
            listed = f"known: {', '.join(known)}" if known else "no plugin offers one"
            raise UsageError(f"unknown {what} {name!r}; {listed}{did_you_mean(name, known)}")
        conflict = self._conflicts.get((kind, subcommand, name))
        if conflict is not None:
            raise PluginConflict(conflict)
        return known[name]

    def domain(self, name: str) -> Domain:
        """The domain ``name``, instantiated once."""
        if name not in self._domains:
            registration = self.registration("domain", name)
            found: type[Domain] = self.load(registration)
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

    def language_model(self, name: str) -> type[Any]:
        """The class of a language model."""
        found: type[Any] = self.load(self.registration(LANGUAGE_MODEL, name))
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
                self._load_one(entry_point, self._plugins)
        return self._plugins

    def _load_one(self, entry_point: InstalledEntryPoint, loaded: dict[str, Plugin]) -> None:
        plugin = Plugin(entry_point.name, entry_point.value, entry_point.distribution, entry_point.version)
        if plugin.name in loaded:
            other = loaded[plugin.name]
            self._conflicts["plugin", "", plugin.module] = conflict = (
                f"two plugins are called {plugin.name!r}: {other.module} of {other.distribution or 'unknown'} "
                f"is loaded, {plugin.module} of {plugin.distribution or 'unknown'} is not; "
                f"PSYNTH_PLUGINS=-{other.module} loads the other one"
            )
            self._warn(conflict)
            return
        loaded[plugin.name] = plugin
        try:
            plugin.offers = _registered(plugin.name, entry_point.load())
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a broken plugin must not affect the others, even if it ends the process
            plugin.broken = one_line(described(error))
            self._warn(f"the plugin {plugin.name!r} is broken and left out ({plugin.broken}); see psynth doctor")
        else:
            for offer in plugin.offers:
                self._add(offer)

    def _chosen(self) -> list[InstalledEntryPoint]:
        found = installed_entry_points(GROUP) if self._entry_points is None else self._entry_points
        wanted = self._environ.get("PSYNTH_PLUGINS")
        if wanted is not None:
            found = self._selected(found, [name.strip() for name in wanted.split(",") if name.strip()])
        # The same distribution may be on the path twice (a source tree and its installation).
        # Of two plugins of one name, the built-in one counts.
        return sorted(
            {(each.name, each.value): each for each in found}.values(),
            key=lambda each: (each.name, each.distribution != DISTRIBUTION, each.value),
        )

    def _selected(self, found: list[InstalledEntryPoint], names: list[str]) -> list[InstalledEntryPoint]:
        """The entry points that are named, or all if every name is excluded; less the excluded ones."""
        excluded = [name[1:] for name in names if name.startswith("-")]
        wanted = [name for name in names if not name.startswith("-")]
        installed = {name for entry_point in found for name in (entry_point.name, entry_point.value)}
        for name in (*wanted, *excluded):
            if name not in installed:
                self._warn(f"PSYNTH_PLUGINS names {name!r}, which is not installed{did_you_mean(name, installed)}")
        if wanted or not excluded:
            found = [each for each in found if each.name in wanted or each.value in wanted]
        return [each for each in found if each.name not in excluded and each.value not in excluded]

    def _add(self, offer: Registration) -> None:
        known = self._offers.setdefault((offer.kind, offer.subcommand), {})
        other = known.setdefault(offer.name, offer)
        if other is not offer:
            self._conflicts[offer.kind, offer.subcommand, offer.name] = (
                f"{offer.title} is registered by the plugin {other.plugin!r} ({other.path}) and by the plugin "
                f"{offer.plugin!r} ({offer.path}); PSYNTH_PLUGINS=-{offer.plugin} leaves one out"
            )


def _imported(path: str) -> Any:
    """The object at an import path ``"package.module:Class"``."""
    module, _, attribute = path.partition(":")
    return functools.reduce(getattr, attribute.split("."), importlib.import_module(module))


def _bases_of(kind: str) -> tuple[type, ...]:
    """The base classes of ``kind``, one of which a registered class must extend."""
    return tuple(_imported(path) for path in BASES[kind])


def _registered(plugin: str, module: Any) -> list[Registration]:
    """The registrations of one plugin, from calling its hooks separately from those of other plugins."""
    import pluggy

    from psynth.plugins import hookspecs

    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(module, plugin)
    manager.check_pending()
    offers: list[Registration] = []

    def add(kind: str, subcommand: str, name: str, path: str, help: str | None) -> None:
        _check_registration(kind, subcommand, name, path, help)
        offers.append(Registration(kind, name, path, str(help), plugin, subcommand))

    def register_as(kind: str) -> Callable[..., None]:
        def register(name: str, path: str, *, help: str | None = None) -> None:
            add(kind, "", name, path, help)

        return register

    def register_method(subcommand: str, name: str, path: str, *, help: str | None = None) -> None:
        add("method", subcommand, name, path, help)

    manager.hook.register_domains(register=register_as("domain"))
    manager.hook.register_methods(register=register_method)
    manager.hook.register_commands(register=register_as("command"))
    manager.hook.register_formats(register=register_as("format"))
    manager.hook.register_language_models(register=register_as(LANGUAGE_MODEL))
    return offers


def _check_registration(kind: str, subcommand: str, name: str, path: str, help: str | None) -> None:
    """TypeError unless a plugin's registration can be typed, imported and listed."""
    for what, value in (("name", name), *([("subcommand", subcommand)] if kind == "method" else [])):
        if not (isinstance(value, str) and _NAME.fullmatch(value)):
            raise TypeError(f"the {what} {value!r} of a {kind} is not letters, digits, '.', '_' and '-'")
    if not (isinstance(path, str) and _PATH.fullmatch(path)):
        raise TypeError(f"the path {path!r} of the {kind} {name!r} is not 'package.module:Class'")
    if not isinstance(help, str) or not help.strip() or "\n" in help:
        raise TypeError(f"the {kind} {name!r} has no help: register(…, help='one line')")


def described(error: BaseException) -> str:
    """The type and the message of an error of a plugin, even if its message cannot be computed."""
    try:
        text = str(error)
    except Exception:
        text = "its message cannot be computed"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@functools.cache
def default_registry() -> Registry:
    """The registry of this process, shared by all contexts."""
    return Registry()
