"""The exceptions that psynth raises on purpose, each with the exit status of the command."""


class PsynthError(Exception):
    """An error with a one-line message for the user that says how to fix it."""

    exit_code = 5


class UsageError(PsynthError):
    """An invalid command line: an unknown option, domain, method or file."""

    exit_code = 2


class InputError(PsynthError):
    """An invalid stream or file.

    ``source`` is a file name or ``<stdin>``, ``line`` counts from 1, and ``task`` is the id of the task concerned.
    """

    exit_code = 3

    def __init__(
        self, message: str, *, source: str | None = None, line: int | None = None, task: str | None = None
    ) -> None:
        self.message, self.source, self.line, self.task = message, source, line, task
        where = "" if source is None else f"{source}: " if line is None else f"{source}:{line}: "
        super().__init__(f"{where}{f'task {task}: ' if task else ''}{message}")


class IncompleteError(PsynthError):
    """With ``--strict``: a budget ran out or the input was cut short."""

    exit_code = 4


class EngineError(PsynthError):
    """A native engine or a plugin failed."""

    exit_code = 5
