"""Program synthesis as Unix filters over one stream of frontiers; here, the same engines for notebooks and scripts."""

from psynth.api import Stream as Stream
from psynth.api import compress as compress
from psynth.api import document as document
from psynth.api import enumerate as enumerate
from psynth.api import evaluate as evaluate
from psynth.api import parse as parse
from psynth.api import read as read
from psynth.api import run as run
from psynth.api import tasks as tasks
from psynth.api import write as write

__version__: str
__all__: list[str]
