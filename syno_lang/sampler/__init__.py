"""A model, two shapes and limits enter; new operators for the model leave: the API of the original system."""

from syno_lang.sampler.sampler import SampledOperator, Sampler

__all__ = ["SampledOperator", "Sampler"]
