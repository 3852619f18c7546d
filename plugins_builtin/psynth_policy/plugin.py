"""Registers the training of policies, sampling from them, mutation by them, and the language model ``policy``."""

from psynth.plugins import hookimpl
from psynth.plugins.hookspecs import Register, RegisterMethod


@hookimpl
def register_methods(register: RegisterMethod) -> None:
    """Register the method ``policy`` of train, sample and mutate."""
    register("train", "policy", "psynth_policy.policy:TrainPolicy", help="a model that writes programs for tasks")
    register("sample", "policy", "psynth_policy.sampling:SamplePolicy", help="programs that a trained policy writes")
    register("mutate", "policy", "psynth_policy.mutation:MutatePolicy", help="changes that a trained policy makes")


@hookimpl
def register_language_models(register: Register) -> None:
    """Register the language model ``policy``."""
    register("policy", "psynth_policy.language_model:PolicyModel", help="a trained policy, which reads the task alone")
