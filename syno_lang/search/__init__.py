"""A space and an evaluator enter; a store of evaluated operators leaves, by a run that can be resumed."""

from syno_lang.search.settings import Bounds
from syno_lang.search.start import search

__all__ = ["Bounds", "search"]
