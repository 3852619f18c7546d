"""Registers the domain ``text`` and the format ``sygus`` without importing them."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_domains(register: Register) -> None:
    """Register the domain ``text``."""
    register("text", "psynth_text.domain:Text", help="transformations of texts with SMT-LIB's string functions")


@hookimpl
def register_formats(register: Register) -> None:
    """Register the format ``sygus``."""
    register("sygus", "psynth_text.sygus_format:Sygus", help="programming-by-example problems in SyGuS syntax")
