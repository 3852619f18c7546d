"""Property tests of the λ-calculus are the same in every run, and no clock fails them on a busy machine."""

from hypothesis import Phase, settings

settings.register_profile(
    "calculus",
    deadline=None,
    derandomize=True,
    max_examples=60,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
settings.load_profile("calculus")
