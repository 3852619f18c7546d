"""psynth import and psynth export with the built-in formats, as processes."""

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture
def psynth(tmp_path):
    """Return a function that runs psynth with the formats alone, in a private folder."""

    def run(*words, input=""):
        return subprocess.run(
            [sys.executable, "-m", "psynth", *words],
            input=input,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=os.environ | {"PSYNTH_PLUGINS": "formats", "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    return run


def test_programs_go_through_import_and_export(psynth, file):
    path = file(["(f (g a))", "(lam (f $0))"])
    imported = psynth("import", "stitch", path)
    assert (imported.returncode, imported.stderr) == (0, "")
    header, library, *frontiers, end = map(json.loads, imported.stdout.splitlines())
    stage = header["provenance"][0]
    assert stage["arguments"] == {"format": "stitch", "domain": "untyped", "prefix": "", "types": None}
    assert stage["plugins"].keys() == {"formats"}
    assert [production["name"] for production in library["productions"]] == ["f", "g", "a"]
    assert len(frontiers) == 2
    assert end == {"type": "end", "status": "complete"}
    exported = psynth("export", "stitch", "--what", "result", input=imported.stdout)
    assert json.loads(exported.stdout)["rewritten"] == ["(f (g a))", "(lambda (f $0))"]
    assert exported.returncode == 0


def test_standard_input_can_be_imported(psynth):
    done = psynth("import", "stitch", "-", input='["(f a)"]')
    assert '"program":"(f a)"' in done.stdout


def test_a_wrong_file_is_exit_3_and_one_line_that_names_it(psynth, file):
    done = psynth("import", "dreamcoder", file({"DSL": {}, "frontiers": 3}))
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "file.json: frontiers: expected a list, found a number" in done.stderr


@pytest.mark.parametrize("name", ["dreamcoder", "stitch", "lilo"])
def test_options_belong_to_reading_or_to_writing(psynth, name):
    def options(subcommand):
        done = psynth("help", subcommand, name, "--json")
        assert done.returncode == 0, done.stderr
        described = json.loads(done.stdout)
        return {option["name"] for option in described["options"] if option["group"].startswith("Settings of")}

    assert {"domain", "prefix"} <= options("import")
    assert "what" in options("export")
    assert options("import").isdisjoint(options("export"))
