"""Registers the formats, and the domain of imported programs whose primitives have no known types."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register


@hookimpl
def register_formats(register: Register) -> None:
    """Register the formats ``jsonl``, ``table``, ``dreamcoder``, ``stitch``, ``lilo`` and ``tensorboard``."""
    register("jsonl", "psynth_formats.task_lines:TaskLines", help="tasks of your own as JSON lines, a task a line")
    register("table", "psynth_formats.table:Table", help="tasks of your own from CSV, TSV, JSON or JSON lines")
    register("dreamcoder", "psynth_formats.dreamcoder:DreamCoder", help="DreamCoder's compressor files and list tasks")
    register("stitch", "psynth_formats.stitch:Stitch", help="Stitch's program lists and compression results")
    register("lilo", "psynth_formats.lilo:Lilo", help="LILO's frontiers, tasks and language files")
    register(
        "tensorboard", "psynth_formats.tensorboard:TensorBoard", help="metrics as logs of TensorBoard (export only)"
    )


@hookimpl
def register_domains(register: Register) -> None:
    """Register the domain ``untyped``."""
    register("untyped", "psynth_formats.untyped:Untyped", help="imported programs whose primitives have no known types")
