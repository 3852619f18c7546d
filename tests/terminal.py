"""A pseudo terminal of a given width: runs a command line on it, and tells what is on its screen afterwards."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Mapping
from pathlib import Path

ERASE, UP = "\x1b[2K", "\x1b[1A"
_TOKEN = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\r|\n|[^\x1b\r\n]")


def on_terminal(command: str, columns: int, folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """The exit status of a shell command whose output and messages go to a terminal, and what it wrote there."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        ["bash", "-c", f"set -o pipefail; {command}"],
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
        cwd=folder,
        env={**inherited, **environment, "TERM": "xterm"},
    )
    os.close(terminal)
    written = b""
    while True:
        try:
            data = os.read(controller, 1 << 16)
        except OSError:  # the last process has closed the terminal
            break
        if not data:
            break
        written += data
    os.close(controller)
    return process.wait(timeout=60), written.decode()


def screen(written: str, columns: int) -> list[str]:
    """The lines on the screen after all that was written, each as it stands there."""
    lines, row, column = [""], 0, 0
    for token in _TOKEN.finditer(written):
        text, letter = token[0], token[2]
        if text == "\r":
            column = 0
        elif text == "\n":
            row += 1
        elif letter == "K":
            lines[row] = ""
        elif letter == "A":
            row = max(0, row - int(token[1] or 1))
        elif letter is None:
            if column >= columns:
                row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
            line = lines[row].ljust(column)
            lines[row], column = line[:column] + text + line[column + 1 :], column + 1
        lines += [""] * (row + 1 - len(lines))
    return lines
