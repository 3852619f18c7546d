"""Whose fault an unexpected exception is: the plugin whose code raised it, or psynth itself."""

from __future__ import annotations

from psynth.plugins.registry import Plugin, Registry, default_registry, described


def explained(error: BaseException, registry: Registry | None = None) -> str:
    """What went wrong, in one sentence that names the plugin whose code was running, if any."""
    found = described(error)
    if isinstance(error, SystemExit):
        found = f"it ended the process ({found})"
    owners = {
        package: plugin.name for plugin in (registry or default_registry()).known() for package in _packages(plugin)
    }
    running = [package for package in _running(error) if package in owners or package == "psynth"]
    owner = next((owners[package] for package in running if package in owners), None)
    if owner is None:
        return f"internal error: {found}"
    if running[0] in owners:
        return f"the plugin {owner!r} failed: {found}"
    return f"internal error: {found} (called by the plugin {owner!r})"


def _running(error: BaseException) -> list[str]:
    """The top-level packages whose code was running when the error was raised, the innermost first."""
    packages = []
    trace = error.__traceback__
    while trace is not None:
        packages.append(str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0])
        trace = trace.tb_next
    return packages[::-1]


def _packages(plugin: Plugin) -> set[str]:
    """The top-level packages of a plugin: of its hooks, and of all that it registered."""
    return {
        path.partition(":")[0].partition(".")[0] for path in (plugin.module, *(each.path for each in plugin.offers))
    }
