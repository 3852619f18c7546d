"""``python -m psynth``: the same as the ``psynth`` command."""

import sys

from psynth.cli.main import main

sys.exit(main())
