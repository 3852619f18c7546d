"""The state of the installation: the findings of ``psynth doctor``."""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from psynth import __version__
from psynth.plugins.registry import Plugin, Registry, default_registry

DEPENDENCIES = ("typer", "pluggy", "orjson", "rich", "numpy", "zstandard")

EXTRAS = {
    "neural": ("torch", "safetensors"),
    "hdf5": ("h5py",),
    "pictures": ("matplotlib", "PIL"),
    "llm": ("openai",),
}
"""Modules of the optional extras, by the extra's name."""


@dataclass(frozen=True)
class Finding:
    """The state of one part: ok, absent (optional and not installed) or broken."""

    subject: str
    state: str
    detail: str


def findings(registry: Registry | None = None) -> Iterator[Finding]:
    """Yield the state of every part, in the order in which to fix them."""
    yield Finding("psynth", "ok", __version__)
    yield Finding("Python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield from map(_dependency, DEPENDENCIES)
    yield _lambda_machine()
    yield _compression()
    yield from _sandbox()
    registry = registry or default_registry()
    for plugin in registry.plugins():
        yield _plugin(plugin, registry)
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
        from psynth.core.engines.sandbox import LAYERS, Sandbox, SandboxJob, SandboxRefused, probe

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


def _plugin(plugin: Plugin, registry: Registry) -> Finding:
    """The state of a plugin, which works if everything that it registered can be imported."""
    subject = f"plugin {plugin.name}"
    if plugin.broken is not None:
        return Finding(subject, "broken", f"{plugin.broken} ({plugin.module} of {plugin.distribution or 'unknown'})")
    for offer in plugin.offers:
        try:
            registry.load(offer)
        except Exception as error:  # a plugin may fail in any way
            return Finding(subject, "broken", str(error))
    return Finding(subject, "ok", f"{plugin.version}, {_counted(plugin)}".removeprefix(", "))


def _counted(plugin: Plugin) -> str:
    kinds = [offer.kind for offer in plugin.offers]
    counts = [f"{kinds.count(kind)} {kind}{'s' if kinds.count(kind) > 1 else ''}" for kind in dict.fromkeys(kinds)]
    return ", ".join(counts) or "offers nothing"


def _extra(name: str, modules: tuple[str, ...]) -> Finding:
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        return Finding(f"extra {name}", "absent", f"without {', '.join(missing)}; pip install 'psynth-toolkit[{name}]'")
    return Finding(f"extra {name}", "ok", ", ".join(f"{module} {_version(module)}" for module in modules))


def _version(module: str) -> str:
    try:
        return version("pillow" if module == "PIL" else module)
    except PackageNotFoundError:
        return "of unknown version"
