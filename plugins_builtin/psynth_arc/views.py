"""The views of tasks: demonstrations and tests with what a program predicts, and where that is wrong."""

from __future__ import annotations

from psynth.plugins.views import Views


class GridViews(Views):
    def __init__(self, domain):
        pass
