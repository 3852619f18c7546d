"""Advice on extras leads to the checkout and never to a name on the package index, which may be a stranger's."""

import json
import re
from importlib import metadata
from pathlib import Path

import pytest

from psynth.core.extras import installation

ROOT = Path(__file__).resolve().parents[2]


class Installed:
    """A distribution with a record of its origin."""

    def __init__(self, origin: object) -> None:
        self._origin = origin

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self._origin and json.dumps(self._origin)


@pytest.mark.parametrize(
    ("origin", "advice"),
    [
        ({"url": "file://{folder}", "dir_info": {"editable": True}}, "pip install -e '{folder}[hdf5]'"),
        ({"url": "file://{folder}", "dir_info": {}}, "pip install '{folder}[hdf5]'"),
        ({"url": "file:///gone", "dir_info": {}}, "pip install '.[hdf5]' in the checkout of psynth"),
        ({"url": "https://example.org/x.whl"}, "pip install '.[hdf5]' in the checkout of psynth"),
        (None, "pip install '.[hdf5]' in the checkout of psynth"),
    ],
)
def test_the_advice_names_the_checkout(
    origin: dict[str, object] | None, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "pyproject.toml").touch()
    if origin:
        origin = {**origin, "url": str(origin["url"]).replace("{folder}", str(tmp_path / "a%20b"))}
    monkeypatch.setattr(metadata, "distribution", lambda name: Installed(origin))
    assert installation("hdf5") == advice.replace("{folder}", str(tmp_path / "a b"))


def test_nothing_advises_to_install_psynth_from_the_index() -> None:
    folders = ["psynth", "plugins_builtin", "docs", "examples", "native", "benchmarks"]
    suffixes = {".py", ".md", ".template", ".toml", ".sh", ".rs", ".ml", ""}
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    files = [path for path in files if not {"target", "_build", "_build_release"} & {*path.parts} and path.is_file()]
    advice = re.compile(rb"pip3? install (?:-\w+ )*['\"]?psynth(-toolkit)?\b(?!-)")
    files += [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "Makefile"]
    assert [path for path in files if advice.search(path.read_bytes())] == []
