"""How to install an optional extra: from the checkout, as what is called psynth on the package index is not this."""

from __future__ import annotations

from pathlib import Path

DISTRIBUTION = "psynth-toolkit"
"""The name of the distribution; the name ``psynth`` on the package index belongs to somebody else."""


def installation(extra: str) -> str:
    """The command that adds the packages of ``extra``."""
    import shlex

    source, editable = _source()
    if source is None:
        return f"pip install '.[{extra}]' in the checkout of psynth"
    return f"pip install {'-e ' if editable else ''}{shlex.quote(f'{source}[{extra}]')}"


def _source() -> tuple[Path | None, bool]:
    """The folder that psynth was installed from, if it is still there, and whether it runs from there."""
    # Imported here: these take longer than the start of a command that needs no advice.
    import json
    from importlib.metadata import PackageNotFoundError, distribution
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        text = distribution(DISTRIBUTION).read_text("direct_url.json")
    except PackageNotFoundError:
        text = None
    origin = json.loads(text) if text else {}
    url = urlsplit(origin.get("url", ""))
    folder = Path(url2pathname(url.path))
    if url.scheme != "file" or not (folder / "pyproject.toml").is_file():
        return None, False
    return folder, bool(origin.get("dir_info", {}).get("editable"))
