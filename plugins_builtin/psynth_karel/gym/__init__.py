"""Karel's ten tasks as Gymnasium environments, which importing this package registers (needs the extra ``gym``)."""

from psynth.learning.extras import require

require("psynth_karel.gym", "gymnasium", extra="gym")

from psynth_karel.gym.registration import register  # noqa: E402

register()
