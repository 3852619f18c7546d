"""The ``psynth`` command, also as ``python -m psynth``: it can be interrupted from its first line on."""

import sys

from psynth.core import interrupts

interrupts.end_at_once()


def main() -> int:
    """Run the command line of this process and return its exit status."""
    from psynth.cli.main import main

    return main()


if __name__ == "__main__":
    sys.exit(main())
