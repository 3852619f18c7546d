"""The hooks that a plugin may implement: each registers names and import paths, so registering imports nothing."""

from typing import Protocol

import pluggy

hookspec = pluggy.HookspecMarker("psynth")
hookimpl = pluggy.HookimplMarker("psynth")


class Register(Protocol):
    """Register ``name``, found at ``path`` (``"package.module:Class"``), under a one-line ``help``."""

    def __call__(self, name: str, path: str, *, help: str) -> None: ...


class RegisterMethod(Protocol):
    """Register the method ``name`` of ``subcommand``, found at ``path`` (``"package.module:Class"``)."""

    def __call__(self, subcommand: str, name: str, path: str, *, help: str) -> None: ...


@hookspec
def register_domains(register: Register) -> None:
    """Register domains: classes that extend psynth.plugins.Domain."""


@hookspec
def register_methods(register: RegisterMethod) -> None:
    """Register methods of a subcommand: classes that extend psynth.plugins.Method."""


@hookspec
def register_commands(register: Register) -> None:
    """Register subcommands: each a psynth.plugins.Method, or a psynth.plugins.Command if no filter."""


@hookspec
def register_formats(register: Register) -> None:
    """Register file formats for import and export: classes that extend psynth.plugins.Format."""


@hookspec
def register_language_models(register: Register) -> None:
    """Register language models: classes that extend psynth.plugins.LanguageModel."""
