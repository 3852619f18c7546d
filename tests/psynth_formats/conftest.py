"""Fixtures of the format tests: files in a private folder, and reading and writing through a format."""

import io
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a JSON value (or text as it is) to a file and returns its path."""

    def write(content, name="file.json") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def export():
    """Return a function that writes records through a format and returns the JSON value."""
    from tests.psynth_formats.toy_domain import context

    def write(form, records):
        stream = io.BytesIO()
        form.write(iter(records), stream, context("export"))
        assert stream.getvalue().endswith(b"\n")
        return json.loads(stream.getvalue())

    return write
