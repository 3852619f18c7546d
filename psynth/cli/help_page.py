"""Prints help pages on standard output, at the width of the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psynth.core import standard

if TYPE_CHECKING:
    from psynth.cli.subcommand import Subcommand


def print_help(subcommand: Subcommand, *, short: bool = False) -> None:
    """Print the help page of a subcommand, or its short form."""
    from psynth.cli.page import page_of, short_page_of
    from psynth.cli.page_text import page_text

    page = short_page_of(subcommand) if short else page_of(subcommand)
    standard.out().write(page_text(page, standard.width()))
