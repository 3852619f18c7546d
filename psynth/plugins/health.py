"""The state of the installation: the findings of ``psynth doctor``."""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from psynth import __version__
from psynth.core.errors import PsynthError
from psynth.core.extras import installation
from psynth.plugins.registry import Plugin, PluginConflict, Registration, Registry, default_registry, described

DEPENDENCIES = ("pluggy", "orjson", "rich", "numpy", "zstandard")

EXTRAS = {
    "neural": ("torch", "safetensors"),
    "hdf5": ("h5py",),
    "pictures": ("matplotlib", "PIL"),
    "local-llm": ("xllamacpp",),
}
"""Modules of the optional extras, by the extra's name."""


@dataclass(frozen=True)
class Finding:
    """The state of one part: ok, absent (optional and not installed) or broken."""

    subject: str
    state: str
    detail: str


def findings(
    registry: Registry | None = None, usable: Callable[[Registration], None] = lambda offer: None
) -> Iterator[Finding]:
    """Yield the state of every part, in the order in which to fix them.

    ``usable`` raises an exception if the command line cannot use what a plugin offers.
    """
    yield Finding("psynth", "ok", __version__)
    yield Finding("Python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield from map(_dependency, DEPENDENCIES)
    yield _lambda_machine()
    yield _compression()
    yield from _sandbox()
    registry = registry or default_registry()
    for plugin in registry.plugins():
        yield from _plugin(plugin, registry, usable)
    yield from (Finding("plugins", "broken", conflict) for conflict in registry.conflicts())
    yield from (_extra(name, modules) for name, modules in EXTRAS.items())


def _dependency(name: str) -> Finding:
    try:
        return Finding(name, "ok", version(name))
    except PackageNotFoundError:
        return Finding(name, "broken", f"not installed; pip install {name}")


def _lambda_machine() -> Finding:
    subject = "λ-machine"
    try:
        from psynth.core.engines.lambda_machine import LambdaMachine

        with LambdaMachine() as machine:
            known = len(machine.primitives())
            return Finding(subject, "ok", f"{machine.version()}, {known} primitives")
    except Exception as error:  # any failure is a finding
        return Finding(subject, "broken", str(error))


def _compression() -> Finding:
    subject = "compression engine"
    try:
        from psynth.core.engines.compression import CompressionSettings, compress

        found = compress([["(f (g a b))"], ["(h (g a b))"]], CompressionSettings(iterations=1))
        return Finding(subject, "ok", f"compresses {found.cost_before} to {found.cost_after}")
    except Exception as error:  # any failure is a finding
        return Finding(subject, "broken", str(error))


def _sandbox() -> Iterator[Finding]:
    """The sandbox, which must run a program, and each layer of isolation that this machine has."""
    subject = "sandbox"
    try:
        from psynth.core.engines.sandbox import Sandbox, SandboxJob, SandboxRefused, probe
        from psynth.core.engines.sandbox_settings import LAYERS

        layers = probe()
        try:
            with Sandbox() as sandbox:
                [result] = sandbox.run([SandboxJob("print(6 * 7)")])
        except SandboxRefused as refusal:
            yield Finding(subject, "absent", str(refusal))
        else:
            works = result.status == "ok" and result.stdout == "42\n"
            detail = f"runs programs within {len(layers.present)} of {len(LAYERS)} layers"
            yield Finding(subject, *(("ok", detail) if works else ("broken", f"{result.status}: {result.message}")))
        for layer, what in LAYERS.items():
            if layer in layers.present:
                known = layers.present[layer]
                yield Finding(f"{subject}: {layer}", "ok", f"{what} ({known})" if known else what)
            else:
                yield Finding(f"{subject}: {layer}", "absent", layers.missing.get(layer, ""))
    except Exception as error:  # any failure is a finding
        yield Finding(subject, "broken", str(error))


def _plugin(plugin: Plugin, registry: Registry, usable: Callable[[Registration], None]) -> Iterator[Finding]:
    """The state of a plugin, which works if everything that it registered can be used; else each fault."""
    subject = f"plugin {plugin.name}"
    place = f"{plugin.module} of {plugin.distribution or 'unknown'}"
    if plugin.broken is not None:
        yield Finding(subject, "broken", f"{plugin.broken} ({place})")
        return
    if not plugin.offers:
        yield Finding(subject, "broken", f"offers nothing; is a hook of {plugin.module} without @hookimpl?")
        return
    found = [fault for offer in plugin.offers for fault in _faults(offer, registry, usable)]
    yield from (Finding(subject, "broken", fault) for fault in found)
    if not found:
        yield Finding(subject, "ok", f"{plugin.version}, {_counted(plugin)}".removeprefix(", "))


def _faults(offer: Registration, registry: Registry, usable: Callable[[Registration], None]) -> Iterator[str]:
    from psynth.plugins.soundness import faults

    try:
        usable(offer)
        found = list(faults(offer, registry))
    except PsynthError as error:
        # Of two offers of a name, the conflict is a finding of its own.
        if not isinstance(error, PluginConflict):
            yield str(error)
        return
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a plugin may fail in any way
        found = [described(error)]
    yield from (f"{offer.title}: {fault}" for fault in found)


def _counted(plugin: Plugin) -> str:
    kinds = [offer.kind for offer in plugin.offers]
    counts = [f"{kinds.count(kind)} {kind}{'s' if kinds.count(kind) > 1 else ''}" for kind in dict.fromkeys(kinds)]
    return ", ".join(counts) or "offers nothing"


def _extra(name: str, modules: tuple[str, ...]) -> Finding:
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        return Finding(f"extra {name}", "absent", f"without {', '.join(missing)}; {installation(name)}")
    return Finding(f"extra {name}", "ok", ", ".join(f"{module} {_version(module)}" for module in modules))


def _version(module: str) -> str:
    try:
        return version("pillow" if module == "PIL" else module)
    except PackageNotFoundError:
        return "of unknown version"
